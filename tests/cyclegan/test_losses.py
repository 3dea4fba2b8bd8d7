import pytest
import torch
from torch import nn

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.data import Batch
from sketch2color.cyclegan.losses import discriminator_loss, generator_losses
from sketch2color.cyclegan.networks import Discriminators, Generators, Networks
from sketch2color.models.sketch_lines import background_mask


class Shift(nn.Module):
    """Stands for a generator: adds a number."""

    def __init__(self, by: float) -> None:
        super().__init__()
        self.by = nn.Parameter(torch.tensor(by))

    def forward(self, image, condition):
        return image + self.by


class Mean(nn.Module):
    """Stands for a discriminator: scores the mean, times a weight."""

    def __init__(self, weight: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(weight))

    def forward(self, image):
        return self.weight * image.mean((1, 2, 3))


@pytest.fixture
def networks() -> Networks:
    return Networks(Generators(Shift(0.5), Shift(-0.25)), Discriminators(Mean(2.0), Mean(3.0)))


SKETCH, COLOR = torch.full((1, 3, 4, 4), 0.1), torch.full((1, 3, 4, 4), -0.2)
BATCH = Batch(SKETCH, COLOR)
PUBLISHED = TrainCyclegan()


def terms(networks, params=PUBLISHED, step=0):
    generated = generator_losses(networks, BATCH, params, step)
    return {name: term.item() for name, term in generated.terms.items()}


def test_the_generators_terms_are_those_computed_by_hand(networks):
    generated = generator_losses(networks, BATCH, PUBLISHED, 0)
    terms = {name: term.item() for name, term in generated.terms.items()}
    # fakes: colour 0.1 + 0.5 = 0.6, sketch -0.2 - 0.25 = -0.45; both cycles end 0.25 from where they began
    assert terms == {
        "gan": pytest.approx((3 * 0.6 - 1) ** 2 + (2 * -0.45 - 1) ** 2),
        "cycle": pytest.approx(10 * (0.25 + 0.25)),
        "identity": pytest.approx(5 * (0.5 + 0.25)),
    }
    assert generated.fake_color.mean().item() == pytest.approx(0.6)
    assert generated.fake_sketch.mean().item() == pytest.approx(-0.45)


def test_the_discriminators_loss_is_that_computed_by_hand(networks):
    loss = discriminator_loss(networks.discriminators, BATCH, SKETCH * 3, COLOR * 2)
    sketch_side = (2 * 0.1 - 1) ** 2 + (2 * 0.3) ** 2
    color_side = (3 * -0.2 - 1) ** 2 + (3 * -0.4) ** 2
    assert loss.item() == pytest.approx(0.5 * (sketch_side + color_side))


def test_identity_takes_its_turns(networks):
    params = TrainCyclegan(identity_every=3)
    taken = ["identity" in terms(networks, params, step) for step in range(7)]
    assert taken == [True, False, False, True, False, False, True]


def test_identity_is_left_out_at_weight_0(networks):
    assert set(terms(networks, TrainCyclegan(identity_weight=0.0))) == {"gan", "cycle"}


def test_coloured_background_costs_and_the_drawing_does_not(networks):
    sheet = torch.ones(1, 3, 64, 64)
    sheet[..., 30:34, 30:34] = -1.0
    params = TrainCyclegan(paper_weight=2.0)
    share = background_mask(sheet).mean().item()
    assert 0.3 < share < 0.9
    generated = generator_losses(networks, Batch(sheet, sheet), params, 0)
    assert generated.terms["paper"].item() == pytest.approx(2.0 * 0.5 * share)
