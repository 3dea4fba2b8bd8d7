from pathlib import Path

import pytest

from sketch2color.errors import UserError
from sketch2color.sources import definition
from sketch2color.sources.definition import Archive, Folder

DOMAINS = "domains: {sketch: A/*, color: B/*}\n"
HASH = "a" * 64


def test_an_archive_beside_source_yaml(define):
    source = define(f"type: archive\npath: a.zip\n{DOMAINS}pairs: name\nlicense: CC0\n")
    read = definition.read(source)
    assert read.origin == Archive(path=source / "a.zip", url=None, sha256=None)
    assert read.domains == {"sketch": "A/*", "color": "B/*"}
    assert read.pairs_by_name
    assert read.about == {"license": "CC0"}


def test_a_folder_may_be_absolute_or_at_home(define, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    read = definition.read(define(f"type: folder\npath: ~/drawings\n{DOMAINS}"))
    assert read.origin == Folder(path=tmp_path / "me" / "drawings")
    assert not read.pairs_by_name
    read = definition.read(define(f"type: folder\npath: /drawings\n{DOMAINS}"))
    assert read.origin == Folder(path=Path("/drawings"))


def test_a_hash_may_be_unknown_but_must_be_said_to_be(define):
    text = f"type: archive\nurl: https://example.org/a.zip\n{DOMAINS}"
    assert definition.read(define(text + "sha256: null\n")).origin == Archive(
        path=None, url="https://example.org/a.zip", sha256=None
    )
    with pytest.raises(UserError, match="sha256 is missing"):
        definition.read(define(text))


def test_the_hash_is_read_in_either_case(define):
    text = f"type: archive\nurl: https://example.org/a.zip\nsha256: {HASH.upper()}\n{DOMAINS}"
    origin = definition.read(define(text)).origin
    assert isinstance(origin, Archive)
    assert origin.sha256 == HASH


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
    ],
)
def test_every_slip_is_one_line_that_names_file_and_key(define, text, message):
    with pytest.raises(UserError, match=message) as caught:
        definition.read(define(text))
    assert "\n" not in str(caught.value)
    assert "source.yaml: " in str(caught.value)


def test_a_missing_definition_is_said_to_be_missing(tmp_path):
    with pytest.raises(UserError, match=r"source\.yaml does not exist"):
        definition.read(tmp_path)


@pytest.mark.parametrize("name", ["sample", "industrial"])
def test_the_data_sets_of_the_repository_are_well_defined(name):
    sources = Path(__file__).parents[2] / "data" / "sources"
    assert definition.read(sources / name).about["license"]
