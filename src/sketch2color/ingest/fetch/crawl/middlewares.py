"""What every request and answer passes, from the engine down to the connection."""

import asyncio
import zlib
from typing import Any, Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser, RobotParser
from scrapy.utils.httpobj import urlparse_cached

from sketch2color.config.source_types import Manners
from sketch2color.ingest.fetch import addresses
from sketch2color.ingest.fetch.crawl import reasons, requests, retry_after
from sketch2color.ingest.fetch.crawl.rate_limiter import LONGEST
from sketch2color.ingest.fetch.crawl.reasons import AddressRefused, BrokenError, Refused

NAME = "sketch2color"
"""What robots.txt may call us."""
RETRIED = (429, 500, 502, 503, 504, 522, 524)
BACK_OFF = 1.0
"""Seconds before the second attempt; twice as long before each further one."""


class Addresses:
    """Refuses what is no http(s) address, and IP addresses that are not public."""

    def __init__(self, crawler: Crawler) -> None:
        spider: Any = crawler.spider
        self._allowed = spider.manners.allow_private

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one, as Scrapy wants it."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Refuse a request, or let it pass."""
        led = "redirects to " if request.meta.get("redirect_times") else ""
        try:
            host, port = addresses.host(request.url)
        except ValueError as error:
            raise Refused(f"{led}{error}") from None
        if not addresses.is_literal(host) or addresses.is_allowed(host, port, self._allowed):
            return
        if not addresses.is_public(host):
            raise AddressRefused(led + addresses.refusal(host, host))


class Robots(RobotsTxtMiddleware):
    """Scrapy's own, strict: a site whose robots.txt cannot be had is not asked for anything else.

    A site that answers with a client error has none and allows everything (RFC 9309, 2.3.1.3 and 2.3.1.4).
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._asked: dict[str, asyncio.Future[RobotParser | Refused | None]] = {}

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """Return the rules of the request's site, asked for once."""
        url = urlparse_cached(request)
        site = f"{url.scheme}://{url.netloc}"
        if site not in self._asked:
            self._asked[site] = asyncio.ensure_future(self._ask(site, url.hostname or ""))
        rules = await self._asked[site]
        if isinstance(rules, Refused):
            # A new one for each: an exception that is raised again and again keeps all its tracebacks.
            raise type(rules)(str(rules))
        return rules

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse what the rules forbid."""
        if rp is not None and not rp.allowed(request.url, NAME):
            raise Refused("robots.txt forbids it")

    async def _ask(self, site: str, host: str) -> RobotParser | Refused | None:
        request = requests.request(f"{site}/robots.txt", dont_obey_robotstxt=True)
        engine: Any = self.crawler.engine
        try:
            response = await engine.download_async(request)
        except AddressRefused as refused:
            return refused.with_traceback(None)
        except Refused as refused:
            return Refused(f"robots.txt cannot be had: {refused}")
        if 400 <= response.status < 500:
            return None
        if response.status != 200:
            return Refused(f"robots.txt cannot be had: {reasons.status(response.status)}")
        rules = ProtegoRobotParser(response.body, self.crawler.spider)
        return self._slow_down(rules, host)

    def _slow_down(self, rules: RobotParser, host: str) -> RobotParser | Refused:
        delay = rules.crawl_delay(NAME) or 0.0
        if delay > LONGEST:
            return Refused(f"robots.txt wants {delay:,.0f} s between requests")
        spider: Any = self.crawler.spider
        spider.gate.slow_down(host, delay)
        return rules


class Retry:
    """Asks again, later each time; a host that says how long to wait is left alone for so long."""

    def __init__(self, crawler: Crawler) -> None:
        self._spider: Any = crawler.spider

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one, as Scrapy wants it."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask again after an answer that may be better the next time."""
        if response.status not in RETRIED:
            return response
        what = reasons.status(response.status)
        wait = retry_after.asked(response.headers.get(b"Retry-After"))
        host = urlparse_cached(request).hostname or ""
        if wait > LONGEST:
            what = f"{what}: asks to wait {wait:,.0f} s"
            self._spider.gate.close(host, what)
            raise Refused(what)
        if wait:
            self._spider.gate.pause(host, wait)
        return await self._again(request, what)

    async def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Ask again after a failure that may pass."""
        if isinstance(exception, BrokenError):
            return await self._again(request, str(exception))
        return None

    async def _again(self, request: Request, what: str) -> Request:
        before = request.meta.get("retry_times", 0)
        again = get_retry_request(request, spider=self._spider, reason=what, give_up_log_level="DEBUG")
        if again is None:
            raise Refused(f"{what}, {before + 1} times")
        await asyncio.sleep(BACK_OFF * 2**before)
        return again


class Redirect(RedirectMiddleware):
    """Scrapy's own, with reasons, and without telling a site where we come from."""

    def handle_referer(self, request: Request, response: Response) -> None:
        """Send no Referer."""

    def process_response(
        self, request: Request, response: Response, spider: object = None
    ) -> Request | Response:
        """Follow a redirect."""
        try:
            result = super().process_response(request, response)
        except IgnoreRequest:
            raise Refused(f"more than {self.max_redirect_times} redirects") from None
        except ValueError:
            raise Refused("redirects to no http(s) address") from None
        if result is response and 300 <= response.status < 400 and b"Location" in response.headers:
            raise Refused("redirects to no http(s) address")
        return result


class Compression(HttpCompressionMiddleware):
    """Scrapy's own, which stops unpacking at the size limit, with reasons."""

    _manners: Manners

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one, as Scrapy wants it."""
        spider: Any = crawler.spider
        made = super().from_crawler(crawler)
        made._manners = spider.manners
        return made

    def process_response(
        self, request: Request, response: Response, spider: object = None
    ) -> Request | Response:
        """Unpack a body."""
        try:
            return super().process_response(request, response)
        except IgnoreRequest:
            raise reasons.too_large(self._manners) from None
        except (OSError, EOFError, ValueError, zlib.error):
            raise Refused("its compression is damaged") from None
