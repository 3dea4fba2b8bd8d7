"""DVC's object of a folder: the MD5 of every file in it, as JSON, named by its own MD5 and ``.dir``."""

import hashlib
import json
from collections.abc import Mapping

Tree = Mapping[str, str]
"""Path inside of the folder to the file's MD5."""


def is_folder(md5: str) -> bool:
    """Tell whether a hash of dvc.lock is that of a folder."""
    return md5.endswith(".dir")


def parse(content: bytes) -> Tree:
    """Return what a folder's object lists.

    Raises:
        ValueError: it is no such object.
    """
    try:
        return {entry["relpath"]: entry["md5"] for entry in json.loads(content)}
    except (KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"not the object of a folder: {error!r}") from error


def digest(tree: Tree) -> str:
    """Return the name of the object that lists ``tree``, as ``dvc_data.hashfile.tree.Tree`` makes it.

    >>> digest({"b.txt": "900150983cd24fb0d6963f7d28e17f72"})
    '111d42dfe745153c3e040b7d9fcf7afc.dir'
    """
    entries = [{"md5": tree[path], "relpath": path} for path in sorted(tree)]
    return hashlib.md5(json.dumps(entries, sort_keys=True).encode()).hexdigest() + ".dir"
