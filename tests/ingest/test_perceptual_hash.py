import io

import cv2
import numpy as np
import pytest
from PIL import Image

from sketch2color import imaging
from sketch2color.ingest import perceptual_hash
from sketch2color.ingest.perceptual_hash import BITS, clusters, distance, fingerprint

THRESHOLD = 100


def drawing(number, width=256, height=256):
    """Ink lines and colour areas on paper, others for every number."""
    rng = np.random.default_rng(number)
    image = np.full((height, width, 3), 250, np.uint8)
    for _ in range(6):
        points = (rng.random((5, 2)) * (width, height)).astype(np.int32)
        cv2.fillPoly(image, [cv2.convexHull(points)], rng.integers(90, 240, 3).tolist())
    for _ in range(14):
        points = (rng.random((6, 2)) * (width, height)).astype(np.int32)
        cv2.polylines(image, [points], False, (25, 25, 30), 2, cv2.LINE_AA)
    return image


def jpeg(image, quality):
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return imaging.read(buffer.getvalue())


def with_badge(image):
    marked = image.copy()
    cv2.circle(marked, (200, 190), 26, (60, 120, 60), -1)
    return marked


CHANGES = {
    "encoded anew": lambda image: jpeg(image, 30),
    "smaller": lambda image: imaging.resize(image, 90, 90),
    "larger": lambda image: imaging.resize(image, 700, 700),
    "squashed": lambda image: imaging.resize(image, 300, 180),
    "cropped": lambda image: image[2:-2, 3:-1],
    "marked": with_badge,
    "brighter": lambda image: (image * 0.8 + 50).clip(0, 255).astype(np.uint8),
    "darker": lambda image: (image * 0.7).astype(np.uint8),
    "in grey": lambda image: np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2),
    "small, marked and encoded anew": lambda image: jpeg(imaging.resize(with_badge(image), 128, 128), 50),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("mirrored", [False, True], ids=["straight", "mirrored"])
def test_the_same_drawing_is_near_and_another_is_not(change, mirrored):
    for number in range(5):
        original, other = drawing(number), drawing(number + 100)
        changed = change(original[:, ::-1] if mirrored else original)
        bits, is_mirrored = distance(fingerprint(original), fingerprint(changed))
        assert bits <= THRESHOLD
        assert is_mirrored == mirrored
        assert distance(fingerprint(other), fingerprint(changed))[0] > THRESHOLD


def test_light_lines_on_dark_paper_are_told_apart_too():
    pages = [np.full((256, 256, 3), 20, np.uint8) for _ in range(2)]
    cv2.line(pages[0], (40, 40), (200, 70), (220, 220, 220), 2)
    cv2.line(pages[1], (60, 210), (180, 150), (220, 220, 220), 2)
    assert distance(*map(fingerprint, pages))[0] > THRESHOLD


def test_the_shape_alone_makes_no_near_duplicate():
    ball, net = (np.full((256, 256, 3), 255, np.uint8) for _ in range(2))
    for image in (ball, net):
        cv2.circle(image, (128, 128), 100, (240, 190, 40), -1)
        cv2.circle(image, (128, 128), 100, (0, 0, 0), 6)
    for at in (70, 100, 128, 156, 186):
        cv2.line(net, (at, 45), (at, 211), (0, 0, 0), 6)
        cv2.line(net, (45, at), (211, at), (0, 0, 0), 6)
    assert distance(fingerprint(ball), fingerprint(net))[0] > THRESHOLD


def test_a_fingerprint_is_that_of_the_image_and_that_of_the_mirrored_one():
    image = drawing(3, 301, 200)
    straight, mirrored = fingerprint(image), fingerprint(np.ascontiguousarray(image[:, ::-1]))
    assert len(straight) * 8 == 2 * BITS
    # Only resizing rounds otherwise from the other side.
    assert distance(straight, straight) == (0, False)
    assert distance(straight, mirrored)[0] <= 8
    assert distance(straight, mirrored)[1]


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (64, 64), (2000, 30)])
def test_any_size_has_a_fingerprint(shape):
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert fingerprint(image) == fingerprint(image.copy())


def some_fingerprints(count, seed=0):
    rng = np.random.default_rng(seed)
    return [rng.bytes(BITS // 4) for _ in range(count)]


def changed(fingerprint, bits, start=0, mirrored=False):
    """Flip ``bits`` bits of the part that is compared; ``mirrored`` takes the part of the mirrored copy."""
    half = len(fingerprint) // 2
    values = np.unpackbits(np.frombuffer(fingerprint, np.uint8))
    values[start : start + bits] ^= 1
    content = np.packbits(values).tobytes()
    return content[half:] + content[:half] if mirrored else content


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(perceptual_hash, "_ROWS", 3)
    monkeypatch.setattr(perceptual_hash, "_COLUMNS", 5)
    monkeypatch.setattr(perceptual_hash, "_MANY_LINKS", 4)


def by_definition(fingerprints, threshold):
    """Clusters found the plain way: pair by pair."""
    places = {place: {place} for place in range(len(fingerprints))}
    for one in places:
        for other in range(one):
            if distance(fingerprints[one], fingerprints[other])[0] <= threshold:
                joined = places[one] | places[other]
                for place in joined:
                    places[place] = joined
    return sorted({tuple(sorted(joined)) for joined in places.values() if len(joined) > 1})


@pytest.mark.parametrize("threshold", [0, 60, 100, 210])
def test_clusters_are_those_of_comparing_pair_by_pair(small_blocks, threshold):
    base = some_fingerprints(12)
    rng = np.random.default_rng(1)
    fingerprints = [
        changed(base[place % 12], int(rng.integers(0, 130)), int(rng.integers(0, 380)), bool(place % 3 == 0))
        for place in range(60)
    ]
    found = clusters(fingerprints, threshold)
    assert [tuple(places) for places in found] == by_definition(fingerprints, threshold)
    assert threshold == 0 or found


def test_it_does_not_matter_which_of_two_is_mirrored_or_comes_first():
    one, other = some_fingerprints(2)
    half = len(one) // 2
    # Hashes of mirrored copies are mirrored but for some bits: here one way is near, the other is not.
    first, second = changed(one[:half] + other[:half], 90), changed(other[half:] + one[:half], 0)
    assert distance(first, second) == distance(second, first)
    assert clusters([first, second], 100) == clusters([second, first], 100)


@pytest.mark.parametrize("start", [0, 200, 400])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_threshold_itself_is_near_and_a_bit_more_is_not(start, mirrored):
    one, other = some_fingerprints(2)
    assert clusters([one, other, changed(one, 100, start, mirrored)], 100) == [[0, 2]]
    assert clusters([one, other, changed(one, 101, start, mirrored)], 100) == []


def test_all_bits_of_the_lines_differ_and_they_are_not_near():
    (one,) = some_fingerprints(1)
    assert clusters([one, changed(one, 256)], 100) == []


def test_chains_hold_together_and_the_order_does_not_matter(small_blocks):
    a, b = some_fingerprints(2)
    chain = [changed(a, 90 * step) for step in range(5)]
    fingerprints = [*chain[::2], b, *chain[1::2], b]
    assert clusters(fingerprints, 100) == [[0, 1, 2, 4, 5], [3, 6]]
    backwards = clusters(fingerprints[::-1], 100)
    assert [sorted(6 - place for place in places) for places in backwards] == [[3, 6], [0, 1, 2, 4, 5]]


def test_no_images_no_clusters():
    assert clusters([], 100) == []
    assert clusters(some_fingerprints(1), 100) == []
