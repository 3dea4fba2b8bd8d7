"""The crawl process: reads a pickled job from stdin, writes results to stdout, ends when stdin is closed."""

import logging
import os
import pickle
import sys
import threading
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from filelock import FileLock, Timeout
from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.reactor import install_reactor

from sketch2color.config.source import Urls
from sketch2color.ingest.fetch.crawl.connection import PublicResolver
from sketch2color.ingest.fetch.crawl.settings import settings
from sketch2color.ingest.fetch.crawl.spiders import GallerySpider, ListSpider, write_result
from sketch2color.ingest.fetch.crawl.store import Job

LOCK_TIMEOUT = 5.0
"""Seconds to wait for the end of another crawl into the same folder."""


def main() -> None:
    """Run a job."""
    job: Job = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    logging.disable()  # failures are results; the spider reports everything else
    try:
        # The lock is held here, so that a new run waits until the crawl of a killed run has ended.
        with FileLock(job.store.root / "lock", timeout=LOCK_TIMEOUT):
            job.store.remove_partial_files()
            _crawl(job)
    except Timeout:
        message = f"another run is downloading into {job.store.root}: wait for it, or end it"
        write_result({"user_error": message})
    os._exit(0)  # all files are written; a regular exit would wait for idle connections


def _exit_with_parent() -> None:
    # Every file is written atomically, so nothing needs to be completed.
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def _crawl(job: Job) -> None:
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed

    reactor: Any = installed
    proxies = (urlsplit(proxy).hostname for proxy in getproxies().values())
    resolver = PublicResolver(reactor, cache_size=10_000)
    resolver.allowed = [*job.source.allow_private, *filter(None, proxies)]
    resolver.install_on_reactor()
    spider = ListSpider if isinstance(job.source, Urls) else GallerySpider
    crawl = AsyncCrawlerRunner(settings(job)).crawl(spider, job=job)
    crawl.add_done_callback(lambda _: reactor.stop())
    reactor.run(installSignalHandlers=False)
    crawl.result()


if __name__ == "__main__":
    main()
