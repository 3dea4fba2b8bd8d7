"""Map a function over jobs in threads, with the results of a sequential map."""

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
    """Yield ``function(job)`` for each job, in order, with ``threads`` threads, by default one a CPU.

    ``jobs`` is iterated in the caller's thread, at most two jobs a thread ahead. An exception of ``function``
    is raised when its job's turn comes, and cancels the rest.

    >>> list(thread_map(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    threads = threads or os.cpu_count() or 1
    with ThreadPoolExecutor(threads) as pool:
        pending: deque[Future[Result]] = deque()
        try:
            for job in jobs:
                pending.append(pool.submit(function, job))
                if len(pending) > 2 * threads:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:  # else the pool would finish all pending jobs
            for future in pending:
                future.cancel()
