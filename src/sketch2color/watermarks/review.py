"""The review sheet: before, what was found, and after of every image with a mark, the least sure first."""

import heapq
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from sketch2color.imaging import ImageArray, encode_jpeg, resize, shrink
from sketch2color.manifest import MarkAction, Rejected
from sketch2color.pages.page import data_uri, render_page
from sketch2color.watermarks.decisions import Decision, Decisions

SIDE = 320
"""Longer side of an image on the sheet, pixels."""
JPEG_QUALITY = 80
MOST_ROWS = 100
"""Of a part of the sheet: the page stays below 25 MB, and what it is made from in memory too."""
WORDS: Mapping[MarkAction, str] = {
    "removed": "taken off",
    "left": "left, in doubt",
    "removed by hand": "taken off by hand",
    "kept by hand": "left by hand",
}
PARTS = {
    "removed": ("Taken off", "The least sure first: if these are right, the rest is."),
    "left": ("Left in doubt", "What is most like a mark comes first."),
    "by hand": ("Decided by hand", "As watermarks.yaml has it."),
}
COLORS: Mapping[MarkAction, tuple[int, int, int]] = {
    "removed": (214, 40, 40),
    "removed by hand": (230, 130, 0),
    "left": (40, 90, 230),
    "kept by hand": (20, 140, 70),
}


@dataclass(frozen=True)
class Line:
    """What the sheet says of one mark."""

    kind: str
    action: MarkAction
    confidence: float
    area: float
    box: str


@dataclass(frozen=True)
class Entry:
    """An image on the sheet: ``images`` are JPEG files of before, found and after.

    ``name`` is how it is called, ``about`` what else tells it from others, ``part`` a key of ``PARTS``,
    ``paste`` the lines for watermarks.yaml that turn each decision round, empty where none are wanted.
    """

    name: str
    about: str
    action: str
    certainty: float
    part: str
    lines: tuple[Line, ...]
    images: tuple[bytes, bytes, bytes]
    paste: str

    def __lt__(self, other: "Entry") -> bool:
        """The surer comes first, so that it is the first that a heap drops."""
        return (self.certainty, self.name, self.about) > (other.certainty, other.name, other.about)


def entry(
    name: str, about: str, before: ImageArray, decisions: Decisions, after: ImageArray, paste: bool
) -> Entry:
    """Make a row of the sheet.

    Args:
        name: how the image is called, in watermarks.yaml too.
        about: what else tells it from others.
        before: uint8, H × W × 3.
        decisions: its marks.
        after: as ``before``.
        paste: whether lines for watermarks.yaml are wanted.
    """
    marks = sorted(decisions.marks, key=lambda mark: (not mark.is_removed, mark.certainty, mark.box))
    return Entry(
        name=name,
        about=about,
        action=decisions.action,
        certainty=decisions.certainty,
        part="by hand" if decisions.are_by_hand else decisions.action,
        lines=tuple(Line(m.kind, m.action, m.confidence, m.area, str(list(m.box))) for m in marks),
        images=(_jpeg(before), _jpeg(found(before, marks)), _jpeg(after)),
        paste=lines_to_paste(name, marks) if paste and not decisions.are_by_hand else "",
    )


def lines_to_paste(name: str, marks: Sequence[Decision]) -> str:
    """Write the entry of watermarks.yaml that turns each decision round."""
    lines = [f"{json.dumps(name, ensure_ascii=False)}:"]
    for key, wanted in (("keep", "removed"), ("remove", "left")):
        boxes = [f"  - {list(mark.box)}  # {mark.kind}" for mark in marks if mark.action == wanted]
        lines += [f"  {key}:", *boxes] if boxes else []
    return "\n".join(lines)


def found(image: ImageArray, marks: Sequence[Decision]) -> ImageArray:
    """Give the image, small and pale, with the marks in the colours of what is done with them."""
    small = shrink(image, SIDE)
    paled = (small // 2 + 127).astype(np.uint8)
    height, width = paled.shape[:2]
    for mark in marks:
        color = np.array(COLORS[mark.action], np.uint8)
        shown = resize(mark.pixels if mark.is_removed else mark.ground, width, height) > 127
        if mark.is_removed:
            paled[shown] = paled[shown] // 3 + color // 3 * 2
        else:
            contours, _ = cv2.findContours(shown.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(paled, contours, -1, color.tolist(), 2)
    return paled


class Review:
    """Gathers the least sure of the images that go by, for each part of the sheet ``MOST_ROWS``."""

    def __init__(self) -> None:
        self._actions: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._kept: dict[str, list[Entry]] = {part: [] for part in PARTS}

    def add(self, action: str, row: Entry | None) -> None:
        """Count an image, and take it up if anything was found on it."""
        self._actions[action] += 1
        if row is None:
            return
        self._counts[row.part] += 1
        heapq.heappush(self._kept[row.part], row)
        if len(self._kept[row.part]) > MOST_ROWS:
            heapq.heappop(self._kept[row.part])

    def page(self, title: str, dropped: Sequence[str], failed: Sequence[Rejected]) -> str:
        """Lay out what was gathered as a page that needs nothing but itself.

        Args:
            title: what was cleaned.
            dropped: names of the images that a person has dropped.
            failed: the images that could not be processed, and why.
        """
        counts = {
            "images": self._actions.total() + len(dropped) + len(failed),
            "with marks taken off": self._actions["removed"],
            "left alone": self._actions["left"],
            "without a mark": self._actions["none"],
        }
        seldom = {"decided by hand": self._counts["by hand"], "dropped": len(dropped), "failed": len(failed)}
        content = {
            "title": title,
            "tiles": counts | {name: count for name, count in seldom.items() if count},
            "parts": [
                {
                    "name": name,
                    "title": heading,
                    "sentence": sentence,
                    "rows": sorted(self._kept[name], reverse=True),
                    "count": self._counts[name],
                }
                for name, (heading, sentence) in PARTS.items()
                if self._counts[name]
            ],
            "dropped": dropped[:MOST_ROWS],
            "more_dropped": len(dropped[MOST_ROWS:]),
            "failed": failed[:MOST_ROWS],
            "more_failed": len(failed[MOST_ROWS:]),
            "colors": {action: f"rgb{color}" for action, color in COLORS.items()},
            "words": WORDS,
            "data_uri": data_uri,
        }
        return render_page("sketch2color.watermarks", "review.html", content)


def _jpeg(image: ImageArray) -> bytes:
    return encode_jpeg(shrink(image, SIDE), JPEG_QUALITY)
