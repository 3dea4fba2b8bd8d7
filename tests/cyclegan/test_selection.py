import numpy as np
import pytest
import torch
from torch import nn

from sketch2color.cyclegan.selection import Choice
from sketch2color.models.generator import Generator
from sketch2color.models.palette import PALETTE

PALETTES = torch.full((2, PALETTE), 0.5)


class Tint(Generator):
    """Colours everything in one hue."""

    def __init__(self, red: float) -> None:
        super().__init__(1)
        self.red = nn.Parameter(torch.tensor(red))

    def forward(self, sketch: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        colored = sketch.clone()
        colored[:, 1:] -= self.red
        return colored


def drawing(number: int, color: tuple[int, int, int]) -> np.ndarray:
    drawn = np.full((64, 64, 3), color, np.uint8)
    drawn[10 + number : 12 + number, 8:56] = 0
    drawn[8:56, 20 + number : 22 + number] = 0
    return drawn


@pytest.fixture
def choice():
    sketches = [drawing(number, (255, 255, 255)) for number in range(6)]
    colors = [drawing(number, (255, 128, 128)) for number in range(6)]
    return Choice(sketches, colors, PALETTES, seed=0)


def generators(red: float) -> nn.ModuleList:
    return nn.ModuleList([Tint(red), nn.Identity()])


def test_the_best_are_kept_and_not_the_last(choice):
    for step, red in ((10, 0.0), (20, 1.0), (30, 0.3)):
        choice.consider(step, generators(red))
    assert choice.chosen()["step"] == 20
    assert float(choice.weights["0.red"]) == 1.0
    assert choice.rows[1]["kid"] < choice.rows[2]["kid"] < choice.rows[0]["kid"]


def test_weights_kept_do_not_change_with_the_training(choice):
    painter = generators(1.0)
    choice.consider(1, painter)
    painter[0].red.data.fill_(0.0)
    assert float(choice.weights["0.red"]) == 1.0


def test_of_equal_scores_the_first_is_chosen(choice):
    for step in (1, 2):
        choice.consider(step, generators(1.0))
    assert choice.chosen()["step"] == 1


def test_it_goes_on_from_its_state(choice):
    choice.consider(1, generators(1.0))
    other = Choice(choice.sketches, choice.sketches, PALETTES, seed=0)
    other.load_state_dict(choice.state_dict())
    assert other.chosen() == choice.chosen()
    assert float(other.weights["0.red"]) == 1.0


@pytest.mark.parametrize(("sketches", "colors"), [(3, 6), (6, 3), (0, 0)])
def test_too_few_images_choose_nothing(sketches, colors):
    white = [drawing(number, (255, 255, 255)) for number in range(6)]
    choice = Choice(white[:sketches], white[:colors], PALETTES, seed=0)
    assert choice.consider(1, generators(0.5)) is None
    assert choice.chosen() is None
    assert choice.weights is None
