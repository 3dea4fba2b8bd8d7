"""Processes forked from that of the tests: they start at once, as all modules are imported."""

import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable
from typing import IO

from sketch2color.ingest.fetch.crawl import __main__ as crawl

_fork = multiprocessing.get_context("fork")


def start(function: Callable[..., None], *arguments: object) -> multiprocessing.process.BaseProcess:
    """Call a function in a process of its own."""
    process = _fork.Process(target=function, args=arguments)
    process.start()
    return process


class Crawl:
    """The crawl process, as ``subprocess.Popen`` would start it."""

    def __init__(self, *_: object, **__: object) -> None:
        theirs, ours = os.pipe()
        our_end, their_end = os.pipe()
        self._process = start(_crawl, {0: theirs, 1: their_end}, (ours, our_end))
        os.close(theirs)
        os.close(their_end)
        self.stdin: IO[bytes] = os.fdopen(ours, "wb")
        self.stdout: IO[bytes] = os.fdopen(our_end, "rb")

    def wait(self) -> int:
        self._process.join()
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()


def _crawl(streams: dict[int, int], others: tuple[int, ...]) -> None:
    for number, descriptor in streams.items():
        os.dup2(descriptor, number)
    for descriptor in (*streams.values(), *others):
        os.close(descriptor)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
    warnings.resetwarnings()  # those of the tests are errors
    warnings.simplefilter("ignore")
    crawl.main()
