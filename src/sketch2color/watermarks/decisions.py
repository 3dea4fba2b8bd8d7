"""What is done with each mark: the finder proposes, the person who looked disposes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from sketch2color.manifest import MarkAction
from sketch2color.watermarks.detect import Detections, Mark
from sketch2color.watermarks.overrides import Box, Mask, Override, scaled

NO_OVERRIDE = Override()
INSIDE = 0.5
"""A find lies in what a person has outlined if more of its ground than this does."""


@dataclass(frozen=True)
class Decision:
    """A mark, and what is done with it.

    ``box`` is in pixels of the original image, right and bottom excluded. ``ground`` is what the mark spans
    and ``pixels`` what is the mark's own, both uint8, H × W, 255 on the mark.
    """

    kind: str
    confidence: float
    action: MarkAction
    box: Box
    ground: Mask
    pixels: Mask

    @property
    def is_removed(self) -> bool:
        """Whether it is taken off."""
        return self.action.startswith("removed")

    @property
    def certainty(self) -> float:
        """The chance in [0, 1] that this is the right thing to do; a person is always right."""
        if self.action.endswith("by hand"):
            return 1.0
        return self.confidence if self.is_removed else 1 - self.confidence

    @property
    def area(self) -> float:
        """The share of the image that is the mark's own."""
        return float((self.pixels > 0).mean())


@dataclass(frozen=True)
class Decisions:
    """All marks of an image, and ``mask``: uint8, H × W, 255 where the image is to be filled."""

    marks: Sequence[Decision]
    mask: Mask

    @property
    def action(self) -> Literal["removed", "none", "left"]:
        """Say in a word what is done, as the manifest does."""
        if any(mark.is_removed for mark in self.marks):
            return "removed"
        return "left" if self.marks else "none"

    @property
    def removed(self) -> Sequence[Mask]:
        """The pixels of each mark that is taken off."""
        return [mark.pixels for mark in self.marks if mark.is_removed]

    @property
    def primary(self) -> Sequence[Decision]:
        """The marks taken off; where none is, all: these say what the image's figures are about."""
        return [mark for mark in self.marks if mark.is_removed] or self.marks

    @property
    def kinds(self) -> str:
        """Join the kinds of the foremost marks, each once, by ``+``."""
        return "+".join(sorted({mark.kind for mark in self.primary}))

    @property
    def certainty(self) -> float:
        """Give the chance in [0, 1] that the least sure decision about these is right; 1 without marks."""
        return min((mark.certainty for mark in self.primary), default=1.0)

    @property
    def area(self) -> float:
        """Give the share of the image that is to be filled."""
        return float((self.mask > 0).mean())

    @property
    def are_by_hand(self) -> bool:
        """Tell whether a person had a say in it."""
        return any(mark.action.endswith("by hand") for mark in self.marks)


def decide(
    detections: Detections,
    height: int,
    width: int,
    said: Override = NO_OVERRIDE,
    scale: tuple[float, float] = (1, 1),
) -> Decisions:
    """Decide about the marks of an image.

    Finds that lie in a box to keep, or on an image to leave, stay; no pixel of a box to keep is touched. A
    doubtful find in a box to remove counts as the mark that the person outlined.

    Args:
        detections: what was found on the image.
        height: of the image that was searched, in pixels.
        width: likewise.
        said: by a person.
        scale: how many times larger the searched image is than the original, across and down.
    """
    kept = _united([area.mask(height, width, scale) for area in said.keep], height, width)
    if said.leave:
        kept[:] = 255
    outlined = [area.mask(height, width, scale) for area in said.remove]
    removed = _united(outlined, height, width)
    marks = []
    for area, mask in zip(said.remove, outlined, strict=True):
        marks.append(Decision("hand", 1.0, "removed by hand", area.box, mask, mask & ~kept))
    for mark in detections.sure:
        if _lies_in(mark, kept):
            marks.append(_decided(mark, "kept by hand", scale))
        else:
            marks.append(_decided(mark, "removed", scale, but=kept))
    for mark in detections.doubtful:
        if _lies_in(mark, kept):
            marks.append(_decided(mark, "kept by hand", scale))
        elif not _lies_in(mark, removed):
            marks.append(_decided(mark, "left", scale))
    mask = _united([mark.pixels for mark in marks if mark.is_removed], height, width)
    return Decisions(marks, mask)


def _decided(mark: Mark, action: MarkAction, scale: tuple[float, float], but: Mask | None = None) -> Decision:
    height, width = mark.ground.shape
    left, top, wide, high = cv2.boundingRect(mark.ground)
    back = 1 / scale[0], 1 / scale[1]
    x0, y0, x1, y1 = scaled((left, top, left + wide, top + high), back)
    box = x0, y0, min(x1, round(width * back[0])), min(y1, round(height * back[1]))
    pixels = mark.pixels if but is None else mark.pixels & ~but
    return Decision(mark.kind, mark.confidence, action, box, mark.ground, pixels)


def _lies_in(mark: Mark, region: Mask) -> bool:
    ground = mark.ground > 0
    return bool((region[ground] > 0).mean() > INSIDE) if ground.any() else False


def _united(masks: Sequence[Mask], height: int, width: int) -> Mask:
    united = np.zeros((height, width), np.uint8)
    for mask in masks:
        united |= mask
    return united
