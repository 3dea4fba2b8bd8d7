"""Files of published weights, whose names end in the start of their SHA-256."""

import os
import socket
import sys
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

import torch

from sketch2color.errors import UserError
from sketch2color.manifest import sha256

FOLDER_VARIABLE = "SKETCH2COLOR_WEIGHTS"
"""The environment variable that names a folder of weights, for machines that may not download."""

TIMEOUT = 30.0
"""Seconds a server may be silent."""


def pretrained(url: str, otherwise: str) -> Path:
    """Return a file of weights from the user's folder or torch's cache, or download it into the latter.

    Args:
        url: where it is published. Its name ends in ``-<first 8 hex digits of its SHA-256>.<suffix>``, as
            ``torch.hub`` has it.
        otherwise: what the user can do who cannot get it, to end an error's sentence.

    Raises:
        UserError: the folder in ``SKETCH2COLOR_WEIGHTS`` does not exist, a file's SHA-256 is not that in its
            name, or there is none and it cannot be downloaded.
    """
    name = url.rpartition("/")[2]
    cache = Path(torch.hub.get_dir()) / "checkpoints"
    folders = [cache]
    if named := os.environ.get(FOLDER_VARIABLE):
        if not Path(named).is_dir():
            raise UserError(f"{FOLDER_VARIABLE} names {named}, which is no folder: name the one with {name}")
        folders.insert(0, Path(named))
    for path in (folder / name for folder in folders):
        if path.is_file():
            if not sha256(path.read_bytes()).startswith(fingerprint(path)):
                raise UserError(f"{path}: its SHA-256 is not that in its name: download {url} again")
            return path
    before = socket.getdefaulttimeout()
    try:
        cache.mkdir(parents=True, exist_ok=True)
        socket.setdefaulttimeout(TIMEOUT)  # torch.hub has none
        torch.hub.download_url_to_file(url, str(cache / name), fingerprint(cache / name), sys.stderr.isatty())
    except (OSError, HTTPException, RuntimeError) as error:  # RuntimeError: another SHA-256
        if isinstance(error, HTTPError):
            error.close()  # it holds the connection
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UserError(
            f"{name} is missing and cannot be downloaded ({reason}): "
            f"put {url} at {folders[0] / name}, or {otherwise}"
        ) from error
    finally:
        socket.setdefaulttimeout(before)
    return cache / name


def fingerprint(path: Path) -> str:
    """Return the start of the SHA-256 in the name of a file of weights.

    >>> fingerprint(Path("squeezenet1_1-b8a52dc0.pth"))
    'b8a52dc0'
    """
    return path.stem.rpartition("-")[2]
