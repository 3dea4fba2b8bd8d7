"""Why a file cannot be used: one short line, fit for a table, the same in every run."""

import re

_ADDRESS = re.compile(r" ?<[^<>]*\bat 0x[0-9a-fA-F]+>")
_LENGTH = 120
_BEFORE_MARKUP = rb"(?>\xef\xbb\xbf)?(?>\s+|<!--.*?-->|<\?xml.*?\?>)*+"  # atomic: no retries, whatever comes
_WEB_PAGE = re.compile(
    _BEFORE_MARKUP + rb"<(?:!doctype\s+html|(?:html|head|body|title|meta|script|style|div|p|h1)\b)",
    re.DOTALL | re.IGNORECASE,
)
_SVG = re.compile(_BEFORE_MARKUP + rb"(?:<!doctype\s+svg|<svg\b)", re.DOTALL | re.IGNORECASE)
_HEADERS = re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|BM|II[*+]\x00|MM\x00[*+]", re.DOTALL)
_OTHERS = {
    "a PDF file": re.compile(rb"%PDF"),
    "a PostScript file": re.compile(rb"%!PS|\xc5\xd0\xd3\xc6"),
    "a Photoshop file": re.compile(rb"8BPS"),
    "an AVIF file": re.compile(rb"....ftypavi[fs]", re.DOTALL),
    "a HEIC file": re.compile(rb"....ftyp(?:hei|hev|mif1|msf1)", re.DOTALL),
    "a JPEG 2000 file": re.compile(rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51"),
    "an icon file": re.compile(rb"\x00\x00[\x01\x02]\x00"),
    "an archive": re.compile(rb"PK\x03\x04|PK\x05\x06|\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!"),
}


class ImageError(Exception):
    """An image cannot be used; the message is one line, fit for a table."""


def describe_error(error: BaseException) -> str:
    r"""Say in one short line of printable characters what went wrong, without addresses in memory.

    >>> describe_error(OSError("cannot read\n<_io.BytesIO object at 0x7f00deadbeef> twice"))
    'cannot read twice'
    >>> describe_error(EOFError())
    'EOFError'
    """
    message = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    plain = " ".join(_ADDRESS.sub("", message).split())
    text = "".join(letter if letter.isprintable() else "?" for letter in plain) or type(error).__name__
    return text if len(text) <= _LENGTH else text[: _LENGTH - 1] + "…"


def describe_non_image(content: bytes) -> str:
    """Say what a file is that no decoder takes for an image.

    >>> describe_non_image(b"<!-- moved --> <html>Not found</html>")
    'a web page, not an image'
    """
    beginning = _beginning(content)
    if _HEADERS.match(beginning):
        return "cannot be decoded: its header is damaged"
    if is_web_page(content):
        return "a web page, not an image"
    if _SVG.match(beginning):
        return "an SVG drawing: save it as PNG"
    kind = next((kind for kind, pattern in _OTHERS.items() if pattern.match(beginning)), "")
    return f"{kind}, not an image of a kind that is read" if kind else "not an image"


def is_web_page(content: bytes) -> bool:
    r"""Tell whether a file begins as HTML does, whatever it is called.

    >>> is_web_page(b"\n<!DOCTYPE html><title>Not found</title>"), is_web_page(b"\x89PNG")
    (True, False)
    """
    return bool(_WEB_PAGE.match(_beginning(content)))


def _beginning(content: bytes) -> bytes:
    beginning = content[: 1 << 16]
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return beginning.decode("utf-16", "replace").encode()
    return beginning
