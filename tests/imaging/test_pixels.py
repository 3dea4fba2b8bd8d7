import numpy as np
import pytest

from sketch2color import imaging
from sketch2color.imaging import encode_png, pad_to_square, pixels, read, resize, resize_strokes, strokes


def sketch():
    """30 × 20, red left half, blue right half: no side can be taken for another."""
    array = np.zeros((20, 30, 3), np.uint8)
    array[:, :15, 0] = 255
    array[:, 15:, 2] = 255
    return array


def test_an_image_survives_png():
    assert (imaging.read(imaging.encode_png(sketch())) == sketch()).all()


def test_one_color_with_grain_is_one_color():
    image = np.full((300, 200, 3), (243, 234, 215), np.uint8)
    grain = image + np.random.default_rng(0).normal(0, 2.5, image.shape)
    assert imaging.is_single_colored(image)
    assert imaging.is_single_colored(grain.clip(0, 255).astype(np.uint8))
    assert imaging.is_single_colored(imaging.read(imaging.encode_jpeg(image, 30)))
    assert imaging.is_single_colored(np.zeros((1, 1, 3), np.uint8))


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_thin_line_is_a_second_color(channel):
    image = np.full((1000, 1000, 3), 250, np.uint8)
    image[500, 300:600, channel] = 230
    assert not imaging.is_single_colored(image)
    image[500, 450:600] = 250
    assert imaging.is_single_colored(image)


def test_two_halves_and_a_faint_ramp_have_several_colors():
    assert not imaging.is_single_colored(sketch())
    ramp = np.linspace(200, 230, 100).astype(np.uint8)
    assert not imaging.is_single_colored(np.dstack([np.tile(ramp, (50, 1))] * 3))


def test_resize_takes_width_then_height():
    assert imaging.resize(sketch(), 15, 10).shape == (10, 15, 3)


@pytest.mark.parametrize("shape", [(300, 200, 3), (61, 480, 3)])
def test_a_large_image_is_processed_in_bands_with_the_same_result(monkeypatch, shape):
    image = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    image[::7] = 20
    content = encode_png(image)
    small = shape[1] // 4, shape[0] // 4
    whole = [resize(image, *small), resize_strokes(image, *small), pad_to_square(image, 40)[0]]
    monkeypatch.setattr(pixels, "LARGE", 1)
    monkeypatch.setattr(strokes, "LARGE", 1)
    monkeypatch.setattr(pixels, "_BAND", 17 * shape[1])
    banded = [resize(image, *small), resize_strokes(image, *small), pad_to_square(image, 40)[0]]
    assert all(np.array_equal(one, other) for one, other in zip(whole, banded, strict=True))
    assert np.array_equal(read(content), image)
    assert np.array_equal(read(encode_png(image)), image)


def test_without_white_an_image_looks_the_same_on_white():
    image = np.random.default_rng(0).integers(0, 256, (40, 30, 3)).astype(np.uint8)
    least = np.random.default_rng(1).integers(0, 256, (40, 30)).astype(np.uint8)
    for alpha in (0, least):
        clear = imaging.remove_white(image, alpha)
        assert (clear[..., 3] >= alpha).all()
        assert np.abs(imaging.flatten_on_white(clear).astype(int) - image).max() <= 1
    ink = np.repeat(least[..., None], 3, 2)
    assert (imaging.remove_white(ink, 0) == np.dstack([0 * ink, 255 - least])).all(2)[least < 255].all()


def test_equal_channels_are_measured_once_and_come_out_as_three_would():
    grey = np.full((300, 400, 3), 240, np.uint8)
    grey[::17] = grey[:, ::23] = 30
    colored = grey.copy()
    colored[-1, -1, 2] -= 1
    one, three = resize_strokes(grey, 60, 45), resize_strokes(colored, 60, 45)
    assert (one[..., :1] == one).all()
    assert np.array_equal(one[:40, :55], three[:40, :55])
