"""A collection is gone through in two rounds: the second comes back to the images with doubtful finds.

By then the marks of all others are known, and some of them may be :mod:`recurring`.
"""

import heapq
import pickle
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import torch

from sketch2color.imaging import ImageArray
from sketch2color.parallel import thread_map
from sketch2color.watermarks.decisions import Decisions
from sketch2color.watermarks.detect import Detections
from sketch2color.watermarks.recurring import Template, TemplateBank, cut_templates

Job = TypeVar("Job")
Result = TypeVar("Result")

MOST = 256
"""Known marks that are kept: those with the least keys, which are as good as drawn by lot."""


@dataclass(frozen=True)
class Page:
    """An image of a collection: uint8, H × W × 3, its name, and what all images of its drawing share."""

    image: ImageArray
    name: str
    drawing: str


@dataclass(frozen=True)
class FirstPass(Generic[Result]):
    """What came of an image: the marks that it bears, and a result or, put off, what was found."""

    cut_templates: Sequence[Template]
    result: Result | None = None
    deferred: Detections | None = None


class SecondPass:
    """What the second round knows of an image: the marks of all others, and what the first found on it."""

    def __init__(self, known: TemplateBank, found: bytes) -> None:
        self._known = known
        self._found = found

    def promote_recurring(self, page: Page) -> Detections:
        """Give what was found on ``page``, with what others bear among the sure marks."""
        return self._known.promote_recurring(page.image, _unpacked(self._found), page.drawing)


def look_at(
    page: Page,
    second: SecondPass | None,
    detect: Callable[[ImageArray], Detections],
    decide: Callable[[Detections], Decisions],
    finish: Callable[[Decisions], Result],
) -> FirstPass[Result]:
    """Find the marks of a page and decide about them; finish, or put off what is in doubt in the first round.

    Args:
        page: to look at.
        second: None in the first round.
        detect: searches the image, in the first round.
        decide: about what was found.
        finish: gives the result.
    """
    if second:
        return FirstPass([], finish(decide(second.promote_recurring(page))))
    detections = detect(page.image)
    decisions = decide(detections)
    borne = cut_templates(page.image, decisions.removed, page.name, page.drawing)
    return (
        FirstPass(borne, deferred=detections) if detections.doubtful else FirstPass(borne, finish(decisions))
    )


def two_pass(
    look: Callable[[Job, SecondPass | None], FirstPass[Result]], jobs: Sequence[Job]
) -> Iterator[Result]:
    """Look at each image of a collection, each on a thread, and come back to those that are put off.

    The caller holds :func:`sketch2color.models.threads.one_thread`.

    Args:
        look: is given None in the first round, and in the second, when it must give a result, what is known.
        jobs: the images.

    Returns:
        The results in the order of the jobs, those of the second round last.
    """

    def alone(job: Job, second: SecondPass | None) -> FirstPass[Result]:
        torch.set_num_threads(1)  # a thread that begins has not taken it over from the caller's
        return look(job, second)

    deferred, known = list[tuple[Job, bytes]](), list[Template]()
    for job, looked in zip(jobs, thread_map(lambda job: alone(job, None), jobs), strict=True):
        known = heapq.nsmallest(MOST, [*known, *looked.cut_templates])
        if looked.deferred is not None:
            deferred.append((job, _packed(looked.deferred)))
        else:
            yield _result(looked)
    second = partial(SecondPass, TemplateBank(known))
    for looked in thread_map(lambda one: alone(one[0], second(one[1])), deferred):
        yield _result(looked)


def _result(looked: FirstPass[Result]) -> Result:
    assert looked.result is not None
    return looked.result


def _packed(detections: Detections) -> bytes:
    """Masks take a thousandth of their room so, and many images of a large collection may be put off."""
    return zlib.compress(pickle.dumps(detections), 1)


def _unpacked(packed: bytes) -> Detections:
    detections: Detections = pickle.loads(zlib.decompress(packed))
    return detections
