"""Scrapy's middlewares with a strict robots.txt, back-off and Retry-After."""

import asyncio
import gzip
import io
import zlib
from time import monotonic
from typing import Any

from scrapy import Request, Spider
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import DownloadCancelledError
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser
from scrapy.utils._compression import brotli, zstd  # type: ignore[attr-defined]
from scrapy.utils.httpobj import urlparse_cached
from urllib3.exceptions import InvalidHeader
from urllib3.util import Retry as RetryAfterParser

from sketch2color.ingest.fetch import url_checks
from sketch2color.ingest.fetch.crawl.errors import FetchError, describe, describe_status, download

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
        self._rules: dict[tuple[str, str], asyncio.Task[RobotParser]] = {}

    async def robot_parser(self, request: Request) -> RobotParser:
        """Return the rules of the site of ``request``; all that wait for them get the same result.

        Raises:
            FetchError: they cannot be fetched, or ask for too long a delay.
        """
        url = urlparse_cached(request)
        site = url.scheme, url.netloc
        if site not in self._rules:
            self._rules[site] = asyncio.create_task(self._fetch_rules(*site, url.hostname or ""))
        return await self._rules[site]

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Reject a request that robots.txt does not allow."""
        if rp is not None and not rp.allowed(request.url, NAME):
            raise FetchError("robots.txt forbids it")

    async def _fetch_rules(self, scheme: str, netloc: str, host: str) -> RobotParser:
        url, meta = f"{scheme}://{netloc}/robots.txt", {"dont_obey_robotstxt": True}
        try:
            response = await download(self.crawler, url, priority=self.DOWNLOAD_PRIORITY, meta=meta)
            if response.status != 200 and not 400 <= response.status < 500:
                raise FetchError(describe_status(response))
        except FetchError as error:
            raise FetchError(f"robots.txt cannot be fetched: {error}") from error
        rules = ProtegoRobotParser.from_crawler(
            self.crawler, response.body if response.status == 200 else b""
        )
        if delay := rules.crawl_delay(NAME):
            if delay > MAX_WAIT:
                raise FetchError(f"robots.txt asks for {delay:,.0f} s between requests")
            self._set_delay(host, delay)
        return rules

    def _set_delay(self, host: str, delay: float) -> None:
        """Set the delay of a host, unless another site (port) of it asks for a longer one."""
        downloader: Any = self.crawler.engine.downloader
        known = downloader.per_slot_settings.get(host, {}).get("delay", 0.0)
        delay = max(self.crawler.settings.getfloat("DOWNLOAD_DELAY"), known, delay)
        downloader.per_slot_settings[host] = {"delay": delay}
        if host in downloader.slots:
            downloader.slots[host].delay = max(downloader.slots[host].delay, delay)


class PoliteThrottle(AutoThrottle):
    """Scrapy's extension, but the delay of a host never falls below its ``Crawl-delay``."""

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        super()._response_downloaded(response, request, spider)
        host, slot = self._get_slot(request, spider)
        if host and slot:
            downloader: Any = self.crawler.engine.downloader
            slot.delay = max(slot.delay, downloader.per_slot_settings.get(host, {}).get("delay", 0.0))


class BackOffRetry(RetryMiddleware):
    """Scrapy's middleware, but each attempt waits longer, and ``Retry-After`` pauses the whole host."""

    async def process_response(  # type: ignore[override]
        self, request: Request, response: Response, spider: object = None
    ) -> Request | Response:
        """Retry after a response that may be better the next time."""
        if response.status not in self.retry_http_codes:
            return response
        reason = describe_status(response)
        downloader = self.crawler.engine.downloader
        slot = downloader.slots[request.meta["download_slot"]]
        pause = retry_after(response.headers.get(b"Retry-After"))
        if pause > MAX_WAIT:
            reason = f"{reason}: asks to wait {pause:,.0f} s"
            self.crawler.settings["CLOSED_HOSTS"][urlparse_cached(request).hostname] = reason
            slot.delay = self.crawler.settings["MIN_DELAY"]  # what is queued fails without delay
            downloader.per_slot_settings.pop(request.meta["download_slot"], None)
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

    def process_response(
        self, request: Request, response: Response, spider: Spider | None = None
    ) -> Request | Response:
        """Follow a redirect; raise a FetchError if it does not lead to a URL that can be requested."""
        try:
            return super().process_response(request, response)
        except ValueError as error:
            raise FetchError("redirects to no http(s) URL") from error

    def _build_redirect_request(
        self, source_request: Request, response: Response, *, url: str, **changes: Any
    ) -> Request:
        if problem := url_checks.problem(url):
            raise FetchError(f"redirects to {problem}")
        redirect = super()._build_redirect_request(source_request, response, url=url, **changes)
        redirect.meta.pop("download_slot", None)
        return redirect


class StrictCompression(HttpCompressionMiddleware):
    """Scrapy's middleware, but what cannot be decompressed to its end is an error, not a shorter body."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        try:
            content = _decompress(body, encoding, max_size + 1) if body else b""
        except Exception as error:  # each library has exceptions of its own
            raise FetchError("its compression is damaged") from error
        if len(content) > max_size:
            raise DownloadCancelledError
        return content

    def _warn_unknown_encoding(self, response: Response, encodings: list[bytes]) -> None:
        """Do nothing: the body stays as it is, and the names of encodings need not be text."""


def _decompress(body: bytes, encoding: bytes, limit: int) -> bytes:
    """Return the content up to ``limit`` bytes; raise an exception if the body is damaged or truncated."""
    if encoding in (b"gzip", b"x-gzip"):
        return gzip.GzipFile(fileobj=io.BytesIO(body)).read(limit)
    if encoding == b"zstd":
        return bytes(zstd.ZstdFile(io.BytesIO(body)).read(limit))
    if encoding == b"br":
        brotli_decoder = brotli.Decompressor()
        content = brotli_decoder.process(body, output_buffer_limit=limit)
        is_complete = brotli_decoder.is_finished()
    else:
        is_zlib = body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
        decoder = zlib.decompressobj(15 if is_zlib else -15)  # some servers send deflate without a header
        content, is_complete = decoder.decompress(body, limit), decoder.eof
    if not is_complete and len(content) < limit:
        raise EOFError
    return bytes(content)


def retry_after(header: bytes | None) -> float:
    """Return the seconds of a ``Retry-After`` header; 0 if it is missing, past or malformed."""
    try:
        return RetryAfterParser().parse_retry_after((header or b"").decode("latin-1"))
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0
