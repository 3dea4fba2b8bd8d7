"""Images from the web, lists and galleries: Scrapy downloads them in a process of its own."""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import IO

from sketch2color.config.source import Gallery, Urls
from sketch2color.errors import UserError
from sketch2color.ingest.fetch.crawl.store import CrawlStore, ImageRequest
from sketch2color.ingest.fetch.source_file import FetchedSource, SourceFile


def fetch(source: Urls | Gallery, downloads: Path) -> FetchedSource:
    """Return the source; its images are downloaded while they are iterated over."""
    return FetchedSource(lambda: list_files(source, downloads))


def list_files(source: Urls | Gallery, downloads: Path) -> Iterator[SourceFile]:
    """Download the images of ``source`` that do not exist in ``downloads``, and yield all.

    The order is that of the list; for a gallery domain by domain, pages breadth first. It does not depend on
    the order in which downloads finish. Images and pages that failed have the reason as ``problem``.

    Raises:
        UserError: the list cannot be read, a selector is invalid, another process downloads here, downloads
            cannot be stored, or the crawl was killed.
    """
    store = CrawlStore(downloads / "web")
    path = os.pathsep.join(filter(None, [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH")]))
    crawl = subprocess.Popen(
        [sys.executable, "-P", "-m", "sketch2color.ingest.fetch.crawl"],  # -P: not from the working folder
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": path},
        process_group=0,  # Ctrl-C is for this process, which ends the other
    )
    assert crawl.stdin is not None and crawl.stdout is not None
    lines = SimpleQueue[bytes]()
    reader = Thread(target=_read_lines, args=(crawl.stdout, lines), daemon=True)
    reader.start()
    try:
        with suppress(BrokenPipeError):
            pickle.dump((source, store), crawl.stdin)
            crawl.stdin.flush()
        for line in iter(lines.get, b""):
            result = json.loads(line)
            if "user_error" in result:
                raise UserError(result["user_error"])
            yield store.file(ImageRequest(**result))
        code = crawl.wait()
        if code < 0:
            raise UserError(f"the crawl was ended by signal {-code}: run the same again")
        if code:
            raise RuntimeError(f"the crawl failed with exit code {code}; its error is printed above")
    finally:
        crawl.kill()
        crawl.wait()
        reader.join()
        crawl.stdout.close()
        with suppress(BrokenPipeError):
            crawl.stdin.close()


def _read_lines(pipe: IO[bytes], lines: SimpleQueue[bytes]) -> None:
    """Pass on complete lines, then an empty one; a full pipe would stop the downloads."""
    for line in pipe:
        if line.endswith(b"\n"):  # else the crawl was killed while it wrote
            lines.put(line)
    lines.put(b"")
