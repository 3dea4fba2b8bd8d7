"""The crawl process: reads a pickled source and store from stdin, writes results to stdout."""

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
from twisted.logger import globalLogBeginner

from sketch2color.config.source import Gallery, Urls
from sketch2color.ingest.fetch.crawl.connection import PublicResolver
from sketch2color.ingest.fetch.crawl.settings import settings
from sketch2color.ingest.fetch.crawl.spiders import GallerySpider, ListSpider, write_result
from sketch2color.ingest.fetch.crawl.store import CrawlStore, storage_error

LOCK_TIMEOUT = 5.0
"""Seconds to wait for the end of another crawl into the same folder."""


def main() -> None:
    """Download the images of the source."""
    source, store = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    logging.disable()  # failures are results; the spider reports everything else
    globalLogBeginner.beginLoggingTo([], discardBuffer=True, redirectStandardIO=False)  # Twisted's own
    try:
        # The lock is held here, so that a new run waits until the crawl of a killed run has ended.
        with FileLock(store.root / "lock", timeout=LOCK_TIMEOUT):
            for partial in store.root.glob("*/*/.*.part"):  # of a killed run
                partial.unlink()
            _crawl(source, store)
    except Timeout:
        message = f"another run is downloading into {store.root}: wait for it, or end it"
        write_result({"user_error": message})
    except OSError as error:  # the folder or the lock cannot be created
        write_result({"user_error": str(storage_error(error))})
    os._exit(0)  # all files are written; a regular exit would wait for idle connections


def _exit_with_parent() -> None:
    # Every file is written atomically, so nothing needs to be completed.
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def _crawl(source: Urls | Gallery, store: CrawlStore) -> None:
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed

    reactor: Any = installed
    proxies = (urlsplit(proxy).hostname for proxy in getproxies().values())
    resolver = PublicResolver(reactor, cache_size=10_000)
    resolver.allowed = [*source.allow_private, *filter(None, proxies)]
    resolver.install_on_reactor()
    spider = ListSpider if isinstance(source, Urls) else GallerySpider
    crawl = AsyncCrawlerRunner(settings(source, store)).crawl(spider, source=source, store=store)
    crawl.add_done_callback(lambda _: reactor.stop())
    reactor.run(installSignalHandlers=False)
    crawl.result()


if __name__ == "__main__":
    main()
