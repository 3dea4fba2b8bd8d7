"""Files of trained weights that are published with the start of their SHA-256 in their name."""

import http.client
import os
import urllib.error
import urllib.request
from pathlib import Path

import torch

from sketch2color.errors import UserError
from sketch2color.files import write_bytes
from sketch2color.manifest import sha256

FOLDER_VARIABLE = "SKETCH2COLOR_WEIGHTS"
"""The environment variable that names a folder of weights, for machines that may not download."""

DOWNLOAD_TIMEOUT = 30.0  # seconds without a byte


def pretrained(url: str, otherwise: str) -> Path:
    """Find a file of weights: in the user's folder, in torch's cache, or by downloading it into the latter.

    Args:
        url: where it is published. Its name ends in ``-<first 8 hex digits of its SHA-256>.<suffix>``, which
            is torchvision's rule and that of others who publish for ``torch.hub``.
        otherwise: what the user can do who cannot get it, to end an error's sentence.

    Returns:
        The file; its SHA-256 starts as its name says.

    Raises:
        UserError: the folder in ``SKETCH2COLOR_WEIGHTS`` does not exist, a file is not what its name says,
            or there is none and it cannot be downloaded.
    """
    name = url.rpartition("/")[2]
    folders = [Path(torch.hub.get_dir()) / "checkpoints"]
    if named := os.environ.get(FOLDER_VARIABLE):
        if not Path(named).is_dir():
            raise UserError(f"{FOLDER_VARIABLE} names {named}, which is no folder: name the one with {name}")
        folders.insert(0, Path(named))
    for path in (folder / name for folder in folders):
        if path.is_file():
            if not _is_what_its_name_says(name, path.read_bytes()):
                raise UserError(f"{path}: its SHA-256 is not that in its name: get {url} anew")
            return path
    get_it = f"put {url} at {folders[0] / name}, or {otherwise}"
    content = _download(url, get_it)
    if not _is_what_its_name_says(name, content):
        raise UserError(f"{url} was downloaded but its SHA-256 is not that in its name: {get_it}")
    write_bytes(folders[-1] / name, content)
    return folders[-1] / name


def fingerprint(path: Path) -> str:
    """Return the start of the SHA-256 in the name of a file of weights.

    >>> fingerprint(Path("squeezenet1_1-b8a52dc0.pth"))
    'b8a52dc0'
    """
    return path.stem.rpartition("-")[2]


def _is_what_its_name_says(name: str, content: bytes) -> bool:
    return sha256(content).startswith(fingerprint(Path(name)))


def _download(url: str, get_it: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=DOWNLOAD_TIMEOUT) as response:
            return bytes(response.read())
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it holds the connection
        reason = " ".join(str(error).split()) or type(error).__name__
        name = url.rpartition("/")[2]
        raise UserError(f"{name} is not here and cannot be downloaded ({reason}): {get_it}") from error
