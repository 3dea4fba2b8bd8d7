from pathlib import Path

import pytest

from sketch2color.config import source
from sketch2color.config.source_types import Archive, Folder, Gallery, Kaggle, Manners, Urls
from sketch2color.errors import UserError

DOMAINS = "domains: {sketch: A/*, color: B/*}\n"
HASH = "a" * 64
KAGGLE = "type: kaggle\ndataset: jane/some-pairs\n"
URLS = "type: urls\npath: list.csv\ncontact: me@example.org\n"
GALLERY = (
    "type: gallery\nimage: figure img\ncontact: https://example.org/about\n"
    "start: {sketch: 'https://example.org/s', color: ['http://example.org/c', 'http://example.org/d']}\n"
)


def without(text, key):
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(key))


def test_an_archive_beside_source_yaml(define):
    source = define(f"type: archive\npath: a.zip\n{DOMAINS}pairs: name\nlicense: CC0\n")
    read = source.read(source)
    assert read.origin == Archive(path=source / "a.zip", url=None, sha256=None)
    assert read.images == {"sketch": "A/*", "color": "B/*"}
    assert read.pairs == "name"
    assert read.about == {"license": "CC0"}


def test_a_folder_may_be_absolute_or_at_home(define, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    read = source.read(define(f"type: folder\npath: ~/drawings\n{DOMAINS}"))
    assert read.origin == Folder(path=tmp_path / "me" / "drawings")
    assert read.pairs is None
    assert read.splits == read.truth == read.about == {}
    read = source.read(define(f"type: folder\npath: /drawings\n{DOMAINS}"))
    assert read.origin == Folder(path=Path("/drawings"))


def test_a_hash_may_be_unknown_but_must_be_said_to_be(define):
    text = f"type: archive\nurl: https://example.org/a.zip\n{DOMAINS}"
    assert source.read(define(text + "sha256: null\n")).origin == Archive(
        path=None, url="https://example.org/a.zip", sha256=None
    )
    with pytest.raises(UserError, match="sha256 is missing"):
        source.read(define(text))


def test_the_hash_is_read_in_either_case(define):
    text = f"type: archive\nurl: https://example.org/a.zip\nsha256: {HASH.upper()}\n{DOMAINS}"
    origin = source.read(define(text)).origin
    assert isinstance(origin, Archive)
    assert origin.sha256 == HASH


def test_a_data_set_of_kaggle_needs_no_path(define):
    side_by_side = "pairs: side-by-side\nimages: data/*/*.png\n"
    source = define(
        f"{KAGGLE}path: archive.zip\n{side_by_side}splits: {{val: data/val/*, train: data/t/*}}\n"
    )
    read = source.read(source)
    assert read.origin == Kaggle(dataset="jane/some-pairs", path=source / "archive.zip")
    assert read.pairs == "side-by-side"
    assert read.images == {None: "data/*/*.png"}
    assert list(read.splits.items()) == [("train", "data/t/*"), ("val", "data/val/*")]
    pinned = KAGGLE.replace("some-pairs", "some-pairs/versions/12")
    read = source.read(define(f"{pinned}{DOMAINS}pairs: name\n"))
    assert read.origin == Kaggle(dataset="jane/some-pairs/versions/12", path=None)


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_pairs_side_by_side_and_splits_are_for_every_source_that_has_files(define, kind):
    read = source.read(
        define(f"type: {kind}\npath: a\npairs: side-by-side\nimages: '*'\nsplits: {{test: t/*}}\n")
    )
    assert (read.pairs, read.images, read.splits) == ("side-by-side", {None: "*"}, {"test": "t/*"})


def test_a_list_of_addresses_comes_with_manners(define):
    source = define(f"{URLS}attribution: Jane\nhomepage: https://example.org/\n")
    read = source.read(source)
    usual = Manners(
        contact="me@example.org",
        requests_per_second=2,
        connections=4,
        seconds=60,
        megabytes=50,
        allow_private=(),
    )
    assert read.origin == Urls(path=source / "list.csv", manners=usual)
    assert (read.images, read.pairs) == ({}, None)
    assert read.about == {"attribution": "Jane", "homepage": "https://example.org/"}
    own = "requests_per_second: 0\nconnections: 64\nseconds: 0.5\nmegabytes: 7\nallow_private: localhost\n"
    origin = source.read(define(URLS + own)).origin
    assert isinstance(origin, Urls)
    assert origin.manners == Manners(
        contact="me@example.org",
        requests_per_second=0,
        connections=64,
        seconds=0.5,
        megabytes=7,
        allow_private=("localhost",),
    )


def test_a_gallery_has_start_pages_and_selectors(define):
    origin = source.read(define(GALLERY)).origin
    assert isinstance(origin, Gallery)
    assert origin.start == {
        "sketch": ("https://example.org/s",),
        "color": ("http://example.org/c", "http://example.org/d"),
    }
    assert (origin.image, origin.next, origin.detail) == ("figure img", None, None)
    assert (origin.pages, origin.images, origin.manners.contact) == (100, 1000, "https://example.org/about")
    more = "next: a.next\ndetail: 'a::attr(href)'\npages: 3\nimages: 7\nallow_private: [a, b]\n"
    origin = source.read(define(GALLERY + more)).origin
    assert isinstance(origin, Gallery)
    assert (origin.next, origin.detail, origin.pages, origin.images) == ("a.next", "a::attr(href)", 3, 7)
    assert origin.manners.allow_private == ("a", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is None"),
        ("type: [", "not YAML"),
        (f"type: torrent\n{DOMAINS}", "type is 'torrent': must be one of archive, folder"),
        (f"type: [archive]\n{DOMAINS}", "type is .'archive'.: must be one of"),
        (f"type: folder\npath: a\n{DOMAINS}licence: x\n", "unknown key licence"),
        (f"type: folder\npath: a\nsha256: {HASH}\n{DOMAINS}", "unknown key sha256"),
        ("type: folder\npath: a\n", "domains is None"),
        ("type: folder\npath: a\ndomains: {sketch: a}\n", "domains.color is missing"),
        ("type: folder\npath: a\ndomains: {sketch: a, colour: b}\n", "unknown key domains.colour"),
        ("type: folder\npath: a\ndomains: {sketch: 3, color: b}\n", "domains.sketch is 3"),
        ("type: folder\npath: a\ndomains: {sketch: ../a, color: b}\n", "domains.sketch is '../a'"),
        (f"type: folder\n{DOMAINS}", "path is missing"),
        (f"type: folder\npath: ~nobody.of.that.name/a\n{DOMAINS}", "path is '~nobody"),
        (f"type: folder\npath: ''\n{DOMAINS}", "path is ''"),
        (f"type: folder\npath: a\n{DOMAINS}pairs: stem\n", "pairs is 'stem'"),
        (f"type: folder\npath: a\n{DOMAINS}truth: {{mark: a/*}}\n", "unknown key truth.mark"),
        (f"type: archive\n{DOMAINS}", "path, url"),
        (f"type: archive\npath: a\nurl: b\n{DOMAINS}", "path, url"),
        (f"type: archive\nurl: ftp://a/b\nsha256: null\n{DOMAINS}", "url is 'ftp://a/b'"),
        (f"type: archive\nurl: file:///a\nsha256: null\n{DOMAINS}", "url is 'file:///a'"),
        (f"type: archive\npath: a\nsha256: abc\n{DOMAINS}", "sha256 is 'abc'"),
        (f"type: folder\npath: a\n{DOMAINS}license: 2020-01-01\n", "license is datetime.date"),
        (f"type: folder\npath: a\n{DOMAINS}attribution: ' '\n", "attribution is ' '"),
        (f"type: folder\npath: a\n{DOMAINS}homepage: javascript:alert()\n", "homepage is 'javascript"),
        (f"type: folder\npath: a\n{DOMAINS}splits: {{training: a/*}}\n", "unknown key splits.training"),
        (f"type: folder\npath: a\n{DOMAINS}splits: train/*\n", "splits is 'train/.'"),
        (f"type: folder\npath: a\n{DOMAINS}splits: {{train: /a/*}}\n", "splits.train is '/a/.'"),
        (f"type: folder\npath: a\n{DOMAINS}images: '*'\n", "unknown key images"),
        (f"type: folder\npath: a\n{DOMAINS}pairs: null\n", "pairs is None: must be name or side-by-side"),
        (f"type: folder\npath: a\n{DOMAINS}pairs: side-by-side\nimages: '*'\n", "unknown key domains"),
        ("type: folder\npath: a\npairs: side-by-side\n", "images is None"),
        ("type: folder\npath: a\npairs: side-by-side\nimages: ['*']\n", "images is .'.'."),
        ("type: folder\npath: a\npairs: side-by-side\nimages: ../*\n", "images is '../.'"),
        (f'type: folder\npath: a\n{DOMAINS}"a\\nb": 3\n', "unknown key a b"),
        (f"type: kaggle\n{DOMAINS}", "dataset is None"),
        (f"type: kaggle\ndataset: https://www.kaggle.com/a/b\n{DOMAINS}", "dataset is 'https:"),
        (f"type: kaggle\ndataset: jane/pairs/3\n{DOMAINS}", "dataset is 'jane/pairs/3'"),
        (f"type: kaggle\ndataset: jane/pairs/versions/0\n{DOMAINS}", "owner/name/versions/3"),
        (f"type: kaggle\ndataset: ../pairs\n{DOMAINS}", "dataset is '../pairs'"),
        (f"{KAGGLE}url: https://example.org/a.zip\n{DOMAINS}", "unknown key url"),
        (f"{KAGGLE}path: 3\n{DOMAINS}", "path is 3"),
        (without(URLS, "path"), "path is missing"),
        (without(URLS, "contact"), "contact is missing"),
        (URLS + DOMAINS, "unknown key domains"),
        (URLS + "pairs: name\n", "unknown key pairs"),
        (URLS + "splits: {train: a/*}\n", "unknown key splits"),
        (URLS.replace("me@example.org", "me"), "contact is 'me': must be an e-mail or web address"),
        (URLS.replace("me@example.org", '"a@b\\nX-Header: c"'), "contact is 'a@b"),
        (
            URLS + "requests_per_second: -1\n",
            "requests_per_second is -1: must be a number between 0 and",
        ),
        (URLS + "requests_per_second: .nan\n", "requests_per_second is nan"),
        (URLS + "connections: 0\n", "connections is 0: must be a whole number between 1 and 64"),
        (URLS + "connections: 2.5\n", "connections is 2.5"),
        (URLS + "connections: true\n", "connections is True"),
        (URLS + "seconds: 0\n", "seconds is 0"),
        (URLS + "seconds: true\n", "seconds is True"),
        (URLS + "megabytes: .inf\n", "megabytes is inf"),
        (URLS + "megabytes: 5 MB\n", "megabytes is '5 MB'"),
        (URLS + "allow_private: []\n", "allow_private is ..: must be a text or a list of texts"),
        (URLS + "allow_private: [a, 3]\n", "allow_private.1. is 3"),
        (URLS + "image: img\n", "unknown key image"),
        (without(GALLERY, "start"), "start is None"),
        (without(GALLERY, "start") + "start: {sketch: 'http://a/'}\n", "start.color is missing"),
        (without(GALLERY, "start") + "start: {sketches: 'http://a/'}\n", "unknown key start.sketches"),
        (GALLERY.replace("https://example.org/s", "example.org/s"), "start.sketch is 'example.org/s'"),
        (GALLERY.replace("https://example.org/s", "ftp://a/"), "must begin with http:// or https://"),
        (GALLERY.replace("https://example.org/s", "http://a:x/"), "start.sketch is 'http://a:x/'"),
        (GALLERY.replace("https://example.org/s", "http:///s"), "start.sketch is 'http:///s'"),
        (GALLERY.replace("https://example.org/s", "http://a b/"), "start.sketch is 'http://a b/'"),
        (GALLERY.replace("'https://example.org/s'", "[]"), r"start.sketch is \[\]"),
        (without(GALLERY, "image"), "image is None"),
        (GALLERY.replace("figure img", "figure >"), "image is 'figure >': must be a CSS selector"),
        (GALLERY + "next: 'a['\n", "next is 'a.': must be a CSS selector"),
        (GALLERY + "detail: 3\n", "detail is 3"),
        (GALLERY + "pages: 0\n", "pages is 0: must be a whole number between 1 and 100000"),
        (GALLERY + "images: many\n", "images is 'many'"),
        (without(GALLERY, "contact"), "contact is missing"),
        (GALLERY + "path: a\n", "unknown key path"),
    ],
)
def test_every_slip_is_one_line_that_names_file_and_key(define, text, message):
    with pytest.raises(UserError, match=message) as caught:
        source.read(define(text))
    assert "\n" not in str(caught.value)
    assert "source.yaml: " in str(caught.value)


def test_a_missing_definition_is_said_to_be_missing(tmp_path):
    with pytest.raises(UserError, match=r"source\.yaml does not exist"):
        source.read(tmp_path)


@pytest.mark.parametrize("name", ["anime", "industrial", "sample"])
def test_the_data_sets_of_the_repository_are_well_defined(name):
    sources = Path(__file__).parents[2] / "data" / "sources"
    assert source.read(sources / name).about["license"]
