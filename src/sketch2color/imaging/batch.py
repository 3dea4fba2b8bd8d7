"""The inputs and outputs of a command that converts an image or a folder of images."""

from collections import Counter
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.imaging import SUFFIXES, UNREAD_SUFFIXES


def plan_outputs(source: Path, out: Path, suffix: str = "") -> list[tuple[Path, Path]]:
    """Return pairs of an image and the file that its result is written to, sorted by the image's path.

    The results of a folder keep its structure. Images below ``out`` are results of an earlier run and are
    skipped.

    Args:
        source: an image, or a folder that is searched with its subfolders.
        out: a folder or, if ``source`` is one image, also a file, recognized by its suffix.
        suffix: of the results, such as ``.png``: they are then named ``<stem>.png``, or ``<name>.png`` where
            several images share folder and stem. Empty: a result has its image's name.

    Raises:
        UserError: ``source`` does not exist or has no images, ``out`` cannot be a folder, or a result would
            overwrite an input.
    """
    if source.is_file():
        jobs = [(source, _single_output(source, out, suffix))]
    elif source.is_dir():
        jobs = _folder_outputs(source, out, suffix)
    else:
        raise UserError(f"{source} does not exist: give an image or a folder of images")
    inputs = {image.resolve() for image, _ in jobs}
    for _, target in jobs:
        if target.resolve() in inputs:
            raise UserError(f"{target} would be overwritten: give another output")
    return jobs


def _single_output(source: Path, out: Path, suffix: str) -> Path:
    expected = suffix or source.suffix
    if out.is_dir() or out.suffix.lower() not in SUFFIXES:
        return out / (source.stem + suffix if suffix else source.name)
    if out.suffix.lower() != expected.lower():
        raise UserError(f"{out}: the result of {source} must end in {expected}")
    return out


def _folder_outputs(source: Path, out: Path, suffix: str) -> list[tuple[Path, Path]]:
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file: the results of a folder need a folder")
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
    same_stem = Counter(path.with_suffix("") for path in images)

    def name(path: Path) -> str:
        if not suffix:
            return path.name
        return (path.stem if same_stem[path.with_suffix("")] == 1 else path.name) + suffix

    return [(path, out / path.relative_to(source).parent / name(path)) for path in images]
