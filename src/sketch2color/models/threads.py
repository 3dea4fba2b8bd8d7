"""One thread for each of the images that are processed in parallel."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit torch and NumPy to one thread, and restore their numbers of threads afterwards.

    Sums are split by thread: with one, results do not depend on the number of processors. And the threads of
    images processed in parallel would only wait for each other, spinning.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(threads)
