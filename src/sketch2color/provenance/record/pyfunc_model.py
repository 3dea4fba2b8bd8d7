"""The generator as a model that MLflow serves: MLflow runs this file to load the model that carries it.

``mlflow models serve`` takes sketches of any size, as image files in base64, and returns PNG in base64. What
is asked for comes as parameters, which hold for all sketches of an HTTP request: the server answers requests
in parallel, but the rows of one in turn, so sketches with different wishes are best sent apart.
"""

import base64
import json
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.models import set_model
from mlflow.protos.databricks_pb2 import BAD_REQUEST
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from sketch2color.colorize.asked import results
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.request import Request, Strokes, parse_palette
from sketch2color.errors import UserError
from sketch2color.imaging import Decoded, ImageError, decode, encode_png, read_rgba


class BadRequestError(MlflowException):
    """A request that cannot be answered; the client gets status 400 and the reason, in one line."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, BAD_REQUEST)
        self._reason = reason

    def serialize_as_json(self) -> str:
        """Return the body of the answer without what MLflow adds to the message: all that was sent."""
        return json.dumps({"error_code": self.error_code, "message": self._reason})


class ServedColorizer(PythonModel):
    """Colours sketches with the generator among the model's artifacts.

    The server's threads share the generator, which is only read.
    """

    colorizer: Colorizer

    def load_context(self, context: PythonModelContext) -> None:
        """Load the generator."""
        self.colorizer = Colorizer.load(Path(context.artifacts["generator"]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Colour each row's ``sketch``, the bytes of an image file, into ``image``: PNG in base64.

        ``params`` may have ``palette``, as the command takes it, ``variant``, and ``fill`` and ``paint``: PNG
        in base64, of the sketch's size, transparent where nothing is asked.

        Raises:
            BadRequestError: one of them, or a sketch, cannot be used.
        """
        try:
            request = _request(**{name: value for name, value in (params or {}).items() if value is not None})
            images = [self._colorize(decode(sketch), request) for sketch in model_input["sketch"]]
        except (UserError, ImageError) as error:
            raise BadRequestError(str(error)) from None
        return pd.DataFrame({"image": images})

    def _colorize(self, sketch: Decoded, request: Request) -> str:
        ((image, _),) = results(self.colorizer, sketch, [request])
        return base64.b64encode(encode_png(image, sketch.tags)).decode()


def _request(palette: str = "", variant: int = 0, fill: str = "", paint: str = "") -> Request:
    colors = parse_palette(palette) if palette else ()
    return Request(colors, _strokes("fill", fill), _strokes("paint", paint), int(variant))


def _strokes(name: str, png: str) -> Strokes | None:
    try:
        return read_rgba(base64.b64decode(png)) if png else None
    except (ImageError, ValueError) as error:
        raise UserError(f"{name}: strokes cannot be read: {error}") from None


set_model(ServedColorizer())
