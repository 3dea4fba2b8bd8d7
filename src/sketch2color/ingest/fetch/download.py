"""Download one file over http(s), completely or not at all, and only once."""

import hashlib
import time
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin
from urllib.request import HTTPRedirectHandler, Request, build_opener

from w3lib.url import safe_url_string

from sketch2color.errors import UserError
from sketch2color.imaging.errors import is_web_page
from sketch2color.ingest.fetch import url_checks
from sketch2color.progress import progress
from sketch2color.text import quote

TIMEOUT = 30
"""Seconds without a byte after which a connection counts as broken."""
ATTEMPTS, PAUSE = 3, 2.0
"""Transfers of a file, and seconds between two of them."""
BLOCK = 1 << 20
"""Bytes that are in memory at a time."""


class _Redirect(HTTPRedirectHandler):
    """Follow no redirect from the public internet into the local network."""

    def __init__(self, is_local: bool) -> None:
        self._is_local = is_local

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """Return the request of ``newurl``; raise a UserError if it must not be followed."""
        url = urljoin(req.full_url, newurl)
        problem = url_checks.problem(url)
        if not problem and not self._is_local:
            host, port = url_checks.host_and_port(url)
            address = url_checks.private_address(host, port)
            problem = address and url_checks.private_host(host, address)
        if problem:
            raise UserError(f"{req.full_url} redirects to {problem}: check url in source.yaml")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download_file(url: str, sha256: str | None, downloads: Path) -> Path:
    """Return the file at ``url``, from ``downloads`` if it was downloaded before.

    A broken transfer is resumed if ``sha256`` can verify the whole, else restarted.

    Args:
        url: http:// or https://.
        sha256: 64 hex digits that the content must have; None accepts any.
        downloads: folder of downloaded files, named by ``sha256`` or, if that is None, the URL's hash.

    Raises:
        UserError: the host cannot be reached or refuses, or the response is a web page or has another hash.
            No incomplete file is left at the target.
    """
    if problem := url_checks.problem(url):
        raise UserError(f"{url}: {problem}: check url in source.yaml")
    target = downloads / (sha256 or f"url-{hashlib.sha256(url.encode()).hexdigest()}")
    if target.is_file():
        return target
    downloads.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    _transfer_with_retries(url, part, resume=sha256 is not None)
    try:
        _check(url, part, sha256)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits, in constant memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _transfer_with_retries(url: str, part: Path, resume: bool) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        if not resume:
            part.unlink(missing_ok=True)
        try:
            return _transfer(url, part)
        except HTTPError as error:
            error.close()
            failure = f"answers {error.code} {error.reason}"
            if error.code < 500:
                raise UserError(f"{url} {failure}: check url in source.yaml") from None
        except URLError as error:
            failure = f"cannot be reached ({error.reason})"
        except UserError:
            raise
        except Exception as error:  # what a server answers can fail anywhere
            failure = f"broke off ({quote(str(error) or type(error).__name__)})"
        if attempt < ATTEMPTS:
            time.sleep(PAUSE)
    if not resume:
        part.unlink(missing_ok=True)
    raise UserError(f"{url} {failure}, {ATTEMPTS} times: try again later, or check the connection")


def _transfer(url: str, part: Path) -> None:
    size = part.stat().st_size if part.exists() else 0
    request = Request(safe_url_string(url), headers={"Range": f"bytes={size}-"} if size else {})
    # A host of the local network that source.yaml itself names may redirect within it.
    is_local = bool(url_checks.private_address(*url_checks.host_and_port(url)))
    try:
        response = build_opener(_Redirect(is_local)).open(request, timeout=TIMEOUT)
    except HTTPError as error:
        if error.code == 416 and size:  # the file is complete; its hash is verified later
            error.close()
            return
        raise
    with response, part.open("ab" if response.status == 206 else "wb") as file:
        size = file.tell()
        length = int(response.headers.get("Content-Length") or 0)  # 0: unknown
        total = size + length
        blocks = iter(lambda: response.read(BLOCK), b"")
        for block in progress(blocks, "download", total=-(-length // BLOCK) or None, unit="MiB"):
            file.write(block)
        if file.tell() < total:
            raise ConnectionError(f"{file.tell():,} of {total:,} bytes received")


def _check(url: str, part: Path, sha256: str | None) -> None:
    with part.open("rb") as file:
        beginning = file.read(1 << 16)
    if not beginning or is_web_page(beginning):
        what = "a web page, not an archive" if beginning else "an empty file"
        raise UserError(f"{url} returns {what}: check url in source.yaml")
    if sha256 is not None and (found := hash_file(part)) != sha256:
        raise UserError(f"{url} has the SHA-256 {found}, not {sha256}: check sha256 in source.yaml")
