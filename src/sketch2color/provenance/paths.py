"""What a path of dvc.yaml is: a source of images, something a stage made, or code."""

SOURCES = "data/sources/"
MADE = ("data/", "models/", "results/", "reports/")


def is_source(path: str) -> bool:
    """Tell whether a path is a data set's definition, where every way back ends.

    >>> is_source("data/sources/sample"), is_source("data/raw/sample")
    (True, False)
    """
    return path.startswith(SOURCES)


def is_code(path: str) -> bool:
    """Tell whether a path is what a stage runs.

    >>> is_code("src/sketch2color/files.py"), is_code("data/sources/sample"), is_code("models/cyclegan")
    (True, False, False)
    """
    return not path.startswith(MADE)


def parents(path: str) -> list[str]:
    """Return the folders that a path lies in, the nearest first.

    >>> parents("data/raw/sample/source.json")
    ['data/raw/sample', 'data/raw', 'data']
    """
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]
