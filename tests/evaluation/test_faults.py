"""Each complaint's score moves with its fault, the stronger the more, and stays put for all the others'."""

import itertools
from functools import cache

import cv2
import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt
from skimage.color import lab2rgb, rgb2lab

from sketch2color.imaging import resize
from sketch2color.metrics import discovery, features
from sketch2color.metrics.mark_area import marks_on, painted_marks, without_painted_marks
from sketch2color.metrics.memorization import memorization, nearest, spacing_of
from sketch2color.metrics.palette_spread import palette, palette_spread

pytestmark = pytest.mark.slow

SIZE = 192
COUNT = 5
STRENGTHS = (0.2, 0.4, 0.6, 0.8, 1.0)


def from_lab(lab):
    return np.rint(lab2rgb(lab) * 255).clip(0, 255).astype(np.uint8)


@cache
def drawing(number):
    """A cart on wheels: its line art, the same well coloured, and where paint is."""
    rng = np.random.default_rng(number)
    x, y = SIZE / 2 + rng.uniform(-8, 8, 2)
    boxes = [(x, y, 104, 68, rng.uniform(-15, 15)), (x + rng.uniform(-15, 15), y - 30, 44, 30, 5)]
    parts = [cv2.boxPoints(((a, b), (w, h), turn)).astype(np.int32) for a, b, w, h, turn in boxes]
    parts += [cv2.ellipse2Poly((int(x + side), int(y + 32)), (19, 19), 0, 0, 360, 3) for side in (-34, 34)]
    lab = np.zeros((SIZE, SIZE, 3))
    lab[..., 0] = 100
    sketch = np.full((SIZE, SIZE, 3), 255, np.uint8)
    inside = np.zeros((SIZE, SIZE), bool)
    hue = 2 * np.pi * number / COUNT
    for part, light, turn in zip(parts, (66, 72, 55, 55), (0, -0.6, 0.5, 0.5), strict=True):
        area = cv2.fillPoly(np.zeros((SIZE, SIZE), np.uint8), [part], 1) > 0
        lab[area] = (light, 28 * np.cos(hue + turn), 28 * np.sin(hue + turn))
        sketch[area] = 255
        cv2.polylines(sketch, [part], True, (20, 20, 20), 3)
        inside |= area
    lab[..., 0] += np.where(inside, np.linspace(6, -6, SIZE)[:, None], 0)  # shaded from above
    return sketch, np.minimum(from_lab(lab), sketch), inside & (sketch[..., 0] > 128)


def rotated(ab, angle):
    return ab @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def soft_noise(seed, width):
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (SIZE, SIZE, 3)), (0, 0), width)
    return noise / np.abs(noise).max()


def clouds(number, strength):
    """Coloured clouds on the paper, fading out towards the drawing."""
    sketch, color, _ = drawing(number)
    away = cv2.distanceTransform((sketch[..., 0] > 128).astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.floodFill((sketch[..., 0] > 128).astype(np.uint8), None, (0, 0), 2)[1] == 2
    cover = ((away - 8) / 8).clip(0, 1) * outside
    return (color - np.abs(soft_noise(1, 8)) * cover[..., None] * 90 * strength).astype(np.uint8)


def checkerboard(number, strength):
    """Every second pixel of paint darker, the others lighter, in blocks of two."""
    _, color, inside = drawing(number)
    rows, columns = np.mgrid[:SIZE, :SIZE] // 2
    pattern = np.where((rows + columns) % 2, 24, -24) * strength * inside
    return (color + pattern[..., None]).clip(0, 255).astype(np.uint8)


def blurred(number, strength):
    """Colours, not lightness, blurred over the lines."""
    lab = rgb2lab(drawing(number)[1])
    lab[..., 1:] = cv2.GaussianBlur(lab[..., 1:], (0, 0), 4 * strength)
    return from_lab(lab)


def erased(number, strength):
    """The lines of the uppermost part of the drawing gone, what is beside them in their place."""
    sketch, color, _ = drawing(number)
    ink = sketch[..., 0] < 250
    rows = np.flatnonzero(ink.any(1))
    gone = ink & (np.arange(SIZE)[:, None] < rows[0] + 0.9 * strength * len(rows))
    beside = distance_transform_edt(ink, return_distances=False, return_indices=True)
    return np.where(gone[..., None], color[beside[0], beside[1]], color)


def greyed(number, strength):
    """Colours drained, down to a tenth."""
    lab = rgb2lab(drawing(number)[1])
    lab[..., 1:] *= 1 - 0.9 * strength
    return from_lab(lab)


def one_palette(number, strength):
    """The hues turned towards those of the first drawing."""
    lab = rgb2lab(drawing(number)[1])
    back = 2 * np.pi * number / COUNT
    lab[..., 1:] = rotated(lab[..., 1:], -strength * ((back + np.pi) % (2 * np.pi) - np.pi))
    return from_lab(lab)


def marked(number, strength):
    """A publisher's badge in the corner, larger and larger."""
    image = drawing(number)[1].copy()
    radius = round(12 + 12 * strength)
    x = y = SIZE - radius - 4
    cv2.circle(image, (x, y), radius, (88, 88, 90), -1, cv2.LINE_AA)
    for text, left, below, size in (("SOLTAM", 21, 0, 0.36), ("studio", 14, 13, 0.28)):
        scale = radius / 26
        place = (round(x - left * scale), round(y + below * scale))
        cv2.putText(
            image, text, place, cv2.FONT_HERSHEY_DUPLEX, size * scale, (255, 255, 255), 1, cv2.LINE_AA
        )
    return image


def training(number, strength=1.0):
    """The drawing as the training set has it: differently shaded."""
    _, color, inside = drawing(number)
    lab = rgb2lab(color)
    lab[..., 0] += soft_noise(100 + number, 9)[..., 0] * inside * 40 * strength
    return from_lab(lab)


def copied(number, strength):
    """One image in five is that of the training set, then two, ..."""
    return training(number) if number < round(strength * COUNT) else drawing(number)[1]


OWN = {
    clouds: "paper_noise",
    checkerboard: "checkerboard",
    blurred: "color_bleed",
    erased: "lines_lost",
    greyed: "colorfulness",
    one_palette: "palette_spread",
    marked: "painted_marks",
    copied: "memorization",
}
FALLING = {"colorfulness", "palette_spread"}


@cache
def extractor():
    return features.load("vgg19")


def seen(image):
    return features.extract_features(extractor(), resize(image, SIZE // 3, SIZE // 3))


@cache
def known():
    """The features of a training set in which every image has another one nearly like it."""
    rows = np.stack([seen(training(n, share)) for n in range(COUNT) for share in (1.0, 0.9)])
    return rows, spacing_of(rows)


def copies(images):
    rows, spacing = known()
    return float(np.mean([memorization(nearest(seen(p), rows)[0], spacing) for p in images]))


def faults(image, sketch):
    """The metrics that compare an image with its sketch alone."""
    inputs = {"image": image, "sketch": sketch, "line_art": sketch}
    return {metric.key: value for metric in discovery.IMAGE_METRICS if (value := metric(inputs)) is not None}


@cache
def images(fault, strength):
    return [fault(number, strength) if fault else drawing(number)[1] for number in range(COUNT)]


@cache
def marks(fault, strength):
    sketch = drawing(0)[0]
    return marks_on(np.minimum(images(fault, strength)[0], sketch) if fault else sketch)


@cache
def single(fault, strength):
    """The scores of the first drawing by itself, with painted marks taken away as scoring does."""
    sketch, image = drawing(0)[0], images(fault, strength)[0]
    if fault is marked or strength == 1:  # the finder takes its time
        image = without_painted_marks(image, sketch, marks(fault, strength), marks(None, 0))
    return faults(image, sketch)


@cache
def score(fault, strength, key):
    if key == "memorization":
        return copies(images(fault, strength))
    if key == "painted_marks":
        return painted_marks(marks(fault, strength), marks(None, 0))
    if key == "palette_spread":
        sketches = [drawing(number)[0] for number in range(COUNT)]
        return palette_spread(np.stack(list(map(palette, images(fault, strength), sketches))))
    return single(fault, strength)[key]


def move(fault, strength, key):
    return score(fault, strength, key) - score(None, 0, key)


@pytest.mark.parametrize("fault", OWN)
def test_a_score_moves_the_right_way_the_stronger_its_fault_the_more(fault):
    key = OWN[fault]
    moved = [(-1 if key in FALLING else 1) * move(fault, strength, key) for strength in STRENGTHS]
    assert moved[0] > 0
    assert all(b > a for a, b in itertools.pairwise(moved)), moved


@pytest.mark.parametrize(("fault", "other"), list(itertools.permutations(OWN, 2)))
def test_a_score_stays_put_for_another_fault(fault, other):
    key = OWN[other]
    assert abs(move(fault, 1.0, key)) < 0.05 * abs(move(other, 1.0, key))


@pytest.mark.parametrize("fault", OWN)
def test_no_fault_passes_for_invented_lines(fault):
    assert score(fault, 1.0, "lines_invented") < 0.01


def test_invented_lines_are_seen():
    sketch, color, _ = drawing(0)
    invented = []
    for count in range(5):
        for line in range(count):
            cv2.line(color := color.copy(), (10 + 12 * line, 8), (16 + 12 * line, 60), (70, 60, 60), 2)
        invented.append(faults(color, sketch)["lines_invented"])
    assert invented[0] == 0
    assert all(b > a + 0.01 for a, b in itertools.pairwise(invented))
