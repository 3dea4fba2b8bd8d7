"""Checkpoints: the whole state of a training, kept where a kill cannot harm it."""

import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from sketch2color.errors import UserError
from sketch2color.files import atomic_write
from sketch2color.text import describe_error

DIGEST = hashlib.sha256().digest_size
KEPT = 2
"""So many are kept: should the newest be damaged, there is the one before."""


class Checkpoints:
    """The checkpoints in ``folder`` of the training that ``identity``, all its inputs by name, describes."""

    def __init__(self, folder: Path, identity: Mapping[str, str]) -> None:
        self.folder = folder
        self.identity = dict(identity)

    def save(self, step: int, state: Mapping[str, Any]) -> None:
        """Write ``state`` after ``step`` steps atomically, and remove checkpoints that are too old.

        ``state`` holds tensors, numbers, strings and None, in dicts and lists. A full disk does not stop a
        training: it is reported on stderr, and earlier checkpoints stay.
        """
        path = self.folder / f"step_{step:09d}.ckpt"
        try:
            with atomic_write(path) as temporary, temporary.open("wb") as file:
                torch.save({"identity": self.identity, "step": step, "state": state}, file)
                file.flush()
                with temporary.open("rb") as written:  # the archive's own sums miss its headers
                    file.write(hashlib.file_digest(written, "sha256").digest())
        except (OSError, RuntimeError) as error:  # torch hides the reason of a failed write in a RuntimeError
            print(f"{path}: no checkpoint written: {_reason(error)}; training continues", file=sys.stderr)
            return
        for old in self._paths()[KEPT:]:
            old.unlink(missing_ok=True)

    def newest(self) -> tuple[int, dict[str, Any]] | None:
        """Return the step and state of the newest intact checkpoint; None if there is none.

        Raises:
            UserError: it belongs to another training, or holds something else.
        """
        for part in self.folder.glob(".*.part"):  # of a process that was killed while it wrote
            part.unlink(missing_ok=True)
        for path in self._paths():
            if not _is_intact(path):
                print(f"{path}: damaged, not used", file=sys.stderr)
                continue
            try:
                content = torch.load(path, map_location="cpu", weights_only=True)
                identity, state = dict(content["identity"]), dict(content["state"])
                step = int(content["step"])
            except Exception as error:  # of a file that was put there: torch raises nearly anything
                raise UserError(f"{path} is no checkpoint ({describe_error(error)}): remove it") from error
            for name in sorted(self.identity.keys() | identity.keys()):
                theirs, ours = (each.get(name, "unknown") for each in (identity, self.identity))
                if theirs != ours:
                    raise UserError(
                        f"{path} belongs to another training ({name}: {theirs}, here {ours}): "
                        f"remove {self.folder} to start again"
                    )
            return step, state
        return None

    def last(self) -> Path | None:
        """Return the path of the newest intact checkpoint."""
        return next(filter(_is_intact, self._paths()), None)

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("step_*.ckpt"), reverse=True)


def _is_intact(path: Path) -> bool:
    """Return whether a checkpoint ends in the SHA-256 of what precedes it."""
    try:
        content = memoryview(path.read_bytes())
    except OSError:
        return False
    return hashlib.sha256(content[:-DIGEST]).digest() == content[-DIGEST:]


def _reason(error: BaseException) -> str:
    """Return the operating system's reason for a failure, if it has one."""
    while error.__context__ is not None and not isinstance(error, OSError):
        error = error.__context__
    return (isinstance(error, OSError) and error.strerror) or " ".join(str(error).split())[:200]
