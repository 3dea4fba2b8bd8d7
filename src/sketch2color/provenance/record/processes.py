"""Identify the process that writes a run, and the pipeline that started it."""

import os
import socket

import psutil

STAGE = "DVC_STAGE"
"""Environment variable that DVC sets for the stages it starts."""


def identity(process: psutil.Process | None = None) -> str:
    """Return ``host:pid:start time`` of a process, by default this one; systems reuse process ids."""
    process = process or psutil.Process()
    return f"{socket.gethostname()}:{process.pid}:{process.create_time():.2f}"


def has_ended(name: str) -> bool:
    """Return whether the process of this identity has certainly ended; False for one of another machine.

    >>> has_ended(identity()), has_ended("elsewhere:1:0.00"), has_ended(f"{socket.gethostname()}:1:1.00")
    (False, False, True)
    """
    host, number, _ = name.rsplit(":", 2)
    if host != socket.gethostname():
        return False
    try:
        process = psutil.Process(int(number))
        return process.status() == psutil.STATUS_ZOMBIE or identity(process) != name
    except psutil.NoSuchProcess:
        return True


def pipeline() -> str:
    """Return the identity of this ``dvc repro``: the nearest ancestor that is no stage, or this process."""
    process = psutil.Process()
    if STAGE in os.environ:
        for ancestor in process.parents():
            try:
                if STAGE not in ancestor.environ():
                    return identity(ancestor)
            except psutil.Error:  # a process of another user
                break
    return identity(process)
