"""Which URLs are requested: those of a list, or the images on the pages of a gallery."""

import asyncio
import json
import os
import sys
import traceback
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from scrapy import Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import JsonResponse, Response, TextResponse

from sketch2color.config.source import Gallery, Urls
from sketch2color.errors import UserError
from sketch2color.imaging.errors import is_web_page
from sketch2color.ingest.fetch import url_checks, url_list
from sketch2color.ingest.fetch.crawl import page_links
from sketch2color.ingest.fetch.crawl.errors import FetchError, describe, describe_status, download
from sketch2color.ingest.fetch.crawl.store import CrawlStore, ImageRequest
from sketch2color.manifest import Domain
from sketch2color.text import describe_error, printable

MAX_IMAGES, MAX_PAGES = 256, 32
"""Images and pages that are downloaded or queued at a time; bounds memory and open files."""


class ImageSpider(Spider):
    """Download images, and write a line of JSON to stdout for each, in the order of the source."""

    name = "sketch2color"

    def __init__(self, source: Urls | Gallery, store: CrawlStore) -> None:
        super().__init__()
        self.source = source
        self._store = store
        self._free = asyncio.Semaphore(MAX_IMAGES)
        self._running: dict[str, asyncio.Task[str]] = {}
        self._failed: dict[str, str] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Crawl; an error that is no site's fault ends the process, because images would be missing."""
        try:
            await self._crawl()
        except UserError as error:
            write_result({"user_error": str(error)})
        except BrokenPipeError:
            os._exit(1)  # the parent has ended
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        raise CloseSpider("finished")  # else Scrapy polls every five seconds whether it is
        yield  # Scrapy expects an asynchronous generator

    def image_requests(self) -> AsyncIterator[ImageRequest]:
        """Yield what to download, in an order that does not depend on the speed of the hosts."""
        raise NotImplementedError

    async def get(self, url: str, **meta: Any) -> Response:
        """Return the response of status 200 to a request; one that failed is not repeated in this crawl.

        Raises:
            FetchError: there is none; the message is the reason.
        """
        key = url_checks.key(url)
        if key not in self._failed:
            try:
                response = await download(self.crawler, url, meta=meta)
                if response.status == 200:
                    return response
                self._failed[key] = describe_status(response)
            except FetchError as error:
                self._failed[key] = str(error)
        raise FetchError(self._failed[key])

    async def _crawl(self) -> None:
        pending: deque[tuple[ImageRequest, asyncio.Task[str] | None]] = deque()
        async for request in self.image_requests():
            pending.append((request, None if request.problem else await self._download(request.url)))
            while pending and (pending[0][1] is None or pending[0][1].done()):
                await _report(*pending.popleft())
        while pending:
            await _report(*pending.popleft())

    async def _download(self, url: str) -> asyncio.Task[str]:
        """Start to download an image as soon as there are less than ``MAX_IMAGES``."""
        key = url_checks.key(url)
        if key not in self._running:
            await self._free.acquire()
            self._running[key] = asyncio.create_task(self._download_image(url, key))
        return self._running[key]

    async def _download_image(self, url: str, key: str) -> str:
        """Download an image unless it exists; return the reason if it failed."""
        path = self._store.path("images", url)
        try:
            if not path.is_file():
                response = await self.get(url, image=True)
                if problem := _image_problem(response):
                    return problem
                self._store.write("images", url, response.body)
            return ""
        except UserError:
            raise
        except Exception as error:
            return describe(error, self.source)
        finally:
            del self._running[key]
            self._free.release()


def _image_problem(response: Response) -> str:
    if not response.body:
        return "empty"
    if is_web_page(response.body):
        header = response.headers.get(b"Content-Type") or b"nothing"
        kind = printable(header.decode("latin-1").partition(";")[0].strip()[:50])
        return f"a web page, not an image (called {kind})"
    return ""


class ListSpider(ImageSpider):
    """Download the images of a list."""

    source: Urls

    async def image_requests(self) -> AsyncIterator[ImageRequest]:
        """Yield the rows of the list."""
        for request in url_list.rows(self.source.path):
            yield request


@dataclass(frozen=True)
class Page:
    """A page to request: where the crawl starts, the page of a single image (detail), or a list of images."""

    url: str
    is_start: bool = False
    is_detail: bool = False


@dataclass(frozen=True)
class PageLinks:
    """The links on a page, or the ``problem`` with it; ``host`` is the one after redirects."""

    host: str = ""
    images: Sequence[str] = ()
    details: Sequence[str] = ()
    nexts: Sequence[str] = ()
    problem: str = ""


class GallerySpider(ImageSpider):
    """Visit pages breadth first, in document order: which are within the limits depends on nothing else."""

    source: Gallery

    async def image_requests(self) -> AsyncIterator[ImageRequest]:
        """Yield the images that pages show, and the pages that failed."""
        for domain in self.source.start:
            crawl = _DomainCrawl(self.source, domain)
            while pages := crawl.next_pages():
                for page, links in zip(pages, await asyncio.gather(*map(self._links, pages)), strict=True):
                    for request in crawl.add(page, links):
                        yield request

    async def _links(self, page: Page) -> PageLinks:
        try:
            response = await self.get(page.url)
            executor = ThreadPoolExecutor(1)
            found = asyncio.get_running_loop().run_in_executor(executor, self._find_links, page, response)
            executor.shutdown(wait=False)
            return await asyncio.wait_for(found, self.source.seconds)
        except UserError:
            raise
        except TimeoutError:
            return PageLinks(problem=f"cannot be parsed in {self.source.seconds:g} s")
        except (ValueError, LookupError) as error:  # of its base URL, of a charset that is none
            return PageLinks(problem=f"cannot be parsed: {describe_error(error)}")
        except Exception as error:
            return PageLinks(problem=describe(error, self.source))

    def _find_links(self, page: Page, response: Response) -> PageLinks:
        gallery = self.source
        if not isinstance(response, TextResponse) or isinstance(response, JsonResponse):
            return PageLinks(problem="not a web page")
        host = url_checks.host_and_port(response.url)[0]
        nexts = page_links.links(response, gallery.next) if gallery.next and not page.is_detail else ()
        if gallery.detail and not page.is_detail:
            details = page_links.links(response, gallery.detail)
            problem = "" if details else "the selector under detail finds nothing here"
            return PageLinks(host, details=details, nexts=nexts, problem=problem)
        images = page_links.images(response, gallery.image)
        problem = "" if images else "the selector under image finds nothing here"
        return PageLinks(host, images=images, nexts=nexts, problem=problem)


class _DomainCrawl:
    """The known pages and images of one domain, and the rest of its limits."""

    def __init__(self, gallery: Gallery, domain: Domain) -> None:
        starts = gallery.start[domain]
        self._domain = domain
        self._pages_left = gallery.pages
        self._images_left = gallery.images
        self._hosts = {urlsplit(url).hostname for url in starts}
        self._queue = deque(Page(url, is_start=True) for url in dict.fromkeys(starts))
        self._seen_pages = set(map(url_checks.key, starts))
        self._seen_images: set[str] = set()

    def next_pages(self) -> list[Page]:
        """Return the pages to request next; none if all are visited or a limit is reached."""
        count = min(len(self._queue), self._pages_left, MAX_PAGES) if self._images_left else 0
        self._pages_left -= count
        return [self._queue.popleft() for _ in range(count)]

    def add(self, page: Page, links: PageLinks) -> Iterator[ImageRequest]:
        """Queue the pages that a page links to; yield its images and what is wrong with it."""
        if not self._images_left:
            return
        if page.is_start:
            self._hosts.add(links.host)
        elif links.host and links.host not in self._hosts:
            links = PageLinks(problem=f"redirects to another host ({links.host}): not followed")
        of_page = ImageRequest(url=page.url, domain=self._domain, facts={"page": page.url})
        if links.problem:
            yield replace(of_page, problem=links.problem)
        for url in _new(links.images, self._seen_images):
            problem = url_checks.problem(url)
            if self._images_left:
                self._images_left -= not problem
                yield replace(of_page, url=url, problem=problem)
        for found, is_detail in ((links.details, True), (links.nexts, False)):
            for url in _new(found, self._seen_pages):
                problem = url_checks.problem(url)
                if not problem and url_checks.host_and_port(url)[0] not in self._hosts:
                    problem = "a page on another host: not followed"
                if problem:
                    yield replace(of_page, url=url, problem=problem)
                else:
                    self._queue.append(Page(url, is_detail=is_detail))


def _new(found: Sequence[str], seen: set[str]) -> Iterator[str]:
    for url in found:
        if (key := url_checks.key(url)) not in seen:
            seen.add(key)
            yield url


async def _report(request: ImageRequest, task: asyncio.Task[str] | None) -> None:
    write_result(asdict(replace(request, problem=await task) if task else request))


def write_result(content: dict[str, Any]) -> None:
    """Write a line of JSON to stdout, for the parent process."""
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()
