"""``watermarks.yaml``: overrides by hand, by image or pattern; they precede what is detected.

An image takes one entry: that of its name, or else the last one whose pattern matches it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

import cv2
import numpy as np
from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    TypeAdapter,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)

from sketch2color.config.document import load, user_errors
from sketch2color.config.validation import Model, validate
from sketch2color.globs import matches
from sketch2color.manifest import DOMAINS, ImageRow, Rejected
from sketch2color.watermarks.masks import Box, Mask

FILE = "watermarks.yaml"


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
            center, size = ((left + right - 1) / 2, (top + bottom - 1) / 2), (right - left, bottom - top)
            cv2.ellipse(mask, (center, size, 0.0), 255, cv2.FILLED)
        else:
            mask[top:bottom, left:right] = 255
        return mask

    def __contains__(self, other: "Area") -> bool:
        """Return whether the other's box lies within this one's."""
        left, top, right, bottom = other.box
        return left >= self.box[0] and top >= self.box[1] and right <= self.box[2] and bottom <= self.box[3]


def _area(given: Any, info: ValidationInfo) -> Area:
    if isinstance(given, Area):
        return given
    is_ellipse = isinstance(given, dict) and set(given) == {"ellipse"}
    box = given["ellipse"] if is_ellipse else given
    if not isinstance(box, list) or len(box) != 4 or not all(type(number) is int for number in box):
        raise ValueError
    left, top, right, bottom = box
    image = info.context
    assert isinstance(image, ImageRow)
    if not 0 <= left < right <= image.width or not 0 <= top < bottom <= image.height:
        bounds = f"0 <= x0 < x1 <= {image.width} and 0 <= y0 < y1 <= {image.height}, the image's size"
        raise ValueError(f"{info.field_name} must have boxes [x0, y0, x1, y1] with {bounds} (got {box})")
    return Area((left, top, right, bottom), is_ellipse)


_BOX = "[x0, y0, x1, y1], integers, or {ellipse: [x0, y0, x1, y1]}"
Areas = Annotated[
    list[Annotated[Area, BeforeValidator(_area), WithJsonSchema({"allowed": _BOX})]], Field(min_length=1)
]


class Override(Model):
    """What is decided by hand about one image.

    What lies in ``remove`` is removed, whatever it is; what lies in ``keep`` stays. ``leave``: the image does
    not change; ``drop``: it does not enter the clean set.
    """

    remove: Areas = Field(default=[])
    keep: Areas = Field(default=[])
    leave: bool = False
    drop: bool = False
    _pattern: str = PrivateAttr("")

    @property
    def pattern(self) -> str:
        """The pattern of the entry, empty where the entry names the image."""
        return self._pattern

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        given = [key for key in type(self).model_fields if key in self.model_fields_set]
        for key in ("leave", "drop"):
            if key in given and not getattr(self, key):
                raise ValueError(f"{key} must be true, or left out")
            if key in given and len(given) > 1:
                raise ValueError(f"{' and '.join(given)} contradict each other: write one of them")
        for at, area in enumerate(self.remove):
            if any(area in kept for kept in self.keep):
                raise ValueError(f"remove[{at}] and keep contradict each other: it lies in a box to keep")
        return self


class ImageNames:
    """The names of a data set's images: ids and, where it is the only image there, ``source``.

    Args:
        images: those that entered.
        rejected: files that did not; a source that is among both holds several images, as a pair side by
            side does, of which one half trains.
    """

    def __init__(self, images: Sequence[ImageRow], rejected: Sequence[Rejected]) -> None:
        self._rows = images
        self._counts = Counter(image.source for image in images)
        self._absent = {row.source for row in rejected} - set(self._counts)
        self._counts.update({row.source for row in rejected} & set(self._counts))
        self._images = {image.source: image for image in images if self._counts[image.source] == 1}
        self._images |= {image.id: image for image in images}

    def of(self, image: ImageRow) -> str:
        """Return how watermarks.yaml names an image: by its source if that is printable and unique."""
        return image.source if self._counts[image.source] == 1 and image.source.isprintable() else image.id

    def find(self, name: Any) -> tuple[Sequence[ImageRow], str]:
        """Return the images that an entry is for, none where ingest rejected them, and its pattern, if any.

        Raises:
            ValueError: there is none, or there are several of that name.
        """
        if not isinstance(name, str):
            raise ValueError(f"{name!r}: an image's name must be a text: put it in quotes")
        if name in self._images or name in self._absent:
            return [self._images[name]] if name in self._images else [], ""
        if self._counts[name]:
            raise ValueError(f"{name}: more than one image has this source: write the id of the one you mean")
        if "*" not in name and "?" not in name:
            raise ValueError(f"{name}: no image of the data set has this source or id; see its manifest.csv")
        rows = [row for row in self._rows if _applies(name, row.domain, row.source)]
        if not rows and not any(_applies(name, "", source) for source in self._absent):
            raise ValueError(f"{name}: no image of the data set matches this pattern; see its manifest.csv")
        return rows, name


def _applies(pattern: str, domain: str, source: str) -> bool:
    """Return whether a pattern means an image: ``*`` all, ``sketch/*`` those of a domain, else by source."""
    if pattern in [f"{one}/*" for one in DOMAINS]:
        return pattern == f"{domain}/*"
    return pattern == "*" or matches(source, pattern)


def read(path: Path, images: Sequence[ImageRow], names: ImageNames) -> dict[str, Override]:
    """Read and check watermarks.yaml.

    Args:
        path: the file; without one nothing is overridden.
        images: all of the data set.
        names: of these.

    Returns:
        The overrides, by the id of the image.

    Raises:
        UserError: it is no YAML, names or matches no image, has an unknown key, a box that is empty or not on
            every image of its entry, contradicts itself, or drops all images of a domain in a split.
    """
    named, matched = dict[str, Override](), dict[str, Override]()
    if not path.is_file():
        return named
    with user_errors(Path(FILE), ""):
        for name, given in validate(TypeAdapter(dict[Any, Any]), load(path) or {}).items():
            rows, pattern = names.find(name)
            for image in rows:
                if not pattern and image.id in named:
                    raise ValueError(f"{name}: is named twice, by its source and by its id")
                override = _validate(name, given, image, pattern)
                (matched if pattern else named)[image.id] = override
        overrides = matched | named
        _expect_some_left(images, overrides)
    return overrides


def _validate(name: str, given: Any, image: ImageRow, pattern: str) -> Override:
    try:
        override = validate(TypeAdapter(Override), given, image)
    except ValueError as error:
        where = f"{name}: {image.source}" if pattern else name
        raise ValueError(f"{where}: {error}") from None
    if not override.model_fields_set:
        raise ValueError(f"{name}: must have one of {', '.join(Override.model_fields)}")
    override._pattern = pattern
    return override


def scale_box(box: Box, scale: tuple[float, float]) -> Box:
    """Scale a box across and down, outwards to whole pixels.

    >>> scale_box((10, 10, 11, 11), (0.25, 0.5))
    (2, 5, 3, 6)
    """
    scaled = np.array(box) * (*scale, *scale)
    left, top, right, bottom = (*np.floor(scaled[:2]).astype(int), *np.ceil(scaled[2:]).astype(int))
    return int(left), int(top), int(right), int(bottom)


def _expect_some_left(images: Sequence[ImageRow], overrides: Mapping[str, Override]) -> None:
    left = {(one.domain, one.split) for one in images if not (one.id in overrides and overrides[one.id].drop)}
    for image in images:
        if (image.domain, image.split) not in left:
            raise ValueError(
                f"drops every {image.domain} image of {image.split}: leave one, or change the data set"
            )
