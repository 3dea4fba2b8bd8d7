"""Data sets of Kaggle: put there by hand, or fetched as one archive that is never unpacked."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sketch2color.config.source_types import Kaggle
from sketch2color.ingest.fetch import archive, folder
from sketch2color.ingest.fetch.list_files import Entry


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A data set at hand: an archive or a folder.

    ``dataset`` is its handle with the version that was fetched, None where it lay at the path of
    source.yaml.
    """

    place: Path
    dataset: str | None


def entries(origin: Kaggle, downloads: Path) -> Iterator[Entry]:
    """Yield the files of a data set, of its archive or folder at ``origin.path`` or else of what is fetched.

    Raises:
        UserError: it cannot be fetched, or is no archive.
    """
    place = arrive(origin, downloads).place
    yield from folder.entries(place) if place.is_dir() else archive.entries(place)


def arrive(origin: Kaggle, downloads: Path) -> Arrived:
    """Return where a data set lies, and fetch it first if it is nowhere.

    What was fetched is kept as ``downloads/kaggle/<owner>/<name>/<version>.archive`` and not asked for again:
    a handle without a version means the newest one there, or else Kaggle's newest.

    Raises:
        UserError: Kaggle cannot be reached or refuses, or what comes is no archive. Nothing is left that
            counts as whole.
    """
    if origin.path is not None and origin.path.exists():
        return Arrived(place=origin.path, dataset=None)
    owner, name, *pinned = origin.dataset.split("/")
    kept = downloads / "kaggle" / owner / name
    version = int(pinned[-1]) if pinned else max(_versions(kept), default=None)
    if version not in _versions(kept):
        from sketch2color.ingest.fetch.kaggle_download import fetch

        by_hand = f"put the archive at {origin.path}" if origin.path else "give the path of its archive"
        version = fetch(owner, name, version, kept, by_hand)
    return Arrived(place=kept / f"{version}.archive", dataset=f"{owner}/{name}/versions/{version}")


def _versions(kept: Path) -> list[int]:
    return [int(path.stem) for path in kept.glob("*.archive") if path.stem.isdecimal()]
