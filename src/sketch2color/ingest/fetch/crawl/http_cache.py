"""Scrapy's HTTP cache of pages, robots.txt and permanent errors, kept until a person deletes it."""

import pickle

from scrapy import Request, Spider
from scrapy.extensions.httpcache import DummyPolicy
from scrapy.http import Response
from scrapy.responsetypes import responsetypes
from scrapy.settings import BaseSettings

from sketch2color.imaging.errors import is_web_page
from sketch2color.ingest.fetch.crawl.store import CrawlStore


class CachePolicy(DummyPolicy):
    """Cache what stays the same. Images have files of their own."""

    def should_cache_response(self, response: Response, request: Request) -> bool:
        """Return whether a response is cached."""
        if response.status == 200:
            return not request.meta.get("image") or not response.body or is_web_page(response.body)
        # Temporary redirects often lead to URLs that expire; four client errors may pass, or are the proxy's.
        is_refusal = 400 <= response.status < 500 and response.status not in (407, 408, 425, 429)
        return response.status in (301, 308) or is_refusal


class CacheStorage:
    """One file for each response, written atomically, which Scrapy's own storage is not."""

    def __init__(self, settings: BaseSettings) -> None:
        self._store: CrawlStore = settings["CRAWL_STORE"]

    def open_spider(self, spider: Spider) -> None:
        """Do nothing."""

    def close_spider(self, spider: Spider) -> None:
        """Do nothing."""

    def retrieve_response(self, spider: Spider, request: Request) -> Response | None:
        """Return the cached response to ``request``, or None."""
        try:
            cached = pickle.loads(self._store.path("responses", request.url).read_bytes())
        except FileNotFoundError:
            return None
        kind = responsetypes.from_args(headers=cached["headers"], url=request.url, body=cached["body"])
        return kind(request.url, **cached)

    def store_response(self, spider: Spider, request: Request, response: Response) -> None:
        """Cache ``response``."""
        content = {"status": response.status, "headers": response.headers, "body": response.body}
        self._store.write("responses", request.url, pickle.dumps(content))
