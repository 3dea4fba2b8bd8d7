"""The git repository of the checkout."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from sketch2color.errors import UserError

EXPERIMENTS = "refs/exps/*/*/*"
KEPT_BY = ("refs/heads", "refs/remotes", "refs/tags", EXPERIMENTS)
"""References that keep a commit: branches, tags, and DVC's experiments."""
CODE = ("src", "pipeline")
"""Folders whose untracked files may take part in a run."""
EXCEPT_LOCK = ":(exclude)dvc.lock"
"""DVC writes it after each stage: the second run of a pipeline would always count as edited."""


class Git:
    """The git repository whose top folder is ``root``; a UserError if there is none with a commit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self.head = self._run("rev-parse", "--verify", "HEAD^{commit}").strip()
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            raise UserError(f"{root} is no git checkout with a commit: clone the repository") from error

    def read(self, revision: str, path: str) -> str | None:
        """Return a file of a revision; None where it does not exist."""
        return self._try("show", f"{revision}:{path}")

    def commit(self, revision: str) -> str | None:
        """Return the full hash of the commit that ``revision`` names; None where there is none."""
        found = self._try("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        return found.strip() if found else None

    def keeps(self, commit: str) -> bool:
        """Return whether HEAD, a branch, a tag or an experiment leads to ``commit``."""
        if self._try("merge-base", "--is-ancestor", commit, "HEAD") is not None:
            return True
        return bool(self._try("for-each-ref", "--count=1", f"--contains={commit}", *KEPT_BY))

    def last_change(self, path: str) -> str | None:
        """Return the last commit that changed ``path``."""
        return (self._try("log", "-1", "--format=%H", "--", path) or "").strip() or None

    def uncommitted(self, paths: Sequence[str]) -> list[str]:
        """Return the files at or below ``paths`` that differ from HEAD, without ignored ones."""
        options = ("--porcelain", "--untracked-files=all", "--no-renames", "-z")
        return sorted(entry[3:] for entry in self._list("status", *options, "--", *paths))

    def changed(self, path: str, old: str, new: str | None = None) -> list[str]:
        """Return the files at or below ``path`` that differ between ``old`` and ``new``, or the workspace."""
        revisions = [old, new] if new else [old]
        tracked = self._list("diff", "--name-only", "--no-renames", "-z", *revisions, "--", path)
        return sorted({*tracked, *([] if new else self._untracked(path))})

    def experiment(self, name: str) -> str | None:
        """Return the commit of the DVC experiment called ``name``; the newest, where there are several."""
        order, form = "--sort=-committerdate", "--format=%(objectname) %(refname:lstrip=-1)"
        refs = (
            line.split(" ", 1) for line in self._run("for-each-ref", order, form, EXPERIMENTS).splitlines()
        )
        return next((commit for commit, ref in refs if ref == name), None)

    def patch(self) -> str:
        """Return the difference of the workspace from HEAD, with new files of :data:`CODE`; empty if none."""
        options = ("diff", "--binary", "--no-color")
        patch = self._run(*options, "--no-ext-diff", "HEAD", "--", ".", EXCEPT_LOCK)
        folders = [folder for folder in CODE if (self.root / folder).is_dir()]
        for path in self._untracked(*folders) if folders else []:
            # A comparison with nothing: git exits with 1 where files differ.
            patch += self._run(*options, "--no-index", "--", "/dev/null", path, exit_codes=(0, 1))
        return patch

    def _untracked(self, *paths: str) -> list[str]:
        return self._list("ls-files", "--others", "--exclude-standard", "-z", "--", *paths)

    def _list(self, *arguments: str) -> list[str]:
        return [entry for entry in self._run(*arguments).split("\0") if entry]

    def _run(self, *arguments: str, exit_codes: Sequence[int] = (0,)) -> str:
        command = ["git", "-C", str(self.root), *arguments]
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode not in exit_codes:
            raise subprocess.CalledProcessError(done.returncode, command)
        return done.stdout.decode("utf-8", errors="replace")

    def _try(self, *arguments: str) -> str | None:
        try:
            return self._run(*arguments)
        except subprocess.CalledProcessError:
            return None
