import csv
import json

import numpy as np
import pytest

from sketch2color import images
from sketch2color.cyclegan.train import train
from sketch2color.errors import UserError
from sketch2color.networks.trained import load_generator, paint
from sketch2color.params import TrainCyclegan

SMALL = {
    "epochs": 2,
    "batch_size": 2,
    "generator_width": 8,
    "critic_width": 4,
    "pool_size": 2,
    "identity_every": 2,
    "threads": 1,
}


def picture(number: int, color: tuple[int, int, int]) -> np.ndarray:
    drawn = np.full((64, 64, 3), 255, np.uint8)
    edge = 8 + number
    drawn[edge : 64 - edge, edge : 64 - edge] = 0
    drawn[edge + 2 : 62 - edge, edge + 2 : 62 - edge] = color
    return drawn


@pytest.fixture
def clean(tmp_path):
    for split in ("train", "val"):
        for number in range(3):
            images.write_png(
                tmp_path / f"clean/{split}/sketch/{number}.png", picture(number, (255, 255, 255))
            )
            images.write_png(
                tmp_path / f"clean/{split}/color/{number}.png", picture(number, (220, 40 * number, 30))
            )
    return tmp_path / "clean"


def run(clean, out, **values):
    told = []
    params = TrainCyclegan(**{**SMALL, **values})
    metrics = train(
        clean, out / "models", out / "report", params, 5, lambda losses, step: told.append((step, losses))
    )
    return metrics, told


def files(folder) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("generator", ["multiply", "resnet"])
def test_two_trainings_write_the_same_bytes(clean, tmp_path, generator):
    for name in ("first", "second"):
        run(clean, tmp_path / name, generator=generator, average_decay=0.9)
    first, second = files(tmp_path / "first"), files(tmp_path / "second")
    assert first == second
    assert set(first) == {
        "models/color_critic.safetensors",
        "models/color_to_sketch.safetensors",
        "models/config.json",
        "models/sketch_critic.safetensors",
        "models/sketch_to_color.safetensors",
        "report/losses.csv",
        "report/metrics.json",
        "report/samples/epoch_0001.png",
        "report/samples/epoch_0002.png",
    }


def test_what_training_tells_and_writes_agrees(clean, tmp_path):
    metrics, told = run(clean, tmp_path, generator="multiply")
    with (tmp_path / "report/losses.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == [step for step, _ in told] == [2, 4]
    assert metrics == json.loads((tmp_path / "report/metrics.json").read_text())
    assert metrics["steps"] == 4
    assert metrics["cycle"] == told[-1][1]["cycle"] == pytest.approx(float(rows[-1]["cycle"]), rel=1e-5)


def test_the_trained_model_paints(clean, tmp_path):
    run(clean, tmp_path, generator="multiply", precision="bf16")
    sketch = picture(1, (255, 255, 255))
    painted = paint(load_generator(tmp_path / "models"), sketch)
    assert painted.shape == sketch.shape
    assert not np.array_equal(painted, sketch)


def test_an_epoch_can_be_of_any_length(clean, tmp_path):
    metrics, _ = run(clean, tmp_path, generator="multiply", steps_per_epoch=1)
    assert metrics["steps"] == 2


def test_without_val_there_are_no_samples(clean, tmp_path):
    for path in (clean / "val").rglob("*.png"):
        path.unlink()
    run(clean, tmp_path, generator="multiply", steps_per_epoch=1)
    assert not (tmp_path / "report/samples").exists()


def test_a_loss_that_explodes_stops_the_training(clean, tmp_path):
    with pytest.raises(UserError, match=r"step 1 of 4: the cycle loss is inf"):
        run(clean, tmp_path, generator="multiply", cycle_weight=1e39)


def test_an_empty_domain_stops_it_before_anything_is_written(clean, tmp_path):
    for path in (clean / "train/color").glob("*.png"):
        path.unlink()
    with pytest.raises(UserError, match="has no picture"):
        run(clean, tmp_path)
    assert not (tmp_path / "models").exists()
