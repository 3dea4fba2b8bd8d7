"""Images side by side: each on one thread."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Have torch and NumPy calculate on one thread, and give back what they had.

    Sums are split by thread: with one, the number of processors does not show in the result. And threads of
    images that are worked on side by side would only wait for each other, spinning.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(threads)
