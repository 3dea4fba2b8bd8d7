import numpy as np
import pytest
import torch
from torch import nn

from sketch2color.cyclegan.networks import Generators
from sketch2color.cyclegan.selection import CheckpointSelector
from sketch2color.models.generators.base import Generator
from sketch2color.models.palette import PALETTE

pytestmark = pytest.mark.slow

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
def selector():
    sketches = [drawing(number, (255, 255, 255)) for number in range(6)]
    colors = [drawing(number, (255, 128, 128)) for number in range(6)]
    return CheckpointSelector(sketches, colors, PALETTES, seed=0)


def generators(red: float) -> Generators:
    return Generators(Tint(red), Tint(0.0))


def test_the_best_are_kept_and_not_the_last(selector):
    for step, red in ((10, 0.0), (20, 1.0), (30, 0.3)):
        selector.evaluate(step, generators(red))
    assert selector.best()["step"] == 20
    assert float(selector.weights["sketch_to_color.red"]) == 1.0
    assert selector.rows[1]["kid"] < selector.rows[2]["kid"] < selector.rows[0]["kid"]


def test_weights_kept_do_not_change_with_the_training(selector):
    trained = generators(1.0)
    selector.evaluate(1, trained)
    trained.sketch_to_color.red.data.fill_(0.0)
    assert float(selector.weights["sketch_to_color.red"]) == 1.0


def test_of_equal_scores_the_first_is_best(selector):
    for step in (1, 2):
        selector.evaluate(step, generators(1.0))
    assert selector.best()["step"] == 1


def test_it_resumes_from_its_state(selector):
    selector.evaluate(1, generators(1.0))
    other = CheckpointSelector(selector.sketches, selector.sketches, PALETTES, seed=0)
    other.load_state_dict(selector.state_dict())
    assert other.best() == selector.best()
    assert float(other.weights["sketch_to_color.red"]) == 1.0


@pytest.mark.parametrize(("sketches", "colors"), [(3, 6), (6, 3), (0, 0)])
def test_too_few_images_select_nothing(sketches, colors):
    white = [drawing(number, (255, 255, 255)) for number in range(6)]
    selector = CheckpointSelector(white[:sketches], white[:colors], PALETTES, seed=0)
    assert selector.evaluate(1, generators(0.5)) is None
    assert selector.best() is None
    assert selector.weights is None
