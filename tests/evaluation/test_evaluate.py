import json
import re

import numpy as np
import pytest
from scipy import ndimage

from sketch2color import files, imaging, manifest
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.confidence_intervals import Estimate, flat, from_json
from sketch2color.config.params import Evaluate
from sketch2color.errors import UserError
from sketch2color.evaluation.evaluate import evaluate, sources
from sketch2color.manifest import CleanImageRow
from sketch2color.metrics import perceptual_distance
from sketch2color.models.bfloat16 import processor_has_bf16
from sketch2color.report.evaluation_data import About

pytestmark = pytest.mark.slow

LABEL = f"tiny-01234567-relu4_1{'-bf16' if processor_has_bf16() else ''}"
FEATURE_KEYS = {f"{key}_{LABEL}" for key in ("kid", "kid_spread", "fid", "precision", "recall")}
PAIRED = {"psnr", "ssim", "color_error", perceptual_distance.KEY}
ABOUT = About("drawn <here>", {"license": "CC0-1.0"}, {"seed": 3}, {})


OUTPUTS = ("metrics.json", "scores.csv", "images.csv", "report.html", "contact_sheet.png")


def run(world, out="out"):
    return evaluate(
        clean=world.clean,
        model=world.root / "model",
        style=world.style,
        results=world.root / out / "results",
        report=world.root / out / "report",
        losses=world.losses,
        params=Evaluate(threads=1),
        seed=3,
        about=ABOUT,
    )


def outputs(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def rewrite(world, change):
    path = world.clean / "manifest.csv"
    manifest.write(path, change(manifest.read(path, CleanImageRow)), CleanImageRow)


def written(world, out="out"):
    content = json.loads((world.root / out / "report/metrics.json").read_text())
    differences = content.pop("differences")
    return from_json(content), from_json(differences)


def table(world, name):
    return files.read_csv(world.root / "out/report" / name)


def test_everything_is_made(world, mocked):
    returned = run(world)
    assert set(outputs(world.root / "out")) == {
        *(f"results/{name}.png" for name in world.ids),
        *(f"report/{name}" for name in OUTPUTS),
    }
    metrics, differences = written(world)
    assert returned == pytest.approx(flat({**metrics, **differences}), rel=1e-5)
    assert all(re.fullmatch(r"[\w./ -]+", name) for name in returned)
    assert set(metrics) == {"sketch", "style_transfer", "cyclegan", "real"}
    assert set(differences) == {"cyclegan - style_transfer", "cyclegan - sketch"}


def test_figures_say_how_many_images_they_rest_on(world, mocked):
    run(world)
    metrics, differences = written(world)
    for method in ("sketch", "style_transfer", "cyclegan"):
        assert metrics[method]["images"] == Estimate(3, 3)
        assert metrics[method]["reference_images"] == Estimate(12, 12)
        assert {key: metrics[method][key].n for key in PAIRED} == dict.fromkeys(PAIRED, 2)
        assert metrics[method]["paper_noise"].n == 3
        assert metrics[method]["psnr"].low < metrics[method]["psnr"].value < metrics[method]["psnr"].high
    assert differences["cyclegan - sketch"]["psnr"].n == 2
    assert differences["cyclegan - sketch"]["paper_noise"].n == 3
    noise = {method: metrics[method]["paper_noise"].value for method in ("sketch", "cyclegan")}
    assert differences["cyclegan - sketch"]["paper_noise"].value == pytest.approx(noise["cyclegan"], rel=1e-5)
    assert noise["sketch"] == 0


def test_figures_are_those_of_the_images(world, mocked):
    run(world)
    metrics, _ = written(world)
    assert metrics["sketch"]["lines_lost"].value == metrics["sketch"]["painted_marks"].value == 0
    assert metrics["style_transfer"]["psnr"].value > metrics["sketch"]["psnr"].value
    assert metrics["cyclegan"]["paper_noise"].value > 5
    assert "palette_spread" in metrics["style_transfer"]
    assert "palette_spread" not in metrics["sketch"]
    assert set(metrics["real"]) >= {"mark_area", "colorfulness", "checkerboard", "memorization"}
    assert not set(metrics["real"]) & {"painted_marks", "paper_noise", "color_bleed", "lines_lost", *PAIRED}


def test_the_tables_hold_every_score_and_every_image(world, mocked):
    (world.style / f"{world.ids[0]}.png").unlink()
    run(world)
    images = table(world, "images.csv")
    methods = ("sketch", "style_transfer", "cyclegan", "real")
    assert [image["method"] for image in images] == [method for method in methods for _ in range(3)]
    missing = images[3]
    assert missing == {"id": world.ids[0], "method": "style_transfer", "fault": "not found", "nearest": ""}
    training = {path.stem for path in (world.clean / "train/color").iterdir()}
    assert {image["nearest"] for image in images if not image["fault"]} <= training
    scores = table(world, "scores.csv")
    assert not [row for row in scores if (row["id"], row["method"]) == (missing["id"], missing["method"])]
    noise = [
        float(row["value"]) for row in scores if (row["method"], row["metric"]) == ("cyclegan", "paper_noise")
    ]
    assert len(noise) == 3
    assert written(world)[0]["cyclegan"]["paper_noise"].value == pytest.approx(np.mean(noise), rel=1e-5)


def test_a_copy_of_a_training_image_is_detected(world, mocked):
    source = sorted((world.clean / "train/color").iterdir())[2]
    files.write_bytes(world.style / f"{world.ids[1]}.png", source.read_bytes())
    run(world)
    nearest = {(row["method"], row["id"]): row["nearest"] for row in table(world, "images.csv")}
    scores = {(row["method"], row["id"], row["metric"]): row["value"] for row in table(world, "scores.csv")}
    assert nearest["style_transfer", world.ids[1]] == source.stem
    assert float(scores["style_transfer", world.ids[1], "memorization"]) == 1
    assert all(near != name for (method, name), near in nearest.items() if method == "real")


def test_kid_and_fid_carry_the_features_name(world, mocked):
    def doubled(rows):  # enough test sketches for KID: each a second time under another name
        more = []
        for r in manifest.select(rows, split="test", domain="sketch"):
            name = manifest.sha256(r.id.encode())[:16]
            for folder in (world.clean / "test" / "sketch", world.style):
                files.write_bytes(folder / f"{name}.png", (folder / f"{r.id}.png").read_bytes())
            more.append(CleanImageRow(**{**vars(r), "id": name, "pair": ""}))
        return [*rows, *more]

    rewrite(world, doubled)
    run(world)
    metrics, differences = written(world)
    for method, figures in metrics.items():
        assert set(figures) >= FEATURE_KEYS, method
    assert set(differences["cyclegan - sketch"]) >= FEATURE_KEYS
    fid = {method: figures[f"fid_{LABEL}"].value for method, figures in metrics.items()}
    assert fid["real"] < min(fid["sketch"], fid["cyclegan"])


def test_two_runs_are_the_same_bytes_in_any_order_of_rows(world, mocked):
    run(world, "first")
    path = world.clean / "manifest.csv"
    head, *rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([head, *reversed(rows)]))
    run(world, "second")
    assert outputs(world.root / "first") == outputs(world.root / "second")


def test_missing_and_broken_results_are_marked(world, mocked):
    missing, broken, small = world.ids
    (world.style / f"{missing}.png").unlink()
    (world.style / f"{broken}.png").write_bytes(b"no image")
    imaging.write_png(world.style / f"{small}.png", np.zeros((8, 8, 3), np.uint8))
    run(world)
    metrics, differences = written(world)
    assert metrics["style_transfer"] == {"images": Estimate(0, 3), "reference_images": Estimate(12, 12)}
    assert differences["cyclegan - style_transfer"] == {}
    assert metrics["cyclegan"]["images"] == Estimate(3, 3)
    page = (world.root / "out/report/report.html").read_text()
    for reason in ("not found", "not an image", "8×8 pixels instead of 96×96"):
        assert reason in page
    assert "Style transfer has no usable image for 3 of 3" in page


def test_a_generator_that_fails_on_one_sketch_leaves_one_placeholder(world, mocked, monkeypatch):
    colorize, calls = Colorizer.colorize, []

    def sometimes(colorizer, image):
        calls.append(image)
        if len(calls) == 2:
            raise imaging.ImageError("not finite")
        return colorize(colorizer, image)

    monkeypatch.setattr(Colorizer, "colorize", sometimes)
    assert run(world)["cyclegan/images"] == 2
    sheet = imaging.read(world.root / "out/report/contact_sheet.png")
    assert (sheet == (176, 60, 40)).all(axis=2).sum() > 500  # the cross


def test_a_generator_that_is_not_finite_leaves_placeholders(world, mocked, monkeypatch):
    colorizer = Colorizer.load(world.root)
    colorizer.network.weight.data[0, 0] = float("nan")
    monkeypatch.setattr(Colorizer, "load", lambda model: colorizer)
    metrics = run(world)
    assert metrics["cyclegan/images"] == 0
    assert "cyclegan/paper_noise" not in metrics
    assert "CycleGAN has no usable image for 3 of 3" in (world.root / "out/report/report.html").read_text()


def test_without_pairs_there_are_no_paired_scores(world, mocked):
    rewrite(world, lambda rows: [CleanImageRow(**{**vars(r), "pair": ""}) for r in rows])
    metrics = run(world)
    assert "cyclegan/paper_noise" in metrics
    assert not any(key.endswith(tuple(PAIRED)) for key in metrics)


def test_without_colour_images_there_are_placeholders_and_no_numbers(world, mocked):
    rewrite(world, lambda rows: manifest.select(rows, domain="sketch"))
    metrics = run(world)
    assert not any("kid" in key or "fid" in key for key in metrics)
    assert metrics["real/images"] == 0 == metrics["cyclegan/reference_images"]
    assert not any("memorization" in key for key in metrics)
    assert metrics["cyclegan/paper_noise"] > 0


def test_one_test_sketch_is_enough(world, mocked):
    rewrite(world, lambda rows: [r for r in rows if r.domain == "color" or r.id == world.ids[0]])
    metrics = run(world)
    assert metrics["cyclegan/images"] == 1
    assert "cyclegan/paper_noise" in metrics
    assert "cyclegan/paper_noise/low" not in metrics
    assert not any(key.startswith(("cyclegan/kid", "cyclegan/fid", "cyclegan/palette")) for key in metrics)


def test_old_results_do_not_stay(world, mocked):
    files.write_bytes(world.root / "out/results/old.png", b"x")
    run(world)
    assert not (world.root / "out/results/old.png").exists()


def test_no_test_sketch_is_one_clear_line(world, mocked):
    rewrite(world, lambda rows: manifest.select(rows, domain="color"))
    with pytest.raises(UserError, match="no test sketch"):
        run(world)


def test_no_model_is_one_clear_line(world):
    with pytest.raises(UserError, match="model"):
        run(world)


@pytest.mark.parametrize(
    "table", [b"sketch,other\na,b\n", b"sketch,reference\na\n", b"sketch,reference\n\xff"]
)
def test_a_damaged_table_of_references_is_one_line(tmp_path, table):
    references = tmp_path / "references.csv"
    references.write_bytes(table)
    with pytest.raises(UserError, match="csv is damaged: run `dvc repro --force transfer_style`"):
        sources([], [], references)


def test_parts_and_styles_are_scored_where_they_are_known(world, mocked):
    rows = manifest.select(
        manifest.read(world.clean / "manifest.csv", CleanImageRow), split="test", domain="sketch"
    )
    unpaired, known, unstyled = (row.id for row in sorted(rows, key=lambda row: row.pair))
    for name in (known, unpaired):
        drawn = imaging.read(world.clean / "test/sketch" / f"{name}.png").min(2) < 128
        inside = ndimage.binary_fill_holes(drawn).astype(np.uint8)
        imaging.write_png(world.clean / "truth" / f"{name}.parts.png", inside)
    details = [{"id": known, "style": "loose"}, {"id": unpaired, "style": "ballpoint"}]
    files.write_csv(world.clean / "truth" / "details.csv", ("id", "style"), details)
    run(world)
    scores = {(row["method"], row["id"], row["metric"]): row["value"] for row in table(world, "scores.csv")}
    assert [float(scores["sketch", name, "part_white"]) for name in (known, unpaired)] == [1, 1]
    assert float(scores["style_transfer", known, "part_white"]) == 0
    assert ("sketch", unstyled, "part_white") not in scores
    styles = {(row["style"], row["method"], row["metric"]): row for row in table(world, "styles.csv")}
    assert styles["all", "cyclegan", "part_white"]["n"] == "2"
    assert styles["loose", "designer", "part_white"]["value"] == "0.0"
    noise = scores["style_transfer", known, "paper_noise"]
    assert float(styles["loose", "style_transfer", "paper_noise"]["value"]) == pytest.approx(float(noise))
    assert ("ballpoint", "designer", "part_white") not in styles  # has no pair
    assert "By drawing style" in (world.root / "out/report/report.html").read_text()
