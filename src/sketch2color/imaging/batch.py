"""The inputs and outputs of a command that converts an image or a folder of images."""

import os
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.imaging.decoding import SUFFIXES, UNREAD_SUFFIXES
from sketch2color.imaging.errors import ImageError
from sketch2color.terminal import print_line
from sketch2color.text import one_line

_MAX_NAME = 255
"""Bytes of a file name, on nearly every file system."""
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Characters that file systems which fold case ignore (Unicode's Default_Ignorable_Code_Point)."""


@dataclass
class Summary:
    """Prints what became of each file, and at the end how many were done, skipped and failed."""

    done: str
    """What the command did with a file, such as ``coloured``."""
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, source: Path, target: Path, note: str = "", *, skipped: bool = False) -> None:
        """Print that ``source`` became ``target``."""
        self.counts["skipped" if skipped else self.done] += 1
        print_line(f"{source} -> {target}{note and ': '}{note}")

    def fail(self, source: Path, reason: str) -> None:
        """Print on stderr why there is no result."""
        self.counts["failed"] += 1
        print_line(f"{source}: not {self.done}: {reason}", sys.stderr)

    def finish(self) -> int:
        """Print the counts, and return how many failed."""
        print_line(", ".join(f"{self.counts[name]} {name}" for name in (self.done, "skipped", "failed")))
        return self.counts["failed"]


def describe_failure(error: Exception) -> str:
    """Return the reason for which one image failed, in one line."""
    expected = isinstance(error, ImageError | OSError | UserError)
    return one_line(str(error) if expected else f"{type(error).__name__}: {error}")


def read_result(target: Path) -> bytes | None:
    """Return the content of the file that has a result's name, or None.

    Raises:
        UserError: it is no file, but a folder or a link.
    """
    if not os.path.lexists(target):
        return None
    if target.is_symlink() or not target.is_file():
        raise foreign_file(target)
    return target.read_bytes()


def foreign_file(target: Path) -> UserError:
    """Return the error for a file that is not overwritten: the command did not write it so for this image."""
    return UserError(f"{target} exists and is another file, or was edited: choose another output folder")


def check_folder(folder: Path) -> None:
    """Raise ``UserError`` unless files can be written to a folder, which may still have to be made."""
    parent = next(each for each in (folder, *folder.parents) if os.path.lexists(each))
    if not parent.is_dir():
        raise UserError(f"{parent} is a file: results need a folder")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise UserError(f"{parent} cannot be written to: give another output")


def plan_outputs(
    source: Path, out: Path, suffix: str = "", ends: Sequence[str] = ()
) -> list[tuple[Path, Path]]:
    """Return pairs of an image and the file that its result is written to, sorted by the image's path.

    No two images have the same file, also where the file system folds case or normalizes Unicode. The results
    of a folder keep its structure. Images below ``out`` are results of an earlier run and are skipped.

    Args:
        source: an image, or a folder that is searched with its subfolders.
        out: a folder or, if ``source`` is one image, also a file, recognized by its suffix.
        suffix: of the results, such as ``.png``: they are then named ``<stem>.png``, or ``<name>.png`` where
            several images share folder and stem. Empty: a result has its image's name. Names that are taken
            or too long get a number.
        ends: of the names of all files and folders that are written for a result ``<stem>.png``, after that
            stem, such as ``-1.png``; the result itself if empty.

    Raises:
        UserError: ``source`` does not exist or has no images, ``out`` cannot be written to, a result would be
            written over or among the inputs, or the name of the file that is given is too long.
    """
    if source.is_file() and not out.is_dir() and out.suffix.lower() in SUFFIXES:
        jobs = [(source, out)]
        if out.suffix.lower() != (expected := suffix or source.suffix).lower():
            raise UserError(f"{out}: the result of {source} must end in {expected}")
        if max(len(os.fsencode(name)) for name in _written(out.name, ends)) > _MAX_NAME:
            raise UserError(f"{out}: the name is too long for what is written: give a shorter one")
    elif source.is_file():
        jobs = list(_plan_names([source], {source.parent: out}, suffix, ends))
    elif source.is_dir():
        images = _find_images(source, out)
        folders = {path.parent: out / path.relative_to(source).parent for path in images}
        jobs = list(_plan_names(images, folders, suffix, ends))
    else:
        raise UserError(f"{source} does not exist: give an image or a folder of images")
    _check_outputs(source, out, jobs)
    return jobs


def _check_outputs(source: Path, out: Path, jobs: list[tuple[Path, Path]]) -> None:
    check_folder(jobs[0][1].parent)
    inputs, top = {image.resolve() for image, _ in jobs}, source.resolve()
    outside = top not in out.resolve().parents
    for resolved, target in ((target.resolve(), target) for _, target in jobs):
        if resolved in inputs:
            raise UserError(f"{target} would be overwritten: give another output")
        if outside and top in resolved.parents:
            raise UserError(f"{target} would be written among the images of {source}: give another output")


def _find_images(source: Path, out: Path) -> list[Path]:
    results = out.resolve()
    nested = source.resolve() in results.parents
    images = sorted(
        path
        for path in source.rglob("*")
        if path.suffix.lower() in SUFFIXES | UNREAD_SUFFIXES
        and path.is_file()
        and not (nested and results in path.parent.resolve().joinpath(path.name).parents)
    )
    if not images:
        raise UserError(f"{source} has no images ({', '.join(sorted(SUFFIXES))})")
    return images


def _plan_names(
    images: list[Path], folders: Mapping[Path, Path], suffix: str, ends: Sequence[str]
) -> Iterator[tuple[Path, Path]]:
    """Yield images with their results; ``folders`` are those of results by those of images."""
    folded = {folder: _fold(results.resolve()) for folder, results in folders.items()}  # links may join some

    def key(path: Path, name: str) -> str:
        return f"{folded[path.parent]}/{_fold(Path(name))}"

    short = Counter(key(path, path.stem + suffix) for path in images)
    # folders of results are taken too: ``a.png/b.jpg`` and ``a.jpg`` must not both need ``a.png``
    resolved = {folder.resolve() for folder in folders.values()}
    taken = {_fold(above) for folder in resolved for above in (folder, *folder.parents)}
    for path in images:
        whole = path.stem if suffix and short[key(path, path.stem + suffix)] == 1 else path.name
        for name in _names(path, whole, suffix):
            written = _written(name, ends)
            keys = {key(path, each) for each in written}
            if max(len(os.fsencode(each)) for each in written) <= _MAX_NAME and taken.isdisjoint(keys):
                break
        taken |= keys
        yield path, folders[path.parent] / name


def _written(name: str, ends: Sequence[str]) -> list[str]:
    """Return the names of all files that are written for a result of this name."""
    return [Path(name).stem + end for end in ends] or [name]


def _names(path: Path, whole: str, suffix: str) -> Iterator[str]:
    """Yield names for the result of an image, the usual first."""
    yield whole + suffix
    yield path.name + suffix
    cut = path.name if suffix else path.stem
    while len(os.fsencode(cut)) > _MAX_NAME - 20:
        cut = cut[:-1]
    yield from (f"{cut}.{number}{suffix or path.suffix}" for number in count(2))


def _fold(path: Path) -> str:
    """Return the same text for all paths that some file system takes for one."""
    parts = (_IGNORABLE.sub("", part).rstrip(". ") or part for part in path.parts)
    folded = unicodedata.normalize("NFD", "/".join(parts)).casefold()
    return unicodedata.normalize("NFD", folded)
