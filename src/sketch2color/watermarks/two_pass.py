"""Process a collection in two passes: images with doubtful marks are deferred to the second.

By then the marks of all other images are known, and some of the doubtful ones may be :mod:`recurring`.
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

MAX_TEMPLATES = 256  # those with the least keys, which are as good as random


@dataclass(frozen=True)
class CollectionImage:
    """An image of a collection: uint8, H × W × 3, its name, and what all images of its drawing share."""

    image: ImageArray
    name: str
    group: str


@dataclass(frozen=True)
class FirstPass(Generic[Result]):
    """The outcome of an image: the marks that it bears, and a result or, if deferred, what was detected."""

    templates: Sequence[Template]
    result: Result | None = None
    deferred: Detections | None = None


class SecondPass:
    """What the second pass knows of an image: the marks of all others, and what was detected on it."""

    def __init__(self, templates: TemplateBank, packed: bytes) -> None:
        self._templates = templates
        self._packed = packed

    def detections(self, image: CollectionImage) -> Detections:
        """Return what was detected on ``image``, with recurring marks among the sure ones."""
        detections: Detections = pickle.loads(zlib.decompress(self._packed))
        return self._templates.promote_recurring(image.image, detections, image.group)


def process_image(
    image: CollectionImage,
    second: SecondPass | None,
    detect: Callable[[ImageArray], Detections],
    decide: Callable[[Detections], Decisions],
    finish: Callable[[Decisions], Result],
) -> FirstPass[Result]:
    """Detect the marks of an image, decide about them and finish; in the first pass, defer doubtful ones.

    Args:
        image: to process.
        second: None in the first pass.
        detect: is given the image, in the first pass.
        decide: is given what was detected.
        finish: returns the result.
    """
    if second:
        return FirstPass([], finish(decide(second.detections(image))))
    detections = detect(image.image)
    decisions = decide(detections)
    templates = cut_templates(image.image, decisions.removed, image.name, image.group)
    if detections.doubtful:
        return FirstPass(templates, deferred=detections)
    return FirstPass(templates, finish(decisions))


def two_pass(
    process: Callable[[Job, SecondPass | None], FirstPass[Result]], jobs: Sequence[Job]
) -> Iterator[Result]:
    """Process each image of a collection, each on a thread, and those that are deferred again.

    The caller holds :func:`sketch2color.models.threads.one_thread`.

    Args:
        process: is given None in the first pass, and in the second, when it must return a result, what is
            known.
        jobs: the images.

    Yields:
        The results in the order of the jobs, those of the second pass last.
    """

    def single_threaded(job: Job, second: SecondPass | None) -> FirstPass[Result]:
        torch.set_num_threads(1)  # a new thread does not inherit it from the caller's
        return process(job, second)

    deferred, templates = list[tuple[Job, bytes]](), list[Template]()
    for job, first in zip(jobs, thread_map(lambda job: single_threaded(job, None), jobs), strict=True):
        templates = heapq.nsmallest(MAX_TEMPLATES, [*templates, *first.templates])
        if first.deferred is not None:
            # compressed a thousandfold, for many images of a large collection may be deferred
            deferred.append((job, zlib.compress(pickle.dumps(first.deferred), 1)))
        else:
            yield _result(first)
    second = partial(SecondPass, TemplateBank(templates))
    for outcome in thread_map(lambda one: single_threaded(one[0], second(one[1])), deferred):
        yield _result(outcome)


def _result(outcome: FirstPass[Result]) -> Result:
    assert outcome.result is not None
    return outcome.result
