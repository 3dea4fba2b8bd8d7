import pytest
import torch
from safetensors.torch import load_file

from sketch2color.models import mark_detector
from sketch2color.models.mark_detector import LAYERS, MarkHead, pretrained


@pytest.mark.parametrize(("height", "width"), [(32, 64), (96, 32)])
def test_every_pixel_gets_two_logits(height, width):
    images = torch.rand(2, 3, height, width) * 2 - 1
    with torch.inference_mode():
        logits = pretrained()(images)
    assert logits.shape == (2, 2, height, width)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()


def test_a_image_is_judged_by_itself():
    images = torch.rand(2, 3, 64, 64) * 2 - 1
    with torch.inference_mode():
        both, one = pretrained()(images), pretrained()(images[:1])
    assert torch.allclose(both[:1], one, atol=0.1)  # bf16: the batch may be summed in another order


def test_the_head_takes_what_the_eyes_see():
    backbone = mark_detector.backbone()
    with torch.inference_mode():
        seen = mark_detector.extract_features(backbone, torch.zeros(1, 3, 64, 64))
    shapes = [(channels, 64 // stride) for channels, stride in zip(LAYERS.values(), (4, 4, 8), strict=True)]
    assert [tuple(x.shape[1:3]) for x in seen] == shapes


def test_the_weights_are_small_and_finite():
    weights = load_file(mark_detector.WEIGHTS)
    assert weights.keys() == MarkHead().state_dict().keys()
    assert all(tensor.isfinite().all() for tensor in weights.values())
    assert mark_detector.WEIGHTS.stat().st_size < 2_000_000
