"""Fetching one file over http(s), whole or not at all, and never twice."""

import hashlib
import http.client
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin
from urllib.request import HTTPRedirectHandler, Request, build_opener

from sketch2color.errors import UserError
from sketch2color.ingest.fetch import addresses
from sketch2color.progress import progress

TIMEOUT = 30
"""Seconds without a byte after which a connection counts as broken."""
ATTEMPTS = 3
PAUSE = 2.0
"""Seconds between two attempts."""
BLOCK = 1 << 20


class _BrokenError(Exception):
    """The connection failed or ended early; another attempt may help."""


class _Redirect(HTTPRedirectHandler):
    """Follows no redirect from the open internet into the local network."""

    def __init__(self, is_local: bool) -> None:
        self._is_local = is_local

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        """Return the request that follows ``req``, which was redirected to ``newurl``.

        Raises:
            UserError: it must not be followed.
        """
        address = urljoin(req.full_url, newurl)
        problem = addresses.problem(address)
        if not problem and not self._is_local:
            host, port = addresses.host(address)
            literal = addresses.private_address(host, port)
            problem = literal and addresses.refusal(host, literal)
        if problem:
            raise UserError(f"{req.full_url} redirects to {problem}: check url in source.yaml")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch(url: str, sha256: str | None, downloads: Path) -> Path:
    """Return the file that ``url`` gives, from ``downloads`` where it was fetched before.

    A broken transfer is taken up where it broke if ``sha256`` can vouch for the whole, else begun again.

    Args:
        url: http:// or https://.
        sha256: 64 hex digits that the content must have; None accepts what comes.
        downloads: where fetched files are kept, named by their hash (by the hash of the address where no
            ``sha256`` is known).

    Raises:
        UserError: the address cannot be reached, refuses, answers with a web page or with other content
            than ``sha256``. Nothing is left at the returned path.
    """
    if problem := addresses.problem(url):
        raise UserError(f"{url}: {problem}: check url in source.yaml")
    target = downloads / (sha256 or f"url-{hashlib.sha256(url.encode()).hexdigest()}")
    if target.is_file():
        return target
    downloads.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    _fetch_patiently(url, part, resume=sha256 is not None)
    try:
        _check(url, part, sha256)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hex digits, without holding the file in memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch_patiently(url: str, part: Path, resume: bool) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        if not resume:
            part.unlink(missing_ok=True)
        try:
            return _transfer(url, part)
        except HTTPError as error:
            error.close()
            if error.code < 500:
                raise UserError(
                    f"{url} answers {error.code} {error.reason}: check url in source.yaml"
                ) from None
            trouble = f"answers {error.code} {error.reason}"
        except URLError as error:
            trouble = f"cannot be reached ({error.reason})"
        except (_BrokenError, OSError, http.client.HTTPException) as error:
            trouble = f"broke off ({error})"
        if attempt < ATTEMPTS:
            time.sleep(PAUSE)
    if not resume:
        part.unlink(missing_ok=True)
    raise UserError(f"{url} {trouble}, {ATTEMPTS} times: try again later, or check the connection")


def _transfer(url: str, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    request = Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    # A host of the local network that source.yaml itself names may lead on within it.
    is_local = bool(addresses.private_address(*addresses.host(url)))
    try:
        response = build_opener(_Redirect(is_local)).open(request, timeout=TIMEOUT)
    except HTTPError as error:
        if error.code == 416:  # nothing lies beyond what is here: the hash will tell whether it is right
            error.close()
            return
        raise
    with response, part.open("ab" if response.status == 206 else "wb") as file:
        have = file.tell()
        length = response.headers.get("Content-Length")
        wanted = have + int(length) if length is not None else None
        _copy(response, file, wanted)
        if wanted is not None and file.tell() < wanted:
            raise _BrokenError(f"{file.tell():,} of {wanted:,} bytes came")


def _copy(response: IO[bytes], file: IO[bytes], wanted: int | None) -> None:
    blocks: Iterator[bytes] = iter(lambda: response.read(BLOCK), b"")
    total = None if wanted is None else -(-(wanted - file.tell()) // BLOCK)
    for block in progress(blocks, "download", total=total, unit="MiB"):
        file.write(block)


def _check(url: str, part: Path, sha256: str | None) -> None:
    with part.open("rb") as file:
        beginning = file.read(512).lstrip().lower()
    if beginning.startswith((b"<!doctype html", b"<html")):
        raise UserError(f"{url} gives a web page, not an archive: check url in source.yaml")
    if not beginning:
        raise UserError(f"{url} gives an empty file: check url in source.yaml")
    if sha256 is not None and (found := hash_file(part)) != sha256:
        raise UserError(
            f"{url} has the SHA-256 {found}, not {sha256}: it changed, or sha256 in source.yaml is wrong"
        )
