import pytest
import torch

from sketch2color.models.domain_transform import smooth


def sheet(height: int = 40, width: int = 64) -> torch.Tensor:
    return torch.ones(1, 1, height, width)


def sure(ink: torch.Tensor) -> torch.Tensor:
    return torch.ones_like(ink)


def test_what_is_even_stays():
    ink = torch.rand(2, 1, 40, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    layer = torch.full((2, 3, 40, 64), -2.5)
    assert torch.allclose(smooth(layer, sure(ink), ink), layer, atol=1e-4)


def test_a_value_fills_its_side_of_a_line_and_no_other():
    ink = sheet()
    ink[..., 30:32] = -1.0
    layer = torch.zeros_like(ink)
    layer[..., 10:20, 5:25] = 1.0  # a blotch on the left
    filled = smooth(layer, sure(ink), ink)
    assert filled[..., 32:].abs().max() < 1e-6
    left = filled[..., :30]
    assert left.min() > 0.15
    assert left.std() < 0.15 * layer[..., :30].std()


@pytest.mark.parametrize(
    ("darkness", "least", "most"), [(0.05, 0.8, 1.0), (0.3, 0.02, 0.2), (1.0, 0.0, 1e-6)]
)
def test_fainter_lines_let_more_through(darkness, least, most):
    ink = sheet()
    ink[..., 31:32] = 1.0 - 2.0 * darkness
    step = torch.zeros_like(ink)
    step[..., :31] = 1.0
    across, open_ = (smooth(step, sure(ink), seen)[..., 20, 40].item() for seen in (ink, sheet()))
    assert least <= across / open_ <= most


def test_what_is_uncertain_takes_over_what_its_surroundings_say():
    ink = sheet()
    layer = torch.full_like(ink, -3.0)
    layer[..., 20, 30] = 2.0
    certainty = torch.full_like(ink, 1e-6)
    certainty[..., 20, 30] = 1.0
    assert torch.allclose(smooth(layer, certainty, ink), torch.full_like(ink, 2.0), atol=0.05)


def test_a_finer_look_at_the_same_drawing_spreads_as_far():
    ink, fine = sheet(), sheet(160, 256)
    ink[..., 30:32], fine[..., 120:128] = 0.4, 0.4
    layer = torch.zeros_like(ink)
    layer[..., :20] = 1.0
    coarse = smooth(layer, sure(ink), ink)
    finer = smooth(layer.repeat_interleave(4, 2).repeat_interleave(4, 3), sure(fine), fine, pixel=0.25)
    assert torch.allclose(finer[..., 2::4, 2::4], coarse, atol=0.06)


def test_gradients_are_those_of_finite_differences():
    random = torch.Generator().manual_seed(3)
    ink = torch.rand(1, 1, 4, 6, generator=random) * 2 - 1
    layer = torch.rand(1, 2, 4, 6, generator=random, requires_grad=True)
    certainty = (torch.rand(1, 1, 4, 6, generator=random) + 0.2).requires_grad_()
    direction = [torch.rand(values.shape, generator=random) for values in (layer, certainty)]
    weights = torch.rand(layer.shape, generator=random)

    def at(step: float) -> torch.Tensor:
        moved = (values + step * way for values, way in zip((layer, certainty), direction, strict=True))
        return (smooth(*moved, ink) * weights).sum()

    gradients = torch.autograd.grad(at(0.0), (layer, certainty))
    slope = sum((gradient * way).sum() for gradient, way in zip(gradients, direction, strict=True))
    assert slope.item() == pytest.approx((at(0.01) - at(-0.01)).item() / 0.02, rel=0.01)
