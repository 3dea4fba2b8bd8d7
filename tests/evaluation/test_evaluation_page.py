import re
from html.parser import HTMLParser

import pytest

from sketch2color import images
from sketch2color.evaluation import measures, page
from sketch2color.evaluation.curves import Curve
from sketch2color.evaluation.features import table
from sketch2color.evaluation.page import Content, render, standing, verdict_row
from sketch2color.evaluation.results import Case, Judged, Result

LOADING = {"src", "srcset", "poster", "data", "background", "action"}
VOID = {"meta", "link", "img", "br"}


class Reader(HTMLParser):
    """Collects what a page would load and whether its tags are balanced."""

    def __init__(self):
        super().__init__()
        self.loads, self.links, self.ids, self.open, self.tags = [], [], set(), [], []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        self.loads += [value for name, value in attributes if name in LOADING]
        self.loads += [found["href"]] if tag == "link" else []
        self.links += [found["href"]] if tag == "a" else []
        self.ids |= {found["id"]} if "id" in found else set()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture
def content(tmp_path, drawing):
    for name in ("sketch", "style_transfer", "cyclegan", "truth"):
        images.write_png(tmp_path / f"{name}.png", drawing.color if name == "truth" else drawing.sketch)
    sketches = [
        Case("aa11", tmp_path / "sketch.png", tmp_path / "truth.png"),
        Case("bb22", tmp_path / "sketch.png", None),
    ]
    scores = {"paper_noise": 1.25, "colorfulness": 30.0}

    def judged(method, *scored):
        path = tmp_path / f"{method}.png"
        return Judged(
            method,
            tuple(Result(s.id, path, scores=v) for s, v in zip(sketches, scored, strict=True)),
            table([]),
        )

    return Content(
        about={"Data set": "<b>bold</b> & more", "Licence": "CC0, https://example.org"},
        sketches=sketches,
        judged={
            "sketch": judged("sketch", {}, {}),
            "style_transfer": Judged(
                "style_transfer",
                (
                    Result("aa11", tmp_path / "style_transfer.png", scores=scores),
                    Result("bb22", tmp_path / "gone.png", fault="none was made"),
                ),
                table([]),
            ),
            "cyclegan": judged(
                "cyclegan", {**scores, "psnr": 12.0}, {"paper_noise": 0.5, "colorfulness": 50.0}
            ),
            "real": Judged("real", (), table([])),
        },
        metrics={
            "sketch": {"n_reference": 9, "colorfulness": 0.0},
            "style_transfer": {"paper_noise": 1.25, "colorfulness": 30.0},
            "cyclegan": {"paper_noise": 0.875, "colorfulness": 40.0, "psnr": 12.0, "fid_x": 3.0},
            "real": {"n": 5, "colorfulness": 33.0},
        },
        label="x",
        curves=[Curve("GAN", ((1.0, 0.5), (2.0, 0.25)), ((1.0, 0.5), (2.0, 0.25)))],
        order=["bb22", "aa11"],
        licenses=["CC0-1.0"],
        seed=0,
    )


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_the_page_needs_nothing_but_itself(content):
    text = render(content)
    reader = read(text)
    assert reader.loads
    assert all(value.startswith("data:") for value in reader.loads)
    assert not {"script", "iframe", "object", "embed", "base"} & set(reader.tags)
    assert not re.search(r"url\(|@import", text)
    assert all(link.startswith("#") and link[1:] in reader.ids for link in reader.links)


def test_every_sketch_is_there_worst_first_with_its_pictures(content):
    text = render(content)
    assert re.findall(r'id="sketch-(\w+)"', text) == ["bb22", "aa11"]
    assert read(text).tags.count("img") == 2 + 4  # one hole and no pair; everything
    assert text.count('<div class="hole"') == 1
    assert "<span>none was made</span>" in text


def test_what_was_run_is_shown_as_text(content):
    text = render(content)
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; more" in text
    assert "CC0, https://example.org" in text


def test_the_better_method_is_marked(content):
    best = {}
    for measure in measures.PER_PICTURE:
        row = verdict_row(content, measure)
        best[measure.key] = [cell.method for cell in row.cells if cell.best]
    # 30 is nearer to real's 33 than 40 is; style transfer has no PSNR to compare with
    assert best == {"paper_noise": ["cyclegan"], "colorfulness": ["style_transfer"], "psnr": [], "ssim": []}
    rows = [verdict_row(content, measure) for measure in measures.PER_PICTURE]
    assert standing(rows) == "Style transfer does better on 1 of 4 measures, CycleGAN on 1."


def test_a_figure_that_is_missing_is_a_dash(content):
    cells = verdict_row(content, measures.PER_PICTURE[3]).cells
    assert [cell.text for cell in cells] == ["", "", "", ""]
    assert ">–</b>" in render(content)


def test_pictures_stop_at_the_limit_and_the_scores_go_on(content, monkeypatch):
    shown = sum(len(page.data_uri(content.judged[m].results[0].path)) for m in ("sketch", "cyclegan"))
    monkeypatch.setattr(page, "PICTURE_BYTES", shown)  # enough for bb22, one hole and no pair
    text = render(content)
    assert re.findall(r'id="sketch-(\w+)"', text) == ["bb22"]
    assert "Shown are the first 1; the scores of all 2 follow." in text
    assert text.count("aa11") == 1


def test_without_losses_the_page_says_so(content):
    text = render(Content(**{**vars(content), "curves": []}))
    assert "no table of training losses" in text
    assert "<svg" not in text


def test_numbers_read_as_printed():
    assert page.number(-0.0004, 3) == "0.000"
    assert page.number(-12.34, 1) == "−12.3"
