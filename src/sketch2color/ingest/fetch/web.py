"""Images from the web: lists of addresses, and galleries. Scrapy fetches them, in a process of its own."""

import fcntl
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, NoReturn

from tqdm import tqdm

from sketch2color.config.source_types import Gallery, Urls
from sketch2color.errors import UserError
from sketch2color.files import atomic_write
from sketch2color.ingest.fetch import addresses, url_list
from sketch2color.ingest.fetch.crawl.crawl_store import Job, Shelf, Tail, Wanted
from sketch2color.ingest.fetch.list_files import Entry
from sketch2color.progress import progress

_SOURCES = Path(__file__).parents[3]
_PATIENCE = 5.0
"""Seconds that the crawl of a killed run may take to notice that nobody waits for it."""
_LOOK = 0.01
"""Seconds between two looks whether the next image has arrived."""


def entries(origin: Urls | Gallery, downloads: Path) -> Iterator[Entry]:
    """Fetch what has not arrived yet, and yield the images that ``origin`` names.

    They come in the order of the list; those of a gallery domain by domain, as its pages come breadth first
    and in their own order. Which come and in which order does not depend on how fast they arrived. What did
    not arrive has its reason as ``problem``; so have pages that could not be had. Whatever has arrived is
    kept below ``downloads`` and never asked for again.

    Raises:
        UserError: the list cannot be read, a selector is none, or somebody fetches into ``downloads``.
    """
    shelf = Shelf(downloads / "web")
    if isinstance(origin, Gallery):
        _check_selectors(origin)
    with _locked(shelf) as lock:
        _sweep(shelf)
        total = _write_wanted(origin, shelf) if isinstance(origin, Urls) else shelf.wanted.write_bytes(b"")
        shelf.failed.write_bytes(b"")
        with _crawling(Job(origin, shelf), lock) as crawl, _bar(total) as bar:
            yield from _arriving(shelf, crawl, bar)


def _arriving(shelf: Shelf, crawl: "subprocess.Popen[bytes]", bar: "tqdm[NoReturn]") -> Iterator[Entry]:
    """Yield what is wanted in its order, each as soon as it and all before it have arrived or failed."""
    failures: dict[str, str] = {}
    with Tail(shelf.wanted) as wanted_lines, Tail(shelf.failed) as failed_lines:
        while True:
            over = _is_over(crawl)  # first: what is not there after the end will not come any more
            line = wanted_lines.next()
            if line is None and over:
                return
            if line is None:
                _wait(crawl)
                continue
            wanted = Wanted(**line)
            if not wanted.problem:
                reason = _outcome(wanted.address, shelf, failures, failed_lines, crawl)
                bar.update()
                bar.set_postfix_str(f"{len(failures)} failed", refresh=False)
                wanted = replace(wanted, problem=reason)
            yield shelf.entry(wanted)


def _outcome(
    address: str, shelf: Shelf, failures: dict[str, str], lines: Tail, crawl: "subprocess.Popen[bytes]"
) -> str:
    """Wait for an image; return the reason if it did not arrive."""
    path, name = shelf.image(address), addresses.key(address)
    while True:
        over = _is_over(crawl)
        while (line := lines.next()) is not None:
            failures |= [line]
        if name in failures:
            return failures[name]
        if path.is_file():
            return ""
        if over:
            raise RuntimeError(f"{address} neither arrived nor failed")
        _wait(crawl)


def _is_over(crawl: "subprocess.Popen[bytes]") -> bool:
    if code := crawl.poll():
        raise RuntimeError(f"fetching from the web broke down (exit code {code}): the error is above")
    return code == 0


def _wait(crawl: "subprocess.Popen[bytes]") -> None:
    with suppress(subprocess.TimeoutExpired):
        crawl.wait(_LOOK)


def _bar(total: int) -> "tqdm[NoReturn]":
    return progress((), "fetch", total=total or None)


@contextmanager
def _locked(shelf: Shelf) -> Iterator[IO[bytes]]:
    shelf.root.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + _PATIENCE
    with shelf.lock.open("ab") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise UserError(
                        f"another run is fetching into {shelf.root}: wait for it, or end it"
                    ) from None
                time.sleep(0.05)
        yield lock


def _sweep(shelf: Shelf) -> None:
    """Remove what a killed run had begun to write."""
    for folder in (shelf.images, shelf.answers):
        for part in folder.glob("*/.*.part"):
            part.unlink()


def _write_wanted(origin: Urls, shelf: Shelf) -> int:
    total = 0
    with atomic_write(shelf.wanted) as path, path.open("w", encoding="utf-8") as lines:
        for row in url_list.rows(origin.path):
            total += not row.problem
            wanted = Wanted(address=row.address, domain=row.domain, facts=row.facts, problem=row.problem)
            lines.write(wanted.line())
    return total


def _check_selectors(origin: Gallery) -> None:
    from cssselect import SelectorError
    from parsel.csstranslator import HTMLTranslator

    for key, selector in (("image", origin.image), ("next", origin.next), ("detail", origin.detail)):
        try:
            HTMLTranslator().css_to_xpath(selector or "a")
        except SelectorError as error:
            raise UserError(f"source.yaml: {key} is {selector!r}: no CSS selector ({error})") from None


@contextmanager
def _crawling(job: Job, lock: IO[bytes]) -> Iterator["subprocess.Popen[bytes]"]:
    # The crawl holds the lock too: a restart never runs beside one whose parent was killed.
    path = os.pathsep.join(filter(None, [str(_SOURCES), os.environ.get("PYTHONPATH")]))
    crawl = subprocess.Popen(
        [sys.executable, "-m", "sketch2color.ingest.fetch.crawl"],
        stdin=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
        pass_fds=(lock.fileno(),),
        process_group=0,  # Ctrl-C is for this process, which ends the other
    )
    assert crawl.stdin is not None
    try:
        with suppress(BrokenPipeError):
            pickle.dump(job, crawl.stdin)
            crawl.stdin.flush()
        yield crawl
    finally:
        crawl.kill()
        crawl.wait()
        with suppress(BrokenPipeError):
            crawl.stdin.close()
