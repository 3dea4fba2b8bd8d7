import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from sketch2color import images, manifest
from sketch2color.evaluation import contact, measures, page
from sketch2color.evaluation.curves import Curve
from sketch2color.evaluation.evaluate import evaluate
from sketch2color.evaluation.features import table
from sketch2color.evaluation.page import Content, render, standing, verdict_row
from sketch2color.evaluation.results import Case, Judged, Result
from sketch2color.manifest import CleanPicture, Picture
from sketch2color.pages.page import data_uri
from sketch2color.params import Evaluate

LOADING = {"src", "srcset", "poster", "data", "background", "action"}
VOID = {"meta", "link", "img", "br", "col"}


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


def picture(name, license, attribution="", homepage=""):
    return Picture(
        id=name,
        domain="sketch",
        split="test",
        group=name,
        pair="",
        source=name,
        license=license,
        sha256=name,
        width=9,
        height=9,
        attribution=attribution,
        homepage=homepage,
    )


@pytest.fixture
def content(tmp_path, drawing):
    for name in ("sketch", "style_transfer", "cyclegan", "truth"):
        images.write_png(tmp_path / f"{name}.png", drawing.color if name == "truth" else drawing.sketch)
    sketches = [
        Case("aa11", tmp_path / "sketch.png", tmp_path / "truth.png"),
        Case("bb22", tmp_path / "sketch.png", None),
    ]
    scores = {"paper_noise": 1.25, "colorfulness": 30.0, "painted_marks": 0.03, "mark_area": 0.04}

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
            "sketch": {"n_reference": 9, "colorfulness": 0.0, "mark_area": 0.01, "painted_marks": 0.0},
            "style_transfer": {
                "paper_noise": 1.25,
                "colorfulness": 30.0,
                "mark_area": 0.04,
                "painted_marks": 0.03,
            },
            "cyclegan": {
                "paper_noise": 0.875,
                "colorfulness": 40.0,
                "psnr": 12.0,
                "fid_x": 3.0,
                "mark_area": 0.02,
                "painted_marks": 0.0125,
            },
            "real": {"n": 5, "colorfulness": 33.0, "mark_area": 0.005},
        },
        label="x",
        curves=[Curve("GAN", ((1.0, 0.5), (2.0, 0.25)), ((1.0, 0.5), (2.0, 0.25)))],
        order=["bb22", "aa11"],
        drawn_on={
            "aa11": [
                picture("aa11", "CC0-1.0"),
                picture("tt11", "<i>own</i>", "Ana & Co", "https://example.org/ana?a=1&b=2"),
                picture("ss33", "CC-BY-4.0", "Bo", "javascript:alert(1)"),
            ],
            "bb22": [picture("bb22", "CC0-1.0"), picture("ss33", "CC-BY-4.0", "Bo", "javascript:alert(1)")],
        },
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
    own = [link for link in reader.links if link.startswith("#")]
    assert own
    assert all(link[1:] in reader.ids for link in own)
    assert [link for link in reader.links if link not in own] == ["https://example.org/ana?a=1&b=2"]


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
    assert best == {
        "paper_noise": ["cyclegan"],
        "colorfulness": ["style_transfer"],
        "psnr": [],
        "ssim": [],
        "painted_marks": ["cyclegan"],
        "mark_area": [],  # a mark that was on the sketch is no method's fault
    }
    rows = [verdict_row(content, measure) for measure in measures.PER_PICTURE]
    assert standing(rows) == "CycleGAN does better on 2 of 5 measures, style transfer on 1."


def test_marks_are_a_row_of_figures_for_all(content):
    painted, marks = measures.PER_PICTURE[4:]
    assert [cell.text for cell in verdict_row(content, painted).cells] == ["0.0000", "0.0300", "0.0125", ""]
    found = [cell.text for cell in verdict_row(content, marks).cells]
    assert found == ["0.0100", "0.0400", "0.0200", "0.0050"]
    assert "for reference" in render(content)


def test_a_figure_that_is_missing_is_a_dash(content):
    cells = verdict_row(content, measures.PER_PICTURE[3]).cells
    assert [cell.text for cell in cells] == ["", "", "", ""]
    assert ">–</b>" in render(content)


def test_pictures_stop_at_the_limit_and_the_scores_go_on(content, monkeypatch):
    files = [content.judged[method].results[0].path for method in ("sketch", "cyclegan")]
    shown = sum(len(data_uri(file.read_bytes())) for file in files)
    monkeypatch.setattr(page, "PICTURE_BYTES", shown)  # enough for bb22, one hole and no pair
    text = render(content)
    assert re.findall(r'id="sketch-(\w+)"', text) == ["bb22"]
    assert "Shown are the first 1; the scores of all 2 follow." in text
    assert text.count("aa11") == 1


def credited(text):
    """The rows of the credits, as text."""
    body = text[text.index('id="credits"') :]
    body = body[body.index("<tbody>") : body.index("</tbody>")]
    rows = re.findall("<tr>(.*?)</tr>", body, re.DOTALL)
    return [[re.sub("<[^>]*>", "", c) for c in re.findall("<t[hd].*?>(.*?)</t[hd]>", row)] for row in rows]


def test_whose_every_picture_is_stands_there_once_and_as_text(content):
    assert credited(render(content)) == [
        ["CC0-1.0", "not stated", "–", "2"],
        ["&lt;i&gt;own&lt;/i&gt;", "Ana &amp; Co", "https://example.org/ana?a=1&amp;b=2", "1"],
        ["CC-BY-4.0", "Bo", "javascript:alert(1)", "1"],
    ]


def test_whose_picture_is_not_shown_is_not_credited(content, monkeypatch):
    monkeypatch.setattr(page, "PICTURE_BYTES", 0)
    monkeypatch.setattr(contact, "MOST_ROWS", 1)  # the sheet still shows bb22
    assert [row[0] for row in credited(render(content))] == ["CC-BY-4.0", "CC0-1.0"]


def test_whose_work_it_is_comes_from_the_manifest_and_the_table_of_references(world, mocked, tmp_path):
    path = world.clean / "manifest.csv"
    rows = [
        replace(row, attribution=f"{row.split} {row.domain} {row.id}", homepage="https://example.org/")
        for row in manifest.read(path, CleanPicture)
    ]
    manifest.write(path, rows, CleanPicture)
    lent = manifest.select(rows, domain="color", split="train")[0]
    table = f"sketch,reference\n{world.ids[0]},{lent.id}\n{world.ids[1]},{lent.id}\n{world.ids[2]},\n"
    (world.style / "references.csv").write_text(table)
    evaluate(
        clean=world.clean,
        model=tmp_path / "model",
        style=world.style,
        results=tmp_path / "results",
        report=tmp_path / "report",
        losses=world.losses,
        params=Evaluate(threads=1),
        seed=3,
        about={},
    )
    paired = [row.pair for row in rows if row.id in world.ids and row.pair]
    truths = [row for row in rows if row.domain == "color" and row.split == "test" and row.pair in paired]
    drawn_on = [row for row in rows if row.id in world.ids] + truths + [lent]
    assert len(truths) == 2
    assert credited((tmp_path / "report/report.html").read_text()) == sorted(
        ["CC0-1.0", row.attribution, row.homepage, "1"] for row in drawn_on
    )


def test_without_losses_the_page_says_so(content):
    text = render(Content(**{**vars(content), "curves": []}))
    assert "no table of training losses" in text
    assert "<svg" not in text


def test_numbers_read_as_printed():
    assert page.number(-0.0004, 3) == "0.000"
    assert page.number(-12.34, 1) == "−12.3"
