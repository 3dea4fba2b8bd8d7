"""Scrapy's middlewares with a strict robots.txt, back-off and Retry-After."""

import asyncio
from time import monotonic
from typing import Any

from scrapy import Request
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry as RetryAfterParser

from sketch2color.ingest.fetch.crawl.errors import FetchError, describe, describe_status

NAME = "sketch2color"  # the user agent in robots.txt
MAX_WAIT = 300.0
"""Seconds: a host that asks for a longer pause or delay gets no more requests in this run."""
BACK_OFF = 1.0
"""Seconds before the second attempt; doubled before each further one."""


class StrictRobotsTxt(RobotsTxtMiddleware):
    """Scrapy's middleware, but a site whose robots.txt cannot be fetched gets no requests.

    That is RFC 9309, 2.3.1.4; a client error means that there is no robots.txt (2.3.1.3). ``Crawl-delay``
    becomes the delay of the host's download slot.
    """

    def __init__(self, crawler: Any) -> None:
        super().__init__(crawler)
        self._failures: dict[str, str] = {}
        self._crawl_delays: set[str] = set()

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Reject a request that robots.txt does not allow."""
        url = urlparse_cached(request)
        if failure := self._failures.get(url.netloc):
            raise FetchError(failure)
        if rp is not None and not rp.allowed(request.url, NAME):
            raise FetchError("robots.txt forbids it")
        if url.hostname in self._crawl_delays:
            request.meta["autothrottle_dont_adjust_delay"] = True

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if 400 <= response.status < 500:
            response = response.replace(body=b"")
        elif response.status != 200:
            raise FetchError(describe_status(response))
        await super()._parse_robots(response, netloc, request)
        rules: Any = self._parsers[netloc]
        if delay := rules.crawl_delay(NAME):
            if delay > MAX_WAIT:
                self._failures[netloc] = f"robots.txt asks for {delay:,.0f} s between requests"
            self._set_delay(urlparse_cached(request).hostname or "", delay)

    def _set_delay(self, host: str, delay: float) -> None:
        downloader: Any = self.crawler.engine.downloader
        delay = max(delay, self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        self._crawl_delays.add(host)
        downloader.per_slot_settings[host] = {"delay": delay}
        if host in downloader.slots:
            downloader.slots[host].delay = delay

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        reason = describe(exc, self.crawler.settings["CRAWL_POLICY"])
        self._failures[netloc] = f"robots.txt cannot be fetched: {reason}"
        super()._robots_error(exc, netloc)


class BackOffRetry(RetryMiddleware):
    """Scrapy's middleware, but each attempt waits longer, and ``Retry-After`` pauses the whole host."""

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response, spider: object = None
    ) -> Request | Response:
        """Retry after a response that may be better the next time."""
        if response.status not in self.retry_http_codes:
            return response
        reason = describe_status(response)
        slot = self.crawler.engine.downloader.slots[request.meta["download_slot"]]
        pause = retry_after(response.headers.get(b"Retry-After"))
        if pause > MAX_WAIT:
            reason = f"{reason}: asks to wait {pause:,.0f} s"
            self.crawler.settings["CLOSED_HOSTS"][urlparse_cached(request).hostname] = reason
            slot.delay = self.crawler.settings["MIN_DELAY"]  # what is queued fails without delay
            raise FetchError(reason)
        slot.lastseen = max(slot.lastseen, monotonic() + pause)
        return await self._retry_later(request, reason)

    async def process_exception(  # type: ignore[override]
        self, request: Request, exception: Exception, spider: object = None
    ) -> Request | None:
        """Retry after a failure that may be temporary."""
        if not isinstance(exception, self.exceptions_to_retry):
            return None
        return await self._retry_later(request, describe(exception, self.crawler.settings["CRAWL_POLICY"]))

    async def _retry_later(self, request: Request, reason: str) -> Request:
        retries = request.meta.get("retry_times", 0)
        retry = self._retry(request, reason)
        if retry is None:
            raise FetchError(f"{reason}, {retries + 1} times")
        await asyncio.sleep(BACK_OFF * 2**retries)
        return retry


class HostRedirect(RedirectMiddleware):
    """Scrapy's middleware, but the limits of the target's host apply, not those of the source's."""

    def _build_redirect_request(self, source_request: Request, *args: Any, **changes: Any) -> Request:
        redirect = super()._build_redirect_request(source_request, *args, **changes)
        redirect.meta.pop("download_slot", None)
        return redirect


def retry_after(header: bytes | None) -> float:
    """Return the seconds of a ``Retry-After`` header; 0 if it is missing, past or malformed."""
    try:
        return RetryAfterParser().parse_retry_after((header or b"").decode("latin-1"))
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0
