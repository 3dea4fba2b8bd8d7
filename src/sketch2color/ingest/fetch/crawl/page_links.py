"""Find URLs in a page: of images and of further pages."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from scrapy.http import TextResponse

_SEPARATOR = re.compile(r",\s+|(?<=\d[wx]),")
_LAZY_SRCSETS = ("data-srcset", "data-lazy-srcset", "data-original-set", "data-flickity-lazyload-srcset")
_SRCSETS = ("srcset", *_LAZY_SRCSETS)
_LAZY = (
    "data-src", "data-lazy-src", "data-original", "data-lazy", "data-lazyload", "data-echo",
    "data-flickity-lazyload",
)  # fmt: skip
"""Attributes of images that scripts load when they become visible; their ``src`` is a placeholder."""
_IMAGE = re.compile(r"[^\s\"'{}<>]+\.(avif|bmp|gif|jpe?g|png|tiff?|webp)(\?[^\s\"'{}<>]*)?", re.IGNORECASE)
"""An address that is an image's by its name: data attributes also have titles, and settings of scripts."""
_SMALLER = re.compile("thumb|small|preview|placeholder|low|blur|tiny")
"""In names of attributes with a lesser copy of the image."""


def links(page: TextResponse, selector: str) -> list[str]:
    """Return the URLs that the elements found by ``selector`` link to, each once, in document order."""
    return _find(page, selector, lambda element: element.get("href"))


def images(page: TextResponse, selector: str) -> list[str]:
    """Return the URLs of the images that ``selector`` finds, each once, in document order."""
    return _find(page, selector, _image_url)


def _find(page: TextResponse, selector: str, url_of: Callable[[Any], str | None]) -> list[str]:
    roots = (found.root for found in page.css(selector))
    raw = (root if isinstance(root, str) else url_of(root) for root in roots)
    return list(dict.fromkeys(_join(page, text.strip()) for text in raw if text and text.strip()))


def _join(page: TextResponse, text: str) -> str:
    try:
        return page.urljoin(text).partition("#")[0]
    except ValueError:
        return text  # it is rejected later


def _image_url(element: Any) -> str | None:
    if element.tag not in ("img", "source"):
        return str(element.get("content" if element.tag == "meta" else "href", ""))
    candidates = [*_urls(element, _SRCSETS, _LAZY)]
    outer = next(element.iterancestors("picture"), element)
    for source in outer.iter("source"):
        candidates += _urls(source, _LAZY_SRCSETS, _LAZY)
    sibling = next(outer.itersiblings("*"), None)
    for copy in sibling.iter("img") if sibling is not None and sibling.tag == "noscript" else ():
        candidates += _urls(copy, _SRCSETS, (*_LAZY, "src"))
    return next(iter([*candidates, *_urls(element, (), ("src",))]), None)


def _urls(element: Any, srcsets: tuple[str, ...], attributes: tuple[str, ...]) -> Iterator[str]:
    """Yield the URLs in attributes of an image, the best first, without inline data."""
    found = [_largest(element.get(name, "")) for name in srcsets]
    found += [element.get(name, "").strip() for name in attributes]
    if attributes != ("src",):
        own = (_largest(value) for name, value in element.items() if _is_data(name))
        found += [url for url in own if "/" in url and _IMAGE.fullmatch(url)]
    return (url for url in found if url and not url.startswith("data:"))


def _is_data(name: str) -> bool:
    return name.startswith("data-") and not _SMALLER.search(name)


def _largest(srcset: str) -> str:
    """Return the largest image of a ``srcset``; its sizes are widths (``640w``) or densities (``2x``).

    >>> _largest("a.png 320w, b,c.png 640w")
    'b,c.png'
    >>> _largest("a.png,b.png 2x,c.png 1x")
    'a.png,b.png'
    """
    candidates = [each.strip().rstrip(",").partition(" ") for each in _SEPARATOR.split(srcset)]
    sized = [(url, _size(size)) for url, _, size in candidates if url and not url.startswith("data:")]
    return max(sized, key=lambda item: item[1], default=("", 0))[0]


def _size(text: str) -> float:
    try:
        return float(text.strip()[:-1])
    except ValueError:
        return 1.0  # no size means 1x
