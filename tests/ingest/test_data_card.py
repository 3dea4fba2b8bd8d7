import json
import random
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from sketch2color import imaging
from sketch2color.ingest import data_card, thumbnails
from sketch2color.ingest.data_card import Card
from sketch2color.ingest.dedupe import Cluster
from sketch2color.ingest.read_images import SourceImage
from sketch2color.manifest import ImageRow, Rejected, sha256


def test_a_large_set_has_no_limits_and_a_small_one_is_named():
    figures = {
        f"{split}_{plural}": 400
        for split in ("train", "val", "test")
        for plural in data_card.PLURALS.values()
    }
    assert data_card.limits(figures) == []
    assert data_card.limits(figures | {"train_sketches": 1}) == [
        "train has 1 sketch and 400 coloured, fewer than 400 of each: "
        "the generator will know few shapes and colours, and repeat those it has seen"
    ]


LOADING = {"src", "srcset", "poster", "data", "background", "action", "style"}
HOSTILE = "</code><script>alert('x')</script><img src=//example.org/x onerror=alert(1)>\"'&"


class Reader(HTMLParser):
    """Collects the tags of a page, what it would load, and where it leads."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.loads, self.links = [], set(), [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attributes}
        self.loads += [
            value for name, value in attributes if name in LOADING or (tag, name) == ("link", "href")
        ]
        self.links += [value for name, value in attributes if (tag, name) == ("a", "href")]


def image(name, domain="sketch", **more):
    digest = sha256(name.encode())
    known = {
        "split": "train",
        "group": digest[:16],
        "pair": "",
        "license": "CC0-1.0",
        "width": 300,
        "height": 200,
    }
    return ImageRow(
        **{"id": digest[:16], "domain": domain, "source": name, "sha256": digest, **known, **more}
    )


def found(row):
    return SourceImage(
        path=row.source,
        domain=row.domain,
        sha256=row.sha256,
        suffix=".png",
        width=row.width,
        height=row.height,
        fingerprint=b"",
        facts={},
        split=None,
    )


@pytest.fixture
def make(tmp_path):
    """Make a card of rows; every image is the same file of noise, which no format can make small."""
    noise = np.random.default_rng(1).integers(0, 256, (240, 300, 3), dtype=np.uint8)
    imaging.write_png(tmp_path / "noise.png", noise)

    def card_of(images, rejected=(), clusters=(), about=None):
        members = [member for cluster in clusters for member in cluster.members]
        return Card(
            name="drawings",
            about=about or {},
            images=images,
            rejected=rejected,
            clusters=clusters,
            files={row.id: tmp_path / "noise.png" for row in [*images, *members]},
        )

    return card_of


def written(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def plain(text):
    return " ".join(re.sub("<[^>]*>", " ", text).split())


def test_figures_are_those_of_the_set_and_the_same_everywhere(make, tmp_path):
    images = [
        image("a", pair="p", group="p"),
        image("b", "color", pair="p", group="p"),
        image("c", split="test", pair="lost", width=255, height=255, license="unknown"),
        image("d", "color", split="val", width=256, height=10, license=""),
        image("e", "color", width=20, height=257),
    ]
    near = Cluster(members=(found(images[0]), found(image("x"))), kept=frozenset([images[0].id]))
    rejected = [
        Rejected(source="x", domain="sketch", reason="blank"),
        Rejected(source="y", domain="", reason="z"),
    ]
    figures = data_card.write(tmp_path / "out", make(images, rejected, [near]))
    assert figures == {
        "sketches": 2,
        "train_sketches": 1,
        "val_sketches": 0,
        "test_sketches": 1,
        "colors": 3,
        "train_colors": 2,
        "val_colors": 1,
        "test_colors": 0,
        "pairs": 1,
        "groups": 4,
        "rejected": 2,
        "near_duplicates": 1,
        "enlarged": 1,
        "unlicensed": 2,
    }
    assert json.loads((tmp_path / "out/metrics.json").read_text()) == figures
    text = plain((tmp_path / "out/card.html").read_text())
    for sentence in (
        "2 sketches and 3 colour images, 1 pair among them.",
        "20.0 % of the images are held out for the test: 1 sketch and 0 coloured.",
        "1 group of near-duplicates, 2 images: 1 are in, 1 were left out.",
        "1 image is smaller than 256×256 (20.0 %) and will be enlarged.",
        "Of 2 images (40.0 %) the licence is unknown.",
        "Colour images 2 67 % 1 33 % 0 0 % 3",
        "smallest 256×10 · median 20×257 · largest 300×200",
    ):
        assert sentence in text


def test_what_the_web_says_is_text_and_only_web_addresses_are_links(make, tmp_path):
    about = {
        "homepage": "javascript:alert(1)",
        "license": HOSTILE,
        "url": "https://example.org/a.zip?b=1&c=2",
    }
    row = image(HOSTILE, license=HOSTILE, attribution=HOSTILE, homepage="JavaScript:alert(2)")
    rows = [row, image("b", "color", homepage="HTTPS://example.org/drawing")]
    rejected = [Rejected(source=HOSTILE, domain="sketch", reason=HOSTILE)]
    near = Cluster(members=(found(row), found(rows[1])), kept=frozenset([row.id]))
    data_card.write(tmp_path / "out", make(rows, rejected, [near], about))
    text = (tmp_path / "out/card.html").read_text()
    reader = Reader(text)
    assert "script" not in reader.tags
    assert "onerror" not in reader.attributes
    assert all(value.startswith(("data:", "--members: ", "width: ")) for value in reader.loads)
    assert not re.search(r"url\(|@import", text)
    assert [link for link in reader.links if not link.startswith("#")] == [about["url"], rows[1].homepage]
    assert "javascript:alert(1)" in text
    assert text.count("&lt;script&gt;alert(&#39;x&#39;)") >= 6


@pytest.mark.slow
def test_the_card_does_not_depend_on_the_order_of_rows(make, tmp_path):
    images = [image(f"{n}", "color" if n % 3 else "sketch", width=100 + n) for n in range(150)]
    rejected = [Rejected(source=f"r{n}", domain="sketch", reason=f"too small: {n}x{n}") for n in range(9)]
    data_card.write(tmp_path / "one", make(images, rejected, about={"a": "1", "b": "2"}))
    for rows in (images, rejected):
        random.Random(5).shuffle(rows)
    data_card.write(tmp_path / "two", make(images, rejected, about={"b": "2", "a": "1"}))
    assert written(tmp_path / "one") == written(tmp_path / "two")


@pytest.mark.slow
def test_a_large_set_is_a_small_page_and_few_images_are_read(make, tmp_path, monkeypatch):
    images = [
        image(f"{n}", "color" if n % 2 else "sketch", license=f"licence {n}", attribution="x" * 300)
        for n in range(50_000)
    ]
    extra = [found(image(f"near {n}")) for n in range(4000)]
    clusters = [Cluster(members=tuple(extra[n : n + 40]), kept=frozenset()) for n in range(0, 4000, 40)]
    kinds = [f"{one}{other}" for one in "abcdefgh" for other in "abcdefgh"]
    rejected = [
        Rejected(source="s" * 999, domain="", reason=f"{kind} {'k' * 250}: {'r' * 999}") for kind in kinds
    ]
    made, read, seen = make(images, rejected, clusters), imaging.read, []
    monkeypatch.setattr(imaging, "read", lambda file: seen.append(file) or read(file))
    data_card.write(tmp_path / "out", made)
    assert len(seen) == 2 * data_card.MAX_SAMPLES + data_card.MAX_CLUSTERS * data_card.MAX_MEMBERS < 200
    assert (tmp_path / "out/card.html").stat().st_size < 6_000_000
    page = (tmp_path / "out/card.html").read_text()
    left_out = page[page.index('id="rejected"') : page.index('id="credits"')]
    assert left_out.count('<th scope="row">') == data_card.MAX_ROWS
    assert not any(letter * 301 in left_out for letter in "krs")
    text = plain(page)
    assert "24 rarer kinds of reasons are in rejected.csv." in text
    assert "49,960 rarer combinations are in manifest.csv." in text
    assert "Sketches: 48 of 25,000" in text
    assert "10 of 100 groups are shown." in text
    assert "40 images, 32 of them not shown" in text


def test_of_near_duplicates_those_that_entered_come_first(make, tmp_path):
    rows = [image("z", split="val"), image("c", "color")]
    near = Cluster(members=(found(image("a")), found(rows[0])), kept=frozenset([rows[0].id]))
    data_card.write(tmp_path / "out", make(rows, clusters=[near]))
    text = (tmp_path / "out/card.html").read_text()
    group = text[text.index('<section id="duplicates">') :]
    shown = re.findall(r'<figure class="(.*?)">.*?alt="(.*?)".*?<figcaption>(.*?)<', group)
    assert shown == [("image", "z", "sketch: val"), ("image out", "a", "sketch: left out")]
    assert imaging.read(tmp_path / "out/duplicates.png").shape[0] > 200


def test_what_an_earlier_card_held_is_gone(make, tmp_path):
    rows = [image("a"), image("b", "color")]
    near = Cluster(members=(found(rows[0]), found(rows[1])), kept=frozenset())
    data_card.write(tmp_path / "out", make(rows, clusters=[near]))
    data_card.write(tmp_path / "out", make(rows))
    assert set(written(tmp_path / "out")) == {
        "card.html",
        "contact_color.png",
        "contact_sketch.png",
        "metrics.json",
    }
    text = plain((tmp_path / "out/card.html").read_text())
    assert "No two images are near-duplicates." in text
    assert "There are no pairs" in text


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("duplicate of 0123456789abcdef (a (1): b.png)", "duplicate of …"),
        ("near-duplicate of 0123456789abcdef (a (1).png), 12 of 512 bits differ", "near-duplicate of …"),
        ("other half of pair a: b (c) trains", "other half of pair … trains"),
        ("too small: 9x9, and 64 pixels a side are needed", "too small"),
        ("20000x9000 is over 100,000,000 pixels", "… is over … pixels"),
        ("answers 404 Not Found", "answers 404 Not Found"),
        ("answers 503 Service Unavailable", "answers 503 Service Unavailable"),
    ],
)
def test_reasons_of_one_kind_have_one_name(reason, kind):
    assert data_card.kind_of(reason) == kind


def test_kinds_of_reasons_come_with_counts_and_examples():
    rows = [Rejected(source=f"{n}", domain="", reason=f"too small: {n}x{n}") for n in (4, 2, 3, 1)]
    rows += [Rejected(source=name, domain="", reason="blank") for name in "vwxyz"]
    first, second = data_card.reasons(rows)
    assert (first["kind"], first["count"], first["examples"][0]) == ("blank", 5, ("v", "blank"))
    assert (second["kind"], second["count"]) == ("too small", 4)
    assert second["examples"] == [(f"{n}", f"too small: {n}x{n}") for n in (1, 2, 3)]


def test_a_image_that_must_be_enlarged_is_in_a_bin_marked_so():
    rows = [image("a", width=255), image("b", width=10, height=256), image("c", width=9000)]
    bins = {bin["edge"]: (bin["count"], bin["enlarged"]) for bin in data_card.bins(rows) if bin["count"]}
    assert bins == {128: (1, True), 256: (1, False), 4096: (1, False)}


def test_a_thumbnail_is_small_and_its_caption_stays_in_its_cell(tmp_path):
    imaging.write_png(tmp_path / "wide.png", np.full((100, 800, 3), 255, np.uint8))
    wide = thumbnails.read(tmp_path / "wide.png", ("train  800×100", "folder/" * 40 + "ж\n\t🦊.png"))
    assert wide.image.shape == (25, thumbnails.EDGE, 3)
    short = thumbnails.Thumbnail(wide.image, ("", ""))
    sheet = thumbnails.thumbnail_sheet([[wide, short]], "two")
    assert sheet.shape[1] % 2 == 0
    middle = sheet.shape[1] // 2
    captions = sheet[-thumbnails.LINE * 2 :]
    assert (captions[:, :middle] < 100).any()
    assert (captions[:, middle + 3 :] > 200).all()


def test_a_caption_shows_the_end_of_a_path_and_a_question_mark_for_what_its_letters_lack(tmp_path):
    imaging.write_png(tmp_path / "wide.png", np.full((100, 800, 3), 255, np.uint8))

    def caption(path):
        return thumbnails.thumbnail_sheet(
            [[thumbnails.read(tmp_path / "wide.png", ("train", path))]], ""
        ).tobytes()

    assert caption("folder/" * 20 + "ab.png") != caption("folder/" * 20 + "ba.png")
    assert caption("a" + "folder/" * 40) == caption("b" + "folder/" * 40)
    assert caption("ж\n×.png") == caption("??x.png")
