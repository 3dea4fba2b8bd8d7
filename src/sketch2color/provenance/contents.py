"""Files of outputs by content, whatever the workspace holds now: from DVC's cache, else from the record."""

import csv
import io
from collections.abc import Mapping

from sketch2color.provenance import dvc_directory
from sketch2color.provenance.dvc_directory import Tree
from sketch2color.provenance.project import Project
from sketch2color.provenance.runs import Runs

MANIFEST = "manifest.csv"

Row = Mapping[str, str]
"""A row of a manifest, by its columns; :class:`sketch2color.manifest.Image` says what they hold."""


class Contents:
    """What outputs hold, as far as the cache or a run still has it."""

    def __init__(self, project: Project, runs: Runs) -> None:
        self._project = project
        self._runs = runs
        self._tables: dict[str, list[Row]] = {}

    def tree(self, md5: str) -> Tree:
        """Return the files of a folder with their hashes; none where the cache does not know it."""
        return self._project.tree(md5) or {} if dvc_directory.is_folder(md5) else {}

    def read(self, out: str, md5: str, name: str) -> bytes | None:
        """Return the file ``name`` of the output ``out`` whose hash is ``md5``; None where nothing has it."""
        if file := self.tree(md5).get(name):
            try:
                return self._project.object(file).read_bytes()
            except OSError:
                pass
        return self.logged({out: md5}, f"{out}/{name}")

    def logged(self, outputs: Mapping[str, str], file: str) -> bytes | None:
        """Return a file that a run which made ``outputs`` logged: a run knows it by the end of its path."""
        for run in self._runs.made(outputs):
            for name, artifact in self._runs.artifacts(run).items():
                if f"/{file}".endswith(f"/{name}"):
                    return artifact.read_bytes()
        return None

    def manifest(self, out: str, md5: str) -> list[Row]:
        """Return the rows of an output's manifest, by id; none where it has none, or nothing has it."""
        if md5 not in self._tables:
            content = self.read(out, md5, MANIFEST) or b""
            rows = csv.DictReader(io.StringIO(content.decode("utf-8", errors="replace"), newline=""))
            self._tables[md5] = sorted(rows, key=lambda row: row.get("id", ""))
        return self._tables[md5]
