"""Going through a collection, and coming back to what was in doubt."""

import numpy as np
import pytest
import torch

from sketch2color.watermarks.decisions import decide
from sketch2color.watermarks.detect import Detections, Mark
from sketch2color.watermarks.recurring import Template, TemplateBank
from sketch2color.watermarks.two_pass import (
    MAX_TEMPLATES,
    CollectionImage,
    FirstPass,
    process_image,
    two_pass,
)


def marked(row, column):
    """Lay the same speckled stamp on a blank page; return the page, and the mask of the stamp."""
    page, mask = np.full((256, 256, 3), 250, np.uint8), np.zeros((256, 256), np.uint8)
    window = slice(row, row + 20), slice(column, column + 40)
    page[window] = np.random.default_rng(0).integers(0, 256, (20, 40, 3))
    mask[window] = 255
    return page, mask


def found(mask, sure=False):
    mark = Mark("logo", 0.96 if sure else 0.6, mask, mask)
    return Detections([mark], []) if sure else Detections([], [mark])


def process(place, detections, second=None):
    """Look at a marked page on which that is found; its result is how many marks are taken off."""
    page, mask = marked(*place)
    return process_image(
        CollectionImage(page, f"page {place}", f"drawing {place}"),
        second,
        lambda image: detections(mask) if image is page else pytest.fail("another image"),
        lambda detections: decide(detections, *mask.shape),
        lambda decisions: len(decisions.removed),
    )


def test_sure_marks_are_removed_at_once_and_vouch_for_others():
    outcome = process((30, 50), lambda mask: found(mask, sure=True))
    assert (outcome.result, outcome.deferred) == (1, None)
    [template] = outcome.templates
    assert (template.group, template.pixels.shape) == ("drawing (30, 50)", (20, 40, 3))


def test_an_image_with_a_doubtful_mark_is_deferred_with_what_was_found():
    outcome = process((30, 50), found)
    assert (outcome.result, list(outcome.templates)) == (None, [])
    assert outcome.deferred.doubtful[0].confidence == 0.6


@pytest.mark.parametrize(("known_from", "taken_off"), [((120, 90), 1), (None, 0)])
def test_deferred_images_come_back_knowing_what_others_bear(known_from, taken_off):
    places = {"a": (30, 50), "b": known_from}

    def one(job, second):
        assert torch.get_num_threads() == 1
        if places[job] is None:
            return FirstPass([], "blank")
        return process(places[job], found if job == "a" else lambda mask: found(mask, sure=True), second)

    first = "blank" if known_from is None else 1
    assert list(two_pass(one, "ab")) == [first, taken_off]


def test_the_second_round_searches_no_image_again_and_keeps_all_that_was_found():
    _, mask = marked(30, 50)
    thin = np.zeros_like(mask)
    thin[9, 9] = 255
    detections = Detections([Mark("badge", 0.97, mask, thin)], found(mask).doubtful)
    searched = []

    def search(image):
        searched.append(image)
        return detections

    def one(job, second):
        page = CollectionImage(np.full((256, 256, 3), 250, np.uint8), job, job)
        return process_image(
            page, second, search, lambda detections: decide(detections, 256, 256), lambda done: done
        )

    [decisions] = two_pass(one, ["a"])
    assert len(searched) == 1
    badge, logo = decisions.marks
    assert (badge.kind, badge.confidence, badge.action) == ("badge", 0.97, "removed")
    assert (logo.kind, logo.action) == ("logo", "left")
    np.testing.assert_array_equal(badge.ground, mask)
    np.testing.assert_array_equal(badge.pixels, thin)


def test_results_come_in_the_order_of_the_jobs_and_those_deferred_last():
    rounds = []

    def one(job, second):
        rounds.append((job, second is not None))
        if second:
            return FirstPass([], job.upper())
        return FirstPass([], deferred=Detections([], [])) if job in "bd" else FirstPass([], job)

    assert list(two_pass(one, "abcde")) == ["a", "c", "e", "B", "D"]
    assert sorted(job for job, again in rounds if not again) == [*"abcde"]
    assert sorted(job for job, again in rounds if again) == ["b", "d"]


def test_of_many_marks_a_part_is_kept_whatever_their_order(monkeypatch):
    blank = np.zeros((6, 6, 3), np.uint8)
    templates = [
        Template(f"{number:05}", "page", blank, blank[..., 0]) for number in range(MAX_TEMPLATES + 50)
    ]
    kept = []

    def keep(known):
        kept.append([template.key for template in known])
        return TemplateBank(known)

    monkeypatch.setattr("sketch2color.watermarks.two_pass.TemplateBank", keep)
    for jobs in (templates, templates[::-1]):
        list(two_pass(lambda template, second: FirstPass([template], template.key), jobs))
    assert kept == [[template.key for template in templates[:MAX_TEMPLATES]]] * 2


def test_images_of_the_same_drawing_may_bear_marks_of_other_sizes():
    page, mask = marked(30, 50)
    larger, wider = page.copy(), mask.copy()
    larger[30:54, 50:98] = np.random.default_rng(1).integers(0, 256, (24, 48, 3))
    wider[30:54, 50:98] = 255
    shown = {"a": (page, mask), "b": (larger, wider)}
    borne = []

    def one(job, second):
        image, own = shown[job]
        outcome = process_image(
            CollectionImage(image, job, "a drawing"),
            second,
            lambda _: found(own, sure=True),
            lambda detections: decide(detections, *own.shape),
            lambda _: job,
        )
        borne.extend(outcome.templates)
        return outcome

    assert list(two_pass(one, "ab")) == ["a", "b"]
    assert len({template.key for template in borne}) == 2
