"""source.yaml: where the images of a data set come from, a model for each ``type``."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from urllib.parse import urlsplit

from cssselect import SelectorError
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationInfo, model_validator

from sketch2color.config.document import load, user_errors
from sketch2color.config.validation import Model, text, validate
from sketch2color.manifest import DOMAINS, Domain, Split

Pairs = Literal["name", "side-by-side"]
Truth = Literal["mask", "clean", "parts"]
T = TypeVar("T")
MAX_NAME, MAX_PATH = 255, 4000
"""Bytes of a file's name and of a path that file systems allow."""
MAX_SELECTOR = 500
"""Characters of a CSS selector, which is translated to XPath by recursion over its parts."""


def _web_address(address: str) -> str:
    try:
        parts = urlsplit(address)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as a port that is no number
        is_web = False
    if not is_web:
        raise ValueError
    return address


def _selector(selector: str) -> str:
    import parsel  # only for galleries: it takes a while

    if len(selector) > MAX_SELECTOR:
        raise ValueError
    try:
        parsel.Selector("<a></a>").css(selector)
    except (SelectorError, ValueError):  # ValueError: an undefined namespace
        raise ValueError from None
    return selector


def _glob(pattern: str) -> str:
    if pattern.startswith("/") or ".." in pattern.split("/"):
        raise ValueError
    return pattern


def _path(value: Any, info: ValidationInfo) -> Path:
    """Return a path relative to the folder of source.yaml, the validation's context."""
    if not isinstance(value, str | Path) or not str(value).strip() or "\0" in str(value):
        raise ValueError
    try:
        path = Path(info.context or "", Path(value).expanduser())
    except RuntimeError:  # ~nobody
        raise ValueError from None
    if max(len(os.fsencode(part)) for part in path.parts) > MAX_NAME or len(os.fsencode(path)) > MAX_PATH:
        raise ValueError
    return path


def _both_domains(given: dict[Domain, T], info: ValidationInfo) -> dict[Domain, T]:
    for domain in DOMAINS:
        if domain not in given:
            raise ValueError(f"{info.field_name}.{domain} is missing: both domains are needed")
    return {domain: given[domain] for domain in DOMAINS}


Text = Annotated[str, text("a text that is not empty")]
WebAddress = Annotated[
    str,
    text("a web address, which begins with http:// or https://", r"^\S+$"),
    AfterValidator(_web_address),
]
Contact = Annotated[
    str, text("an e-mail or web address, which is sent with every request", "^([!-~]+@|https?://)[!-~]+$")
]
Selector = Annotated[
    str, text(f"a CSS selector of at most {MAX_SELECTOR} characters"), AfterValidator(_selector)
]
Glob = Annotated[str, text("a pattern such as 'sketch/*' for paths in the source"), AfterValidator(_glob)]
Handle = Annotated[
    str, text("owner/name or owner/name/versions/3", r"^[\w-]+/[\w-]+(/versions/[1-9][0-9]{0,8})?$")
]
Sha256 = Annotated[
    str,
    text("64 hex digits, in quotes if they are digits only", "^[0-9a-fA-F]{64}$"),
    AfterValidator(str.lower),
]
FilePath = Annotated[
    Path,
    BeforeValidator(_path),
    Field(json_schema_extra={"allowed": "a file or folder, absolute or relative to source.yaml"}),
]
ListOf = Annotated[
    tuple[T, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(strict=False, min_length=1),
]
"""A list that is not empty; a single text stands for a list of one."""
ByDomain = Annotated[dict[Domain, T], AfterValidator(_both_domains)]


class Source(Model):
    """The terms of every source."""

    license: Text | None = None
    attribution: Text | None = None
    homepage: WebAddress | None = None

    @property
    def about(self) -> dict[str, str]:
        """The license, attribution and homepage, as far as they are given."""
        return self.model_dump(include={"license", "attribution", "homepage"}, exclude_none=True)


class FileSource(Source):
    """Files, which patterns for their paths sort."""

    domains: ByDomain[Glob] | None = None
    images: Glob | None = None
    """Files that hold both halves of a pair side by side; takes the place of ``domains``."""
    pairs: Pairs | None = None
    """name: a sketch and a coloured image of equal stem show the same thing."""
    splits: Mapping[Split, Glob] = Field(default_factory=dict)
    """Files that belong to a split already."""
    same: tuple[ListOf[Glob], ...] = Field(default=(), strict=False)
    """Groups of files that show the same thing though no hash tells it."""
    truth: Mapping[Truth, Glob] = Field(default_factory=dict)
    """What is known of the marks and the parts, for scoring only."""

    @property
    def globs(self) -> Mapping[Domain | None, str]:
        """The pattern of each domain's files; under None that of files with both halves of a pair."""
        by_domain: list[tuple[Domain | None, str]] = [*(self.domains or {}).items()]
        return {None: self.images} if self.images else dict(by_domain)

    @model_validator(mode="after")
    def _expect_globs(self) -> Self:
        needed, other = ("images", "domains") if self.pairs == "side-by-side" else ("domains", "images")
        if getattr(self, other) is not None:
            raise ValueError(f"unknown key {other}: with pairs: {self.pairs}, {needed} tells the images")
        if getattr(self, needed) is None:
            raise ValueError(f"{needed} is missing: must tell by patterns which files are images")
        return self


class Archive(FileSource):
    """A zip or tar file at ``path``, or to be downloaded from ``url``."""

    type: Literal["archive"] = "archive"
    path: FilePath | None = None
    url: WebAddress | None = None
    sha256: Sha256 | None = None
    """Of the whole file; null: unknown, and only recorded."""

    @model_validator(mode="after")
    def _expect_one_place(self) -> Self:
        if (self.path is None) == (self.url is None):
            raise ValueError("path, url: an archive needs one of them, and not both")
        if self.url and "sha256" not in self.model_fields_set:
            raise ValueError("sha256 is missing: must be the archive's hash, or null if the address pins it")
        return self


class Folder(FileSource):
    """A folder of files."""

    type: Literal["folder"] = "folder"
    path: FilePath


class Kaggle(FileSource):
    """A data set of Kaggle. Where ``path``, its archive or a folder, exists, nothing is downloaded."""

    type: Literal["kaggle"] = "kaggle"
    dataset: Handle
    path: FilePath | None = None


class CrawlPolicy(Source):
    """How web sites are asked. Bounds are for one host, which is asked more slowly if it slows down."""

    globs: ClassVar[Mapping[Domain | None, str]] = {}  # addresses come with their domain
    pairs: ClassVar[Pairs | None] = None
    splits: ClassVar[Mapping[Split, str]] = {}
    same: ClassVar[tuple[tuple[str, ...], ...]] = ()
    truth: ClassVar[Mapping[Truth, str]] = {}

    contact: Contact
    requests_per_second: float = Field(default=2.0, ge=0, le=1000, description="where 0 is no limit")
    connections: int = Field(default=4, ge=1, le=64)
    seconds: float = Field(default=60.0, ge=0.1, le=3600, description="for one response")
    megabytes: float = Field(default=50.0, ge=0.001, le=1000, description="of 10^6 bytes, for one response")
    allow_private: ListOf[Text] = ()
    """Hosts that may have a private, link-local or loopback address."""


class Urls(CrawlPolicy):
    """A list of image addresses: a CSV or Parquet file with the columns ``url`` and ``domain``."""

    type: Literal["urls"] = "urls"
    path: FilePath


class Gallery(CrawlPolicy):
    """Pages to crawl, from ``start`` on. Bounds are for each domain."""

    type: Literal["gallery"] = "gallery"
    start: ByDomain[ListOf[WebAddress]]
    image: Selector
    next: Selector | None = None
    """Links to the next page."""
    detail: Selector | None = None
    """Links to the pages of single images; images are then taken from those pages only."""
    pages: int = Field(default=100, ge=1, le=100_000)
    images: int = Field(default=1000, ge=1, le=1_000_000)


SourceConfig = Archive | Folder | Kaggle | Urls | Gallery
_ADAPTER: TypeAdapter[SourceConfig] = TypeAdapter(Annotated[SourceConfig, Field(discriminator="type")])


def read(folder: Path) -> SourceConfig:
    """Read and check ``source.yaml`` in a folder.

    Raises:
        UserError: it is missing, is not YAML, lacks a key, has an unknown one or a value that is not allowed.
    """
    path = folder / "source.yaml"
    with user_errors(path, "it says where the data set comes from"):
        return validate(_ADAPTER, load(path), context=folder)
