"""Register the trained generator in MLflow's model registry."""

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
from mlflow.types import ColSpec, DataType, ParamSchema, ParamSpec, Schema

from sketch2color.provenance.record import tags
from sketch2color.provenance.record.dvc_hashes import md5

NAME = "sketch2color"
ARTIFACT = "generator"
FILES = f"artifacts/{ARTIFACT}"
"""Folder of a logged model that holds the generator's files."""
SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec(DataType.binary, "sketch")]),
    outputs=Schema([ColSpec(DataType.string, "image")]),
    params=ParamSchema(
        [
            ParamSpec("variant", DataType.long, 0),
            *(ParamSpec(name, DataType.string, "") for name in ("palette", "fill", "paint")),
        ]
    ),
)
REQUIREMENTS = (
    "mlflow",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "safetensors",
    "scikit-image",
    "scipy",
    "torch",
    "tqdm",
)
PACKAGE = Path(__file__).parents[2]


@dataclass(frozen=True)
class GeneratorFiles:
    """The ``files`` of a ``folder`` that make up a generator, and an image file as example input."""

    folder: Path
    files: Sequence[str]
    example: bytes


def register(generator: GeneratorFiles) -> None:
    """Log a generator with the active run and make it the next version of the registered model.

    The version carries the package's code and, as the tag ``md5.<file>``, DVC's hash of each of its files.
    """
    with tempfile.TemporaryDirectory() as scratch, redirect_stderr(StringIO()):  # MLflow prints each step
        folder = Path(scratch) / ARTIFACT
        folder.mkdir()
        for name in generator.files:
            shutil.copy(generator.folder / name, folder / name)
        logged = mlflow.pyfunc.log_model(
            name=ARTIFACT,
            python_model=str(Path(__file__).with_name("pyfunc_model.py")),
            artifacts={ARTIFACT: str(folder)},
            code_paths=[str(PACKAGE)],
            signature=SIGNATURE,
            input_example=pd.DataFrame({"sketch": [generator.example]}),
            pip_requirements=[f"{name}=={version(name)}" for name in REQUIREMENTS],
            registered_model_name=NAME,
        )
    client = mlflow.MlflowClient()
    for name in generator.files:
        digest = md5(generator.folder / name)
        client.set_model_version_tag(NAME, logged.registered_model_version, tags.FILE_MD5 + name, digest)


def unpack(model: Path) -> GeneratorFiles:
    """Return the generator in the folder of a logged model, as :func:`register` takes it."""
    example = json.loads((model / "input_example.json").read_text(encoding="utf-8"))
    folder = model / FILES
    files = sorted(path.name for path in folder.iterdir())
    return GeneratorFiles(folder, files, base64.b64decode(example["data"][0][0]))
