"""One thread for each image."""

import numpy as np
import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from sketch2color.models.threads import one_thread


def numpys():
    """How many threads NumPy's products take."""
    np.ones((2, 2)) @ np.ones((2, 2))
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_torch_and_numpy_take_one_thread_and_get_back_what_they_had():
    torch.set_num_threads(2)
    with threadpool_limits(2, user_api="blas"):
        with pytest.raises(KeyboardInterrupt), one_thread():
            assert (torch.get_num_threads(), numpys()) == (1, {1})
            raise KeyboardInterrupt
        assert (torch.get_num_threads(), numpys()) == (2, {2})
