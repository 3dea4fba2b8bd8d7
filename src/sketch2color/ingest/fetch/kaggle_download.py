"""Download an archive from Kaggle through kagglehub, whose import is slow: import this module when needed."""

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
ATTEMPTS, PAUSE = 3, 2.0
"""Transfers of the archive, and seconds between two of them."""
_BROKEN = (requests.ConnectionError, requests.Timeout, ChunkedEncodingError)

_log = logging.getLogger(__name__)


class _TimeoutAdapter(HTTPAdapter):
    """Apply a timeout to every request; the client itself has none."""

    def send(self, *args: Any, **settings: Any) -> requests.Response:
        return super().send(*args, **{**settings, "timeout": TIMEOUTS})


def download_archive(owner: str, name: str, version: int | None, folder: Path, alternative: str) -> int:
    """Download a version of a data set as ``folder/<version>.archive``, and return its number.

    A broken transfer is resumed. Credentials are those of kagglehub: KAGGLE_API_TOKEN, KAGGLE_USERNAME with
    KAGGLE_KEY, or the files in ~/.kaggle; public data sets may need none.

    Args:
        owner: first part of the data set's handle.
        name: second part of the handle.
        version: None is the newest.
        folder: created if missing.
        alternative: what to do instead of downloading, for error messages.

    Raises:
        UserError: Kaggle cannot be reached or refuses, or the download is no archive.
    """
    try:
        with _api() as api:
            if version is None:
                version = _newest(api, owner, name)
                _log.warning("no version in source.yaml; newest of %s/%s is %d", owner, name, version)
            handle, target = DatasetHandle(owner, name, version), folder / f"{version}.archive"
            for _ in range(ATTEMPTS - 1):
                with contextlib.suppress(*_BROKEN):
                    _download(api, handle, target)
                    return version
                time.sleep(PAUSE)
            _download(api, handle, target)
            return version
    except requests.HTTPError as error:
        failure, remedy = _describe_refusal(error.response)
    except _BROKEN as error:
        failure, remedy = f"cannot be downloaded from Kaggle ({type(error).__name__})", "try again"
    except DataCorruptionError:
        failure, remedy = "arrived damaged from Kaggle", "try again"
    except (requests.RequestException, ValueError, KeyError, TypeError):
        # Their messages can be pages of HTML, or hold the token.
        failure = "cannot be requested: Kaggle's response, or the token, has an unknown format"
        remedy = "check the connection and KAGGLE_API_TOKEN"
    except OSError as error:
        failure, remedy = f"cannot be written to {folder} ({error.strerror})", "free some space"
    raise UserError(f"the data set {owner}/{name} {failure}: {remedy}, or {alternative}")


@contextlib.contextmanager
def _api() -> Iterator[Any]:
    """Open Kaggle's data set API, as kagglehub does."""
    try:
        get_kaggle_credentials()
    except (OSError, ValueError) as error:
        reason = f"Kaggle credentials cannot be read ({' '.join(str(error).split())})"
        raise UserError(f"{reason}: correct the file, or set KAGGLE_API_TOKEN") from None
    logging.getLogger("kagglehub").setLevel(logging.WARNING)
    with build_kaggle_client() as client, contextlib.ExitStack() as quiet:
        for scheme in ("http://", "https://"):
            client.http_client()._init_session().mount(scheme, _TimeoutAdapter())
        nowhere = quiet.enter_context(Path(os.devnull).open("w"))
        quiet.enter_context(contextlib.redirect_stdout(nowhere))  # kagglehub advertises its own updates there
        if not sys.stderr.isatty():
            quiet.enter_context(contextlib.redirect_stderr(nowhere))  # no progress bar in a log
        yield client.datasets.dataset_api_client


def _newest(api: Any, owner: str, name: str) -> int:
    request = ApiGetDatasetRequest()
    request.owner_slug, request.dataset_slug = owner, name
    version = api.get_dataset(request).current_version_number
    if not version:
        raise ValueError("no version number")
    return int(version)


def _download(api: Any, handle: DatasetHandle, target: Path) -> None:
    request = ApiDownloadDatasetRequest()
    request.owner_slug, request.dataset_slug = handle.owner, handle.dataset
    request.dataset_version_number = handle.version
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    with api.download_dataset(request) as response:
        download_file(response, str(part), handle)
        length = response.headers.get("Content-Length")
    # kagglehub resumes without a check whether the second response is a partial one.
    is_archive = zipfile.is_zipfile(part) or tarfile.is_tarfile(part)
    if length not in (None, str(part.stat().st_size)) or not is_archive:
        part.unlink()
        raise DataCorruptionError("not a complete archive")
    part.replace(target)


def _describe_refusal(response: requests.Response | None) -> tuple[str, str]:
    """Return what a response without data means, and what to do."""
    status = 0 if response is None else response.status_code
    if status == 404:
        return "is not known to Kaggle", "check dataset in source.yaml"
    if status not in (401, 403):
        return f"cannot be downloaded: Kaggle answers {status}", "try again later"
    if get_kaggle_credentials() is None:
        return f"is refused by Kaggle ({status})", "set KAGGLE_API_TOKEN"
    remedy = "check KAGGLE_API_TOKEN, accept the data set's terms on its page"
    return f"is refused by Kaggle with these credentials ({status})", remedy
