"""How Scrapy is put together here: its parts and ours, in order, and what is switched off."""

from importlib import metadata
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.logformatter import LogFormatter

from sketch2color.config.source_types import Manners
from sketch2color.ingest.fetch.crawl import cache, handler, middlewares, pipeline, requests
from sketch2color.ingest.fetch.crawl.crawl_store import Shelf

REDIRECTS = 5
"""Redirects that are followed from one address."""
ATTEMPTS = 4
"""Times that something is asked for while it fails in a way that may pass."""
_SCRAPYS = "scrapy.downloadermiddlewares"


def settings(manners: Manners, shelf: Shelf) -> dict[str, Any]:
    """Return Scrapy's settings for a crawl with ``manners`` that keeps what arrives on ``shelf``."""
    return _SILENT | _order() | _manners(manners) | {
        "FILES_STORE": str(shelf.images.absolute()),
        "REQUEST_FINGERPRINTER_CLASS": requests.Fingerprinter,
        "MEDIA_ALLOW_REDIRECTS": True,
        "HTTPCACHE_ENABLED": True,
        "HTTPCACHE_DIR": str(shelf.answers.absolute()),
        "HTTPCACHE_POLICY": cache.Policy,
        "HTTPCACHE_STORAGE": cache.Storage,
    }  # fmt: skip


def user_agent(contact: str) -> str:
    """Return what every site is told about who asks."""
    try:
        version = metadata.version("sketch2color")
    except metadata.PackageNotFoundError:
        version = "unreleased"
    return f"{middlewares.NAME}/{version} (+{contact})"


def _manners(manners: Manners) -> dict[str, Any]:
    rate = manners.requests_per_second
    interval = 1 / rate if rate else 0.0
    return {
        "USER_AGENT": user_agent(manners.contact),
        "ROBOTSTXT_OBEY": True,
        "COOKIES_ENABLED": False,
        # AutoThrottle asks a slow host more slowly than this, and never faster. Without any limit there is
        # nothing to throttle: the host is the user's own.
        "DOWNLOAD_DELAY": interval,
        "DOWNLOAD_DELAY_JITTER": 0.0,
        "AUTOTHROTTLE_ENABLED": interval > 0,
        "AUTOTHROTTLE_START_DELAY": interval,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(manners.connections),
        "CONCURRENT_REQUESTS_PER_DOMAIN": manners.connections,
        "CONCURRENT_REQUESTS": 0,  # no limit of its own: the spiders keep few enough under way
        "DOWNLOAD_TIMEOUT": manners.seconds,
        "DOWNLOAD_MAXSIZE": int(manners.megabytes * 1_000_000),
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "REDIRECT_MAX_TIMES": REDIRECTS,
        "RETRY_TIMES": ATTEMPTS - 1,
    }


def _order() -> dict[str, Any]:
    """Return the parts that take part, from the engine down to the connection."""
    return {
        "DOWNLOADER_MIDDLEWARES_BASE": {
            middlewares.Addresses: 50,
            middlewares.Robots: 100,
            f"{_SCRAPYS}.downloadtimeout.DownloadTimeoutMiddleware": 350,
            f"{_SCRAPYS}.defaultheaders.DefaultHeadersMiddleware": 400,
            f"{_SCRAPYS}.useragent.UserAgentMiddleware": 500,
            middlewares.Retry: 550,
            middlewares.Compression: 590,
            middlewares.Redirect: 600,
            f"{_SCRAPYS}.httpproxy.HttpProxyMiddleware": 750,
            f"{_SCRAPYS}.httpcache.HttpCacheMiddleware": 900,
        },
        "DOWNLOAD_HANDLERS_BASE": {"http": handler.Handler, "https": handler.Handler},
        "ITEM_PIPELINES": {pipeline.Images: 1},
        "SPIDER_MIDDLEWARES_BASE": {},
        "EXTENSIONS_BASE": {"scrapy.extensions.throttle.AutoThrottle": 0},
    }


class Quiet(LogFormatter):
    """Makes no line for every answer."""

    def crawled(self, request: Request, response: Response, spider: Spider) -> None:  # type: ignore[override]
        """Say nothing."""


_SILENT = {
    "LOG_ENABLED": False,
    "LOG_FORMATTER": Quiet,
    "STATS_CLASS": "scrapy.statscollectors.DummyStatsCollector",
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
}
