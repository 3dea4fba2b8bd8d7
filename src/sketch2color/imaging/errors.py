"""Why a file cannot be used: one short line, fit for a table, the same in every run."""

import re

_BEFORE_MARKUP = rb"(?>\xef\xbb\xbf)?(?>\s+|<!--.*?-->|<\?xml.*?\?>)*+"  # atomic groups: no backtracking
_WEB_PAGE = re.compile(
    _BEFORE_MARKUP + rb"<(?:!doctype\s+html|(?:html|head|body|title|meta|script|style|div|p|h1)\b)",
    re.DOTALL | re.IGNORECASE,
)
_SVG = re.compile(_BEFORE_MARKUP + rb"(?:<!doctype\s+svg|<svg\b)", re.DOTALL | re.IGNORECASE)
_ACCEPTED = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|....ftypavi[fs]|BM|II[*+]\x00|MM\x00[*+]", re.DOTALL
)
_HEIC = re.compile(rb"....ftyp(?:hei|hev|(?:mif1|msf1)(?!.{0,48}avi[fs]))", re.DOTALL)
_OTHER_TYPES = {
    "a PDF file": re.compile(rb"%PDF"),
    "a PostScript file": re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"),
    "a Photoshop file": re.compile(rb"8BPS"),
    "a HEIC file": _HEIC,
    "a JPEG XL file": re.compile(rb"\xff\x0a|\x00\x00\x00\x0cJXL "),
    "a JPEG 2000 file": re.compile(rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51"),
    "an icon file": re.compile(rb"\x00\x00[\x01\x02]\x00"),
    "an archive": re.compile(rb"PK\x03\x04|PK\x05\x06|\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!"),
}


class ImageError(Exception):
    """An image cannot be used; the message is one line, fit for a table."""


def describe_non_image(content: bytes) -> str:
    """Return what a file is that no decoder accepts.

    >>> describe_non_image(b"<!-- moved --> <html>Not found</html>")
    'a web page, not an image'
    """
    start = _start(content)
    if _ACCEPTED.match(start):
        return "cannot be decoded: its header is damaged"
    if _WEB_PAGE.match(start):
        return "a web page, not an image"
    if _SVG.match(start):
        return "an SVG drawing: save it as PNG"
    kind = next((kind for kind, pattern in _OTHER_TYPES.items() if pattern.match(start)), "")
    hint = ": save it as PNG or JPEG" if kind in ("a HEIC file", "a JPEG XL file", "a JPEG 2000 file") else ""
    return f"{kind}, not an image in a supported format{hint}" if kind else "not an image"


def is_heic(content: bytes) -> bool:
    """Return whether a file's first brand is one of HEIC, or that of any image in an AVIF-like container."""
    return bool(_HEIC.match(content))


def is_web_page(content: bytes) -> bool:
    r"""Return whether a file begins as HTML does, whatever its name.

    >>> is_web_page(b"\n<!DOCTYPE html><title>Not found</title>"), is_web_page(b"\x89PNG")
    (True, False)
    """
    return bool(_WEB_PAGE.match(_start(content)))


def _start(content: bytes) -> bytes:
    start = content[: 1 << 16]
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return start.decode("utf-16", "replace").encode()
    return start
