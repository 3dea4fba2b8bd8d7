import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.evaluation import contents

from sketch2color import manifest
from sketch2color.config.params import Evaluate
from sketch2color.evaluation.evaluate import evaluate
from sketch2color.manifest import CleanImageRow
from sketch2color.report import contact_sheet, report, template_variables
from sketch2color.report.evaluation_data import About
from sketch2color.report.report import render
from sketch2color.report.scored_images import ScoredImage

LOADING = {"src", "srcset", "poster", "data", "background", "action"}
VOID = {"meta", "link", "img", "br", "wbr", "col", "input"}


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


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return contents.make(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def text(content):
    return render(content)


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def section(text, name):
    """The part of the page under one heading."""
    return text[text.index(f'<section id="{name}"') :].split("</section>")[0]


def test_the_page_needs_nothing_but_itself(text):
    reader = read(text)
    assert reader.loads
    assert all(value.startswith("data:") for value in reader.loads)
    assert not {"iframe", "object", "embed", "base"} & set(reader.tags)
    assert not re.search(r"url\(|@import|<script[^>]+src|fetch\(|import\(", text)
    assert "default-src 'none'" in text
    own = [link for link in reader.links if link.startswith("#")]
    assert own
    assert all(link[1:] in reader.ids for link in own)
    outside = [link for link in reader.links if link not in own]
    assert outside == ["https://example.org/set", "https://example.org/ana?a=1&b=2"]


def test_every_sketch_is_there_in_the_given_order_with_its_images(text):
    gallery = section(text, "gallery")
    assert re.findall(r'id="sketch-(\w+)"', gallery) == ["cc33", "bb22", "aa11"]
    assert re.findall(r'data-image="([\w/]+)"', gallery) == [
        "sketch/cc33",
        "style_transfer/cc33",
        "cyclegan/cc33",
        "sketch/bb22",
        "cyclegan/bb22",
        "real/bb22",
        "sketch/aa11",
        "style_transfer/aa11",
        "cyclegan/aa11",
        "real/aa11",
    ]
    assert gallery.count('<div class="placeholder"') == 1
    assert "<span>not found</span>" in gallery
    assert "Style transfer has no usable image for 1 of 3 sketches" in text


def test_what_was_run_is_shown_as_text(text):
    run = section(text, "run")
    assert "&lt;b&gt;mine&lt;/b&gt; &amp; yours" in run
    assert "<b>mine" not in text
    assert re.search(r"train_cyclegan\.epochs</th><td>8<", run)
    assert f"models/cyclegan</th><td>{'ab' * 16}.dir<" in run
    assert re.search(r"sketch</th><td>0</td><td>0</td><td>3<", run)  # train, val, test
    assert re.search(r"color</th><td>2</td><td>0</td><td>1<", run)
    assert "CC0-1.0 (3), CC-BY-4.0 (2), &lt;i&gt;own&lt;/i&gt; (1)" in run


def test_the_worst_of_each_metric_is_shown_once_for_each_method(text):
    found = section(text, "worst").split("<figure")[1:]
    texts = [" ".join(re.sub("<[^>]*>", " ", each).split()) for each in found]
    assert len(texts) == 4
    # the farthest from what real drawings score, 33, and the noisiest
    assert "Noise on blank paper: 3.00 ΔE" in texts[0]
    assert "Colourfulness: 12.0" in texts[0]
    assert all("sketch cc33" in each or "sketch bb22" in each or "sketch aa11" in each for each in found)
    assert not any("marks in all" in each for each in texts)  # nothing says which is the better


def test_outputs_lie_beside_the_training_image_they_are_nearest_to(text, content):
    found = section(text, "nearest")
    assert re.findall(r"Style transfer, ([\d.]+)", found) == ["1.30", "1.50"]
    assert re.findall(r"CycleGAN, ([\d.]+)", found) == ["1.30", "1.40", "1.50"]
    near = report.data_uri(content.scored["cyclegan"][0].nearest.path.read_bytes())
    assert found.count(near) == 5


def test_images_stop_at_the_limit_and_scores_do_not(content, monkeypatch):
    size = content.scored["sketch"][0].path.stat().st_size
    monkeypatch.setattr(
        template_variables, "IMAGE_BYTES", 6 * size
    )  # four at most of a sketch, all of about that size
    text = render(content)
    shown = re.findall(r'id="sketch-(\w+)"', text)
    assert 0 < len(shown) < 3
    assert f"Shown are {len(shown)} of them; the scores of all 3 follow." in text
    assert re.findall(r'<tr data-sketch="(\w+)"', text) == ["cc33", "bb22", "aa11"]


def test_without_losses_or_outputs_the_page_says_so(content):
    none = {
        method: [ScoredImage(image.id, image.path, fault="not found") for image in images]
        for method, images in content.scored.items()
    }
    bare = replace(content, curves={}, scored=none, estimates={method: {} for method in none}, differences={})
    text = render(bare)
    assert "no table of training losses" in text
    assert "no output, or no training image" in text
    assert "All results have the same scores" in text
    assert text.count('<div class="placeholder"') == 9
    assert "In no metric is one better than the other." in text
    assert "nan" not in section(text, "summary")
    read(text)


def test_the_same_content_gives_the_same_bytes(content, text):
    assert render(content) == text


def credited(text):
    """The rows of the credits, as text."""
    body = section(text, "credits")
    body = body[body.index("<tbody>") : body.index("</tbody>")]
    rows = re.findall("<tr>(.*?)</tr>", body, re.DOTALL)
    return [[re.sub("<[^>]*>", "", c) for c in re.findall("<t[hd].*?>(.*?)</t[hd]>", row)] for row in rows]


def test_whose_every_image_is_stands_there_once_and_as_text(text):
    assert credited(text) == [
        ["CC0-1.0", "not stated", "–", "3"],
        ["&lt;i&gt;own&lt;/i&gt;", "Ana &amp; Co", "https://example.org/ana?a=1&amp;b=2", "1"],
        ["CC-BY-4.0", "Bo", "javascript:alert(1)", "1"],
        ["CC-BY-4.0", "Cy", "–", "1"],
    ]


def test_whose_image_is_not_shown_is_not_credited(content, monkeypatch):
    monkeypatch.setattr(template_variables, "IMAGE_BYTES", 0)
    monkeypatch.setattr(contact_sheet, "MAX_ROWS", 1)  # the sheet still shows cc33, and the pairs are there
    assert [row[0] for row in credited(render(content))] == ["CC-BY-4.0", "CC0-1.0"]


def test_whose_work_it_is_comes_from_the_manifest_and_the_table_of_references(world, mocked, tmp_path):
    path = world.clean / "manifest.csv"
    rows = [
        replace(row, attribution=f"{row.split} {row.domain} {row.id}", homepage="https://example.org/")
        for row in manifest.read(path, CleanImageRow)
    ]
    manifest.write(path, rows, CleanImageRow)
    lent = manifest.select(rows, domain="color", split="train")[0]
    table = f"sketch,reference\n{world.ids[0]},{lent.id}\n{world.ids[1]},{lent.id}\n"
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
        about=About("tiny", {}, {}, {}),
    )
    paired = [row.pair for row in rows if row.id in world.ids and row.pair]
    truths = [row for row in rows if row.domain == "color" and row.split == "test" and row.pair in paired]
    sources = [row for row in rows if row.id in world.ids] + truths + [lent]
    assert len(truths) == 2
    found = credited((tmp_path / "report/report.html").read_text())
    assert all(["CC0-1.0", row.attribution, row.homepage, "1"] in found for row in sources)
    others = {row[1] for row in found} - {row.attribution for row in sources}
    assert all(other.startswith("train color") for other in others)  # what outputs are nearest to


def test_the_way_from_the_source_to_the_page(content):
    inputs = {"data/clean/<b>mine</b> & yours": "12" * 16 + ".dir", "models/cyclegan": "ab" * 16 + ".dir"}
    text = render(replace(content, about=replace(content.about, inputs=inputs)))
    way = text[text.index('<ol class="data-flow"') : text.index("</ol>", text.index('<ol class="data-flow"'))]
    items = re.findall(r'<li class="(\w+)">(.*)</li>', way)
    data_set = "&lt;b&gt;mine&lt;/b&gt; &amp; yours"
    train = sum(row.split == "train" for row in content.rows)
    assert {place: re.sub(r"<[^>]*>", "", words) for place, words in items} == {
        "source": f"data/raw/{data_set}/source.json CC0 stage ingest",
        "clean": f"data/clean/{data_set} {len(content.rows)} images stage clean 121212121212",
        "model": f"models/cyclegan trained on {train} images stage train_cyclegan abababababab",
        "cyclegan": "results/cyclegan 3 images stage evaluate",
        "styled": "results/style_transfer 2 images stage transfer_style",
        "report": "reports/evaluate this page stage evaluate",
    }
