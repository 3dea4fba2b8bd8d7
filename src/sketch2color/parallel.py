"""Doing the same with many things at once, with results as if it were done with one after the other."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def thread_map(
    function: Callable[[Job], Result], jobs: Iterable[Job], threads: int | None = None
) -> Iterator[Result]:
    """Map in so many threads, as there are processors by default, in order, with only a few jobs waiting.

    Neither the number of threads nor which thread is done first shows in what comes out. ``jobs`` are
    drawn from the caller's thread. What ``function`` raises is raised here when that job's turn has come, and
    ends the work: a function whose failures must not stop the others returns them.

    >>> list(thread_map(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    threads = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Result]] = deque()
        try:
            for job in jobs:
                waiting.append(pool.submit(function, job))
                if len(waiting) > 2 * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # else the pool would work off what nobody waits for any more
            for future in waiting:
                future.cancel()
