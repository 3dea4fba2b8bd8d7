"""The process that fetches. It gets its job as a pickle on stdin, and ends when stdin does."""

import logging
import os
import pickle
import sys
import threading
import traceback
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.reactor import install_reactor
from twisted.python.log import PythonLoggingObserver

from sketch2color.ingest.fetch.crawl.crawl_store import Job
from sketch2color.ingest.fetch.crawl.handler import Resolver
from sketch2color.ingest.fetch.crawl.settings import settings
from sketch2color.ingest.fetch.crawl.spiders import spider


class Bugs(logging.Handler):
    """Ends the process at the first error that is logged.

    What sites do wrong is noted and not logged, so it is an error in this package, or a full disk. Scrapy
    would go on without what is missing.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Show the error, and end."""
        print(record.getMessage(), file=sys.stderr)
        if record.exc_info:
            traceback.print_exception(*record.exc_info, file=sys.stderr)
        if not record.name.startswith("twisted"):  # which logs what servers make it stumble over
            os._exit(1)


def main() -> None:
    """Run the crawl."""
    job: Job = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logging.disable(logging.WARNING)
    logging.getLogger().addHandler(Bugs())
    PythonLoggingObserver().start()  # type: ignore[no-untyped-call]
    _crawl(job)
    os._exit(0)  # everything is written; Python would only look for tasks that nobody waits for any more


def _end_with_parent() -> None:
    # Everything on the shelf is written whole or not at all, so nothing needs to be finished.
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def _crawl(job: Job) -> None:
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed

    reactor: Any = installed
    manners = job.origin.manners
    proxies = (urlsplit(proxy).hostname for proxy in getproxies().values())
    allowed = {*manners.allow_private, *(host for host in proxies if host)}
    Resolver(reactor, allowed).install_on_reactor()
    runner = AsyncCrawlerRunner(settings(manners, job.shelf))
    crawl = runner.crawl(spider(job), job=job)
    crawl.add_done_callback(lambda _: reactor.stop())
    reactor.run(installSignalHandlers=False)
    crawl.result()


if __name__ == "__main__":
    main()
