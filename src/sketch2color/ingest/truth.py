"""What a source knows about its marked images: the mark's mask and the image without it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from sketch2color import imaging
from sketch2color.ingest.fetch.list_files import Entry, EntryError, matches
from sketch2color.manifest import ImageRow, Rejected


def take_truth(
    entries: Iterable[Entry], globs: Mapping[str, str], images: Iterable[ImageRow], out: Path
) -> list[Rejected]:
    """Write the truth about ``images`` to ``out`` as ``<id>.mask.png`` and ``<id>.clean.png``.

    A truth file belongs to the image of its own stem in the domain that its folder is named by:
    ``truth/mask/sketch/car.png`` to the sketch ``car``. Truth about images that did not enter is passed by.

    Args:
        entries: the files of the source.
        globs: which of them are masks (under the key ``mask``) and which clean images (``clean``).
        images: those that entered.
        out: a folder, made where there is truth.

    Returns:
        Truth files that cannot be used, and why.
    """
    owners = _owners(images)
    rejected = []
    for entry in entries:
        kind = next((kind for kind, glob in globs.items() if matches(entry.path, glob)), None)
        owner = owners.get(_key(entry.path))
        if kind is not None and owner is not None:
            try:
                _write(entry, kind, owner, out / f"{owner.id}.{kind}.png")
            except (EntryError, imaging.ImageError) as error:
                rejected.append(Rejected(source=entry.path, domain=owner.domain, reason=f"truth: {error}"))
    return rejected


def _write(entry: Entry, kind: str, owner: ImageRow, path: Path) -> None:
    if entry.problem:
        raise EntryError(entry.problem)
    image = imaging.read(entry.read())
    height, width = image.shape[:2]
    if (width, height) != (owner.width, owner.height):
        raise EntryError(f"is {width}x{height}, the image {owner.width}x{owner.height}")
    imaging.write_png(path, image[..., 0] if kind == "mask" else image)


def _owners(images: Iterable[ImageRow]) -> dict[tuple[str, str], ImageRow]:
    keys = [((image.domain, PurePosixPath(image.source).stem), image) for image in images]
    seen = Counter(key for key, _ in keys)
    return {key: image for key, image in keys if seen[key] == 1}


def _key(path: str) -> tuple[str, str]:
    return PurePosixPath(path).parent.name, PurePosixPath(path).stem
