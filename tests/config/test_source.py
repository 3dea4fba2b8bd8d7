from pathlib import Path

import pytest

from sketch2color.config import source
from sketch2color.config.source import Archive, Folder, Gallery, Kaggle, Urls
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
    folder = define(f"type: archive\npath: a.zip\n{DOMAINS}pairs: name\nlicense: CC0\n")
    read = source.read(folder)
    assert isinstance(read, Archive)
    assert (read.path, read.url, read.sha256) == (folder / "a.zip", None, None)
    assert read.globs == {"sketch": "A/*", "color": "B/*"}
    assert read.pairs == "name"
    assert read.about == {"license": "CC0"}


def test_a_folder_may_be_absolute_or_at_home(define, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    read = source.read(define(f"type: folder\npath: ~/drawings\n{DOMAINS}"))
    assert isinstance(read, Folder)
    assert read.path == tmp_path / "me" / "drawings"
    assert read.pairs is None
    assert read.splits == read.truth == read.about == {}
    read = source.read(define(f"type: folder\npath: /drawings\n{DOMAINS}"))
    assert read.path == Path("/drawings")


def test_a_hash_may_be_unknown_but_must_be_said_to_be(define):
    text = f"type: archive\nurl: https://example.org/a.zip\n{DOMAINS}"
    read = source.read(define(text + "sha256: null\n"))
    assert (read.path, read.url, read.sha256) == (None, "https://example.org/a.zip", None)
    with pytest.raises(UserError, match="sha256 is missing"):
        source.read(define(text))


def test_the_hash_is_read_in_either_case(define):
    text = f"type: archive\nurl: https://example.org/a.zip\nsha256: {HASH.upper()}\n{DOMAINS}"
    assert source.read(define(text)).sha256 == HASH


def test_a_data_set_of_kaggle_needs_no_path(define):
    side_by_side = "pairs: side-by-side\nimages: data/*/*.png\n"
    folder = define(
        f"{KAGGLE}path: archive.zip\n{side_by_side}splits: {{val: data/val/*, train: data/t/*}}\n"
    )
    read = source.read(folder)
    assert isinstance(read, Kaggle)
    assert (read.dataset, read.path) == ("jane/some-pairs", folder / "archive.zip")
    assert read.pairs == "side-by-side"
    assert read.globs == {None: "data/*/*.png"}
    assert read.splits == {"train": "data/t/*", "val": "data/val/*"}
    pinned = KAGGLE.replace("some-pairs", "some-pairs/versions/12")
    read = source.read(define(f"{pinned}{DOMAINS}pairs: name\n"))
    assert (read.dataset, read.path) == ("jane/some-pairs/versions/12", None)


@pytest.mark.parametrize("kind", ["archive", "folder"])
def test_pairs_side_by_side_and_splits_are_for_every_source_that_has_files(define, kind):
    read = source.read(
        define(f"type: {kind}\npath: a\npairs: side-by-side\nimages: '*'\nsplits: {{test: t/*}}\n")
    )
    assert (read.pairs, read.globs, read.splits) == ("side-by-side", {None: "*"}, {"test": "t/*"})


def policy(read):
    names = ("contact", "requests_per_second", "connections", "seconds", "megabytes", "allow_private")
    return tuple(getattr(read, name) for name in names)


def test_a_list_of_addresses_comes_with_a_crawl_policy(define):
    folder = define(f"{URLS}attribution: Jane\nhomepage: https://example.org/\n")
    read = source.read(folder)
    assert isinstance(read, Urls)
    assert read.path == folder / "list.csv"
    assert policy(read) == ("me@example.org", 2, 4, 60, 50, ())
    assert (read.globs, read.pairs) == ({}, None)
    assert read.about == {"attribution": "Jane", "homepage": "https://example.org/"}
    own = "requests_per_second: 0\nconnections: 64\nseconds: 0.5\nmegabytes: 7\nallow_private: localhost\n"
    assert policy(source.read(define(URLS + own))) == ("me@example.org", 0, 64, 0.5, 7, ("localhost",))


LONG = ["a " * 5000 + "a", "a>" * 2000 + "a", "a" + ":not(b)" * 3000, "a" + "[b]" * 5000, "a " * 250 + "a"]
LONG += [":is(" * 3000, ":has(" * 124]


def test_a_gallery_has_start_pages_and_selectors(define):
    read = source.read(define(GALLERY))
    assert isinstance(read, Gallery)
    assert read.start == {
        "sketch": ("https://example.org/s",),
        "color": ("http://example.org/c", "http://example.org/d"),
    }
    assert (read.image, read.next, read.detail) == ("figure img", None, None)
    assert (read.pages, read.images, read.contact) == (100, 1000, "https://example.org/about")
    more = "next: a.next\ndetail: 'a::attr(href)'\npages: 3\nimages: 7\nallow_private: [a, b]\n"
    read = source.read(define(GALLERY + more))
    assert isinstance(read, Gallery)
    assert (read.next, read.detail, read.pages, read.images) == ("a.next", "a::attr(href)", 3, 7)
    assert read.allow_private == ("a", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file must be .* .got None"),
        ("type: [", "not YAML"),
        (
            f"type: torrent\n{DOMAINS}",
            "type must be one of archive, folder, .* .got 'torrent'",
        ),
        (f"type: [archive]\n{DOMAINS}", "type must be one of .*got .'archive'."),
        (f"type: folder\npath: a\n{DOMAINS}licence: x\n", "unknown key licence; did you mean license?"),
        (f"type: folder\npath: a\nsha256: {HASH}\n{DOMAINS}", "unknown key sha256"),
        ("type: folder\npath: a\n", "domains is missing"),
        ("type: folder\npath: a\ndomains: {sketch: a}\n", "domains.color is missing"),
        ("type: folder\npath: a\ndomains: {sketch: a, colour: b}\n", "unknown key domains.colour"),
        (
            "type: folder\npath: a\ndomains: {sketch: 3, color: b}\n",
            "domains.sketch must be a pattern.*got 3",
        ),
        (
            "type: folder\npath: a\ndomains: {sketch: ../a, color: b}\n",
            "domains.sketch must be .*got '../a'",
        ),
        (f"type: folder\n{DOMAINS}", "path is missing"),
        (
            f"type: folder\npath: ~nobody.of.that.name/a\n{DOMAINS}",
            "path must be a file .*got '~nobody",
        ),
        (f"type: folder\npath: ''\n{DOMAINS}", "path must be a file or folder.*got ''"),
        (
            f"type: folder\npath: a\n{DOMAINS}pairs: stem\n",
            "pairs must be one of name, side.* .got 'stem'",
        ),
        (f"type: folder\npath: a\n{DOMAINS}truth: {{mark: a/*}}\n", "unknown key truth.mark"),
        (f"type: archive\n{DOMAINS}", "path, url"),
        (f"type: archive\npath: a\nurl: http://b\nsha256: null\n{DOMAINS}", "path, url"),
        (
            f"type: archive\nurl: ftp://a/b\nsha256: null\n{DOMAINS}",
            "url must be a web .*got 'ftp://a/b'",
        ),
        (f"type: archive\nurl: file:///a\nsha256: null\n{DOMAINS}", "url must be .*got 'file:///a'"),
        (
            f"type: archive\npath: a\nsha256: abc\n{DOMAINS}",
            "sha256 must be 64 hex digits.*got 'abc'",
        ),
        (
            f"type: folder\npath: a\n{DOMAINS}license: 2020-01-01\n",
            "license must be a text .*got datetime.date",
        ),
        (
            f"type: folder\npath: a\n{DOMAINS}attribution: ' '\n",
            "attribution must be a text .*got ' '",
        ),
        (
            f"type: folder\npath: a\n{DOMAINS}homepage: javascript:alert()\n",
            "homepage .*got 'javascript",
        ),
        (f"type: folder\npath: a\n{DOMAINS}splits: {{training: a/*}}\n", "unknown key splits.training"),
        (f"type: folder\npath: a\n{DOMAINS}splits: train/*\n", "splits must be a mapping.*got 'train/.'"),
        (f"type: folder\npath: a\n{DOMAINS}splits: {{train: /a/*}}\n", "splits.train must be .*got '/a/.'"),
        (f"type: folder\npath: a\n{DOMAINS}images: '*'\n", "unknown key images"),
        (f"type: folder\npath: a\n{DOMAINS}pairs: side-by-side\nimages: '*'\n", "unknown key domains"),
        ("type: folder\npath: a\npairs: side-by-side\n", "images is missing"),
        (
            "type: folder\npath: a\npairs: side-by-side\nimages: ['*']\n",
            "images must be a .*got .'.'.",
        ),
        (
            "type: folder\npath: a\npairs: side-by-side\nimages: ../*\n",
            "images must be a .*got '../.'",
        ),
        (f'type: folder\npath: a\n{DOMAINS}"a\\nb": 3\n', "unknown key 'a.*b'"),
        (f"type: kaggle\n{DOMAINS}", "dataset is missing: must be owner/name"),
        (
            f"type: kaggle\ndataset: https://www.kaggle.com/a/b\n{DOMAINS}",
            "dataset must be .*got 'https:",
        ),
        (f"type: kaggle\ndataset: jane/pairs/3\n{DOMAINS}", "dataset must be .*got 'jane/pairs/3'"),
        (f"type: kaggle\ndataset: jane/pairs/versions/0\n{DOMAINS}", "owner/name/versions/3"),
        (f"type: kaggle\ndataset: jane/pairs/versions/{'9' * 5000}\n{DOMAINS}", "owner/name/versions/3"),
        (URLS.replace("path: ", f"path: {'u' * 5000}/"), "path must be"),
        (f"type: kaggle\ndataset: ../pairs\n{DOMAINS}", "dataset must be .*got '../pairs'"),
        (f"{KAGGLE}url: https://example.org/a.zip\n{DOMAINS}", "unknown key url"),
        (f"{KAGGLE}path: 3\n{DOMAINS}", "path must be .*got 3"),
        (without(URLS, "path"), "path is missing"),
        (without(URLS, "contact"), "contact is missing"),
        (URLS + DOMAINS, "unknown key domains"),
        (URLS + "pairs: name\n", "unknown key pairs"),
        (URLS + "splits: {train: a/*}\n", "unknown key splits"),
        (URLS.replace("me@example.org", "me"), "contact must be an e-mail or web address.*got 'me'"),
        (URLS.replace("me@example.org", '"a@b\\nX-Header: c"'), "contact must be .*got 'a@b"),
        (
            URLS + "requests_per_second: -1\n",
            "requests_per_second must be a number from 0 to 1000.*got -1",
        ),
        (URLS + "requests_per_second: .nan\n", "requests_per_second must be .*got nan"),
        (URLS + "connections: 0\n", "connections must be an integer from 1 to 64 .got 0"),
        (URLS + "connections: 2.5\n", "connections must be .*got 2.5"),
        (URLS + "connections: true\n", "connections must be .*got True"),
        (URLS + "seconds: 0\n", "seconds must be .*got 0"),
        (URLS + "seconds: true\n", "seconds must be .*got True"),
        (URLS + "megabytes: .inf\n", "megabytes must be .*got inf"),
        (URLS + "megabytes: 5 MB\n", "megabytes must be .*got '5 MB'"),
        (URLS + "allow_private: []\n", "allow_private must be a list, each item a text.*got \\[\\]"),
        (URLS + "allow_private: [a, 3]\n", "allow_private.1. must be a text.*got 3"),
        (URLS + "image: img\n", "unknown key image"),
        (without(GALLERY, "start"), "start is missing"),
        (without(GALLERY, "start") + "start: {sketch: 'http://a/'}\n", "start.color is missing"),
        (without(GALLERY, "start") + "start: {sketches: 'http://a/'}\n", "unknown key start.sketches"),
        (
            GALLERY.replace("https://example.org/s", "example.org/s"),
            "sketch.0. .*got 'example.org/s'",
        ),
        (GALLERY.replace("https://example.org/s", "ftp://a/"), "begins with http:// or https://"),
        (
            GALLERY.replace("https://example.org/s", "http://a:x/"),
            "start.sketch.0. must be .*got 'http://a:x/'",
        ),
        (GALLERY.replace("https://example.org/s", "http:///s"), "start.sketch.0. must be .*got 'http:///s'"),
        (
            GALLERY.replace("https://example.org/s", "http://a b/"),
            "start.sketch.0. .*got 'http://a b/'",
        ),
        (GALLERY.replace("'https://example.org/s'", "[]"), r"start.sketch must be a list.*got \[\]"),
        (without(GALLERY, "image"), "image is missing: must be a CSS selector"),
        (
            GALLERY.replace("figure img", "figure >"),
            "image must be a CSS selector of at most 500 characters .got 'figure >'",
        ),
        (GALLERY + "next: 'a['\n", "next must be a CSS selector"),
        (GALLERY + "next: a::b\n", "next must be a CSS selector.*got 'a::b'"),
        (GALLERY + "detail: svg|image\n", "detail must be a CSS selector.*got 'svg.image'"),
        *((GALLERY + f"next: '{each}'\n", "next must be a CSS selector") for each in LONG),
        (GALLERY + "detail: 3\n", "detail must be a CSS selector.*got 3"),
        (GALLERY + "pages: 0\n", "pages must be an integer from 1 to 100000 .got 0"),
        (GALLERY + "images: many\n", "images must be an integer.*got 'many'"),
        (without(GALLERY, "contact"), "contact is missing"),
        (GALLERY + "path: a\n", "unknown key path"),
        (f"path: a\n{DOMAINS}", "type must be one of archive, .*got None"),
        (f"type: folder\npath: a\npath: b\n{DOMAINS}", "duplicate key 'path', again in line 3"),
        (f"type: folder\npath: a\n{DOMAINS}same: [3]\n", "same.0. must be a list.*got 3"),
        (f"type: folder\npath: a\n{DOMAINS}same: [[a, ../b]]\n", "same.0..1. must be a pattern.*got '../b'"),
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


def test_null_leaves_a_key_out(define):
    read = source.read(define(f"type: folder\npath: a\n{DOMAINS}pairs: null\nlicense:\n"))
    assert (read.pairs, read.about) == (None, {})


@pytest.mark.parametrize("name", ["anime", "industrial", "openmoji", "products"])
def test_the_data_sets_of_the_repository_are_well_defined(name):
    sources = Path(__file__).parents[2] / "data" / "sources"
    assert source.read(sources / name).about["license"]
