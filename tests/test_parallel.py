import os
import threading
import time

import pytest

from sketch2color.parallel import thread_map


@pytest.fixture(params=[1, 2, 7])
def processors(request, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: request.param)
    return request.param


def test_results_are_in_the_order_of_the_jobs(processors):
    later = threading.Event()

    def slow_first(job):
        if job == 0 and processors > 1:
            assert later.wait(20)  # the second one runs beside it
        later.set()
        return job * job

    assert list(thread_map(slow_first, range(30))) == [job * job for job in range(30)]


def test_the_caller_sets_the_number_of_threads(processors):
    company = threading.Barrier(3)
    assert list(thread_map(lambda job: company.wait(20) >= 0, range(3), threads=3)) == [True] * 3
    assert len(set(thread_map(lambda job: threading.get_ident(), range(9), threads=1))) == 1


def test_only_a_few_jobs_are_read_ahead(processors):
    drawn = []
    jobs = (drawn.append(job) or job for job in range(1000))
    results = thread_map(lambda job: job, jobs)
    for job in range(500):
        assert next(results) == job
        assert len(drawn) <= job + 2 * processors + 1
    results.close()
    assert len(drawn) <= 500 + 2 * processors


def test_an_exception_is_raised_in_its_turn_and_cancels_the_rest(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    begun = []

    def fail_on_two(job):
        begun.append(job)
        if job == 2:
            raise OSError("no disk")
        if job > 2:
            time.sleep(0.5)  # long enough for the others to be called off
        return job

    results = thread_map(fail_on_two, range(100))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(OSError, match="no disk"):
        next(results)
    assert begun[:3] == [0, 1, 2]
    assert len(begun) <= 4


def test_no_jobs_give_no_results():
    assert list(thread_map(str, [])) == []
