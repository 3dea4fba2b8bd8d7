"""Decide what is done with each mark: overrides by hand take precedence over what was detected."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from sketch2color.manifest import ImageAction, MarkAction
from sketch2color.watermarks.detect import Detections, Mark
from sketch2color.watermarks.masks import Box, Mask, unite
from sketch2color.watermarks.overrides import Override, scale_box

NO_OVERRIDE = Override()
INSIDE = 0.5  # share of a mark's ground from which it lies in a box given by hand


@dataclass(frozen=True)
class Decision:
    """A mark, and what is done with it.

    ``box`` is in pixels of the original image, right and bottom excluded. ``ground`` is what the mark spans
    and ``pixels`` its own, both uint8, H × W, 255 on the mark.
    """

    kind: str
    confidence: float
    action: MarkAction
    box: Box
    ground: Mask
    pixels: Mask

    @property
    def is_removed(self) -> bool:
        """Whether it is removed, at least partly."""
        return "removed" in self.action

    @property
    def is_by_hand(self) -> bool:
        """Whether it was decided by hand."""
        return self.action.endswith("by hand")

    @property
    def certainty(self) -> float:
        """Probability in [0, 1] that this is the right action; 1 for decisions by hand."""
        if self.is_by_hand:
            return 1.0
        return self.confidence if self.is_removed else 1 - self.confidence

    @property
    def area(self) -> float:
        """Share of the image that is the mark's own."""
        return float((self.pixels > 0).mean())


@dataclass(frozen=True)
class Decisions:
    """All marks of an image, and ``mask``: uint8, H × W, 255 where the image is to be filled.

    ``remains`` is the share of the removed marks that a second look still finds, in [0, 1].
    """

    marks: Sequence[Decision]
    mask: Mask
    remains: float = 0.0

    @property
    def action(self) -> ImageAction:
        """What is done with the image, as in the manifest."""
        if any(mark.action == "partly removed" for mark in self.marks):
            return "partly removed"
        if any(mark.is_removed for mark in self.marks):
            return "removed"
        return "left" if self.marks else "none"

    @property
    def removed(self) -> Sequence[Mask]:
        """The pixels of each removed mark."""
        return [mark.pixels for mark in self.marks if mark.is_removed]

    @property
    def primary(self) -> Sequence[Decision]:
        """The removed marks, or all where none is removed: those that the image's figures are about."""
        return [mark for mark in self.marks if mark.is_removed] or self.marks

    @property
    def kinds(self) -> str:
        """The kinds of the primary marks, each once, joined by ``+``."""
        return "+".join(sorted({mark.kind for mark in self.primary}))

    @property
    def certainty(self) -> float:
        """The least certainty of the primary marks; 1 without marks."""
        return min((mark.certainty for mark in self.primary), default=1.0)

    @property
    def area(self) -> float:
        """Share of the image that is to be filled."""
        return float((self.mask > 0).mean())

    @property
    def are_by_hand(self) -> bool:
        """Whether any mark was decided by hand."""
        return any(mark.is_by_hand for mark in self.marks)


def decide(
    detections: Detections,
    height: int,
    width: int,
    override: Override = NO_OVERRIDE,
    scale: tuple[float, float] = (1, 1),
) -> Decisions:
    """Decide about the marks of an image.

    Detected marks in a box to keep, or on an image to leave, stay; no pixel of a box to keep changes. A
    doubtful mark in a box to remove counts as the one that the box outlines.

    Args:
        detections: what was detected on the image.
        height: of that image, in pixels.
        width: likewise.
        override: by hand.
        scale: how many times larger that image is than the original, across and down.
    """
    shape = height, width
    keep = unite((area.mask(height, width, scale) for area in override.keep), shape)
    if override.leave:
        keep[:] = 255
    outlined = [(area.box, area.mask(height, width, scale)) for area in override.remove]
    marks = [Decision("hand", 1.0, "removed by hand", box, mask, mask & ~keep) for box, mask in outlined]
    remove = unite((mask for _, mask in outlined), shape)
    sure = [(mark, True) for mark in detections.sure]
    for mark, is_sure in [*sure, *((mark, False) for mark in detections.doubtful)]:
        if _lies_in(mark, keep):
            marks.append(_decision(mark, "kept by hand", mark.pixels, scale))
        elif is_sure:
            marks.append(_decision(mark, "removed", mark.pixels & ~keep, scale))
        elif not _lies_in(mark, remove):
            marks.append(_decision(mark, "left", mark.pixels, scale))
    return Decisions(marks, unite((mark.pixels for mark in marks if mark.is_removed), shape))


def _decision(mark: Mark, action: MarkAction, pixels: Mask, scale: tuple[float, float]) -> Decision:
    height, width = mark.ground.shape
    left, top, wide, high = cv2.boundingRect(mark.ground)
    across, down = 1 / scale[0], 1 / scale[1]
    x0, y0, x1, y1 = scale_box((left, top, left + wide, top + high), (across, down))
    box = x0, y0, min(x1, round(width * across)), min(y1, round(height * down))
    return Decision(mark.kind, mark.confidence, action, box, mark.ground, pixels)


def _lies_in(mark: Mark, region: Mask) -> bool:
    ground = mark.ground > 0
    return bool((region[ground] > 0).mean() > INSIDE) if ground.any() else False
