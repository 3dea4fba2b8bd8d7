import json
import re

import numpy as np
import pytest

from sketch2color import files, images, manifest
from sketch2color.errors import UserError
from sketch2color.evaluation.evaluate import evaluate
from sketch2color.manifest import CleanPicture
from sketch2color.networks import trained
from sketch2color.params import Evaluate

FEATURE_KEYS = {f"{key}_tiny-01234567-second" for key in ("kid", "kid_spread", "fid")}


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
        about={"Data set": "drawn <here>", "Licence": "CC0, https://example.org"},
    )


def outputs(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def rewrite(world, change):
    path = world.clean / "manifest.csv"
    manifest.write(path, change(manifest.read(path, CleanPicture)), CleanPicture)


def test_everything_is_made(world, mocked):
    returned = run(world)
    made = outputs(world.root / "out")
    assert set(made) == {
        *(f"results/{name}.png" for name in world.ids),
        *(f"report/{name}" for name in ("metrics.json", "report.html", "contact_sheet.png")),
    }
    metrics = json.loads(made["report/metrics.json"])
    assert returned == {
        f"{m}/{key}": value for m, figures in metrics.items() for key, value in figures.items()
    }
    assert all(re.fullmatch(r"[\w./ -]+", name) for name in returned)
    assert set(metrics) == {"sketch", "style_transfer", "cyclegan", "real"}
    for method in ("sketch", "style_transfer", "cyclegan"):
        counts = {key: value for key, value in metrics[method].items() if key.startswith("n")}
        assert counts == {"n": 3, "n_paired": 2, "n_paper": 3, "n_reference": 12}
        assert {"paper_noise", "colorfulness", "psnr", "ssim"} < set(metrics[method])
    assert metrics["sketch"]["paper_noise"] == metrics["sketch"]["colorfulness"] == 0
    assert metrics["style_transfer"]["psnr"] > metrics["sketch"]["psnr"]
    assert all("mark_area" in figures for figures in metrics.values())
    assert "painted_marks" not in metrics["real"]
    assert metrics["sketch"]["painted_marks"] == 0
    assert metrics["cyclegan"]["paper_noise"] > 5


def test_kid_and_fid_carry_the_features_name(world, mocked):
    def doubled(rows):  # enough test sketches for KID: each a second time under another name
        more = []
        for r in manifest.select(rows, split="test", domain="sketch"):
            name = manifest.sha256(r.id.encode())[:16]
            for folder in (world.clean / "test" / "sketch", world.style):
                files.write_bytes(folder / f"{name}.png", (folder / f"{r.id}.png").read_bytes())
            more.append(CleanPicture(**{**vars(r), "id": name, "pair": ""}))
        return [*rows, *more]

    rewrite(world, doubled)
    run(world)
    metrics = json.loads((world.root / "out/report/metrics.json").read_text())
    for method, figures in metrics.items():
        assert set(figures) >= FEATURE_KEYS, method
    fid = {method: figures["fid_tiny-01234567-second"] for method, figures in metrics.items()}
    assert fid["real"] < min(fid["sketch"], fid["cyclegan"])


def test_two_runs_are_the_same_bytes_in_any_order_of_rows(world, mocked):
    run(world, "first")
    path = world.clean / "manifest.csv"
    head, *rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([head, *reversed(rows)]))
    run(world, "second")
    assert outputs(world.root / "first") == outputs(world.root / "second")


def test_missing_and_broken_results_are_marked_holes(world, mocked):
    missing, broken, small = world.ids
    (world.style / f"{missing}.png").unlink()
    (world.style / f"{broken}.png").write_bytes(b"no picture")
    images.write_png(world.style / f"{small}.png", np.zeros((8, 8, 3), np.uint8))
    run(world)
    metrics = json.loads((world.root / "out/report/metrics.json").read_text())
    assert metrics["style_transfer"] == {"n": 0, "n_paired": 0, "n_paper": 0, "n_reference": 12}
    assert metrics["cyclegan"]["n"] == 3
    page = (world.root / "out/report/report.html").read_text()
    for reason in ("none was made", "not a picture", "8×8 pixels instead of 96×96"):
        assert f"<span>{reason}</span>" in page
    assert "Style transfer has no usable picture for 3 of 3" in page


def test_a_generator_that_fails_on_one_sketch_leaves_one_hole(world, mocked, monkeypatch):
    paint, calls = trained.paint, []

    def sometimes(painter, picture):
        calls.append(picture)
        if len(calls) == 2:
            raise images.PictureError("not finite")
        return paint(painter, picture)

    monkeypatch.setattr(trained, "paint", sometimes)
    assert run(world)["cyclegan/n"] == 2
    sheet = images.read(world.root / "out/report/contact_sheet.png")
    assert (sheet == (176, 60, 40)).all(axis=2).sum() > 500  # the cross


def test_a_generator_that_is_not_finite_leaves_holes(world, mocked, monkeypatch):
    painter = trained.load_generator(world.root)
    painter.network.weight.data[0, 0] = float("nan")
    monkeypatch.setattr(trained, "load_generator", lambda model: painter)
    metrics = run(world)
    assert metrics["cyclegan/n"] == 0
    assert "cyclegan/paper_noise" not in metrics
    assert "CycleGAN has no usable picture for 3 of 3" in (world.root / "out/report/report.html").read_text()


def test_without_pairs_there_are_no_paired_scores(world, mocked):
    rewrite(world, lambda rows: [CleanPicture(**{**vars(r), "pair": ""}) for r in rows])
    metrics = run(world)
    assert metrics["cyclegan/n_paired"] == 0
    assert not any(key.endswith(("psnr", "ssim")) for key in metrics)


def test_without_colour_pictures_there_are_holes_and_no_numbers(world, mocked):
    rewrite(world, lambda rows: manifest.select(rows, domain="sketch"))
    metrics = run(world)
    assert not any("kid" in key or "fid" in key for key in metrics)
    assert metrics["real/n"] == 0 == metrics["cyclegan/n_reference"]
    assert metrics["cyclegan/paper_noise"] > 0


def test_one_test_sketch_is_enough(world, mocked):
    rewrite(world, lambda rows: [r for r in rows if r.domain == "color" or r.id == world.ids[0]])
    metrics = run(world)
    assert metrics["cyclegan/n"] == 1
    assert "cyclegan/paper_noise" in metrics
    assert not any(key.startswith(("cyclegan/kid", "cyclegan/fid")) for key in metrics)


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
