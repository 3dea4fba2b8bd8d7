"""The git repository of the checkout."""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from importlib.machinery import all_suffixes
from pathlib import Path

from sketch2color.errors import UserError

EXPERIMENTS = "refs/exps/*/*/*"
KEPT_BY = ("refs/heads", "refs/remotes", "refs/tags", EXPERIMENTS)
"""References that keep a commit: branches, tags, and DVC's experiments."""
CODE = ("src", "pipeline")
"""Folders whose untracked files may take part in a run: Python searches them before all libraries."""
EXCEPT_LOCK = ":(exclude)dvc.lock"
"""DVC writes it after each stage: the second run of a pipeline would always count as edited."""

UNALTERED = {"GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull}
"""History as it was committed, without `git replace` and grafts."""
METADATA = (".dist-info", ".egg-info")
"""Ends of the names under which Python finds the metadata of a package, in any case."""
OWN_METADATA = "sketch2color.egg-info"
OWN_COMMAND = b"[console_scripts]\nsketch2color = sketch2color.cli:main\n"
"""All that an installation of the checkout registers."""


class GitError(UserError):
    """A git command failed; the message has git's reason."""


class Git:
    """The git repository whose top folder is ``root``; a UserError if there is none with a commit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        try:
            self.head = self._run("rev-parse", "--verify", "HEAD^{commit}").strip()
        except (GitError, FileNotFoundError) as error:
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

    def uncommitted(self, *paths: str) -> list[str]:
        """Return the files at or below ``paths`` that differ from HEAD byte by byte, or are new.

        Nothing but a .gitignore hides a file: neither flags in the index, nor filters, nor .git/info/exclude.
        """
        listed = self._list(
            "ls-files", "--cached", "--others", "--exclude-per-directory=.gitignore", "-z", "--", *paths
        )
        return sorted({*self.edited(*paths), *(set(listed) - self._committed(*paths).keys())})

    def edited(self, *paths: str) -> list[str]:
        """Return the files of HEAD at or below ``paths`` that differ from it byte by byte, or are missing."""
        return sorted(path for path, blob in self._committed(*paths).items() if self._blob(path) != blob)

    def unknown_modules(self) -> list[str]:
        """Return the files of :data:`CODE` that Python can load and HEAD does not have, ignored or not.

        They are modules, links, and metadata of packages, which name plugins that libraries load unasked.
        """
        committed = self._committed(*CODE)
        entries = (entry for folder in CODE for entry in (self.root / folder).rglob("*"))
        paths = {entry.relative_to(self.root).as_posix() for entry in entries if _is_loaded(entry)}
        return sorted(path for path in paths - committed.keys() if "/__pycache__/" not in path)

    def changed(self, path: str, old: str, new: str | None = None) -> list[str]:
        """Return the files at or below ``path`` that differ between ``old`` and ``new``, or the workspace."""
        revisions = [old, new] if new else [old]
        tracked = self._list("diff", "--name-only", "--no-renames", "-z", *revisions, "--", path)
        return sorted({*tracked, *([] if new else self.untracked(path))})

    def experiment(self, name: str) -> str | None:
        """Return the commit of the DVC experiment called ``name``; the newest, where there are several."""
        order, form = "--sort=-committerdate", "--format=%(objectname) %(refname:lstrip=-1)"
        refs = (
            line.split(" ", 1) for line in self._run("for-each-ref", order, form, EXPERIMENTS).splitlines()
        )
        return next((commit for commit, ref in refs if ref == name), None)

    def patch(self) -> str:
        """Return the difference of the workspace from HEAD, with new files of :data:`CODE`; empty if none."""
        options = ("diff", "--binary", "--no-color", "--no-ext-diff", "--no-textconv")
        patch = self._run(*options, "HEAD", "--", ".", EXCEPT_LOCK)
        folders = [folder for folder in CODE if (self.root / folder).is_dir()]
        for path in self.untracked(*folders) if folders else []:
            # A comparison with nothing: git exits with 1 where files differ.
            patch += self._run(*options, "--no-index", "--", "/dev/null", path, exit_codes=(0, 1))
        return patch

    def _committed(self, *paths: str) -> dict[str, str]:
        """Return the files of HEAD at or below ``paths`` with the hashes of their content."""
        entries = (entry.split("\t", 1) for entry in self._list("ls-tree", "-r", "-z", "HEAD", "--", *paths))
        return {path: about.split()[2] for about, path in entries if about.split()[1] == "blob"}

    def _blob(self, path: str) -> str | None:
        """Return git's hash of a file as it is now; None where it cannot be read."""
        file = self.root / path
        try:
            content = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
        except OSError:
            return None
        name = "sha1" if len(self.head) == 40 else "sha256"
        return hashlib.new(name, b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()

    def untracked(self, *paths: str) -> list[str]:
        """Return the files at or below ``paths`` that git neither knows nor ignores."""
        return self._list("ls-files", "--others", "--exclude-standard", "-z", "--", *paths)

    def _list(self, *arguments: str) -> list[str]:
        return [os.fsdecode(entry) for entry in self._bytes(*arguments).split(b"\0") if entry]

    def _run(self, *arguments: str, exit_codes: Sequence[int] = (0,)) -> str:
        return self._bytes(*arguments, exit_codes=exit_codes).decode("utf-8", errors="replace")

    def _bytes(self, *arguments: str, exit_codes: Sequence[int] = (0,)) -> bytes:
        command = ["git", "-C", str(self.root), *arguments]
        done = subprocess.run(command, capture_output=True, check=False, env=_environment())
        if done.returncode not in exit_codes:
            reason = done.stderr.decode("utf-8", errors="replace").strip()
            raise GitError(f"git {arguments[0]} in {self.root}: {reason or f'exit code {done.returncode}'}")
        return done.stdout

    def _try(self, *arguments: str) -> str | None:
        try:
            return self._run(*arguments)
        except GitError:
            return None


def _environment() -> dict[str, str]:
    """Return the environment without what a hook or an outer job says of its own repository."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    return kept | UNALTERED


def _is_loaded(entry: Path) -> bool:
    if entry.is_symlink() or not entry.is_file():
        return entry.is_symlink()
    if any(name.lower().endswith(METADATA) for name in (entry.name, entry.parent.name)):
        harmless = entry.name != "entry_points.txt" or entry.read_bytes() == OWN_COMMAND
        return entry.parent.name != OWN_METADATA or not harmless
    return entry.name.endswith(tuple(all_suffixes()))
