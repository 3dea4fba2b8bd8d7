import numpy as np
import pytest
import torch

from sketch2color import imaging
from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.history import History
from sketch2color.cyclegan.selection import Choice
from sketch2color.cyclegan.train import build
from sketch2color.cyclegan.training_logger import Record
from sketch2color.imaging.contact_sheet import GAP
from sketch2color.models.palette import PALETTE

PARAMS = TrainCyclegan(generator="multiply", generator_width=8, discriminator_width=4)
TERMS = {name: torch.tensor(1.0) for name in ("identity", "gan", "cycle", "discriminator")}
LOSSES = {"identity": 1.0, "gan": 1.0, "cycle": 1.0, "paper": 0.0, "discriminator": 1.0}


class Told:
    def __init__(self):
        self.figures = []
        self.folders = []

    def metrics(self, values, step=None):
        self.figures.append((step, dict(values)))

    def files(self, *paths):
        self.folders += paths


@pytest.fixture(scope="module")
def generators():
    return build(PARAMS, 0).generators()


def record(tmp_path, steps: int, epoch: int, images: int, told: Told, choose_every: int = 100) -> Record:
    lined = np.full((64, 64, 3), 255, np.uint8)
    lined[20:22, 10:50] = 0
    lines = [np.roll(lined, 3 * place, 0) for place in range(images)]
    history = History(steps, PARAMS.identity_every, lambda values: values)
    choice = Choice(lines, lines, torch.full((2, PALETTE), 0.5), seed=0)
    return Record(tmp_path, history, choice, [lines, lines], epoch, choose_every, told)


def test_grids_are_drawn_four_times_at_the_ends_of_epochs(tmp_path, generators):
    told = Told()
    kept = record(tmp_path, steps=20, epoch=2, images=1, told=told)
    for step in range(20):
        kept.add(step, TERMS, generators)
    grids = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert grids == [f"epoch_{number:04d}.png" for number in (3, 5, 8, 10)]
    assert told.figures == [(step, LOSSES) for step in range(1, 21)]
    assert told.folders == [tmp_path] * 4
    assert len((tmp_path / "losses.csv").read_text().splitlines()) == 21
    assert not (tmp_path / "val.csv").exists()


def test_a_grid_has_both_ways_of_up_to_eight_images(tmp_path, generators):
    for name, images in (("few", 2), ("many", 9)):
        record(tmp_path / name, 2, 1, images, Told(), choose_every=5).add(0, TERMS, generators)
    few, many = (imaging.read(tmp_path / name / "samples/epoch_0001.png") for name in ("few", "many"))
    assert few.shape[1] == many.shape[1]
    assert many.shape[0] - few.shape[0] == 6 * (256 + GAP)


def test_losses_are_told_as_they_come(tmp_path, generators):
    kept = record(tmp_path, steps=2, epoch=2, images=0, told=Told())
    assert kept.add(0, TERMS, generators) == {"step": 1, **LOSSES}
    assert (tmp_path / "losses.csv").read_text().splitlines()[1:] == ["1,1,1,1,0,1"]


def test_val_scores_every_few_epochs_and_at_the_end(tmp_path, generators):
    told = Told()
    kept = record(tmp_path, steps=10, epoch=2, images=4, told=told, choose_every=2)
    for step in range(10):
        kept.add(step, TERMS, generators)
    scored = [step for step, values in told.figures if "val_kid" in values]
    assert scored == [4, 8, 10]
    assert [line.split(",")[0] for line in (tmp_path / "val.csv").read_text().splitlines()] == [
        "step", "4", "8", "10"
    ]  # fmt: skip


def test_what_was_written_and_told_is_written_and_told_again_after_a_kill(tmp_path, generators):
    told = [Told(), Told()]
    first = record(tmp_path / "first", 4, 1, 4, told[0], choose_every=1)
    for step in range(3):
        first.add(step, TERMS, generators)
    second = record(tmp_path / "second", 4, 1, 4, told[1], choose_every=1)
    second.load_state_dict(first.state_dict())
    assert sorted(told[1].figures, key=str) == sorted(told[0].figures, key=str)
    names = ["losses.csv", "val.csv", *(f"samples/epoch_000{number}.png" for number in (1, 2, 3))]
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()
