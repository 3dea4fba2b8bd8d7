"""Which process keeps a run, whether it still lives, and which pipeline it belongs to."""

import os
import socket

import psutil

STAGE = "DVC_STAGE"
"""DVC sets it for what it starts."""


def identity(process: psutil.Process | None = None) -> str:
    """Name a process, this one by default, as no other process is ever named.

    Numbers of processes are given again, so the moment it began (seconds since 1970) belongs to its name.
    """
    process = process or psutil.Process()
    return f"{socket.gethostname()}:{process.pid}:{process.create_time():.2f}"


def is_gone(name: str) -> bool:
    """Tell whether the process of that identity has ended for sure; of another machine's nobody knows.

    >>> is_gone(identity()), is_gone("elsewhere:1:0.00"), is_gone(f"{socket.gethostname()}:1:1.00")
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
    """Name the process that all stages of one ``dvc repro`` were started by; by hand, each is its own.

    It is the nearest ancestor without the variable that DVC sets for its stages alone.
    """
    process = psutil.Process()
    if STAGE in os.environ:
        for ancestor in process.parents():
            try:
                if STAGE not in ancestor.environ():
                    return identity(ancestor)
            except psutil.Error:  # another user's: DVC itself runs as this one
                break
    return identity(process)
