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
from sketch2color.watermarks.detect import Finding
from sketch2color.watermarks.recurring import Known, Patch, patches

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
class Looked(Generic[Result]):
    """What came of an image: the marks that it bears, and a result or, put off, what was found."""

    patches: Sequence[Patch]
    result: Result | None = None
    put_off: Finding | None = None


class Second:
    """What the second round knows of an image: the marks of all others, and what the first found on it."""

    def __init__(self, known: Known, found: bytes) -> None:
        self._known = known
        self._found = found

    def settled(self, page: Page) -> Finding:
        """Give what was found on ``page``, with what others bear among the sure marks."""
        return self._known.settled(page.image, _unpacked(self._found), page.drawing)


def look_at(
    page: Page,
    second: Second | None,
    find: Callable[[ImageArray], Finding],
    decide: Callable[[Finding], Decisions],
    finish: Callable[[Decisions], Result],
) -> Looked[Result]:
    """Find the marks of a page and decide about them; finish, or put off what is in doubt in the first round.

    Args:
        page: to look at.
        second: None in the first round.
        find: searches the image, in the first round.
        decide: about what was found.
        finish: gives the result.
    """
    if second:
        return Looked([], finish(decide(second.settled(page))))
    finding = find(page.image)
    decisions = decide(finding)
    borne = patches(page.image, decisions.removed, page.name, page.drawing)
    return Looked(borne, put_off=finding) if finding.doubtful else Looked(borne, finish(decisions))


def in_two_rounds(
    look: Callable[[Job, Second | None], Looked[Result]], jobs: Sequence[Job]
) -> Iterator[Result]:
    """Look at each image of a collection, each on a thread, and come back to those that are put off.

    The caller holds :func:`sketch2color.models.threads.one_thread`.

    Args:
        look: is given None in the first round, and in the second, when it must give a result, what is known.
        jobs: the images.

    Returns:
        The results in the order of the jobs, those of the second round last.
    """

    def alone(job: Job, second: Second | None) -> Looked[Result]:
        torch.set_num_threads(1)  # a thread that begins has not taken it over from the caller's
        return look(job, second)

    put_off, known = list[tuple[Job, bytes]](), list[Patch]()
    for job, looked in zip(jobs, thread_map(lambda job: alone(job, None), jobs), strict=True):
        known = heapq.nsmallest(MOST, [*known, *looked.patches])
        if looked.put_off is not None:
            put_off.append((job, _packed(looked.put_off)))
        else:
            yield _result(looked)
    second = partial(Second, Known(known))
    for looked in thread_map(lambda one: alone(one[0], second(one[1])), put_off):
        yield _result(looked)


def _result(looked: Looked[Result]) -> Result:
    assert looked.result is not None
    return looked.result


def _packed(finding: Finding) -> bytes:
    """Masks take a thousandth of their room so, and many images of a large collection may be put off."""
    return zlib.compress(pickle.dumps(finding), 1)


def _unpacked(packed: bytes) -> Finding:
    finding: Finding = pickle.loads(zlib.decompress(packed))
    return finding
