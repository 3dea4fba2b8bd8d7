"""The generator in MLflow's model registry."""

import base64
import json
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from importlib.metadata import version
from io import StringIO
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

from sketch2color.provenance.record.dvc_hashes import md5

NAME = "sketch2color"
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec(DataType.binary, "sketch")]),
    outputs=Schema([ColSpec(DataType.string, "image")]),
)
NEEDED = ("mlflow", "numpy", "opencv-python-headless", "pillow", "safetensors", "scipy", "torch", "tqdm")
PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True)
class Generator:
    """The ``files`` of a ``folder`` that make up a generator, and a sketch's file as an example of input."""

    folder: Path
    files: Sequence[str]
    example: bytes


def register(generator: Generator) -> None:
    """Log a generator with the active run and make it the next version of the registered model.

    The version carries the package's code and, as the tag ``md5.<file>``, DVC's hash of each of its files.
    """
    with tempfile.TemporaryDirectory() as scratch, redirect_stderr(StringIO()):  # MLflow tells each step
        folder = Path(scratch) / "generator"
        folder.mkdir()
        for name in generator.files:
            shutil.copy(generator.folder / name, folder / name)
        logged = mlflow.pyfunc.log_model(
            name="generator",
            python_model=str(Path(__file__).with_name("served.py")),
            artifacts={"generator": str(folder)},
            code_paths=[str(PACKAGE)],
            signature=SIGNATURE,
            input_example=pd.DataFrame({"sketch": [generator.example]}),
            pip_requirements=[f"{name}=={version(name)}" for name in NEEDED],
            registered_model_name=NAME,
        )
    client = mlflow.MlflowClient()
    for name in generator.files:
        digest = md5(generator.folder / name)
        client.set_model_version_tag(NAME, logged.registered_model_version, f"md5.{name}", digest)


def unpack(model: Path) -> Generator:
    """Return the generator that a logged model's files hold, as :func:`register` takes it."""
    example = json.loads((model / "input_example.json").read_text(encoding="utf-8"))
    folder = model / "artifacts" / "generator"
    files = sorted(path.name for path in folder.iterdir())
    return Generator(folder, files, base64.b64decode(example["data"][0][0]))
