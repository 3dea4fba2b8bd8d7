"""Read files of outputs by their hashes: from DVC's cache, or else from the artifacts of runs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sketch2color.config import document
from sketch2color.files import parse_csv
from sketch2color.manifest import SPLITS
from sketch2color.provenance.dvc import Project, Tree
from sketch2color.provenance.runs import Runs

MANIFEST, SOURCE = "manifest.csv", "source.json"
SOURCE_KEYS = ("type", "dataset", "url", "urls", "path", "license", "attribution", "homepage")
"""Keys of source.yaml that name where images come from and who owns them."""

Row = Mapping[str, str]
"""A row of a manifest by its columns, those of :class:`sketch2color.manifest.ImageRow`."""


class Contents:
    """The files of outputs, as far as the cache or a run has them; the workspace does not matter."""

    def __init__(self, project: Project, runs: Runs) -> None:
        self._project, self._runs = project, runs
        self._manifests: dict[str, list[Row]] = {}

    def tree(self, digest: str) -> Tree:
        """Return the files of a folder with their hashes; none where the cache does not list it."""
        return self._project.tree(digest) or {} if digest.endswith(".dir") else {}

    def read(self, out: str, digest: str, name: str) -> bytes | None:
        """Return the file ``name`` of the output ``out`` with this hash; None where nothing has it."""
        if file := self.tree(digest).get(name):
            with suppress(OSError):
                return self._project.object(file).read_bytes()
        return self.logged({out: digest}, f"{out}/{name}")

    def logged(self, outputs: Mapping[str, str], file: str) -> bytes | None:
        """Return a file from the artifacts of a run that made ``outputs``; runs log the end of its path."""
        for run in self._runs.with_outputs(outputs):
            for name, artifact in self._runs.artifacts(run).items():
                if f"/{file}".endswith(f"/{name}"):
                    return artifact.read_bytes()
        return None

    def manifest(self, out: str, digest: str) -> list[Row]:
        """Return the rows of an output's manifest, sorted by id; none where it has no manifest."""
        if digest not in self._manifests:
            content = self.read(out, digest, MANIFEST) or b""
            rows = parse_csv(content.decode("utf-8", errors="replace"))
            self._manifests[digest] = sorted(rows, key=lambda row: row.get("id", ""))
        return self._manifests[digest]

    def describe(self, path: str, digest: str) -> list[str]:
        """Return lines about an output: how many images of which split and licence it holds."""
        if rows := self.manifest(path, digest):
            licenses = [row.get("license", "") or "unknown" for row in rows]
            return [_count_images(rows), f"licences: {_count(licenses, ', ')}"]
        files = self.tree(digest)
        return [f"{len(files)} files"] if files else []

    def describe_source(self, source: str, outputs: Mapping[str, str]) -> list[str]:
        """Return lines about a source: its source.yaml and the source.json in what was made from it."""
        for out, digest in outputs.items():
            if (fetched := self.read(out, digest, SOURCE)) is not None:
                defined = _mapping(self.logged(outputs, f"{source}/source.yaml") or b"")
                known = {key: defined.get(key) for key in SOURCE_KEYS}
                known |= dict(sorted(_mapping(fetched).items()))
                return [f"{key}: {_one_line(value)}" for key, value in known.items() if value]
        return []


def describe_row(row: Row) -> str:
    """Return a line about one image of a manifest."""
    known = [row["source"], *(row.get(key, "") for key in ("license", "attribution", "homepage"))]
    return f"{row['domain']} {row['id']} ({row['split']}): {', '.join(filter(None, known))}"


def _mapping(content: bytes) -> Mapping[str, Any]:
    """Return the mapping in YAML or JSON; an empty one where it is damaged, which the audit finds."""
    with suppress(ValueError):
        if isinstance(parsed := document.parse(content), dict):
            return {str(key): value for key, value in parsed.items()}
    return {}


def _count_images(rows: Sequence[Row]) -> str:
    parts = []
    for split in SPLITS:
        domains = [row.get("domain", "") for row in rows if row.get("split") == split]
        parts.append(f"{split} {len(domains)}" + (f" ({_count(domains, ' + ')})" if domains else ""))
    return f"{len(rows)} images: {', '.join(parts)}"


def _count(values: Sequence[str], separator: str) -> str:
    return separator.join(f"{count} {value}" for value, count in sorted(Counter(values).items()))


def _one_line(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else " ".join(str(value).split())
