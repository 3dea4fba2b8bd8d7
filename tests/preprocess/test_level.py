import cv2
import numpy as np
import pytest

from sketch2color.preprocess.level import level

LIGHTS = {
    "grey": lambda x, y: 0.75 + 0 * x,
    "tilted": lambda x, y: 0.8 - 0.18 * x - 0.1 * y,
    "vignetted": lambda x, y: 1 - 0.18 * (x * x + y * y),
    "in the shadow of a corner": lambda x, y: 1 - 0.45 * ((x + y) / 2).clip(0, 1) ** 1.5,
}


def light(name, height=300, width=400):
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return (np.array([240, 234, 218]) * LIGHTS[name](x, y)[..., None]).astype(np.float32)


def drawing(height=300, width=400):
    """What is drawn, as the share of light it gives back: ink .1, pale pencil .93, a grey area .7."""
    back = np.ones((height, width), np.float32)
    cv2.ellipse(back, (150, 150), (90, 60), 20, 0, 360, 0.1, 3)
    cv2.line(back, (0, 250), (399, 200), 0.93, 2)
    cv2.rectangle(back, (260, 40), (380, 140), 0.7, -1)
    return back


def scanned(name):
    grain = np.random.default_rng(0).normal(0, 1.5, (300, 400, 1))
    return (light(name) * drawing()[..., None] + grain).round().clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("name", LIGHTS)
def test_paper_becomes_white_and_what_is_drawn_keeps_its_darkness(name):
    levelled, back = level(scanned(name)).astype(float), drawing()
    assert levelled[back == 1].min(axis=1).mean() > 250
    assert np.percentile(levelled[back == 1].min(axis=1), 1) > 240
    for shade, limits in ((0.1, (15, 36)), (0.93, (231, 245)), (0.7, (170, 188))):
        there = cv2.erode((np.abs(back - shade) < 0.01).astype(np.uint8), np.ones((2, 2))) > 0
        means = levelled[there].mean(axis=0)
        assert limits[0] < means.min() <= means.max() < limits[1], shade


def test_pale_pencil_is_not_burnt_away():
    page = np.full((256, 256, 3), (236, 233, 222), np.uint8)
    for number in range(12):
        cv2.line(page, (20, 20 * number), (230, 20 * number + 9), (226, 224, 214), 1)
    levelled = level(page).astype(int)
    drawn = (page != page[-1, -1]).any(2)
    assert (levelled[~drawn] == 255).all()
    assert levelled[drawn].max() <= 247


def shaded(seed):
    """Soft graphite all over: clouds of tone with the tooth of the paper in them."""
    rng = np.random.default_rng(seed)
    clouds = cv2.GaussianBlur(rng.normal(0, 1, (256, 256)), (0, 0), 28)
    tone = 90 + 140 * (clouds - clouds.min()) / np.ptp(clouds)
    tooth = 14 * cv2.GaussianBlur(rng.normal(0, 1, (256, 256)), (0, 0), 1)
    return np.repeat((tone + tooth).clip(0, 255)[..., None], 3, 2).astype(np.uint8)


def hatched():
    page = np.full((256, 256, 3), 245, np.uint8)
    for place in range(-256, 256, 7):
        cv2.line(page, (place, 0), (place + 256, 256), (120, 120, 124), 2, cv2.LINE_AA)
    return page


def chalk():
    page = np.full((256, 256, 3), (40, 60, 90), np.uint8)
    cv2.circle(page, (128, 128), 70, (230, 230, 230), 2, cv2.LINE_AA)
    return page


@pytest.mark.parametrize(
    "page",
    [shaded(0), shaded(1), shaded(2), hatched(), chalk(), np.zeros((64, 64, 3), np.uint8)],
    ids=["shaded", "shaded again", "shaded once more", "hatched", "chalk on blue", "black"],
)
def test_dark_pages_and_pages_full_of_shading_stay(page):
    assert level(page) is page


def test_white_paper_stays_to_the_last_bit():
    page = np.full((120, 90, 3), 255, np.uint8)
    cv2.line(page, (5, 5), (80, 110), (30, 40, 50), 2, cv2.LINE_AA)
    assert (level(page) == page).all()
