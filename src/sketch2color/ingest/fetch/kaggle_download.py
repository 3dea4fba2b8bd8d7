"""Fetching an archive from Kaggle through kagglehub, whose import takes a while: import this when needed."""

import contextlib
import logging
import os
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from kagglehub.clients import build_kaggle_client, download_file
from kagglehub.config import get_kaggle_credentials
from kagglehub.exceptions import DataCorruptionError
from kagglehub.handle import DatasetHandle
from kagglesdk.datasets.types.dataset_api_service import ApiDownloadDatasetRequest, ApiGetDatasetRequest
from requests.adapters import HTTPAdapter
from requests.exceptions import ChunkedEncodingError

from sketch2color.errors import UserError

TIMEOUTS = (10, 30)
"""Seconds to connect, and seconds without a byte, after which a connection counts as broken."""
ATTEMPTS = 3
PAUSE = 2.0
"""Seconds between two attempts."""
_BROKEN = (requests.ConnectionError, requests.Timeout, ChunkedEncodingError)

_log = logging.getLogger(__name__)


class _DamagedError(Exception):
    """What came is not the whole of an archive."""


class _Impatient(HTTPAdapter):
    """Bounds every wait; the client itself would wait for ever."""

    def send(self, *args: Any, **settings: Any) -> requests.Response:
        return super().send(*args, **{**settings, "timeout": TIMEOUTS})


def fetch(owner: str, name: str, version: int | None, kept: Path, by_hand: str) -> int:
    """Fetch a version of a data set as ``kept/<version>.archive``, and return its number.

    A transfer that broke is taken up where it broke. Credentials are found as kagglehub finds them:
    KAGGLE_API_TOKEN, KAGGLE_USERNAME with KAGGLE_KEY, or the files in ~/.kaggle; public data sets may need
    none. Nothing is asked for but the data set.

    Args:
        owner: the first part of the handle.
        name: its second part.
        version: None stands for the newest.
        kept: a folder, made if need be.
        by_hand: what to do in place of fetching, for the errors.

    Raises:
        UserError: Kaggle cannot be reached or refuses, or what comes is no archive.
    """
    try:
        with _api() as api:
            if version is None:
                version = _newest(api, owner, name)
                _log.warning(
                    "no version in source.yaml; Kaggle's newest of %s/%s is %d", owner, name, version
                )
            _download_patiently(api, DatasetHandle(owner, name, version), kept / f"{version}.archive")
            return version
    except requests.HTTPError as error:
        what, remedy = _refusal(error.response)
    except _BROKEN as error:
        what, remedy = f"cannot be had from Kaggle ({type(error).__name__})", "try again"
    except (DataCorruptionError, _DamagedError):
        what, remedy = "came damaged from Kaggle", "try again"
    except (requests.RequestException, ValueError, KeyError, TypeError):
        # Their messages can be pages of HTML, or hold the token.
        what = "cannot be asked for: Kaggle's answer, or the token, is not of a known form"
        remedy = "check the connection and KAGGLE_API_TOKEN"
    except OSError as error:
        what, remedy = f"cannot be written to {kept} ({error.strerror})", "make room"
    raise UserError(f"the data set {owner}/{name} {what}: {remedy}, or {by_hand}")


@contextlib.contextmanager
def _api() -> Iterator[Any]:
    """Open Kaggle's interface to data sets, as kagglehub does."""
    try:
        get_kaggle_credentials()
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise UserError(
            f"no credentials for Kaggle can be read ({reason}): mend the file, or set KAGGLE_API_TOKEN"
        ) from None
    logging.getLogger("kagglehub").setLevel(logging.WARNING)
    with build_kaggle_client() as client, contextlib.ExitStack() as quiet:
        for scheme in ("http://", "https://"):
            client.http_client()._init_session().mount(scheme, _Impatient())
        nowhere = quiet.enter_context(Path(os.devnull).open("w"))
        quiet.enter_context(contextlib.redirect_stdout(nowhere))  # it asks for its own update there
        if not sys.stderr.isatty():
            quiet.enter_context(contextlib.redirect_stderr(nowhere))  # a bar is of no use in a log
        yield client.datasets.dataset_api_client


def _newest(api: Any, owner: str, name: str) -> int:
    request = ApiGetDatasetRequest()
    request.owner_slug, request.dataset_slug = owner, name
    version = api.get_dataset(request).current_version_number
    if not version:
        raise ValueError("no version number")
    return int(version)


def _download_patiently(api: Any, handle: DatasetHandle, target: Path) -> None:
    for _ in range(ATTEMPTS - 1):
        with contextlib.suppress(*_BROKEN):
            _download(api, handle, target)
            return
        time.sleep(PAUSE)
    _download(api, handle, target)


def _download(api: Any, handle: DatasetHandle, target: Path) -> None:
    request = ApiDownloadDatasetRequest()
    request.owner_slug, request.dataset_slug = handle.owner, handle.dataset
    request.dataset_version_number = handle.version
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with api.download_dataset(request) as response:
        download_file(response, str(part), handle)
        length = response.headers.get("Content-Length")
    # It takes up a part without looking at what the second answer is.
    if length not in (None, str(part.stat().st_size)) or not _is_archive(part):
        part.unlink()
        raise _DamagedError
    part.replace(target)


def _is_archive(path: Path) -> bool:
    return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)


def _refusal(response: requests.Response | None) -> tuple[str, str]:
    """Say what an answer means that gives nothing, and what to do."""
    status = 0 if response is None else response.status_code
    if status == 404:
        return "is not known to Kaggle", "check dataset in source.yaml"
    if status not in (401, 403):
        return f"cannot be had: Kaggle answers {status}", "try again later"
    if get_kaggle_credentials() is None:
        return f"is refused by Kaggle ({status})", "set KAGGLE_API_TOKEN"
    remedy = "check KAGGLE_API_TOKEN, accept the data set's terms on its page"
    return f"is refused by Kaggle with these credentials ({status})", remedy
