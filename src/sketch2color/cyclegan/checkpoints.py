"""Checkpoints: everything that a training carries from step to step, kept where a kill cannot harm it."""

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import torch

from sketch2color.errors import UserError
from sketch2color.files import atomic_write

KEPT = 2
"""So many are kept: should the newest be damaged, there is the one before."""
_DIGEST = hashlib.sha256().digest_size


class Checkpoints:
    """The checkpoints of one training in ``folder``.

    ``identity`` tells trainings apart: whatever goes into the result, by name.
    """

    def __init__(self, folder: Path, identity: Mapping[str, str]) -> None:
        self.folder = folder
        self.identity = dict(identity)

    def save(self, step: int, state: Mapping[str, Any]) -> None:
        """Keep ``state`` after ``step`` steps, whole or not at all, and remove those that are too old.

        A full disk is no reason to stop a training: it is said on stderr, and the checkpoints before it stay.

        Args:
            step: how many were done.
            state: tensors, numbers, strings and None, in dicts and lists.
        """
        path = self.folder / f"step_{step:09d}.ckpt"
        try:
            with atomic_write(path) as beside, beside.open("wb") as file:
                hashing = _Hashing(file)
                torch.save({"identity": self.identity, "step": step, "state": state}, hashing)  # type: ignore[arg-type]  # no more than these
                file.write(hashing.hash.digest())
        except (OSError, RuntimeError) as error:  # torch hides the reason of a failed write in a RuntimeError
            print(f"{path}: no checkpoint kept: {_reason(error)}; training goes on", file=sys.stderr)
            return
        for old in self._paths()[KEPT:]:
            old.unlink(missing_ok=True)

    def newest(self) -> tuple[int, dict[str, Any]] | None:
        """Return the step and state of the newest checkpoint that is whole; None if there is none.

        Raises:
            UserError: it belongs to another training.
        """
        for part in self.folder.glob(".*.part"):  # of a process that was killed while it wrote
            part.unlink(missing_ok=True)
        for path in self._paths():
            if (kept := _load(path)) is None:
                print(f"{path}: damaged, not used", file=sys.stderr)
                continue
            self._check(path, kept["identity"])
            return int(kept["step"]), kept["state"]
        return None

    def last(self) -> Path | None:
        """Return the path of the newest checkpoint, whole or not."""
        return next(iter(self._paths()), None)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("step_*.ckpt"), reverse=True)

    def _check(self, path: Path, identity: Mapping[str, str]) -> None:
        names = sorted(self.identity.keys() | identity.keys())
        for name in names:
            theirs, ours = identity.get(name, "unknown"), self.identity.get(name, "unknown")
            if theirs != ours:
                raise UserError(
                    f"{path} belongs to another training ({name}: {theirs}, here {ours}): "
                    f"remove {self.folder} to begin anew"
                )


class _Hashing:
    """Hashes what is written to ``file`` on its way."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.hash = hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.hash.update(content)
        return self.file.write(content)

    def flush(self) -> None:
        self.file.flush()


def _load(path: Path) -> dict[str, Any] | None:
    """Return what a file holds, or None if it is not as it was written."""
    try:
        with path.open("rb") as file:
            length = path.stat().st_size - _DIGEST
            digest, left = hashlib.sha256(), length
            while left > 0 and (piece := file.read(min(left, 1 << 20))):
                digest.update(piece)
                left -= len(piece)
            if length <= 0 or digest.digest() != file.read():
                return None
        kept: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except OSError:
        return None
    return kept


def _reason(error: BaseException) -> str:
    """Return the operating system's word for what went wrong, if it was that."""
    while error.__context__ is not None and not isinstance(error, OSError):
        error = error.__context__
    return (isinstance(error, OSError) and error.strerror) or " ".join(str(error).split())[:200]
