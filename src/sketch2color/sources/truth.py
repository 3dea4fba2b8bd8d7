"""What a source knows about its marked pictures: the mark's mask and the picture without it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from sketch2color import images
from sketch2color.manifest import Picture, Rejected
from sketch2color.sources.entries import Entry, EntryError, matches


def take_truth(
    entries: Iterable[Entry], globs: Mapping[str, str], pictures: Iterable[Picture], out: Path
) -> list[Rejected]:
    """Write the truth about ``pictures`` to ``out`` as ``<id>.mask.png`` and ``<id>.clean.png``.

    A truth file belongs to the picture of its own stem in the domain that its folder is named by:
    ``truth/mask/sketch/car.png`` to the sketch ``car``. Truth about pictures that did not enter is passed by.

    Args:
        entries: the files of the source.
        globs: which of them are masks (under the key ``mask``) and which clean pictures (``clean``).
        pictures: those that entered.
        out: a folder, made where there is truth.

    Returns:
        Truth files that cannot be used, and why.
    """
    owners = _owners(pictures)
    rejected = []
    for entry in entries:
        kind = next((kind for kind, glob in globs.items() if matches(entry.path, glob)), None)
        owner = owners.get(_key(entry.path))
        if kind is not None and owner is not None:
            try:
                _write(entry, kind, owner, out / f"{owner.id}.{kind}.png")
            except (EntryError, images.PictureError) as error:
                rejected.append(Rejected(source=entry.path, domain=owner.domain, reason=f"truth: {error}"))
    return rejected


def _write(entry: Entry, kind: str, owner: Picture, path: Path) -> None:
    if entry.problem:
        raise EntryError(entry.problem)
    picture = images.read(entry.read())
    height, width = picture.shape[:2]
    if (width, height) != (owner.width, owner.height):
        raise EntryError(f"is {width}x{height}, the picture {owner.width}x{owner.height}")
    images.write_png(path, picture[..., 0] if kind == "mask" else picture)


def _owners(pictures: Iterable[Picture]) -> dict[tuple[str, str], Picture]:
    keys = [((picture.domain, PurePosixPath(picture.source).stem), picture) for picture in pictures]
    seen = Counter(key for key, _ in keys)
    return {key: picture for key, picture in keys if seen[key] == 1}


def _key(path: str) -> tuple[str, str]:
    return PurePosixPath(path).parent.name, PurePosixPath(path).stem
