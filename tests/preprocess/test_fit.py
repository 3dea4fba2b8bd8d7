from itertools import pairwise

import cv2
import numpy as np
import pytest
from scipy import ndimage
from skimage import data

from sketch2color.config.params import Clean
from sketch2color.imaging import centered_region, resize_strokes
from sketch2color.preprocess.fit import SHRINK, fit, fit_labels, prepare

CREAM = (240, 230, 205)
WAYS = ("pad", "crop", "squash")


def page(height, width):
    image = np.empty((height, width, 3), np.uint8)
    image[:] = CREAM
    return image


@pytest.mark.parametrize(("height", "width"), [(300, 900), (900, 300), (31, 47), (256, 256), (3000, 40)])
def test_pad_keeps_aspect_on_the_colour_of_the_paper(height, width):
    image = page(height, width)
    image[height // 4 : -(height // 4), width // 4 : -(width // 4)] = (30, 60, 200)
    square = fit(image, "pad")
    assert square.shape == (256, 256, 3)
    assert (square[0, 0] == CREAM).all()
    blue = square[..., 0] < 135
    rows, columns = blue.any(1).sum(), blue.any(0).sum()
    factor = 256 / max(height, width)
    assert rows == pytest.approx((height - 2 * (height // 4)) * factor, abs=2)
    assert columns == pytest.approx((width - 2 * (width // 4)) * factor, abs=2)


def test_pad_centers():
    image = page(100, 200)
    image[:] = 0
    image[0], image[-1], image[:, 0], image[:, -1] = CREAM, CREAM, CREAM, CREAM
    dark = (fit(image, "pad") < 100).all(2)
    rows = np.flatnonzero(dark.any(1))
    assert abs((rows[0] + rows[-1]) / 2 - 127.5) <= 1


def test_crop_takes_the_middle():
    image = page(100, 300)
    image[:, :100] = (200, 0, 0)
    image[:, 200:] = (0, 0, 200)
    assert (np.abs(fit(image, "crop")[10:-10, 10:-10].astype(int) - CREAM) <= 2).all()


def test_squash_shows_all():
    image = page(100, 300)
    image[:, :150] = (200, 0, 0)
    square = fit(image, "squash")
    assert (square[:, 100] == (200, 0, 0)).all()
    assert (square[:, 156] == CREAM).all()


def test_a_square_of_the_right_size_comes_back_as_it_was():
    image = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
    for shrink in SHRINK.values():
        assert all((fit(image, how, resize=shrink) == image).all() for how in WAYS)


def zone_plate(size):
    """Rings that grow finer outwards, to a period of 4 pixels at the edge: far too fine for 256."""
    y, x = np.mgrid[:size, :size] - size / 2
    rings = 128 + 100 * np.cos(np.pi * (x * x + y * y) / (2 * size))
    return np.repeat(rings[..., None], 3, 2).astype(np.uint8)


@pytest.mark.parametrize("how", WAYS)
def test_what_is_too_fine_becomes_even_and_no_pattern(how):
    size = 1500
    square = fit(zone_plate(size), how).astype(float)[..., 0]
    y, x = np.mgrid[:256, :256] - 127.5
    factor = size / 256
    period = 2 * size / np.maximum(np.hypot(x, y) * factor, 1) / factor  # in pixels of the square
    assert square[period < 1.4].std() < 2
    assert square[period > 4].std() > 55


@pytest.mark.slow
def test_a_shrunk_photograph_is_that_of_a_gaussian_before_sampling():
    photograph = cv2.resize(data.astronaut(), (2048, 2048), interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0, 25, photograph.shape)
    photograph = (photograph + grain).clip(0, 255).astype(np.uint8)
    low = [ndimage.gaussian_filter(photograph[..., c].astype(float), 4)[4::8, 4::8] for c in range(3)]
    square = fit(photograph, "squash", resize=SHRINK["color"]).astype(float)
    smooth = np.stack([ndimage.gaussian_filter(square[..., c], 1.2) for c in range(3)], 2)
    reference = np.stack([ndimage.gaussian_filter(channel, 1.2) for channel in low], 2)
    assert np.abs(smooth - reference)[8:-8, 8:-8].mean() < 1.5
    assert (square - smooth).std() > 5  # and is no blur


def strokes(breadth, ink=20, paper=(255, 255, 255), size=3000):
    """Ten strokes of the given breadth in pixels at all angles, from a ring outwards."""
    image = np.empty((size, size, 3), np.uint8)
    image[:] = paper
    for number in range(10):
        angle = 2 * np.pi * (number + 0.3) / 10
        ends = [
            (int(size / 2 + r * size * np.cos(angle)), int(size / 2 + r * size * np.sin(angle)))
            for r in (0.15, 0.45)
        ]
        cv2.line(image, *ends, (ink,) * 3, breadth, cv2.LINE_8)
    return image


def contrasts(square):
    """How much darker than its paper the darkest pixel beside each of many points on the strokes is."""
    paper = int(np.median(square[..., 1]))
    darkest = ndimage.minimum_filter(square[..., 1], 3)
    found = []
    for number in range(10):
        angle = 2 * np.pi * (number + 0.3) / 10
        reach = np.linspace(0.17, 0.43, 60) * 256
        rows, columns = 128 + reach * np.sin(angle), 128 + reach * np.cos(angle)
        found.append(paper - darkest[rows.astype(int), columns.astype(int)].astype(int))
    return np.array(found)


@pytest.mark.slow
@pytest.mark.parametrize("paper", [(255, 255, 255), CREAM])
def test_a_stroke_of_a_twelfth_of_a_pixel_stays_to_be_seen_all_along(paper):
    image = strokes(1, paper=paper)
    once = fit(image, "pad", resize=SHRINK["sketch"])
    twice = fit(resize_strokes(image, 1024, 1024), "pad", resize=SHRINK["sketch"])
    assert contrasts(fit(image, "pad")).max() < 25  # what it is there for
    assert contrasts(once).min() >= 25
    assert contrasts(twice).min() >= 25
    assert np.abs(contrasts(once) - contrasts(twice)).mean() < 12
    assert (once[:40, :40] == paper).all()


def test_a_kept_stroke_is_as_even_as_an_averaged_one():
    def unevenness(square):
        found = contrasts(square)
        return (found.std(1) / found.mean(1)).mean()

    image = strokes(1, size=1500)
    kept, averaged = fit(image, "pad", resize=SHRINK["sketch"]), fit(image, "pad")
    assert unevenness(kept) < unevenness(averaged) * 1.1


def test_darkness_grows_with_breadth_and_never_beyond_the_stroke_s_own():
    means = [contrasts(fit(strokes(b, size=1500), "pad", resize=SHRINK["sketch"])).mean() for b in (1, 3, 5)]
    assert all(fine + 8 < broad for fine, broad in pairwise(means))
    assert max(means) <= 240  # the stroke is 235 levels below its paper, and Lanczos overshoots a little


def test_broad_strokes_and_areas_come_as_from_plain_shrinking():
    image = page(2000, 2000)
    cv2.circle(image, (1000, 1000), 700, (30, 30, 34), 28, cv2.LINE_AA)
    cv2.rectangle(image, (700, 800), (1300, 1200), (90, 120, 200), -1)
    kept, plain = (fit(image, "pad", resize=SHRINK[domain]).astype(int) for domain in ("sketch", "color"))
    assert np.abs(kept - plain).max() <= 8  # where a circle is rounder than the brush
    assert np.abs(kept - plain).mean() < 0.1


def test_light_strokes_on_a_dark_page_are_kept_likewise():
    kept = fit(strokes(1, size=1500), "pad", resize=SHRINK["sketch"])
    assert (fit(255 - strokes(1, size=1500), "pad", resize=SHRINK["sketch"]) == 255 - kept).all()


def test_the_grain_of_a_scan_is_no_strokes():
    rng = np.random.default_rng(0)
    grey = np.repeat(rng.normal(200, 8, (1000, 1000, 1)), 3, 2).clip(0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(rng.normal(0, 1, (1000, 1000, 1)), (0, 0), 1.5)
    soft = np.repeat((200 + 8 * soft / soft.std())[..., None], 3, 2).clip(0, 255).astype(np.uint8)
    for scan in (grey, soft):
        kept, plain = (fit(scan, "pad", resize=SHRINK[domain]).astype(int) for domain in ("sketch", "color"))
        assert np.abs(kept.mean() - plain.mean()) < 2
        assert np.abs(kept - plain).max() < 16


def test_only_sketches_are_treated_as_strokes_and_levelled():
    image = strokes(1, paper=CREAM, size=1500)
    assert (prepare(image, "color", Clean(level=True)) == fit(image, "pad")).all()
    assert (prepare(image, "sketch", Clean()) == fit(image, "pad", resize=resize_strokes)).all()
    levelled = prepare(image, "sketch", Clean(level=True))
    assert (levelled[0, 0] == 255).all()
    assert contrasts(levelled).min() >= 25


@pytest.mark.parametrize("size", [128, 512])
@pytest.mark.parametrize("domain", ["sketch", "color"])
def test_prepared_images_have_the_size_that_is_asked_for(size, domain):
    image = np.full((300, 200, 3), 255, np.uint8)
    image[100:110, 50:150] = 0
    assert prepare(image, domain, Clean(), size).shape == (size, size, 3)


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize(("height", "width"), [(300, 900), (901, 300), (31, 47), (256, 256), (40, 3000)])
def test_labels_lie_where_the_image_has_what_they_label(how, height, width):
    image, labels = page(height, width), np.zeros((height, width), np.uint8)
    area = np.s_[height // 3 :, width // 4 : -(width // 3)]  # to the edge: the padding is paper all the same
    image[area], labels[area] = 0, 6
    fitted = fit_labels(labels, how)
    assert fitted.shape == (256, 256)
    assert set(np.unique(fitted)) == {0, 6}
    dark = fit(image, how).max(2) < 115
    if how == "pad":  # continues what lies at the edge
        region = centered_region(height, width, 256)
        outside = np.ones_like(dark)
        outside[region] = False
        assert not fitted[outside].any()
        dark &= ~outside
    assert (dark != (fitted > 0)).mean() < 0.02
