import pytest
import torch
from torch import nn

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.losses import Networks, discriminator_loss, generate, quantized, weights_at
from sketch2color.models.lines import blank


class Shift(nn.Module):
    """Stands for a generator: adds a number."""

    def __init__(self, by: float) -> None:
        super().__init__()
        self.by = nn.Parameter(torch.tensor(by))

    def forward(self, image, palette=None):
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
    return Networks(Shift(0.5), Shift(-0.25), Mean(2.0), Mean(3.0))


SKETCH, COLOR = torch.full((1, 3, 4, 4), 0.1), torch.full((1, 3, 4, 4), -0.2)
DRAWS = torch.full((1, 16), 0.3)
PUBLISHED = TrainCyclegan()


def terms(networks, params=PUBLISHED, step=0, steps=2, sketch=SKETCH):
    generated = generate(networks, sketch, COLOR, params, weights_at(params, step, steps), DRAWS)
    return {name: term.item() for name, term in generated.terms.items()}


def test_the_generators_terms_are_those_computed_by_hand(networks):
    generated = generate(networks, SKETCH, COLOR, PUBLISHED, weights_at(PUBLISHED, 0, 1), DRAWS)
    terms = {name: term.item() for name, term in generated.terms.items()}
    # fakes: colour 0.1 + 0.5 = 0.6, sketch -0.2 - 0.25 = -0.45; both cycles end 0.25 from where they began
    assert terms == {
        "gan": pytest.approx((3 * 0.6 - 1) ** 2 + (2 * -0.45 - 1) ** 2),
        "cycle": pytest.approx(10 * (0.25 + 0.25)),
        "identity": pytest.approx(5 * (0.5 + 0.25)),
    }
    assert generated.color.mean().item() == pytest.approx(0.6)
    assert generated.sketch.mean().item() == pytest.approx(-0.45)


def test_the_critics_loss_is_that_computed_by_hand(networks):
    loss = discriminator_loss(networks, SKETCH, COLOR, SKETCH * 3, COLOR * 2, PUBLISHED, DRAWS)
    sketch_side = (2 * 0.1 - 1) ** 2 + (2 * 0.3) ** 2
    color_side = (3 * -0.2 - 1) ** 2 + (3 * -0.4) ** 2
    assert loss.item() == pytest.approx(0.5 * (sketch_side + color_side))


def test_identity_takes_its_turns(networks):
    params = TrainCyclegan(identity_every=3)
    taken = ["identity" in terms(networks, params, step, 7) for step in range(7)]
    assert taken == [True, False, False, True, False, False, True]


def test_identity_is_left_out_at_weight_0(networks):
    assert set(terms(networks, TrainCyclegan(identity_weight=0.0))) == {"gan", "cycle"}


def test_the_cycle_ends_at_its_share(networks):
    params = TrainCyclegan(cycle_end=0.2)
    assert [terms(networks, params, step, 3)["cycle"] for step in range(3)] == pytest.approx([5, 3, 1])


def test_the_middle_of_a_cycle_keeps_few_levels(networks):
    # The fakes, 0.6 and -0.45, are rounded to 1 and 0 of (-1, 0, 1); what discriminators see is not.
    coarse, fine = (terms(networks, TrainCyclegan(cycle_levels=levels)) for levels in (3, 0))
    assert coarse["cycle"] == pytest.approx(10 * (1 - 0.25 - 0.1 + 0 + 0.5 + 0.2))
    assert coarse["gan"] == fine["gan"]


def test_gradients_pass_straight_through_coarse_levels():
    image = torch.linspace(-1, 1, 9, requires_grad=True)
    (quantized(image, 3) * torch.arange(9.0)).sum().backward()
    assert image.grad is not None
    assert image.grad.tolist() == list(range(9))


def test_paper_that_is_painted_costs_and_the_drawing_does_not(networks):
    sheet = torch.ones(1, 3, 64, 64)
    sheet[..., 30:34, 30:34] = -1.0
    params = TrainCyclegan(paper_weight=2.0)
    share = blank(sheet).mean().item()
    assert 0.3 < share < 0.9
    generated = generate(networks, sheet, sheet, params, weights_at(params, 0, 1), DRAWS)
    assert generated.terms["paper"].item() == pytest.approx(2.0 * 0.5 * share)


@pytest.mark.parametrize("seen", ["shape", "shape+color"])
def test_critics_see_changed_images_of_both_kinds(networks, seen):
    """A changed image has another mean; real and generated are changed by draws of their own."""
    image = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    params = TrainCyclegan(diffaugment=seen)
    losses = []
    for real, fake in ((0.3, 0.3), (0.9, 0.3), (0.3, 0.9)):
        draws = torch.cat([torch.full((1, 8), real), torch.full((1, 8), fake)], 1)
        losses.append(discriminator_loss(networks, image, image, image, image, params, draws).item())
    assert len(set(losses)) == 3
    plain = generate(networks, image, image, PUBLISHED, weights_at(PUBLISHED, 1, 2), DRAWS).terms
    changed = generate(networks, image, image, params, weights_at(params, 1, 2), DRAWS).terms
    assert plain["gan"] != changed["gan"]
    assert plain["cycle"] == changed["cycle"]
