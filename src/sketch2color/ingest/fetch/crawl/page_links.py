"""What a page holds: the addresses of images and of further pages."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from scrapy.http import TextResponse

_BETWEEN = re.compile(r",\s+|(?<=\d[wx]),")


def links(page: TextResponse, selector: str) -> list[str]:
    """Return the addresses that the elements found by ``selector`` link to, each once, in document order."""
    return _found(page, selector, lambda element: element.get("href"))


def images(page: TextResponse, selector: str) -> list[str]:
    """Return the addresses of the images that ``selector`` finds, each once, in document order."""
    return _found(page, selector, _image)


def _found(page: TextResponse, selector: str, address: Callable[[Any], str | None]) -> list[str]:
    roots = (found.root for found in page.css(selector))
    raw = (root if isinstance(root, str) else address(root) for root in roots)
    return list(dict.fromkeys(_joined(page, text.strip()) for text in raw if text and text.strip()))


def _joined(page: TextResponse, text: str) -> str:
    try:
        return page.urljoin(text).partition("#")[0]
    except ValueError:
        return text  # it will be listed as no address


def _image(element: Any) -> str | None:
    match element.tag:
        case "img" | "source":
            return next(_candidates(element), None)
        case "meta":
            return str(element.get("content", ""))
    return str(element.get("href", ""))


def _candidates(element: Any) -> Iterator[str]:
    """Give what an image may be at, best first: pages that load late have a stand-in in ``src``."""
    for name in ("srcset", "data-srcset"):
        if largest := _largest(element.get(name, "")):
            yield largest
    for name in ("data-src", "src"):
        address = element.get(name, "").strip()
        if address and not address.startswith("data:"):
            yield address


def _largest(srcset: str) -> str:
    """Return the largest image of a ``srcset``; its sizes are widths (``640w``) or densities (``2x``).

    >>> _largest("a.png 320w, b,c.png 640w")
    'b,c.png'
    >>> _largest("a.png,b.png 2x,c.png 1x")
    'a.png,b.png'
    """
    best, best_size = "", -1.0
    for candidate in _BETWEEN.split(srcset):
        address, _, size = candidate.strip().rstrip(",").partition(" ")
        if address and not address.startswith("data:") and _size(size) > best_size:
            best, best_size = address, _size(size)
    return best


def _size(text: str) -> float:
    try:
        return float(text.strip()[:-1])
    except ValueError:
        return 1.0  # no size means 1x
