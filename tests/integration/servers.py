"""A server on loopback, for as long as a test needs it."""

import contextlib
import os
import socket
import subprocess
import time

import pytest

PATIENCE = 120  # seconds for a server to start


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def started(command, folder, answers):
    """Run a server whose log lies in ``folder``, from when ``answers()`` says that it does."""
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}  # nine processes
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder, env=environment)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            if answers():
                break
            time.sleep(0.5)
        else:
            pytest.fail((folder / "log").read_text()[-2000:])
        yield
    finally:
        process.terminate()
        process.wait(30)
