"""Perceptual hashes: find the same image in another size, encoding or exposure, with a mark, or mirrored."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import cast

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sketch2color.imaging import ImageArray

BITS = 512
"""Length of the compared hashes: 256 bits describe the lines, 256 the gradients of lightness."""

_WORDS = BITS // 64
_LINE_WORDS = _WORDS // 2
_ROWS, _COLUMNS = 16, 16384
"""Size of a block of compared pairs, which fits into the processor's cache."""
_MANY_LINKS = 1_000_000

Words = NDArray[np.uint64]
Links = NDArray[np.intp]


def fingerprint(image: ImageArray) -> bytes:
    """Return a hash of an image's lines and of its horizontal gradients of lightness.

    The lines, dark on light or light on dark, are the difference of a morphological closing and opening.
    Their hash, the signs of the lowest 16 x 16 frequencies (pHash), is robust against colour and shading;
    that of the gradients (dHash) is robust against a superimposed mark.

    Args:
        image: uint8, H x W x 3, of any size.

    Returns:
        128 bytes: the hash of the image and that of its mirrored copy, 512 bits each.
    """
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (128, 128), interpolation=cv2.INTER_AREA)
    pen = np.ones((5, 5), np.uint8)
    contrast = cv2.morphologyEx(grey, cv2.MORPH_CLOSE, pen) - cv2.morphologyEx(grey, cv2.MORPH_OPEN, pen)
    # The root increases the weight of faint lines.
    lines = np.sqrt(contrast * np.float32(255)).astype(np.uint8)
    small_lines, small_grey = (
        cast(ImageArray, cv2.resize(layer, (64, 64), interpolation=cv2.INTER_AREA)) for layer in (lines, grey)
    )
    return _hash(small_lines, small_grey) + _hash(np.fliplr(small_lines), np.fliplr(small_grey))


def distance(one: bytes, other: bytes) -> tuple[int, bool]:
    """Return how many of ``BITS`` bits differ (about 240 if unrelated), and whether one image is mirrored."""
    # The hashes of mirrored copies are not exactly mirrored; sorting makes the distance symmetric.
    first, second = _words(sorted((one, other)))
    straight, mirrored = (
        int(np.bitwise_count(first[:_WORDS] ^ half).sum()) for half in (second[:_WORDS], second[_WORDS:])
    )
    return min(straight, mirrored), mirrored < straight


def clusters(fingerprints: Sequence[bytes], threshold: int) -> list[list[int]]:
    """Return the connected components of near-duplicates.

    Every pair is compared, in about 1 ns for each 64 bits; memory is a few bytes for each image.

    Args:
        fingerprints: of all images.
        threshold: the largest :func:`distance` of near-duplicates, in bits.

    Returns:
        The clusters of two images or more: sorted lists of sorted indices into ``fingerprints``.
    """
    if not fingerprints:
        return []
    distinct = sorted(set(fingerprints))
    firsts = np.arange(len(distinct))
    links: list[Links] = []
    pending = 0
    for found in _near(_words(distinct), threshold):
        if len(found):
            links.append(found)
            pending += len(found)
        if pending > _MANY_LINKS:
            firsts, links, pending = _join(firsts, links), [], 0
    numbers = dict(zip(distinct, _join(firsts, links).tolist(), strict=True))
    members: dict[int, list[int]] = defaultdict(list)
    for place, value in enumerate(fingerprints):
        members[numbers[value]].append(place)
    return sorted(places for places in members.values() if len(places) > 1)


def _hash(lines: ImageArray, grey: ImageArray) -> bytes:
    line_bits = imagehash.phash(Image.fromarray(lines), 16).hash
    grey_bits = imagehash.dhash(Image.fromarray(grey), 16).hash
    return np.packbits(np.concatenate([line_bits, grey_bits])).tobytes()


def _words(fingerprints: Sequence[bytes]) -> Words:
    return np.frombuffer(b"".join(fingerprints), np.uint64).reshape(len(fingerprints), 2 * _WORDS)


def _near(words: Words, threshold: int) -> Iterator[Links]:
    """Yield the pairs (n x 2) of rows that are near-duplicates, straight or mirrored, block by block."""
    columns = np.ascontiguousarray(words.T)
    for top in range(0, len(words), _ROWS):
        for left in range(top, len(words), _COLUMNS):
            for mirrored in (0, _WORDS):
                yield _near_in_block(words, columns, top, left, mirrored, threshold)


def _near_in_block(words: Words, columns: Words, top: int, left: int, mirrored: int, threshold: int) -> Links:
    rows = slice(top, top + _ROWS)
    # The lines' half of the bits excludes nearly all pairs. That 256 overflows to 0 is harmless: the
    # remaining pairs are counted again.
    some = columns[mirrored : mirrored + _LINE_WORDS, left : left + _COLUMNS]
    shape = len(words[rows]), some.shape[1]
    other_bits, count = np.empty(shape, np.uint64), np.empty(shape, np.uint8)
    differ = np.zeros(shape, np.uint8)
    for word in range(_LINE_WORDS):
        np.bitwise_xor(columns[word, rows, None], some[word], out=other_bits)
        np.bitwise_count(other_bits, out=count)
        differ += count
    row, column = np.divmod(np.flatnonzero(differ <= threshold), shape[1])
    pairs = np.stack([row + top, column + left], axis=1)
    pairs = pairs[pairs[:, 0] < pairs[:, 1]]
    whole = words[pairs[:, 0], :_WORDS] ^ words[pairs[:, 1], mirrored : mirrored + _WORDS]
    near: Links = pairs[np.bitwise_count(whole).sum(axis=1, dtype=np.int64) <= threshold]
    return near


def _join(firsts: NDArray[np.intp], links: Sequence[Links]) -> NDArray[np.intp]:
    """Return the first node of each node's component, given links (n x 2 each) and previous firsts."""
    ends = np.concatenate([*links, np.stack([firsts, np.arange(len(firsts))], axis=1)])
    graph = coo_array((np.ones(len(ends), np.bool_), (ends[:, 0], ends[:, 1])), shape=(len(firsts),) * 2)
    _, first, which = np.unique(
        connected_components(graph, directed=False)[1], return_index=True, return_inverse=True
    )
    return first[which]
