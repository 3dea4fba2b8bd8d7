"""Credits: authors and licences of the images of a page."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sketch2color.manifest import ImageRow


@dataclass(frozen=True)
class Credit:
    """So many images of one licence, attribution and homepage; a text is empty where it is not known."""

    license: str
    attribution: str
    homepage: str
    images: int


def credits_of(images: Iterable[ImageRow]) -> list[Credit]:
    """Return one credit for all images with the same three texts; the most frequent first, then by text."""
    counts = Counter((each.license, each.attribution, each.homepage) for each in images)
    return [
        Credit(*texts, count) for texts, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
