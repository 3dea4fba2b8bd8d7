"""The course's form of style transfer, against the course's loop written out plainly."""

import io

import pytest
import torch
from torch import nn
from torchvision.models import squeezenet1_1

from sketch2color.style_transfer import one_scale
from sketch2color.style_transfer.features import ContentAndStyle
from sketch2color.style_transfer.losses import Weights
from sketch2color.style_transfer.one_scale import OneScale, losses

WEIGHTS = Weights(content=5e-3, style=1.0, variation=5e-2)
MEAN = torch.tensor([0.485, 0.456, 0.406]).reshape(1, 3, 1, 1)
DEVIATION = torch.tensor([0.229, 0.224, 0.225]).reshape(1, 3, 1, 1)


def large(images: torch.Tensor) -> torch.Tensor:
    return images.repeat_interleave(2, 2).repeat_interleave(2, 3)


def normalised(images: torch.Tensor) -> torch.Tensor:
    return ((images + 1) / 2 - MEAN) / DEVIATION


def course(
    content: torch.Tensor, style: torch.Tensor, weights: bytes, rates: list[float]
) -> tuple[torch.Tensor, float]:
    """Paint one image as CS231n's third assignment describes; return it in [-1, 1], and its last loss."""
    net = squeezenet1_1(weights=None).eval()
    net.load_state_dict(torch.load(io.BytesIO(weights), weights_only=True))
    layers: list[nn.Module] = list(net.features[:8])

    def activations(x: torch.Tensor) -> list[torch.Tensor]:
        found = []
        for layer in layers:
            x = layer(x.clone())
            found.append(x)
        return found

    def gram(x: torch.Tensor) -> torch.Tensor:
        _, channels, height, width = x.shape
        flat = x.reshape(channels, height * width)
        return flat @ flat.T / (channels * height * width)

    style_weights = {1: 20000, 4: 500, 6: 12, 7: 1}
    with torch.no_grad():
        wanted = activations(normalised(content))[3]
        grams = {i: gram(activations(normalised(style))[i]) for i in style_weights}

    def loss(x: torch.Tensor) -> torch.Tensor:
        found = activations(x)
        total = 5e-3 * ((found[3] - wanted) ** 2).sum()
        for i, weight in style_weights.items():
            total = total + weight * ((gram(found[i]) - grams[i]) ** 2).sum()
        rough = ((x[:, :, 1:] - x[:, :, :-1]) ** 2).sum() + ((x[:, :, :, 1:] - x[:, :, :, :-1]) ** 2).sum()
        return total + 5e-2 * rough

    lowest, highest = normalised(torch.tensor(-1.0)), normalised(torch.tensor(1.0))
    x = normalised(content).requires_grad_()
    for step, rate in enumerate(rates):
        if step == 0 or rate != rates[step - 1]:
            adam = torch.optim.Adam([x], lr=rate)
        adam.zero_grad()
        loss(x).backward()
        adam.step()
        with torch.no_grad():
            x.clamp_(lowest, highest)
    with torch.no_grad():
        return (x * DEVIATION + MEAN) * 2 - 1, float(loss(x))


def test_steps_are_the_courses_loop(squeezenet: None, squeezenet_weights: bytes) -> None:
    # Noise, because on flat ground gradients are next to nothing and rounding decides Adam's first steps.
    content, style = torch.rand(2, 1, 3, 48, 64, generator=torch.Generator().manual_seed(1)) * 2 - 1
    expected, loss = course(content, style, squeezenet_weights, [3.0] * 9 + [0.1])
    images, found = OneScale(WEIGHTS, steps=10, bf16=False).stylize(content, style, [0])
    assert float(found.weighted(WEIGHTS)) == pytest.approx(loss, rel=1e-2)
    assert (images - expected).abs().mean() < 0.02 * (content - expected).abs().mean()


def test_weights_and_layers_are_those_of_the_report() -> None:
    assert one_scale.CONTENT_LAYER == "3"
    assert one_scale.STYLE_WEIGHTS == {"1": 20000, "4": 500, "6": 12, "7": 1}
    assert [(round(200 * share), rate) for share, rate in one_scale.PHASES] == [(180, 3.0), (20, 0.1)]


def test_losses_by_hand() -> None:
    def reading(content: float, gram: float) -> ContentAndStyle:
        grams = tuple(torch.full((1, channels, channels), gram) for channels in (1, 2, 3, 5))
        return ContentAndStyle(torch.full((1, 2, 3, 1), content), grams)

    images = torch.tensor([[[[0.0, 1.0, 3.0], [5.0, 5.0, 5.0]]]])
    found = losses(reading(5.0, 2.0), reading(3.0, 5.0), images)
    assert found.content.tolist() == [6 * 4]
    assert found.style.tolist() == [9 * (20000 + 500 + 12 + 1)]
    assert found.variation.tolist() == [25 + 16 + 4 + 1 + 4]


def test_what_comes_out_is_a_image_and_the_loss_is_its_own(
    squeezenet: None, sketches: torch.Tensor, references: torch.Tensor
) -> None:
    method = OneScale(WEIGHTS, steps=5, bf16=False)
    images, found = method.stylize(large(sketches), large(references), [1, 2])
    assert images.shape == (2, 3, 64, 96)
    assert images.abs().max() <= 1 + 1e-6
    again = method.stylize(large(sketches), large(references), [3, 4])[0]
    assert torch.equal(images, again)
    assert found.weighted(WEIGHTS).isfinite().all()
