"""Ground truth, where a source has it: the mark's mask, the image without the mark, and what lies where."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from sketch2color import imaging
from sketch2color.config.source import Truth
from sketch2color.globs import matches
from sketch2color.ingest.fetch.source_file import SourceFile, SourceFileError
from sketch2color.manifest import ROLES, ImageRow, Rejected


def write_ground_truth(
    files: Iterable[SourceFile], globs: Mapping[Truth, str], images: Iterable[ImageRow], out: Path
) -> list[Rejected]:
    """Write the ground truth of ``images`` to ``out`` as ``<id>.{mask,clean,parts}.png``.

    A file belongs to the image of its stem in the domain that its folder is named by:
    ``truth/mask/sketch/car.png`` to the sketch ``car``. Files of other images, or of an ambiguous stem, are
    ignored.

    Args:
        files: of the source.
        globs: of masks (key ``mask``), of images without the mark (``clean``), and of parts (``parts``): grey
            PNGs with indices in ``ROLES``.
        images: the ingested images.
        out: a folder, created if there is ground truth.

    Returns:
        The files that cannot be used.
    """
    keyed = [((image.domain, PurePosixPath(image.source).stem), image) for image in images]
    counts = Counter(key for key, _ in keyed)
    owners: dict[tuple[str, str], ImageRow] = {key: image for key, image in keyed if counts[key] == 1}
    rejected = []
    for file in files:
        path = PurePosixPath(file.path)
        kind = next((kind for kind, glob in globs.items() if matches(file.path, glob)), None)
        owner = owners.get((path.parent.name, path.stem))
        if kind is not None and owner is not None:
            try:
                _write(file, kind, owner, out / f"{owner.id}.{kind}.png")
            except (SourceFileError, imaging.ImageError) as error:
                rejected.append(Rejected(source=file.path, domain=owner.domain, reason=f"truth: {error}"))
    return rejected


def _write(file: SourceFile, kind: str, owner: ImageRow, path: Path) -> None:
    if file.problem:
        raise SourceFileError(file.problem)
    decoded = imaging.decode(file.read())
    image = decoded.image
    height, width = image.shape[:2]
    if (width, height) != (owner.width, owner.height):
        raise SourceFileError(f"is {width}x{height}, the image {owner.width}x{owner.height}")
    if kind == "parts":
        _expect_roles(decoded)
    imaging.write_png(path, image if kind == "clean" else image[..., 0])


def _expect_roles(decoded: imaging.Decoded) -> None:
    image = decoded.image
    if decoded.suffix != ".png":  # JPEG and WebP change values, and nothing tells that they did
        raise SourceFileError("is not a PNG")
    known = ", ".join(f"{value} {role}" for value, role in enumerate(ROLES))
    if (image != image[..., :1]).any():
        raise SourceFileError(f"is not grey: its values must be {known}")
    if not 0 < (highest := int(image.max())) < len(ROLES):
        raise SourceFileError(f"has no value above 0, or one of {highest}: values must be {known}")
