"""The files of the studio: the page as built from ``studio/``, and the generator that runs in it."""

import gzip
import hashlib
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from sketch2color import colorize
from sketch2color.errors import UserError
from sketch2color.files import parse_json, remove

SITE = Path(__file__).parent / "site"
"""Where ``make studio`` writes the page."""
EXPORTED = Path("models/onnx")
"""Where the stage export writes the generator."""
BUNDLED = Path(colorize.__file__).parent / "model"
GENERATOR, DESCRIPTION = "generator.onnx", "generator.json"
FORMAT = 1
"""Of ``generator.json``, as the page reads it."""

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".onnx": "application/octet-stream",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
}
"""Content types by suffix: a browser compiles WebAssembly and runs modules only from files of their type."""


@dataclass(frozen=True)
class SiteFile:
    """A file of the site, held in memory."""

    name: str
    content: bytes

    @property
    def type(self) -> str:
        """The content type."""
        return TYPES[PurePosixPath(self.name).suffix]

    @cached_property
    def etag(self) -> str:
        """The entity tag, with its quotes: the same for the same bytes."""
        return f'"{hashlib.sha256(self.content).hexdigest()[:32]}"'

    @cached_property
    def gzipped(self) -> bytes | None:
        """The content compressed, or None where that saves nothing.

        At level 1: a page of 15 MB is ready 0.8 s sooner than at level 6 and half a megabyte larger.
        """
        packed = gzip.compress(self.content, 1, mtime=0)
        return packed if len(packed) < len(self.content) else None


def read_site(model: Path | None = None) -> dict[str, SiteFile]:
    """Return the files of the studio by their path below it, such as ``page.js`` or ``model/generator.onnx``.

    Args:
        model: a folder with ``generator.onnx`` and ``generator.json``; by default ``EXPORTED`` where it
            exists, or else the one that comes with the package.

    Raises:
        UserError: the page was not built, or the folder holds no generator that fits the page.
    """
    if not (SITE / "index.html").is_file():
        raise UserError(f"{SITE} holds no page: build it with `make studio` in a checkout of sketch2color")
    paths = {path.relative_to(SITE).as_posix(): path for path in sorted(SITE.rglob("*")) if path.is_file()}
    files = {name: path.read_bytes() for name, path in paths.items()}
    files |= {f"model/{name}": content for name, content in _read_model(model or _default_model()).items()}
    return {name: SiteFile(name, content) for name, content in files.items()}


def _default_model() -> Path:
    return EXPORTED if EXPORTED.exists() else BUNDLED


def _read_model(folder: Path) -> dict[str, bytes]:
    """Return the two files of a generator; a UserError unless the one is that which the other describes."""
    advice = "write both again with `dvc repro export` (if the generator has layers), or name another --model"
    try:
        content = {name: (folder / name).read_bytes() for name in (GENERATOR, DESCRIPTION)}
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise UserError(f"{error.filename}: not found: {advice}") from None
    try:
        description = parse_json(content[DESCRIPTION])
    except ValueError:
        description = None
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise UserError(f"{folder / DESCRIPTION} is not of format {FORMAT}, which the page reads: {advice}")
    if description.get("sha256") != hashlib.sha256(content[GENERATOR]).hexdigest():
        raise UserError(
            f"{folder / GENERATOR} is not the file that {DESCRIPTION} describes (SHA-256): {advice}"
        )
    return content


def write_site(files: Mapping[str, SiteFile], out: Path) -> None:
    """Write the files as a static site that works on any web server, also below a sub-path.

    The folder is replaced as a whole, so it holds one version at any time.

    Raises:
        UserError: ``out`` holds something that is no file of the site.
    """
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is not a folder: name another one")
    foreign = (path for path in out.rglob("*") if path.is_symlink() or not path.is_dir())
    for path in sorted(foreign):
        if path.relative_to(out).as_posix() not in files or path.is_symlink():
            raise UserError(f"{path} is no file of the studio: name an empty folder, or remove it")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".studio-", dir=out.parent) as scratch:
        complete = Path(scratch) / "site"
        for name, file in files.items():
            path = complete / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        remove(out)
        complete.rename(out)
