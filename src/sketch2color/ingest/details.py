"""What a source tells of single images beyond the manifest's columns, kept as ``details.csv``."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from sketch2color.files import write_text

IN_MANIFEST = ("license", "attribution", "homepage")


def write_details(path: Path, facts: Mapping[str, Mapping[str, str]]) -> None:
    """Write one row per image that has further facts, sorted by id; no file where none has any.

    Args:
        path: the table; its columns are ``id`` and all keys that occur, sorted.
        facts: what is known of each image, by id; keys of the manifest's own columns are passed by.
    """
    further = {
        image: {key: value for key, value in known.items() if key not in IN_MANIFEST}
        for image, known in sorted(facts.items())
    }
    columns = sorted({key for known in further.values() for key in known})
    if not columns:
        return
    text = io.StringIO()
    table = csv.DictWriter(text, ["id", *columns], restval="", lineterminator="\n")
    table.writeheader()
    table.writerows({"id": image, **known} for image, known in further.items() if known)
    write_text(path, text.getvalue())
