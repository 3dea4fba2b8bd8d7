"""What is asked for: the addresses of a list, or what the pages of a gallery show."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scrapy import Spider
from scrapy.exceptions import CloseSpider
from scrapy.http import TextResponse

from sketch2color.config.source_types import Gallery, Urls
from sketch2color.ingest.fetch import addresses
from sketch2color.ingest.fetch.crawl import pages, reasons, requests
from sketch2color.ingest.fetch.crawl.crawl_store import Job, Wanted
from sketch2color.ingest.fetch.crawl.rate_limiter import Gate
from sketch2color.ingest.fetch.crawl.reasons import Refused
from sketch2color.manifest import Domain

AT_ONCE = 256
"""Images that are under way at a time, whether they wait or arrive; memory and open files depend on it."""
TOGETHER = 32
"""Images that are handed to the pipeline as one item: each item costs the engine a few milliseconds."""
AHEAD = 32
"""Pages that are asked for before the first of them has been looked at."""

A = TypeVar("A")
B = TypeVar("B")


class Fetching(Spider):
    """What lists and galleries have in common: manners, a limited number under way, and notes of failures."""

    name = "sketch2color"

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job
        self.manners = job.origin.manners
        self.gate = Gate(self.manners)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._failed = job.shelf.failed.open("a", encoding="utf-8", buffering=1)

    async def start(self) -> AsyncIterator[list[str]]:
        """Yield the addresses of images that have not arrived yet, some at a time, as there is room."""
        together: list[str] = []
        async for address in self.images():
            if self.job.shelf.image(address).is_file():
                continue
            await self._room.acquire()
            together.append(address)
            if len(together) == TOGETHER:
                yield together
                together = []
        if together:
            yield together
        # Scrapy looks only every five seconds whether everything is done.
        while not self.crawler.engine.scraper.slot.is_idle():  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
        raise CloseSpider("finished")

    def images(self) -> AsyncIterator[str]:
        """Yield the address of each image once."""
        raise NotImplementedError

    def failed(self, address: str, reason: str) -> None:
        """Note that an image was asked for in vain."""
        self._failed.write(json.dumps([addresses.key(address), reason]) + "\n")
        self.done()

    def done(self) -> None:
        """Note that nothing more is done for an image: there is room for another one."""
        self._room.release()

    def closed(self, reason: str) -> None:
        """Finish the notes; Scrapy calls it at the end."""
        self._failed.close()


class Listed(Fetching):
    """Fetches what is wanted already."""

    async def images(self) -> AsyncIterator[str]:
        """Yield the addresses of the list."""
        with self.job.shelf.wanted.open(encoding="utf-8") as lines:
            for line in lines:
                wanted = Wanted(**json.loads(line))
                if not wanted.problem:
                    yield wanted.address


@dataclass(frozen=True)
class Page:
    """A page to ask for: where the crawl starts, a page of a single image, or one of several."""

    address: str
    is_start: bool
    is_detail: bool


@dataclass(frozen=True)
class View:
    """What was found on a page, or the ``problem`` with it; ``host`` is where redirects have led."""

    host: str = ""
    images: Sequence[str] = ()
    details: Sequence[str] = ()
    nexts: Sequence[str] = ()
    problem: str = ""


class Crawling(Fetching):
    """Finds pages breadth first, so that which are within the limits never depends on which came first."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        assert isinstance(job.origin, Gallery)
        self._gallery = job.origin
        self._asked: set[str] = set()

    async def images(self) -> AsyncIterator[str]:
        """Yield addresses as pages are looked at, and write down what is wanted."""
        with self.job.shelf.wanted.open("a", encoding="utf-8", buffering=1) as lines:
            for domain in self._gallery.start:
                async for wanted in self._crawl(domain):
                    lines.write(wanted.line())
                    name = addresses.key(wanted.address)
                    if not wanted.problem and name not in self._asked:
                        self._asked.add(name)
                        yield wanted.address

    async def _crawl(self, domain: Domain) -> AsyncIterator[Wanted]:
        crawl = _Crawl(self._gallery, domain)
        while wave := crawl.wave():
            async for page, view in _ahead(self._look, wave):
                for wanted in crawl.take(page, view):
                    yield wanted

    async def _look(self, page: Page) -> View:
        try:
            response = await self.crawler.engine.download_async(requests.request(page.address))
        except Refused as refused:
            return View(problem=str(refused))
        if response.status != 200:
            return View(problem=reasons.status(response.status))
        if not isinstance(response, TextResponse):
            return View(problem="not a web page")
        return self._view(page, response)

    def _view(self, page: Page, response: TextResponse) -> View:
        gallery = self._gallery
        leads = gallery.detail is not None and not page.is_detail
        view = View(
            host=addresses.host(response.url)[0],
            images=() if leads else pages.images(response, gallery.image),
            details=pages.links(response, gallery.detail) if leads and gallery.detail else (),
            nexts=pages.links(response, gallery.next) if gallery.next and not page.is_detail else (),
        )
        if leads:
            empty = "" if view.details else "the selector under detail finds nothing here"
        else:
            empty = "" if view.images else "the selector under image finds nothing here"
        return View(host=view.host, problem=empty, nexts=view.nexts) if empty else view


class _Crawl:
    """The pages and images of one domain, as far as they are known, and what is left of its limits."""

    def __init__(self, gallery: Gallery, domain: Domain) -> None:
        self._domain = domain
        self._pages_left = gallery.pages
        self._images_left = gallery.images
        starts = gallery.start[domain]
        self._hosts = {addresses.host(address)[0] for address in starts}
        self._coming = [Page(address, is_start=True, is_detail=False) for address in dict.fromkeys(starts)]
        self._seen = set(map(addresses.key, starts))
        self._taken: set[str] = set()

    def wave(self) -> list[Page]:
        """Return the pages to ask for next; none when all is seen or a limit is reached."""
        wave = self._coming[: self._pages_left] if self._images_left else []
        self._coming = []
        self._pages_left -= len(wave)
        return wave

    def take(self, page: Page, view: View) -> Iterable[Wanted]:
        """Return what is wanted of a page that was looked at, and what is wrong with it."""
        if not self._images_left:
            return
        if page.is_start:
            self._hosts.add(view.host)
        elif view.host and view.host not in self._hosts:
            view = View(problem=f"redirects to another host ({view.host}): not followed")
        if view.problem:
            yield self._bad(page.address, view.problem, page)
        for address in view.images:
            yield from self._image(address, page)
        for found, is_detail in ((view.details, True), (view.nexts, False)):
            for address in found:
                yield from self._link(address, is_detail, page)

    def _image(self, address: str, page: Page) -> Iterable[Wanted]:
        name = addresses.key(address)
        if name in self._taken or not self._images_left:
            return
        self._taken.add(name)
        if problem := addresses.problem(address):
            yield self._bad(address, problem, page)
        else:
            self._images_left -= 1
            yield Wanted(address=address, domain=self._domain, facts={"page": page.address})

    def _link(self, address: str, is_detail: bool, page: Page) -> Iterable[Wanted]:
        name = addresses.key(address)
        if name in self._seen:
            return
        self._seen.add(name)
        if problem := addresses.problem(address):
            yield self._bad(address, problem, page)
        elif addresses.host(address)[0] not in self._hosts:
            yield self._bad(address, "a page on another host: not followed", page)
        else:
            self._coming.append(Page(address, is_start=False, is_detail=is_detail))

    def _bad(self, address: str, problem: str, page: Page) -> Wanted:
        return Wanted(address=address, domain=self._domain, facts={"page": page.address}, problem=problem)


async def _ahead(work: Callable[[A], Awaitable[B]], items: Iterable[A]) -> AsyncIterator[tuple[A, B]]:
    """Do ``work`` for ``AHEAD`` items at a time, and yield the results in the order of the items."""
    under_way: deque[tuple[A, asyncio.Future[B]]] = deque()
    for item in items:
        under_way.append((item, asyncio.ensure_future(work(item))))
        if len(under_way) == AHEAD:
            first, result = under_way.popleft()
            yield first, await result
    while under_way:
        first, result = under_way.popleft()
        yield first, await result


def spider(job: Job) -> type[Fetching]:
    """Return the spider for a job."""
    return Listed if isinstance(job.origin, Urls) else Crawling
