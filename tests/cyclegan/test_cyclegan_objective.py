import pytest
import torch
from torch import nn

from sketch2color.cyclegan.objective import Networks, criticize, generate


class Shift(nn.Module):
    """Stands for a generator: adds a number."""

    def __init__(self, by: float) -> None:
        super().__init__()
        self.by = nn.Parameter(torch.tensor(by))

    def forward(self, picture, palette=None):
        return picture + self.by


class Mean(nn.Module):
    """Stands for a critic: scores the mean, times a weight."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))

    def forward(self, picture):
        return self.weight * picture.mean((1, 2, 3))


@pytest.fixture
def networks() -> Networks:
    return Networks(Shift(0.5), Shift(-0.25), Mean(2.0), Mean(3.0))


SKETCH, COLOR = torch.full((1, 3, 4, 4), 0.1), torch.full((1, 3, 4, 4), -0.2)


def test_the_generators_terms_are_those_computed_by_hand(networks):
    generated = generate(networks, SKETCH, COLOR, cycle_weight=10.0, identity_weight=5.0)
    terms = {name: term.item() for name, term in generated.terms.items()}
    # fakes: colour 0.1 + 0.5 = 0.6, sketch -0.2 - 0.25 = -0.45; both cycles end 0.25 from where they began
    assert terms["gan"] == pytest.approx((3 * 0.6 - 1) ** 2 + (2 * -0.45 - 1) ** 2)
    assert terms["cycle"] == pytest.approx(10 * (0.25 + 0.25))
    assert terms["identity"] == pytest.approx(5 * (0.5 + 0.25))
    assert generated.color.mean().item() == pytest.approx(0.6)
    assert generated.sketch.mean().item() == pytest.approx(-0.45)


def test_the_critics_loss_is_that_computed_by_hand(networks):
    loss = criticize(networks, SKETCH, COLOR, fake_sketch=SKETCH * 3, fake_color=COLOR * 2)
    sketch_side = (2 * 0.1 - 1) ** 2 + (2 * 0.3) ** 2
    color_side = (3 * -0.2 - 1) ** 2 + (3 * -0.4) ** 2
    assert loss.item() == pytest.approx(0.5 * (sketch_side + color_side))


def test_identity_is_left_out_at_weight_0(networks):
    assert set(generate(networks, SKETCH, COLOR, 10.0, 0.0).terms) == {"gan", "cycle"}
