"""Render HTML pages from templates, with images as data URIs."""

import base64
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from sketch2color.text import printable

PACKAGE = "sketch2color.pages"


def render_page(package: str, template: str, content: Mapping[str, Any]) -> str:
    """Return the page, every value made printable and escaped.

    Args:
        package: of the template, such as ``sketch2color.report``.
        template: a file of it that extends ``frame.html``.
        content: the template's variables; a missing one is an error.
    """
    return _environment(package).get_template(template).render(content) + "\n"


@cache
def _environment(package: str) -> Environment:
    """Return the environment of a package's templates, which are compiled once."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package, "."), PackageLoader(PACKAGE, ".")]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def data_uri(image: bytes) -> str:
    r"""Return a PNG or JPEG file as a data URI.

    >>> data_uri(b"\x89PNG")
    'data:image/png;base64,iVBORw=='
    """
    kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(image).decode('ascii')}"
