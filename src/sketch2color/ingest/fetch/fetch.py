"""What source.yaml names, fetched where it must be, and opened."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sketch2color.config.source_types import Archive, Folder, Kaggle, Origin
from sketch2color.errors import UserError
from sketch2color.ingest.fetch import archive, download, folder, kaggle, web
from sketch2color.ingest.fetch.list_files import Entry

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrived:
    """A source at hand: its files, as often as they are asked for, and what is known of where it is from."""

    entries: Callable[[], Iterator[Entry]]
    about: dict[str, str] = field(default_factory=dict)


def arrive(origin: Origin, downloads: Path) -> Arrived:
    """Fetch what ``origin`` names, unless ``downloads`` holds it already.

    A list of addresses and a gallery are asked for while their entries are read.

    Raises:
        UserError: it cannot be had, or is not what its hash says.
    """
    match origin:
        case Folder(path=path):
            return Arrived(lambda: folder.entries(path))
        case Archive():
            place, about = _archive(origin, downloads)
            return Arrived(lambda: archive.entries(place), about)
        case Kaggle():
            came = kaggle.arrive(origin, downloads)
            about = {"kaggle": came.dataset} if came.dataset else {}
            if came.place.is_file():
                about["sha256"] = download.hash_file(came.place)
            return Arrived(lambda: kaggle.entries(origin, downloads), about)
        case _:
            return Arrived(lambda: web.entries(origin, downloads))


def _archive(origin: Archive, downloads: Path) -> tuple[Path, dict[str, str]]:
    if origin.url is not None:
        place = download.fetch(origin.url, origin.sha256, downloads)
    else:
        assert origin.path is not None, "an archive has a path or a url"
        place = origin.path
        if not place.is_file():
            raise UserError(f"{place} is no file: put the archive there, or mend path in source.yaml")
    about = {"sha256": download.hash_file(place)}
    if origin.sha256 not in (None, about["sha256"]):
        raise UserError(
            f"{place} has the SHA-256 {about['sha256']}, not that in source.yaml: get it anew, or mend sha256"
        )
    if origin.url is not None:
        about["url"] = origin.url
        if origin.sha256 is None:
            _log.warning("%s: no sha256 in source.yaml; what came has %s", origin.url, about["sha256"])
    return place, about
