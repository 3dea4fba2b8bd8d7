"""The pipeline on an archive like Kaggle's anime set: pairs side by side, in folders by split."""

import csv
import io
import json
import random
import subprocess
import zipfile

import numpy as np
import pytest
import yaml
from PIL import Image, ImageDraw

from sketch2color import imaging
from sketch2color.ingest.side_by_side import chroma

pytestmark = pytest.mark.slow
SIDE = 160
TRAIN, VAL = range(1, 12), range(101, 108)
ODD = {"data/train/5.png", "data/train/10.png", "data/val/104.png"}
"""Files with the halves in the other order."""
STAGES = ["clean", "evaluate", "export", "ingest", "train_cyclegan", "transfer_style"]


def draw_half(number, coloured):
    """Return shapes with a size, position and hue for each number, as lines or filled."""
    rng = random.Random(number)
    image = Image.new("RGB", (SIDE, SIDE), "white")
    draw = ImageDraw.Draw(image)
    for shape in [draw.rectangle, draw.ellipse, draw.rectangle, draw.ellipse, draw.ellipse]:
        left, top = rng.randrange(5, SIDE - 60), rng.randrange(5, SIDE - 60)
        right, bottom = rng.randrange(left + 15, SIDE - 4), rng.randrange(top + 15, SIDE - 4)
        hue = f"hsl({rng.randrange(360)}, 70%, 55%)"
        shape([left, top, right, bottom], hue if coloured else "white", "black", 2)
    return image


def draw_pair(number, sketch_on_the_left):
    pair = Image.new("RGB", (2 * SIDE, SIDE))
    for side, coloured in enumerate([not sketch_on_the_left, sketch_on_the_left]):
        pair.paste(draw_half(number, coloured), (side * SIDE, 0))
    file = io.BytesIO()
    pair.save(file, "PNG")
    return file.getvalue()


def pack(path, sketch_on_the_left):
    """Write an archive like Kaggle's; some pairs are swapped, one file is no image, one is no pair."""
    with zipfile.ZipFile(path, "w") as archive:
        for folder, numbers in (("train", TRAIN), ("val", VAL)):
            for number in numbers:
                name = f"data/{folder}/{number}.png"
                archive.writestr(name, draw_pair(number, sketch_on_the_left ^ (name in ODD)))
                archive.writestr(f"data/colorgram/{number}.json", json.dumps({"0": [[255, 0, 0]]}))
        archive.writestr("data/train/notes.png", b"no image at all")
        archive.writestr("data/val/single.png", draw_single())


def draw_single():
    file = io.BytesIO()
    draw_half(999, True).save(file, "PNG")
    return file.getvalue()


def checkout_with(origin, folder, sketch_on_the_left):
    subprocess.run(["git", "clone", "-q", str(origin), str(folder)], check=True)
    pack(folder / "data/sources/anime/archive.zip", sketch_on_the_left)
    return folder


@pytest.fixture(scope="module")
def experiment(origin, tmp_path_factory, run):
    """A clone that has run all stages at 256 pixels, with the sketch on the right as in Kaggle's archive."""
    checkout = checkout_with(origin, tmp_path_factory.mktemp("anime") / "clone", sketch_on_the_left=False)
    done = run("dvc", "exp", "run", "-S", "dataset=anime", "-S", "image_size=256", cwd=checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture(scope="module")
def reversed_order(origin, tmp_path_factory, run):
    """A clone that has ingested an archive with the sketch on the left."""
    checkout = checkout_with(origin, tmp_path_factory.mktemp("reversed") / "clone", sketch_on_the_left=True)
    done = run("dvc", "exp", "run", "-S", "dataset=anime", "ingest", cwd=checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    return checkout


@pytest.fixture(params=["experiment", "reversed_order"])
def raw(request):
    """The raw data of either order."""
    return request.getfixturevalue(request.param) / "data/raw/anime"


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_five_stages_ran_for_this_data_set(experiment):
    stages = yaml.safe_load((experiment / "dvc.lock").read_text())["stages"]
    assert sorted(stages) == STAGES
    assert all(stage["params"]["params.yaml"]["dataset"] == "anime" for stage in stages.values())


def test_the_folders_of_the_source_are_its_splits(raw):
    splits = {(row["source"].split("/")[1], row["split"]) for row in table(raw / "manifest.csv")}
    assert splits == {("train", "train"), ("val", "val"), ("val", "test")}


def test_a_pair_is_complete_in_val_and_test_and_one_half_in_train(raw):
    rows = table(raw / "manifest.csv")
    names = [f"data/train/{number}.png" for number in TRAIN] + [f"data/val/{number}.png" for number in VAL]
    ingested = sorted((row["source"], row["split"] == "train") for row in rows)
    expected = sorted(
        (name, name.startswith("data/train"))
        for name in names
        if name not in ODD
        for _ in range(1 if name.startswith("data/train") else 2)
    )
    assert ingested == expected
    assert {row["domain"] for row in rows if row["split"] == "train"} == {"sketch", "color"}
    measured = [row for row in rows if row["split"] != "train"]
    assert {(row["pair"], row["domain"]) for row in measured} == {
        (pair, domain) for pair in {row["pair"] for row in measured} for domain in ("sketch", "color")
    }


def test_each_half_has_its_domain(raw):
    rows = table(raw / "manifest.csv")
    for row in rows:
        half = imaging.read(raw / "images" / f"{row['id']}.png")
        number = int(row["source"].rsplit("/")[-1].removesuffix(".png"))
        assert np.array_equal(half, np.asarray(draw_half(number, row["domain"] == "color")))
        assert (chroma(half) > 0.01) == (row["domain"] == "color")
    assert {path.stem for path in (raw / "images").iterdir()} == {row["id"] for row in rows}


def test_rejected_files_are_listed_once_with_the_reason(raw):
    reasons = {}
    for row in table(raw / "rejected.csv"):
        reasons.setdefault(row["source"], []).append(row["reason"])
    odd, usual = ("right", "left") if "reversed" in str(raw) else ("left", "right")
    for name in ODD:
        reason = f"sketch seems to be on the {odd}, in 15 of 18 files it is on the {usual}"
        assert reasons.pop(name) == [reason]
    assert "not an image" in reasons.pop("data/train/notes.png")[0]
    assert "too narrow" in reasons.pop("data/val/single.png")[0]
    assert all(
        name.startswith("data/train/") and reason == [f"other half of pair {name} trains"]
        for name, reason in reasons.items()
    )
    assert len(reasons) == len(TRAIN) - 2


def test_the_licence_and_the_origin_reach_the_manifest(raw):
    rows = table(raw / "manifest.csv")
    assert {row["license"] for row in rows} == {"unclear"}
    assert all("kaggle.com/datasets/ktaebum/" in row["homepage"] for row in rows)
    assert len(json.loads((raw / "source.json").read_text())["sha256"]) == 64


def test_the_test_sketches_have_paired_scores(experiment):
    metrics = json.loads((experiment / "reports/evaluate/metrics.json").read_text())
    tests = [row for row in table(experiment / "data/raw/anime/manifest.csv") if row["split"] == "test"]
    for method in ("cyclegan", "style_transfer"):
        assert 0 < metrics[method]["psnr"]["value"] < 60
        assert -1 <= metrics[method]["ssim"]["value"] <= 1
    for row in tests:
        if row["domain"] == "sketch":
            assert (experiment / f"results/cyclegan/{row['id']}.png").is_file()
