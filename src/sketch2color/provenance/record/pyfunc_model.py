"""The generator as a model that MLflow serves: MLflow runs this file to load the model that carries it.

``mlflow models serve`` takes sketches of any size, as image files in base64, and returns PNG in base64.
"""

import base64
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from sketch2color.colorize.colorizer import Colorizer
from sketch2color.imaging import encode_png, read


class ServedColorizer(PythonModel):
    """Colours sketches with the generator among the model's artifacts."""

    colorizer: Colorizer

    def load_context(self, context: PythonModelContext) -> None:
        """Load the generator."""
        self.colorizer = Colorizer.load(Path(context.artifacts["generator"]))

    def predict(
        self, context: PythonModelContext, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Colour each row's ``sketch``, the bytes of an image file, into ``image``: PNG in base64."""
        images = (self.colorizer.colorize(read(sketch)) for sketch in model_input["sketch"])
        return pd.DataFrame({"image": [base64.b64encode(encode_png(each)).decode() for each in images]})


set_model(ServedColorizer())
