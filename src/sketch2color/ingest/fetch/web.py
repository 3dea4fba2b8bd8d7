"""Images from the web, lists and galleries: Scrapy downloads them in a process of its own."""

import fcntl
import json
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from sketch2color.config.source import Gallery, Urls
from sketch2color.errors import UserError
from sketch2color.ingest.fetch.crawl.store import CrawlStore, ImageRequest, Job
from sketch2color.ingest.fetch.source_file import FetchedSource, SourceFile

_SOURCES = Path(__file__).parents[3]
_LOCK_TIMEOUT = 5.0
"""Seconds that the crawl process of a killed run may take to end."""


def fetch(source: Urls | Gallery, downloads: Path) -> FetchedSource:
    """Return the source; its images are downloaded while they are iterated over."""
    return FetchedSource(lambda: list_files(source, downloads))


def list_files(source: Urls | Gallery, downloads: Path) -> Iterator[SourceFile]:
    """Download the images of ``source`` that do not exist in ``downloads``, and yield all.

    The order is that of the list; for a gallery domain by domain, pages breadth first. It does not depend on
    the order in which downloads finish. Images and pages that failed have the reason as ``problem``.

    Raises:
        UserError: the list cannot be read, a selector is invalid, or another process downloads here.
    """
    store = CrawlStore(downloads / "web")
    with _locked(store) as lock:
        store.remove_partial_files()
        with _crawl_process(Job(source, store), lock) as crawl:
            assert crawl.stdout is not None
            for line in crawl.stdout:
                result = json.loads(line)
                if "user_error" in result:
                    raise UserError(result["user_error"])
                yield store.file(ImageRequest(**result))
            if code := crawl.wait():
                raise RuntimeError(f"the crawl failed with exit code {code}; its error is printed above")


@contextmanager
def _locked(store: CrawlStore) -> Iterator[IO[bytes]]:
    store.root.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + _LOCK_TIMEOUT
    with store.lock.open("ab") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise UserError(
                        f"another run is downloading into {store.root}: wait for it, or end it"
                    ) from None
                time.sleep(0.05)
        yield lock


@contextmanager
def _crawl_process(job: Job, lock: IO[bytes]) -> Iterator["subprocess.Popen[bytes]"]:
    path = os.pathsep.join(filter(None, [str(_SOURCES), os.environ.get("PYTHONPATH")]))
    crawl = subprocess.Popen(
        [sys.executable, "-m", "sketch2color.ingest.fetch.crawl"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
        pass_fds=(lock.fileno(),),  # it keeps the lock if this process is killed
        process_group=0,  # Ctrl-C is for this process, which ends the other
    )
    assert crawl.stdin is not None and crawl.stdout is not None
    try:
        with suppress(BrokenPipeError):
            pickle.dump(job, crawl.stdin)
            crawl.stdin.flush()
        yield crawl
    finally:
        crawl.kill()
        crawl.wait()
        crawl.stdout.close()
        with suppress(BrokenPipeError):
            crawl.stdin.close()
