"""The code that a run was made by, as git knows it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

CODE = ("src", "pipeline")
"""Where a file that git does not know yet may still take part in a run."""
NO_CODE = ":(exclude)dvc.lock"
"""DVC writes it anew after each stage: a pipeline's second run would always look edited."""


@dataclass(frozen=True)
class Code:
    """The commit checked out, and as a patch what differed from it; empty where nothing did."""

    commit: str
    patch: str


def code(root: Path) -> Code | None:
    """Return the code of the checkout ``root``; None outside of git, or before the first commit."""

    def git(*arguments: str, fine: tuple[int, ...] = (0,)) -> str:
        command = ["git", "-C", str(root), *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode not in fine:
            raise subprocess.CalledProcessError(done.returncode, command)
        return done.stdout.decode("utf-8", errors="replace")

    try:
        commit = git("rev-parse", "HEAD").strip()
        patch = git("diff", "--binary", "--no-color", "--no-ext-diff", "HEAD", "--", ".", NO_CODE)
        folders = [folder for folder in CODE if (root / folder).is_dir()]
        unknown = git("ls-files", "--others", "--exclude-standard", "-z", "--", *folders) if folders else ""
        for path in filter(None, unknown.split("\0")):  # difference to nothing: git then ends with 1
            patch += git("diff", "--binary", "--no-color", "--no-index", "--", "/dev/null", path, fine=(0, 1))
    except (subprocess.CalledProcessError, FileNotFoundError):
        return None
    return Code(commit, patch)
