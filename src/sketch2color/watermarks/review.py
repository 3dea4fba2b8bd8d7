"""The review page: before, marks, and after of every image with a mark, the least certain first."""

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

SIDE = 320  # pixels of the longer side of an image on the page
JPEG_QUALITY = 80
MAX_ROWS = 100  # of a section: the page stays below 25 MB, and so does what it is made of in memory
COLORS: Mapping[MarkAction, tuple[int, int, int]] = {
    "removed": (214, 40, 40),
    "partly removed": (160, 40, 170),
    "removed by hand": (230, 130, 0),
    "left": (40, 90, 230),
    "kept by hand": (20, 140, 70),
}
SECTIONS = {
    "partly removed": ("Partly removed", "A second look still finds a part of these marks."),
    "removed": ("Removed", "The least certain first: if these are right, the rest is."),
    "left": ("Left in doubt", "The most likely marks first."),
    "by hand": ("Decided by hand", "As watermarks.yaml says."),
}


@dataclass(frozen=True)
class MarkSummary:
    """What the page shows of one mark."""

    kind: str
    action: MarkAction
    confidence: float
    area: float
    box: str


@dataclass(frozen=True)
class ReviewRow:
    """An image on the page.

    ``about`` tells it from images of the same name; ``section`` is a key of ``SECTIONS``; ``images`` are JPEG
    files of before, marks and after; ``snippet`` is the entry of watermarks.yaml that reverses each decision.
    """

    name: str
    about: str
    action: str
    certainty: float
    section: str
    marks: tuple[MarkSummary, ...]
    images: tuple[bytes, bytes, bytes]
    snippet: str

    def __lt__(self, other: "ReviewRow") -> bool:
        """Order the more certain first, so that a heap drops them first."""
        return (self.certainty, self.name, self.about) > (other.certainty, other.name, other.about)


def review_row(
    name: str, about: str, before: ImageArray, decisions: Decisions, after: ImageArray, with_snippet: bool
) -> ReviewRow:
    """Summarize an image with marks for the page.

    Args:
        name: of the image, in watermarks.yaml too.
        about: tells it from images of the same name.
        before: uint8, H × W × 3.
        decisions: about its marks.
        after: as ``before``.
        with_snippet: whether to add the entry of watermarks.yaml.
    """
    marks = sorted(decisions.marks, key=lambda mark: (not mark.is_removed, mark.certainty, mark.box))
    images = before, draw_marks(before, marks), after
    first, second, third = (encode_jpeg(shrink(image, SIDE), JPEG_QUALITY) for image in images)
    return ReviewRow(
        name=name,
        about=about,
        action=decisions.action,
        certainty=decisions.certainty,
        section="by hand" if decisions.are_by_hand else decisions.action,
        marks=tuple(MarkSummary(m.kind, m.action, m.confidence, m.area, str(list(m.box))) for m in marks),
        images=(first, second, third),
        snippet=_snippet(name, marks) if with_snippet and not decisions.are_by_hand else "",
    )


def _snippet(name: str, marks: Sequence[Decision]) -> str:
    """Return the entry of watermarks.yaml that reverses each decision."""
    lines = [f"{json.dumps(name, ensure_ascii=False)}:"]
    for key, actions in (("keep", ("removed", "partly removed")), ("remove", ("left",))):
        boxes = [f"  - {list(mark.box)}  # {mark.kind}" for mark in marks if mark.action in actions]
        lines += [f"  {key}:", *boxes] if boxes else []
    return "\n".join(lines)


def draw_marks(image: ImageArray, marks: Sequence[Decision]) -> ImageArray:
    """Return the image, small and pale, with the marks in the colors of their actions."""
    small = shrink(image, SIDE)
    pale = (small // 2 + 127).astype(np.uint8)
    height, width = pale.shape[:2]
    for mark in marks:
        color = np.array(COLORS[mark.action], np.uint8)
        area = resize(mark.pixels if mark.is_removed else mark.ground, width, height) > 127
        if mark.is_removed:
            pale[area] = pale[area] // 3 + color // 3 * 2
        else:
            contours, _ = cv2.findContours(area.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
            cv2.drawContours(pale, contours, -1, color.tolist(), 2)
    return pale


class Review:
    """Collects the least certain images, ``MAX_ROWS`` for each section of the page."""

    def __init__(self) -> None:
        self._actions: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._rows: dict[str, list[ReviewRow]] = {section: [] for section in SECTIONS}

    def add(self, action: str, row: ReviewRow | None) -> None:
        """Count an image, and add its row if it has marks."""
        self._actions[action] += 1
        if row is None:
            return
        self._counts[row.section] += 1
        push = heapq.heappush if len(self._rows[row.section]) < MAX_ROWS else heapq.heappushpop
        push(self._rows[row.section], row)

    def render(self, title: str, dropped: Sequence[str], failed: Sequence[Rejected]) -> str:
        """Return the page as self-contained HTML.

        Args:
            title: what was cleaned.
            dropped: names of the images dropped by hand.
            failed: the images that could not be processed, and why.
        """
        counts = {
            "images": self._actions.total() + len(dropped) + len(failed),
            "with marks removed": self._actions["removed"],
            "left": self._actions["left"],
            "without a mark": self._actions["none"],
        }
        optional = {
            "with marks partly removed": self._actions["partly removed"],
            "decided by hand": self._counts["by hand"],
            "dropped": len(dropped),
            "failed": len(failed),
        }
        sections = [
            {
                "name": name,
                "title": heading,
                "sentence": sentence,
                "rows": sorted(self._rows[name], reverse=True),
                "count": self._counts[name],
            }
            for name, (heading, sentence) in SECTIONS.items()
            if self._counts[name]
        ]
        content = {
            "title": title,
            "tiles": counts | {name: count for name, count in optional.items() if count},
            "sections": sections,
            "dropped": dropped[:MAX_ROWS],
            "more_dropped": len(dropped[MAX_ROWS:]),
            "failed": failed[:MAX_ROWS],
            "more_failed": len(failed[MAX_ROWS:]),
            "colors": {action: f"rgb{color}" for action, color in COLORS.items()},
            "data_uri": data_uri,
        }
        return render_page("sketch2color.watermarks", "review.html", content)
