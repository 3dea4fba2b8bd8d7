"""MD5s read from the bytes themselves, whatever DVC remembers of a file's size and time."""

from collections.abc import Iterable
from pathlib import Path

from sketch2color.parallel import thread_map
from sketch2color.progress import progress
from sketch2color.provenance.record.dvc_hashes import md5


def md5s(paths: Iterable[Path]) -> dict[Path, str]:
    """Hash files in threads, with progress; those that do not exist or cannot be read are left out.

    Names of the same file, such as the hard links of DVC's cache, are read once.
    """
    inodes = {path: inode for path in dict.fromkeys(paths) if (inode := _inode(path)) is not None}
    files = list({inode: path for path, inode in inodes.items()}.items())
    digests = progress(
        thread_map(lambda file: _md5(file[1]), files), "hashing", total=len(files), unit="file"
    )
    known = {inode: digest for (inode, _), digest in zip(files, digests, strict=True)}
    return {path: digest for path, inode in inodes.items() if (digest := known[inode])}


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _md5(path: Path) -> str:
    """Return the MD5, or nothing where the file cannot be read."""
    try:
        return md5(path)
    except OSError:
        return ""
