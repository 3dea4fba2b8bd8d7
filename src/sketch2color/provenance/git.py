"""What git knows of the checkout."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from sketch2color.errors import UserError

LASTING = ("refs/heads", "refs/remotes", "refs/tags", "refs/exps/*/*/*")
"""What keeps a commit: branches, tags, and the experiments of DVC."""


class Git:
    """The checkout whose top is ``root``.

    Raises:
        UserError: it is none, or it has no commit.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self._ask("rev-parse", "--verify", "HEAD^{commit}")
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            raise UserError(f"{root} is no git checkout with a commit: clone the repository") from error

    def text(self, revision: str, path: str) -> str | None:
        """Return a file as the revision holds it; None where it does not."""
        return self._try("show", f"{revision}:{path}")

    def commit(self, revision: str) -> str | None:
        """Return the full hash of the commit that ``revision`` names; None where there is none."""
        found = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return found.strip() if found else None

    def keeps(self, commit: str) -> bool:
        """Tell whether HEAD, a branch, a tag or an experiment leads to ``commit``."""
        if self._try("merge-base", "--is-ancestor", commit, "HEAD") is not None:
            return True
        return bool(self._try("for-each-ref", "--count=1", f"--contains={commit}", *LASTING))

    def last_change(self, path: str) -> str | None:
        """Return the last commit that changed ``path``."""
        return (self._try("log", "-1", "--format=%H", "--", path) or "").strip() or None

    def uncommitted(self, paths: Sequence[str]) -> list[str]:
        """Return the files at or below ``paths`` that HEAD does not hold as they are, ignored ones aside."""
        listed = self._ask(
            "status", "--porcelain", "--untracked-files=all", "--no-renames", "-z", "--", *paths
        )
        return sorted(entry[3:] for entry in listed.split("\0") if entry)

    def changed(self, path: str, old: str, new: str | None = None) -> list[str]:
        """Return the files at or below ``path`` that differ between ``old`` and ``new``, or the workspace."""
        tracked = self._ask(
            "diff", "--name-only", "--no-renames", "-z", old, *filter(None, [new]), "--", path
        )
        fresh = "" if new else self._ask("ls-files", "--others", "--exclude-standard", "-z", "--", path)
        return sorted({*filter(None, tracked.split("\0")), *filter(None, fresh.split("\0"))})

    def experiment(self, name: str) -> str | None:
        """Return the commit of the DVC experiment called ``name``; the newest, where several are."""
        listed = self._ask(
            "for-each-ref", "--sort=-committerdate", "--format=%(objectname) %(refname)", "refs/exps/*/*/*"
        )
        found = [line.split(" ", 1) for line in listed.splitlines()]
        return next((commit for commit, ref in found if ref.rsplit("/", 1)[1] == name), None)

    def _ask(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def _try(self, *arguments: str) -> str | None:
        try:
            return self._ask(*arguments)
        except subprocess.CalledProcessError:
            return None
