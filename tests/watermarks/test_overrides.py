import numpy as np
import pytest

from sketch2color.errors import UserError
from sketch2color.manifest import ImageRow, Rejected
from sketch2color.watermarks import overrides
from sketch2color.watermarks.overrides import Area, ImageNames, Override


def image(name, source, split="train", domain="sketch"):
    return ImageRow(
        id=name * 16,
        domain=domain,
        split=split,
        group=name,
        pair="",
        source=source,
        license="CC0",
        sha256=name * 64,
        width=400,
        height=300,
    )


IMAGES = [
    image("a", "sketches/a.png"),
    image("b", "sketches/b.png"),
    image("c", "colour/c.png", domain="color"),
    image("d", "both.png", "val"),
    image("e", "both.png", "val", "color"),
    image("f", "half.png"),
    image("1", "bell\x07.png"),
]
ABSENT = [
    Rejected(source="half.png", domain="color", reason="other half of pair f trains"),
    Rejected(source="gone.png", domain="sketch", reason="near-duplicate of a"),
]


@pytest.fixture
def read(tmp_path):
    def call(text):
        (tmp_path / "watermarks.yaml").write_text(text, encoding="utf-8")
        return overrides.read(tmp_path / "watermarks.yaml", IMAGES, ImageNames(IMAGES, ABSENT))

    return call


def test_all_that_can_be_said(read):
    read_overrides = read(
        "sketches/a.png:\n  remove: [[0, 0, 400, 300], {ellipse: [10, 20, 30, 40]}]\n  keep: [[1, 2, 3, 4]]\n"
        f"{'b' * 16}: {{leave: true}}\n{'f' * 16}: {{drop: true}}\n"
        "gone.png: {drop: true}\n"  # ingest knows it, though it did not enter: with another seed it might
    )
    assert read_overrides == {
        "a" * 16: Override(
            remove=[Area((0, 0, 400, 300)), Area((10, 20, 30, 40), is_ellipse=True)],
            keep=[Area((1, 2, 3, 4))],
        ),
        "b" * 16: Override(leave=True),
        "f" * 16: Override(drop=True),
    }


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}\n"])
def test_an_empty_file_says_nothing(read, text):
    assert read(text) == {}


def test_without_a_file_nothing_is_said(tmp_path):
    assert overrides.read(tmp_path / "watermarks.yaml", IMAGES, ImageNames(IMAGES, ABSENT)) == {}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ('"*": {leave: true}', "abcdef1"),
        ("sketch/*: {leave: true}", "abdf1"),
        ("color/*: {leave: true}", "ce"),
        ("sketches/*: {leave: true}", "ab"),
        ("'**/?.png': {leave: true}", "abc"),
        ("both*: {leave: true}", "de"),  # of several images of one source all are meant
        ("gone*: {leave: true}", ""),  # as for a name that ingest rejected
    ],
)
def test_a_pattern_is_for_all_images_for_a_domain_or_for_paths(read, text, ids):
    overrides = read(text)
    assert set(overrides) == {one * 16 for one in ids}
    assert all(override.leave for override in overrides.values())
    assert all(override.pattern == text.split(": ")[0].strip("'\"") for override in overrides.values())


def test_a_name_precedes_patterns_and_the_last_pattern_the_others(read):
    overrides = read(
        f"{'a' * 16}: {{drop: true}}\nsketch/*: {{leave: true}}\nsketches/*: {{keep: [[1, 2, 3, 4]]}}\n"
    )
    assert overrides["a" * 16] == Override(drop=True)  # entries are not merged
    assert (overrides["b" * 16].keep, overrides["b" * 16].leave) == ([Area((1, 2, 3, 4))], False)
    assert (overrides["f" * 16].leave, overrides["f" * 16].pattern) == (True, "sketch/*")
    assert overrides["a" * 16].pattern == ""


A = "sketches/a.png"
BOX = r"must be \[x0, y0, x1, y1\], integers, or {ellipse: "
INSIDE = (
    r"must have boxes \[x0, y0, x1, y1\] with 0 <= x0 < x1 <= 400 and 0 <= y0 < y1 <= 300, the image's size"
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "not YAML"),
        ("- a\n", "must be a mapping"),
        (f"{A}: {{leave: true}}\n{A}: {{drop: true}}\n", f"duplicate key '{A}', again in line 2"),
        (f"{A}: {{leave: true}}\n{'a' * 16}: {{drop: true}}\n", "named twice"),
        ("nowhere.png: {leave: true}\n", "nowhere.png: no image of the data set has this source or id"),
        ("both.png: {leave: true}\n", "both.png: more than one image has this source: write the id"),
        ("half.png: {leave: true}\n", "half.png: more than one image has this source: write the id"),
        (f"{'1' * 16}: {{leave: true}}\n", "put it in quotes"),
        (f"{A}: remove\n", "must be a mapping"),
        (f"{A}:\n", "must be a mapping"),
        (f"{A}: {{}}\n", f"{A}: must have one of remove, keep, leave, drop"),
        (f"{A}: {{removed: []}}\n", f"{A}: unknown key removed; did you mean remove"),
        (f"{A}: {{leave: false}}\n", "leave must be true, or left out"),
        (f"{A}: {{drop: blurred}}\n", r"drop must be true or false \(got 'blurred'\)"),
        (f"{A}: {{leave: true, remove: [[0, 0, 9, 9]]}}\n", "remove and leave contradict each other"),
        (f"{A}: {{keep: [[0, 0, 9, 9]], drop: true}}\n", "keep and drop contradict each other"),
        (f"{A}: {{leave: true, drop: true}}\n", "leave and drop contradict each other"),
        (f"{A}: {{remove: [[2, 2, 5, 5]], keep: [[2, 0, 5, 9]]}}\n", r"remove\[0\] and keep contradict"),
        (f"{A}: {{remove: []}}\n", "remove must be a list, each item"),
        (f"{A}: {{remove: [1, 2, 3, 4]}}\n", rf"remove\[0\] {BOX}"),
        (f"{A}: {{remove: [[1, 2, 3]]}}\n", rf"remove\[0\] {BOX}"),
        (f"{A}: {{remove: [[1, 2, 3, 4.5]]}}\n", BOX),
        (f"{A}: {{remove: [[0, 0, 9, true]]}}\n", BOX),
        (f"{A}: {{keep: [[0, 0, 9, 9], [5, 5, 5, 9]]}}\n", rf"keep {INSIDE}.*\(got \[5, 5, 5, 9\]\)"),
        (f"{A}: {{keep: [[9, 0, 5, 9]]}}\n", INSIDE),
        (f"{A}: {{keep: [[-1, 0, 5, 9]]}}\n", INSIDE),
        (f"{A}: {{keep: [[0, 0, 401, 9]]}}\n", INSIDE),
        (f"{A}: {{keep: [[0, 0, 9, 301]]}}\n", INSIDE),
        (f"{A}: {{remove: [{{circle: [0, 0, 9, 9]}}]}}\n", BOX),
        (f"{A}: {{remove: [{{}}]}}\n", BOX),
        ("colour/c.png: {drop: true}\n", "drops every color image of train"),
        ("color/*: {drop: true}\n", "drops every color image of train"),
        ("'*': {drop: true}\n", "drops every sketch image of train"),
        ("nowhere/*: {leave: true}\n", r"nowhere/\*: no image of the data set matches this pattern"),
        ("sketches/?: {leave: true}\n", r"sketches/\?: no image of the data set matches"),
        (f"'{'*a' * 60}*b': {{leave: true}}\n", "no image of the data set matches"),
        ("sketches/*: {}\n", r"sketches/\*: must have one of remove, keep, leave, drop"),
        ("sketches/*: {remove: [[0, 0, 401, 9]]}\n", rf"sketches/\*: {A}: remove {INSIDE}"),
    ],
)
def test_every_slip_is_one_line_that_says_what_and_where(read, text, message):
    with pytest.raises(UserError, match=message) as error:
        read(text)
    assert str(error.value).startswith("watermarks.yaml: ")
    assert "\n" not in str(error.value)


def test_an_image_is_called_by_its_source_where_that_can_be_written_and_is_its_own():
    names = ImageNames(IMAGES, ABSENT)
    assert [names.of(one) for one in IMAGES] == [
        "sketches/a.png",
        "sketches/b.png",
        "colour/c.png",
        "d" * 16,
        "e" * 16,
        "f" * 16,
        "1" * 16,
    ]


def test_a_box_is_drawn_outwards_on_a_smaller_image():
    mask = Area((10, 20, 31, 41)).mask(30, 40, (0.1, 0.1))
    assert {(int(y), int(x)) for y, x in np.argwhere(mask)} == {(y, x) for y in (2, 3, 4) for x in (1, 2, 3)}
    assert (Area((0, 0, 400, 300)).mask(77, 103, (103 / 400, 77 / 300)) == 255).all()


def test_an_ellipse_fills_its_box_without_the_corners():
    mask = Area((20, 10, 120, 60), is_ellipse=True).mask(100, 200, (1, 1)) > 0
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    assert abs(rows[0] - 10) <= 1 and abs(rows[-1] - 59) <= 1
    assert abs(columns[0] - 20) <= 1 and abs(columns[-1] - 119) <= 1
    assert not mask[10:14, 20:30].any()
    assert mask.sum() == pytest.approx(np.pi * 50 * 25, rel=0.04)
