"""A training that is killed anywhere and started again ends in the bytes of an undisturbed one."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
from tests.cyclegan.trainings import results, write_clean

pytestmark = pytest.mark.slow
KILLS = 8
SERVER = """
import os, resource, sys
from pathlib import Path

from sketch2color.cyclegan import selection, train as training
from sketch2color.config.params import TrainCyclegan


class Quiet:
    def metrics(self, values, step=None): pass
    def files(self, *paths): pass


def run(out):
    params = TrainCyclegan(
        generator="multiply", generator_width=8, discriminator_width=4, pool_size=3, epochs=4,
        steps_per_epoch=10,
        average_decay=0.9, choose_every=1, batch_size=1, identity_every=2, threads=1, precision="bf16",
    )
    training.train(Path("clean"), out / "models", out / "report", out / "scratch", params, 5, Quiet())


training.CHECKPOINT_SECONDS = 0.02  # often, so that kills fall into writing, too
extractor = selection.features.load("vgg19")
selection.features.load = lambda name: extractor
for line in sys.stdin:  # one process for each line, born with everything imported
    out, *largest_file = line.split()
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)
        if largest_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest_file[0]),) * 2)
        run(Path(out))
        os._exit(0)
    print(child, flush=True)
    print(os.waitpid(child, 0)[1], flush=True)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trainings")
    write_clean(folder / "clean")
    return folder


@pytest.fixture(scope="module")
def server(folder):
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.stdin.close()


@pytest.fixture(scope="module")
def undisturbed(server, folder):
    """The results of a training that is not killed, and how many seconds it takes."""
    begin(server, "undisturbed")
    started = time.monotonic()
    assert ended(server) == 0
    return results(folder / "undisturbed"), time.monotonic() - started


def begin(server, out: str) -> int:
    server.stdin.write(out + "\n")
    server.stdin.flush()
    return int(server.stdout.readline())


def ended(server) -> int:
    return int(server.stdout.readline())


def kill(server, out: str, after: float) -> bool:
    """Start a training and kill it after some seconds; return whether it was still running."""
    process = begin(server, out)
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    return ended(server) == signal.SIGKILL


def test_killed_trainings_give_identical_results(server, folder, undisturbed):
    expected, lasts = undisturbed
    moments, found = random.Random(7), set()
    for number in range(KILLS):
        # After the first moments, when nothing was kept yet, and up to the writing of the results.
        moment = 0.1 + 0.9 * (number + moments.random()) / KILLS
        killed = kill(server, f"run{number}", lasts * moment)
        kept = sorted((folder / f"run{number}/scratch").glob("step_*.ckpt"))
        if killed and kept:
            found.add(kept[-1].name)
        shutil.rmtree(folder / f"run{number}/report", ignore_errors=True)  # as DVC does with outputs
        begin(server, f"run{number}")
        assert ended(server) == 0
        assert results(folder / f"run{number}") == expected, number
    assert len(found) >= KILLS // 4  # the kills fell on many moments


def test_after_a_full_disk_it_ends_alike(server, folder, undisturbed):
    expected, lasts = undisturbed
    kill(server, "full", 0.6 * lasts)
    begin(server, "full 100000")
    assert ended(server) != 0
    assert list((folder / "full/scratch").glob("*.ckpt"))
    assert not list((folder / "full").rglob("*.part"))
    begin(server, "full")
    assert ended(server) == 0
    assert results(folder / "full") == expected
