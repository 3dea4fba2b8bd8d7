import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sketch2color import imaging
from sketch2color.imaging import ImageError
from sketch2color.ingest.side_by_side import chroma, split_pair, swapped_sides

SIZE = 96


def drawing(fill, paper="white", ink="black"):
    """A car of a kind: outlines on paper, filled or not."""
    page = Image.new("RGB", (SIZE, SIZE), paper)
    draw = ImageDraw.Draw(page)
    draw.rounded_rectangle([14, 40, 82, 70], 10, fill, ink, 3)
    draw.polygon([(26, 40), (36, 22), (60, 22), (72, 40)], fill, ink, 3)
    for left in (22, 60):
        draw.ellipse([left, 62, left + 16, 78], fill, ink, 3)
    return np.asarray(page)


def beside(left, right):
    return np.concatenate([left, right], axis=1)


def noisy(image, seed=1):
    """The image after a bad JPEG encoder and a grainy scanner."""
    grain = np.random.default_rng(seed).normal(0, 4, image.shape)
    page = Image.fromarray((image + grain).clip(0, 255).astype(np.uint8))
    file = io.BytesIO()
    page.save(file, "JPEG", quality=40)
    return imaging.read(file.getvalue())


SKETCH = drawing("white")
COLOR = drawing("firebrick")


@pytest.mark.parametrize(
    ("sketch", "color"),
    [
        pytest.param(SKETCH, COLOR, id="plain"),
        pytest.param(SKETCH, drawing((245, 225, 225)), id="a pale colour"),
        pytest.param(drawing("antiquewhite", "antiquewhite"), COLOR, id="tinted paper, white in colour"),
        pytest.param(drawing("tan", "tan"), drawing("lightpink"), id="brown paper beside pale colours"),
        pytest.param(drawing("wheat", "wheat"), drawing("salmon", "wheat"), id="both on tinted paper"),
        pytest.param(drawing("khaki", "khaki", "saddlebrown"), COLOR, id="brown ink on yellow paper"),
        pytest.param(SKETCH, drawing("gold", (20, 30, 90)), id="a dark background all over"),
        pytest.param(SKETCH, drawing("grey", "pink"), id="a grey thing before pink"),
        pytest.param(drawing("silver"), COLOR, id="shaded in grey"),
        pytest.param(drawing("black", (10, 10, 10), "white"), COLOR, id="white lines on black"),
        pytest.param(drawing("black", "black", "white"), COLOR, id="white lines on sheer black"),
        pytest.param(
            noisy(drawing((6, 3, 5), (6, 3, 5), "white")),
            noisy(drawing((245, 225, 225)), 2),
            id="black noise",
        ),
        pytest.param(noisy(SKETCH), noisy(COLOR, 2), id="noise"),
        pytest.param(noisy(drawing("linen", "linen")), noisy(drawing("mistyrose"), 2), id="noise and tint"),
    ],
)
def test_the_paler_half_is_the_sketch_on_either_side(sketch, color):
    right = split_pair(beside(color, sketch))
    left = split_pair(beside(sketch, color))
    assert {domain: side for domain, (_, side) in right.items()} == {"sketch": "right", "color": "left"}
    assert {domain: side for domain, (_, side) in left.items()} == {"sketch": "left", "color": "right"}
    for pair in (left, right):
        assert np.array_equal(pair["sketch"][0], sketch)
        assert np.array_equal(pair["color"][0], color)


def test_the_order_of_the_channels_does_not_matter():
    for fill in ("red", "lime", "blue", "yellow", "cyan", "magenta"):
        assert split_pair(beside(drawing(fill), SKETCH))["sketch"][1] == "right"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(SKETCH, SKETCH, id="two sketches"),
        pytest.param(COLOR, COLOR, id="two coloured images"),
        pytest.param(COLOR, drawing("firebrick")[:, ::-1], id="a coloured image and its mirror image"),
        pytest.param(COLOR, drawing("indianred"), id="two coloured images, one paler"),
        pytest.param(drawing("grey"), SKETCH, id="an image without colour"),
        pytest.param(noisy(drawing("grey")), noisy(SKETCH, 2), id="a noisy image without colour"),
        pytest.param(drawing("wheat", "wheat"), SKETCH, id="tinted paper and white paper"),
    ],
)
def test_halves_that_cannot_be_told_apart_are_refused(left, right):
    with pytest.raises(ImageError, match=r"unclear which half is the sketch: saturation 0\.\d+ left"):
        split_pair(beside(left, right))


@pytest.mark.parametrize(
    ("width", "height", "reason"),
    [
        (191, 96, "the width, 191, is odd"),
        (96, 96, "96x96 is too narrow for two"),
        (96, 192, "96x192 is too narrow"),
        (118, 96, "118x96 is too narrow"),
    ],
)
def test_images_that_hold_no_two_are_refused(width, height, reason):
    image = np.full((height, width, 3), 255, np.uint8)
    image[:, : width // 2] = (200, 30, 30)
    with pytest.raises(ImageError, match=f"no pair side by side: .*{reason}"):
        split_pair(image)


def test_two_upright_sheets_side_by_side_are_wide_enough():
    left, right = COLOR[:, 14:82], SKETCH[:, 14:82]  # 68 x 96, as A4 is
    assert split_pair(beside(left, right))["sketch"][0].shape == (96, 68, 3)


def test_large_images_are_judged_like_small_ones():
    small = beside(COLOR, SKETCH)
    large = imaging.resize(small, 2 * 700, 700)
    assert split_pair(large)["sketch"][0].shape == (700, 700, 3)
    assert chroma(large[:, :700]) == pytest.approx(chroma(COLOR), rel=0.1)


def test_chroma_is_that_of_the_mean_pixel():
    image = np.full((5, 7, 3), 255, np.uint8)
    image[2, 1:6] = image[3, 2:4] = (255, 153, 51)  # 204 / 255 = 0.8 on a fifth of the pixels
    assert chroma(image) == pytest.approx(0.16)


def test_files_that_differ_from_most_are_named():
    sides = {f"{n}.png": "right" for n in range(7)} | {"2.png": "left", "5.png": "left"}
    assert swapped_sides(sides) == {
        "2.png": "sketch seems to be on the left, in 5 of 7 files it is on the right",
        "5.png": "sketch seems to be on the left, in 5 of 7 files it is on the right",
    }
    mirrored = {path: "left" if side == "right" else "right" for path, side in sides.items()}
    assert list(swapped_sides(mirrored)) == ["2.png", "5.png"]
    assert "on the right, in 5 of 7 files it is on the left" in swapped_sides(mirrored)["2.png"]


def test_sets_of_one_order_have_no_swapped_sides():
    assert swapped_sides({}) == {}
    assert swapped_sides({"1.png": "left"}) == {}
    assert swapped_sides({"1.png": "left", "2.png": "left"}) == {}


def test_a_tie_is_decided_by_the_first_path_whatever_the_order_of_the_files():
    sides = {"b": "left", "a": "right", "d": "right", "c": "left"}
    reason = "sketch seems to be on the left, in 2 of 4 files it is on the right, and in a, the first, too"
    assert swapped_sides(sides) == {"b": reason, "c": reason}
    backwards = swapped_sides(dict(reversed(sides.items())))
    assert list(backwards.items()) == [("b", reason), ("c", reason)]
    assert list(swapped_sides({"b": "right", "a": "left"})) == ["b"]
