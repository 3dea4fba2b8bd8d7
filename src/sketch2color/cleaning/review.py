"""The review sheet: before, mask and after of every picture where something was found, worst first."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from sketch2color.cleaning.find import Finding
from sketch2color.images import PictureArray, resize
from sketch2color.manifest import CleanPicture
from sketch2color.sheets import contact_sheet

CELL = 256


@dataclass(order=True)
class _Entry:
    surety: float
    label: str
    row: Sequence[PictureArray] = field(compare=False)


class Review:
    """Gathers the least confident findings while pictures go by, ``rows`` of them at most."""

    def __init__(self, rows: int = 40) -> None:
        self.rows = rows
        self.found = 0
        self._kept: list[_Entry] = []  # a heap with the surest on top, to be thrown out first

    def add(self, row: CleanPicture, before: PictureArray, finding: Finding, after: PictureArray) -> None:
        """Take up a picture if anything was found on it."""
        if finding.action == "none":
            return
        self.found += 1
        certainty = min(mark.confidence for mark in (*finding.sure, *finding.doubtful))
        label = (
            f"{row.id} {row.domain}: {row.action} {row.marks}, {row.mark_area:.1%}, surety {certainty:.2f}"
        )
        pictures = [_small(before), _small(_shown(before, finding)), _small(after)]
        heapq.heappush(self._kept, _Entry(-certainty, label, pictures))
        if len(self._kept) > self.rows:
            heapq.heappop(self._kept)

    def sheet(self) -> PictureArray:
        """Lay out what was gathered, least sure first."""
        entries = sorted(self._kept, key=lambda entry: (-entry.surety, entry.label))
        if not entries:
            return contact_sheet([[]], ["no marks were found on any picture"], cell=CELL)
        shown = f"mask: {len(entries)} of {self.found}"
        return contact_sheet(
            [entry.row for entry in entries],
            ["before", shown, "after"],
            [entry.label for entry in entries],
            cell=CELL,
        )


def _small(picture: PictureArray) -> PictureArray:
    height, width = picture.shape[:2]
    factor = min(1.0, CELL / max(height, width))
    return resize(picture, max(1, round(width * factor)), max(1, round(height * factor)))


def _shown(picture: PictureArray, finding: Finding) -> PictureArray:
    """Give the picture paled, removed marks in red, doubtful ones outlined in blue."""
    paled = (picture // 2 + 127).astype(np.uint8)
    for mark in finding.sure:
        paled[mark.pixels > 0] = (paled[mark.pixels > 0] // 3 + np.array([150, 20, 20])).astype(np.uint8)
    thick = max(1, round(max(picture.shape[:2]) / CELL))
    for mark in finding.doubtful:
        _outline(paled, mark.ground, thick)
    return paled


def _outline(picture: PictureArray, ground: NDArray[np.uint8], thick: int) -> None:
    contours, _ = cv2.findContours(ground, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(picture, contours, -1, (30, 60, 220), thick)
