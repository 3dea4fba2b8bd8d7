import html
import re

import numpy as np
import pytest
import yaml

from sketch2color import imaging
from sketch2color.manifest import Rejected
from sketch2color.watermarks import review
from sketch2color.watermarks.decisions import NO_OVERRIDE, decide
from sketch2color.watermarks.detect import Detections, Mark
from sketch2color.watermarks.overrides import Area, Override
from sketch2color.watermarks.review import Review, review_row

SIZE = (60, 100)


def mark(left, confidence, kind="badge"):
    pixels = np.zeros(SIZE, np.uint8)
    pixels[10:30, left : left + 20] = 255
    return Mark(kind, confidence, pixels, pixels)


def shown(name, sure=(), doubtful=(), override=NO_OVERRIDE, with_snippet=True):
    page = np.full((*SIZE, 3), 240, np.uint8)
    decisions = decide(Detections(list(sure), list(doubtful)), *SIZE, override)
    return review_row(name, f"about {name}", page, decisions, page, with_snippet)


def gathered(*rows):
    sheet = Review()
    for row in rows:
        sheet.add(row.action if row else "none", row)
    return sheet


def names(text):
    return [html.unescape(name) for name in re.findall(r"<h3><b>\d+</b>(.*?)</h3>", text)]


def test_the_least_sure_come_first_in_each_part():
    sheet = gathered(
        shown("sure", [mark(10, 0.99)]),
        None,
        shown("doubt", [], [mark(10, 0.6)]),
        shown("unsure", [mark(10, 0.99), mark(50, 0.91)], [mark(70, 0.8)]),
        shown("more doubt", [], [mark(10, 0.8)]),
        shown("hand", override=Override(remove=[Area((0, 0, 9, 9))])),
    )
    text = sheet.render(
        "set", ["dropped.png"], [Rejected(source="bad.png", domain="sketch", reason="not an image")]
    )
    assert names(text) == ["unsure", "sure", "more doubt", "doubt", "hand"]
    tiles = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))
    assert tiles == {
        "images": "8",
        "with marks removed": "3",
        "left": "2",
        "without a mark": "1",
        "decided by hand": "1",
        "dropped": "1",
        "failed": "1",
    }
    assert "<code>dropped.png</code>" in text
    assert "<code>bad.png</code>not an image" in text
    assert "2 of 2 images are shown" in text


def test_of_many_the_least_sure_are_shown_whatever_the_order(monkeypatch):
    monkeypatch.setattr(review, "MAX_ROWS", 3)
    rows = [shown(f"{n:02}", [mark(10, 0.9 + n / 200)]) for n in range(8)]
    pages = {gathered(*order).render("set", [], []) for order in (rows, rows[::-1], rows[3:] + rows[:3])}
    (text,) = pages
    assert names(text) == ["00", "01", "02"]
    assert "3 of 8 images are shown" in text
    assert all(len(kept) <= 3 for kept in gathered(*rows)._rows.values())


def test_the_page_needs_nothing_but_itself_and_takes_names_for_text():
    text = gathered(shown("<b>&.png", [mark(10, 0.9)])).render("<i>set</i>", ["<u>"], [])
    assert not re.search(r"<script|url\(|@import|<link(?![^>]*data:,)", text)
    assert all(found.startswith("data:image/jpeg;base64,") for found in re.findall(r'<img src="(.*?)"', text))
    assert len(re.findall("<img", text)) == 3
    assert "&lt;b&gt;&amp;.png" in text and "<i>" not in text and "<u>" not in text


def test_without_a_mark_the_page_says_so():
    assert "None were detected on any image" in gathered(None).render("set", [], [])


def pasted(text):
    return [html.unescape(block) for block in re.findall(r"<pre>(.*?)</pre>", text, re.DOTALL)]


@pytest.mark.parametrize(
    "name", ["a/b.png", 'it\'s: #1 "x".png', "ä🦊.png", "0x1F", "yes", "0123456789012345"]
)
def test_the_lines_to_paste_turn_each_decision_round(name):
    row = shown(name, [mark(10, 0.95)], [mark(50, 0.7, "logo")])
    (block,) = pasted(gathered(row).render("set", [], []))
    assert yaml.safe_load(block) == {name: {"keep": [[10, 10, 30, 30]], "remove": [[50, 10, 70, 30]]}}
    only = shown(name, [mark(10, 0.95)])
    assert yaml.safe_load(only.snippet) == {name: {"keep": [[10, 10, 30, 30]]}}


def test_nothing_to_paste_where_none_is_wanted_or_a_person_has_spoken():
    assert shown("a", [mark(10, 0.9)], with_snippet=False).snippet == ""
    assert shown("a", [mark(10, 0.9)], override=Override(leave=True)).snippet == ""


def test_what_is_done_with_a_mark_shows_in_its_colour():
    page = np.full((120, 200, 3), 240, np.uint8)

    def large(left, confidence):
        pixels = np.zeros((120, 200), np.uint8)
        pixels[20:60, left : left + 40] = 255
        return Mark("badge", confidence, pixels, pixels)

    override = Override(remove=[Area((100, 80, 140, 110))], keep=[Area((150, 10, 200, 70))])
    decisions = decide(Detections([large(10, 0.9), large(155, 0.9)], [large(80, 0.7)]), 120, 200, override)
    image = review.draw_marks(page, decisions.marks).astype(int)
    red, green, blue = (image[..., channel] for channel in range(3))
    assert (red - blue)[40, 30] > 80 and (red - green)[40, 30] > 80
    assert (blue - red)[20:60, 80:82].max() > 80 and abs(red - blue)[40, 100] == 0
    assert (green - red)[20:60, 155:157].max() > 80 and abs(red - blue)[40, 175] == 0
    assert (red - blue)[95, 120] > 80 and (green - blue)[95, 120] > 40
    assert (image[100:, :60] == image[100, 0]).all()


def test_images_on_the_sheet_are_small_whatever_they_were():
    huge = np.full((3000, 40, 3), 200, np.uint8)
    pixels = np.zeros((3000, 40), np.uint8)
    pixels[10:200] = 255
    row = review_row(
        "strip", "", huge, decide(Detections([Mark("bar", 0.9, pixels, pixels)], []), 3000, 40), huge, False
    )
    for image in row.images:
        assert imaging.read(image).shape[0] == review.SIDE


def test_equal_images_give_equal_pages():
    first, second = (gathered(shown("a", [mark(10, 0.9)])).render("set", [], []) for _ in range(2))
    assert first == second
