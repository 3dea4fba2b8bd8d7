"""The folder of downloaded images and cached responses, and what the crawl process sends back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from sketch2color.errors import UserError
from sketch2color.files import write_bytes
from sketch2color.ingest.fetch import url_checks
from sketch2color.ingest.fetch.source_file import SourceFile, SourceFileError
from sketch2color.manifest import Domain
from sketch2color.text import printable


@dataclass(frozen=True, kw_only=True)
class ImageRequest:
    """An image to download, or a URL that is not requested or failed because of ``problem``."""

    url: str
    domain: Domain | None
    facts: Mapping[str, str]
    problem: str = ""


@dataclass(frozen=True)
class CrawlStore:
    """A folder with one file for each image and each cached response, named by the URL's hash.

    Files are written atomically: an image that exists is complete and is not requested again.
    """

    root: Path

    def path(self, folder: Literal["images", "responses"], url: str) -> Path:
        """Return the path of the image at ``url``, or of the cached response to a request for it."""
        name = url_checks.key(url)
        return self.root / folder / name[:2] / name[2:]  # 256 folders, so that none is too full

    def write(self, folder: Literal["images", "responses"], url: str, content: bytes) -> None:
        """Write an image or a response; raise a UserError if the disk is full or the folder not writable."""
        try:
            write_bytes(self.path(folder, url), content)
        except OSError as error:
            raise storage_error(error) from error

    def file(self, request: ImageRequest) -> SourceFile:
        """Return the file of a request that was processed."""
        path, read = printable(request.url), partial(_read, self.path("images", request.url))
        domain, facts = request.domain, request.facts
        return SourceFile(path=path, problem=request.problem, read=read, domain=domain, facts=facts)


def storage_error(error: OSError) -> UserError:
    """Return the error message for downloads that cannot be stored."""
    return UserError(f"{error.filename}: {error.strerror}: free some space, or make it writable")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SourceFileError(f"downloaded, but cannot be read: {error.strerror}") from error
