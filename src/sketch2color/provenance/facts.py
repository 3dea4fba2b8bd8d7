"""What is worth saying about an output or a source, in lines."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import yaml

from sketch2color.provenance.contents import Contents, Row

SOURCE = "source.json"
DEFINED = ("type", "dataset", "url", "urls", "path", "license", "attribution", "homepage")
"""Keys of source.yaml that say where images come from and whose they are."""


def facts(contents: Contents, path: str, md5: str) -> tuple[str, ...]:
    """Return lines about an output: how many images of which split and licence it holds."""
    rows = contents.manifest(path, md5)
    if not rows:
        files = contents.tree(md5)
        return (f"{len(files)} files",) if files else ()
    return (_images(rows), f"licences: {_counted(row.get('license', '') for row in rows)}")


def source_facts(contents: Contents, outputs: Mapping[str, str], source: str) -> tuple[str, ...]:
    """Return lines about a source, from what the stage that read it wrote: its definition, what arrived."""
    for out, md5 in outputs.items():
        arrived = contents.read(out, md5, SOURCE)
        if arrived is None:
            continue
        known = _definition(contents, outputs, source) | json.loads(arrived)
        keys = [*DEFINED, *sorted(known.keys() - set(DEFINED))]
        return tuple(f"{key}: {_one_line(known[key])}" for key in keys if known.get(key))
    return ()


def row_facts(row: Row) -> str:
    """Return a line about one image of a manifest."""
    known = [row.get(key, "") for key in ("license", "attribution", "homepage")]
    return f"{row['domain']} {row['id']} ({row['split']}): " + ", ".join(
        filter(None, [row["source"], *known])
    )


def _definition(contents: Contents, outputs: Mapping[str, str], source: str) -> dict[str, object]:
    """Return source.yaml as the run that read it logged it."""
    content = contents.logged(outputs, f"{source}/source.yaml")
    known = yaml.safe_load(content) if content else {}
    return {key: known[key] for key in DEFINED if key in known} if isinstance(known, dict) else {}


def _images(rows: Sequence[Row]) -> str:
    splits = Counter((row.get("split", ""), row.get("domain", "")) for row in rows)
    parts = []
    for split in ("train", "val", "test"):
        domains = {domain: count for (one, domain), count in sorted(splits.items()) if one == split}
        shares = " + ".join(f"{count} {domain}" for domain, count in domains.items())
        parts.append(f"{split} {sum(domains.values())}" + (f" ({shares})" if shares else ""))
    return f"{len(rows)} images: {', '.join(parts)}"


def _counted(values: Iterable[str]) -> str:
    counts = Counter(values)
    return ", ".join(f"{count} {value or 'unknown'}" for value, count in sorted(counts.items()))


def _one_line(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else " ".join(str(value).split())
