"""``watermarks.yaml``: what a person says about the marks of single images; it goes before the finder."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from sketch2color.config.document import load, quote, user_errors
from sketch2color.manifest import ImageRow, Rejected
from sketch2color.watermarks.masks import Box, Mask

FILE = "watermarks.yaml"
_KEYS = ("remove", "keep", "leave", "drop")


@dataclass(frozen=True)
class Area:
    """A box (left, top, right, bottom; right and bottom excluded) in pixels of the original, upright image.

    ``is_ellipse``: only the ellipse that fills the box.
    """

    box: Box
    is_ellipse: bool = False

    def mask(self, height: int, width: int, scale: tuple[float, float]) -> Mask:
        """Draw it as 255 on uint8, height × width, ``scale`` (across, down) times the original's size."""
        left, top, right, bottom = scale_box(self.box, scale)
        mask = np.zeros((height, width), np.uint8)
        if self.is_ellipse:
            middle, half = ((left + right - 1) / 2, (top + bottom - 1) / 2), (right - left, bottom - top)
            cv2.ellipse(mask, (middle, half, 0.0), 255, cv2.FILLED)
        else:
            mask[top:bottom, left:right] = 255
        return mask

    def __contains__(self, other: "Area") -> bool:
        """Tell whether the other's box lies within this one's."""
        low, high = (
            zip(self.box[:2], other.box[:2], strict=True),
            zip(self.box[2:], other.box[2:], strict=True),
        )
        return all(mine <= its for mine, its in low) and all(mine >= its for mine, its in high)


@dataclass(frozen=True, kw_only=True)
class Override:
    """What is said about one image.

    What lies in ``remove`` is taken off, whatever it is; what lies in ``keep`` stays. ``leave``: nothing is
    changed on the image; ``drop``: it does not enter the clean set.
    """

    remove: Sequence[Area] = ()
    keep: Sequence[Area] = ()
    leave: bool = False
    drop: bool = False


class ImageNames:
    """The names of a data set's images: ids and, where it is the only image there, ``source``.

    Args:
        images: those that entered.
        rejected: files that did not; a source that is among both holds several images, as a pair side by
            side does, of which one half trains.
    """

    def __init__(self, images: Sequence[ImageRow], rejected: Sequence[Rejected]) -> None:
        self._counts = Counter(image.source for image in images)
        self._absent = {row.source for row in rejected} - set(self._counts)
        self._counts.update({row.source for row in rejected} & set(self._counts))
        self._images = {image.source: image for image in images if self.is_unique(image.source)}
        self._images |= {image.id: image for image in images}

    def is_unique(self, source: str) -> bool:
        """Tell whether there is one image only of this source."""
        return self._counts[source] == 1

    def of(self, image: ImageRow) -> str:
        """Return how watermarks.yaml names an image: by its source if that can be written and is unique."""
        return image.source if self.is_unique(image.source) and image.source.isprintable() else image.id

    def find(self, name: Any) -> ImageRow | None:
        """Return the image of that name; None where ingest knows it, but it did not enter.

        Raises:
            ValueError: there is none, or there are several.
        """
        if not isinstance(name, str):
            raise ValueError(f"{quote(name)}: an image's name must be a text: put it in quotes")
        if name in self._images:
            return self._images[name]
        if name in self._absent:
            return None
        if self._counts[name]:
            raise ValueError(f"{name}: more than one image has this source: write the id of the one you mean")
        raise ValueError(f"{name}: no image of the data set has this source or id; see its manifest.csv")


def read(path: Path, images: Sequence[ImageRow], names: ImageNames) -> dict[str, Override]:
    """Read and check watermarks.yaml.

    Args:
        path: the file; without one nothing is overridden.
        images: all of the data set.
        names: of these.

    Returns:
        What is said, by the id of the image.

    Raises:
        UserError: it is no YAML, names no image, has an unknown key, a box that is empty or not on the
            image, contradicts itself, or drops all images of a domain in a split.
    """
    if not path.is_file():
        return {}
    found: dict[str, Override] = {}
    with user_errors(Path(FILE), ""):
        for name, given in _mapping(load(path) or {}, "the file").items():
            image = names.find(name)
            if image is None:
                continue
            if image.id in found:
                raise ValueError(f"{name}: is named twice, by its source and by its id")
            found[image.id] = _override(given, name, image)
        _expect_some_left(images, found)
    return found


def scale_box(box: Box, scale: tuple[float, float]) -> Box:
    """Scale a box across and down, outwards to whole pixels.

    >>> scale_box((10, 10, 11, 11), (0.25, 0.5))
    (2, 5, 3, 6)
    """
    across, down = scale
    left, top, right, bottom = box
    return (
        int(np.floor(left * across)),
        int(np.floor(top * down)),
        int(np.ceil(right * across)),
        int(np.ceil(bottom * down)),
    )


def _override(given: Any, name: str, image: ImageRow) -> Override:
    said = _mapping(given, name)
    _known(said, _KEYS, f"{name}: ")
    if not said:
        raise ValueError(f"{name}: nothing is said; known here: {', '.join(_KEYS)}")
    for key in ("leave", "drop"):
        if said.get(key, True) is not True:
            raise ValueError(f"{name}: {key} is {quote(said[key])}: must be true, or left out")
        if key in said and len(said) > 1:
            other = next(one for one in said if one != key)
            raise ValueError(f"{name}: {key} and {other} contradict each other: write one of them")
    remove, keep = (_areas(said[key], f"{name}: {key}", image) if key in said else () for key in _KEYS[:2])
    for at, area in enumerate(remove):
        if any(area in kept for kept in keep):
            raise ValueError(f"{name}: remove[{at}] and keep contradict each other: it lies in what is kept")
    return Override(remove=remove, keep=keep, leave="leave" in said, drop="drop" in said)


def _areas(given: Any, key: str, image: ImageRow) -> tuple[Area, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(one, list | dict) for one in given):
        raise ValueError(f"{key} is {quote(given)}: must be a list of boxes such as [[x0, y0, x1, y1]]")
    return tuple(_area(one, f"{key}[{at}]", image) for at, one in enumerate(given))


def _area(given: Any, key: str, image: ImageRow) -> Area:
    is_ellipse = isinstance(given, Mapping)
    if is_ellipse:
        _known(given, ("ellipse",), f"{key}.")
    box = given.get("ellipse") if is_ellipse else given
    if not isinstance(box, list) or len(box) != 4 or not all(type(number) is int for number in box):
        raise ValueError(
            f"{key} is {quote(given)}: must be four whole numbers [x0, y0, x1, y1], or {{ellipse: […]}}"
        )
    left, top, right, bottom = box
    if left >= right or top >= bottom:
        raise ValueError(f"{key} is {quote(given)}: is empty; must have x0 < x1 and y0 < y1")
    if left < 0 or top < 0 or right > image.width or bottom > image.height:
        size = f"{image.width} wide and {image.height} high"
        raise ValueError(f"{key} is {quote(given)}: reaches out of the image, which is {size}")
    return Area((left, top, right, bottom), is_ellipse)


def _mapping(given: Any, key: str) -> Mapping[Any, Any]:
    if not isinstance(given, Mapping):
        raise ValueError(f"{key} is {quote(given)}: must be a mapping of keys to values")
    return given


def _known(given: Mapping[Any, Any], names: Sequence[str], prefix: str) -> None:
    for key in given:
        if key not in names:
            raise ValueError(f"unknown key {prefix}{str(key)[:80]}; known here: {', '.join(names)}")


def _expect_some_left(images: Sequence[ImageRow], found: Mapping[str, Override]) -> None:
    left = {(one.domain, one.split) for one in images if not (one.id in found and found[one.id].drop)}
    for image in images:
        if (image.domain, image.split) not in left:
            raise ValueError(
                f"drops every {image.domain} image of {image.split}: leave one, or change the data set"
            )
