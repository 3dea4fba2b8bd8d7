"""What a source tells of single pictures beyond the manifest's columns, kept as ``details.csv``."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from sketch2color.files import write_text

IN_MANIFEST = ("license", "attribution", "homepage")


def write_details(path: Path, facts: Mapping[str, Mapping[str, str]]) -> None:
    """Write one row per picture that has further facts, sorted by id; no file where none has any.

    Args:
        path: the table; its columns are ``id`` and all keys that occur, sorted.
        facts: what is known of each picture, by id; keys of the manifest's own columns are passed by.
    """
    further = {
        picture: {key: value for key, value in known.items() if key not in IN_MANIFEST}
        for picture, known in sorted(facts.items())
    }
    columns = sorted({key for known in further.values() for key in known})
    if not columns:
        return
    text = io.StringIO()
    table = csv.DictWriter(text, ["id", *columns], restval="", lineterminator="\n")
    table.writeheader()
    table.writerows({"id": picture, **known} for picture, known in further.items() if known)
    write_text(path, text.getvalue())
