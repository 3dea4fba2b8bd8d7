"""Commands on an image or a folder of images: what is read, and where what becomes of it is written."""

from collections import Counter
from pathlib import Path

from sketch2color.errors import UserError
from sketch2color.imaging import SUFFIXES


def plan_outputs(source: Path, out: Path, suffix: str = "") -> list[tuple[Path, Path]]:
    """Return which image becomes which file, in the order of the images' names.

    Below a folder the results lie as the images lie; images below ``out`` are results of an earlier run
    and are passed by.

    Args:
        source: an image, or a folder with images in it and in the folders below.
        out: a folder or, if ``source`` is one image, also a file, told by the suffix.
        suffix: of the results, such as ``.png``: they are then called ``<stem>.png``, or ``<name>.png`` where
            several images share folder and stem, so that none is written over another. Empty: a result is
            called as its image.

    Raises:
        UserError: ``source`` does not exist or is a folder without images, ``out`` cannot be a folder, or
            what is read would be written over.
    """
    if source.is_file():
        jobs = [(source, _beside(source, out, suffix))]
    elif source.is_dir():
        jobs = _below(source, out, suffix)
    else:
        raise UserError(f"{source} does not exist: give an image or a folder of images")
    read = {image.resolve() for image, _ in jobs}
    for _, target in jobs:
        if target.resolve() in read:
            raise UserError(f"{target} would be written over: give another place for the results")
    return jobs


def _beside(source: Path, out: Path, suffix: str) -> Path:
    ending = suffix or source.suffix
    if out.is_dir() or out.suffix.lower() not in SUFFIXES:
        return out / (source.stem + suffix if suffix else source.name)
    if out.suffix.lower() != ending.lower():
        raise UserError(f"{out}: what is made of {source} ends in {ending}")
    return out


def _below(source: Path, out: Path, suffix: str) -> list[tuple[Path, Path]]:
    if out.exists() and not out.is_dir():
        raise UserError(f"{out} is a file: what is made of a folder goes into a folder")
    results = out.resolve()
    inside = source.resolve() in results.parents
    images = sorted(
        path
        for path in source.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not (inside and results in path.parent.resolve().joinpath(path.name).parents)
    )
    if not images:
        raise UserError(f"{source} has no images ({', '.join(sorted(SUFFIXES))})")
    alike = Counter(path.with_suffix("") for path in images)

    def name(path: Path) -> str:
        if not suffix:
            return path.name
        return (path.stem if alike[path.with_suffix("")] == 1 else path.name) + suffix

    return [(path, out / path.relative_to(source).parent / name(path)) for path in images]
