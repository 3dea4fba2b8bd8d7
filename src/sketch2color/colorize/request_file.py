"""A request as a file: what the studio saves as work, and ``colorize --request`` replays."""

from pathlib import Path
from typing import Annotated, Self

from PIL import ImageColor
from pydantic import Field, TypeAdapter, model_validator

from sketch2color.colorize.request import Color
from sketch2color.colorize.strokes import HexColor, Stroke
from sketch2color.config.validation import Model, validate
from sketch2color.errors import UserError
from sketch2color.files import parse_json
from sketch2color.imaging import ImageArray
from sketch2color.imaging.decoding import MAX_PIXELS
from sketch2color.text import quote

FORMAT = 1
MAX_BYTES = 500_000_000
"""Of a file: its sketch is in it as PNG in base64."""
MAX_STROKES = 100_000
MAX_POINTS = 1_000_000
"""Of all strokes: a pen that reports 200 places a second draws for more than an hour."""
MAX_VARIANT = 999_999


Edge = Annotated[int, Field(ge=1, le=MAX_PIXELS)]


class RequestFile(Model):
    """A palette, a variant and strokes for a sketch of ``width`` × ``height`` pixels.

    ``sketch`` is the studio's copy of the sketch; where a sketch is given it has no use.
    """

    format: int
    width: Edge
    height: Edge
    palette: list[HexColor] = Field(default=[])
    variant: Annotated[int, Field(ge=0, le=MAX_VARIANT)] = 0
    strokes: list[Stroke] = Field(default=[])
    sketch: str = ""

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if self.width * self.height > MAX_PIXELS:
            raise ValueError(f"{self.width} × {self.height} is over {MAX_PIXELS:,} pixels")
        points = sum(len(stroke.points) for stroke in self.strokes)
        for count, most, things in (
            (len(self.strokes), MAX_STROKES, "strokes"),
            (points, MAX_POINTS, "points"),
        ):
            if count > most:
                raise ValueError(f"the file must have at most {most:,} {things} (got {count:,})")
        return self

    @property
    def colors(self) -> tuple[Color, ...]:
        """The palette, main colour first."""
        return tuple(ImageColor.getrgb(color)[:3] for color in self.palette)

    def check_size(self, image: ImageArray) -> None:
        """Raise ``UserError`` if the request was made for a sketch of another size."""
        if image.shape[:2] != (self.height, self.width):
            raise UserError(
                f"the request is for a sketch of {self.width} × {self.height} pixels, and this one has "
                f"{image.shape[1]} × {image.shape[0]}: give the sketch that it was made for"
            )


_ADAPTER = TypeAdapter(RequestFile)


def read_request(path: Path) -> RequestFile:
    """Read a request.

    Raises:
        UserError: it cannot be read, is no JSON, or has something in it that is no request's.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ValueError(f"the file must have at most {MAX_BYTES:,} bytes")
        try:
            values = parse_json(content)
        except ValueError as error:
            raise ValueError(f"not JSON: {error}") from None
        if isinstance(values, dict) and (given := values.get("format", FORMAT)) != FORMAT:
            raise ValueError(f"the file has format {quote(given)}; this version reads {FORMAT}")
        return validate(_ADAPTER, values)
    except OSError as error:
        raise UserError(f"{path}: the request cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"{path}: {error}") from None
