"""The real dvc.yaml and stages, on a tiny data set with few steps."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from PIL import Image, ImageDraw

ROOT = Path(__file__).parents[2]
PAIRS = 10


def run(*command, cwd, **variables):
    """Run a command as a person would, after `source .venv/bin/activate` and with these variables set."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "DVC_"))}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment["PYTHONPATH"] = str(cwd / "src")  # this clone's code, whatever is installed
    environment |= {"MLFLOW_DISABLE_TELEMETRY": "true", "NO_ALBUMENTATIONS_UPDATE": "1", **variables}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.fixture(name="run", scope="session")
def fixture_run():
    return run


def draw_pair(folder, number):
    """Draw a lidded box in lines and in colour; each number has another size, position and hue."""
    left, top, side = 40 + 3 * number, 50 + 5 * (number % 4), 90 + 7 * (number % 5)
    outline = [left, top, left + side, top + side // 2 + 20]
    hue = f"hsl({number * 31 % 360}, 70%, 55%)"
    for domain, fill in (("sketch", "white"), ("color", hue)):
        image = Image.new("RGB", (260, 220), "white")
        draw = ImageDraw.Draw(image)
        draw.rectangle(outline, fill, "black", 3)
        draw.ellipse([left + 20, top - 30, left + side - 10, top + 30], fill, "black", 3)
        path = folder / domain / f"box{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)


def make_data_set(source):
    images = source / "images"
    for number in range(PAIRS):
        draw_pair(images, number)
    (images / "sketch" / "notes.png").write_text("no image at all")
    shutil.copy(images / "color" / "box03.png", images / "color" / "box03-again.png")
    definition = {
        "type": "folder",
        "path": "images",
        "domains": {"sketch": "sketch/*", "color": "color/*"},
        "pairs": "name",
        "license": "CC0-1.0",
    }
    (source / "source.yaml").write_text(yaml.safe_dump(definition))


def shrink(params):
    content = yaml.safe_load(params.read_text())
    content |= {"dataset": "tiny", "image_size": 64, "ingest": {"val": 0.2, "test": 0.2}}
    content["presets"] = {"quick": content["presets"]["quick"]}  # DVC parses the file many times
    content["train_cyclegan"] = {
        "epochs": 2, "steps_per_epoch": 2, "generator_width": 8, "discriminator_width": 8,
    }  # fmt: skip
    content["transfer_style"] = {"steps": 2}
    params.write_text(yaml.safe_dump(content, sort_keys=False))


@pytest.fixture(scope="session")
def origin(build_once):
    """A git repository with the working tree's files, the tiny data set and shrunk parameters."""
    return build_once("origin", fill_origin) / "sketch2color"


def fill_origin(folder):
    origin = folder / "sketch2color"
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    left_out = ("dvc.lock", "data/sources/openmoji/", "data/sources/products/")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file() and not name.startswith(left_out):
            (origin / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, origin / name)
    make_data_set(origin / "data" / "sources" / "tiny")
    shrink(origin / "params.yaml")
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "tiny"]):
        subprocess.run(["git", *command], cwd=origin, check=True)


def clone_and_reproduce(origin, folder):
    subprocess.run(["git", "clone", "-q", str(origin), str(folder)], check=True)
    done = run("dvc", "repro", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="session")
def reproduced(origin, build_once):
    """A clone in which the pipeline has run; a test that changes it copies it."""
    return build_once("first", lambda folder: clone_and_reproduce(origin, folder / "clone")) / "clone"
