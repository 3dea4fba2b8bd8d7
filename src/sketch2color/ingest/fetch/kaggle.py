"""Data sets of Kaggle: present locally, or downloaded as one archive that is never unpacked."""

from pathlib import Path

from sketch2color.config.source import Kaggle
from sketch2color.ingest.fetch import archive, download, folder
from sketch2color.ingest.fetch.source_file import FetchedSource


def fetch(source: Kaggle, downloads: Path) -> FetchedSource:
    """Return the data set as a source; for the exceptions see :func:`locate`."""
    path, dataset = locate(source, downloads)
    if path.is_dir():
        return FetchedSource(lambda: folder.list_files(path))
    about = {"kaggle": dataset} if dataset else {}
    return FetchedSource(lambda: archive.list_files(path), about | {"sha256": download.hash_file(path)})


def locate(source: Kaggle, downloads: Path) -> tuple[Path, str]:
    """Return where a data set is, and the handle of the downloaded version, empty if it is local.

    The archive is ``downloads/kaggle/<owner>/<name>/<version>.archive``, downloaded if missing. A handle
    without a version means the newest one there, or else Kaggle's newest.

    Raises:
        UserError: Kaggle cannot be reached or refuses, or the download is no archive.
    """
    if source.path is not None and source.path.exists():
        return source.path, ""
    owner, name, *pinned = source.dataset.split("/")
    kept = downloads / "kaggle" / owner / name
    versions = [int(path.stem) for path in kept.glob("*.archive") if path.stem.isdecimal()]
    version = int(pinned[-1]) if pinned else max(versions, default=None)
    if version not in versions:
        from sketch2color.ingest.fetch.kaggle_download import download_archive

        alternative = f"put the archive at {source.path}" if source.path else "give the path of its archive"
        version = download_archive(owner, name, version, kept, alternative)
    return kept / f"{version}.archive", f"{owner}/{name}/versions/{version}"
