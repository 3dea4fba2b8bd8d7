"""Scrapy's settings: its components and the customized ones, in order, and what is disabled."""

from importlib import metadata
from typing import Any

from sketch2color.config.source import CrawlPolicy
from sketch2color.ingest.fetch.crawl import connection, http_cache, middlewares
from sketch2color.ingest.fetch.crawl.store import CrawlStore

MIN_DELAY = 1e-4
"""Seconds between requests to a host without a limit: without any delay, Scrapy starts all that is queued at
once, in excess of the connections."""
_MIDDLEWARES = "scrapy.downloadermiddlewares"


def settings(policy: CrawlPolicy, store: CrawlStore) -> dict[str, Any]:
    """Return Scrapy's settings for a source."""
    delay = 1 / policy.requests_per_second if policy.requests_per_second else MIN_DELAY
    return {
        # read by the components of this package
        "ALLOW_PRIVATE": policy.allow_private,
        "CLOSED_HOSTS": {},
        "CRAWL_POLICY": policy,
        "CRAWL_STORE": store,
        "MIN_DELAY": MIN_DELAY,
        # requests
        "USER_AGENT": user_agent(policy.contact),
        "ROBOTSTXT_OBEY": True,
        "DOWNLOAD_TIMEOUT": policy.seconds,
        "DOWNLOAD_MAXSIZE": int(policy.megabytes * 1_000_000),
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "REDIRECT_MAX_TIMES": 5,
        "RETRY_TIMES": 3,
        "RETRY_HTTP_CODES": [429, 500, 502, 503, 504, 522, 524],
        "RETRY_EXCEPTIONS": [  # neither timeouts nor large bodies: they would recur
            "scrapy.exceptions.CannotResolveHostError",
            "scrapy.exceptions.DownloadConnectionRefusedError",
            "scrapy.exceptions.DownloadFailedError",
            "scrapy.exceptions.ResponseDataLossError",
            "twisted.internet.error.ConnectError",
            "twisted.internet.error.ConnectionClosed",
            "scrapy.core.downloader.handlers.http11.TunnelError",
        ],
        "RETRY_GIVE_UP_LOG_LEVEL": "DEBUG",
        "HTTPCACHE_ENABLED": True,
        "HTTPCACHE_POLICY": http_cache.CachePolicy,
        "HTTPCACHE_STORAGE": http_cache.CacheStorage,
        # AutoThrottle slows down with a slow host, and never exceeds the limit of source.yaml. Without a
        # limit there is nothing to adjust: the host is the user's own.
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "AUTOTHROTTLE_ENABLED": policy.requests_per_second > 0,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_MAX_DELAY": max(delay, 60.0),
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(policy.connections),
        "CONCURRENT_REQUESTS_PER_DOMAIN": policy.connections,
        "CONCURRENT_REQUESTS": 0,  # unlimited: the spiders bound it
        # components
        "DOWNLOADER_MIDDLEWARES_BASE": {
            middlewares.StrictRobotsTxt: 100,
            f"{_MIDDLEWARES}.downloadtimeout.DownloadTimeoutMiddleware": 350,
            f"{_MIDDLEWARES}.defaultheaders.DefaultHeadersMiddleware": 400,
            f"{_MIDDLEWARES}.useragent.UserAgentMiddleware": 500,
            middlewares.BackOffRetry: 550,
            middlewares.HostRedirect: 600,
            f"{_MIDDLEWARES}.httpproxy.HttpProxyMiddleware": 750,
            f"{_MIDDLEWARES}.httpcache.HttpCacheMiddleware": 800,
            middlewares.StrictCompression: 900,  # before the cache, which keeps nothing that is damaged
        },
        "DOWNLOAD_HANDLERS_BASE": {"http": connection.Handler, "https": connection.Handler},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {middlewares.PoliteThrottle: 0},
        "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
        "LOG_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
    }


def user_agent(contact: str) -> str:
    """Return the User-Agent header, with the contact of whoever sends the requests."""
    try:
        version = metadata.version("sketch2color")
    except metadata.PackageNotFoundError:
        version = "unreleased"
    return f"{middlewares.NAME}/{version} (+{contact})"
