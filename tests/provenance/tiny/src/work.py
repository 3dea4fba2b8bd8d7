"""What the tiny stages share: each makes bytes that follow from all the bytes it reads."""

import csv
import hashlib
import json
from pathlib import Path


def blend(*parts):
    text = "\n".join(part.hex() if isinstance(part, bytes) else str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest().encode()


def number(content):
    return int(content[:6], 16) / 2**24


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def write_json(path, content):
    write(path, (json.dumps(content, indent=2, sort_keys=True) + "\n").encode())


def rows(folder):
    with (folder / "manifest.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def image(folder, row):
    return folder / row["split"] / row["domain"] / f"{row['id']}.png"


def raw_and_clean(stage):
    return Path("data/raw") / stage.params.dataset, Path("data/clean") / stage.params.dataset
