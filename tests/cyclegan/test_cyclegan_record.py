import numpy as np
import torch

from sketch2color import images
from sketch2color.cyclegan.record import Record
from sketch2color.cyclegan.train import build
from sketch2color.cyclegan.trainer import Trainer
from sketch2color.params import TrainCyclegan
from sketch2color.sheets import GAP

PARAMS = TrainCyclegan(generator="multiply", generator_width=8, critic_width=4)
TERMS = {name: torch.tensor(1.0) for name in ("identity", "gan", "cycle", "discriminator")}


def record(tmp_path, steps: int, epoch: int, pictures: int, told: list[int]) -> Record:
    trainer = Trainer(build(PARAMS, 0), PARAMS, steps, 0)
    white = [np.full((64, 64, 3), 255, np.uint8)] * pictures
    return Record(tmp_path, trainer, epoch, [white, white], lambda _, step: told.append(step))


def test_grids_are_drawn_four_times_at_the_ends_of_epochs(tmp_path):
    told: list[int] = []
    kept = record(tmp_path, steps=20, epoch=2, pictures=1, told=told)
    for step in range(20):
        kept.add(step, TERMS)
    grids = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert grids == [f"epoch_{number:04d}.png" for number in (3, 5, 8, 10)]
    assert told == list(range(1, 21))
    assert len((tmp_path / "losses.csv").read_text().splitlines()) == 21


def test_a_grid_has_both_ways_of_up_to_eight_pictures(tmp_path):
    for name, pictures in (("few", 2), ("many", 9)):
        record(tmp_path / name, 1, 1, pictures, []).add(0, TERMS)
    few, many = (images.read(tmp_path / name / "samples/epoch_0001.png") for name in ("few", "many"))
    assert few.shape[1] == many.shape[1]
    assert many.shape[0] - few.shape[0] == 6 * (256 + GAP)


def test_losses_are_told_as_they_come(tmp_path):
    kept = record(tmp_path, steps=2, epoch=2, pictures=0, told=[])
    assert kept.add(0, TERMS) == {"identity": 1.0, "gan": 1.0, "cycle": 1.0, "discriminator": 1.0}
    assert (tmp_path / "losses.csv").read_text().splitlines()[1:] == ["1,1,1,1,1"]
