"""Which files the studio has, and the static site."""

import json
import re
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tests.studio.conftest import write_model

from sketch2color.errors import UserError
from sketch2color.studio import site
from sketch2color.studio.server import POLICY

SOURCE = Path(__file__).parents[2] / "studio" / "public"


@pytest.fixture
def built(tmp_path, monkeypatch):
    """A page as `make studio` leaves it, beside a model."""
    folder = tmp_path / "site"
    (folder / "help").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "help" / "a.webp").write_bytes(b"RIFF")
    monkeypatch.setattr(site, "SITE", folder)
    monkeypatch.setattr(site, "BUNDLED", write_model(tmp_path / "bundled", b"bundled"))
    monkeypatch.chdir(tmp_path)
    return folder


NAMES = {"index.html", "help/a.webp", "model/generator.onnx", "model/generator.json"}


def test_the_model_that_was_exported_comes_before_the_bundled_one(built):
    assert set(site.read_site()) == NAMES
    assert site.read_site()["model/generator.onnx"].content == b"bundled"
    write_model(site.EXPORTED, b"exported")
    assert site.read_site()["model/generator.onnx"].content == b"exported"
    assert site.read_site(write_model(Path("own"), b"own"))["model/generator.onnx"].content == b"own"


def test_a_page_that_was_not_built_is_told_how_in_one_line(built):
    (built / "index.html").unlink()
    with pytest.raises(
        UserError, match=f"^{re.escape(str(built))} holds no page: build it with `make studio`"
    ):
        site.read_site()


def tampered(folder):
    (folder / "generator.onnx").write_bytes(b"other")


def of_another_format(folder):
    (folder / "generator.json").write_text(json.dumps({"format": 2}))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (tampered, r"own/generator\.onnx is not the file that generator\.json describes"),
        (of_another_format, r"own/generator\.json is not of format 1"),
        (
            lambda folder: (folder / "generator.json").write_text("{"),
            r"own/generator\.json is not of format 1",
        ),
        (
            lambda folder: (folder / "generator.json").write_text("[]"),
            r"own/generator\.json is not of format 1",
        ),
        (lambda folder: (folder / "generator.json").unlink(), r"own/generator\.json: not found"),
        (lambda folder: (folder / "generator.onnx").unlink(), r"own/generator\.onnx: not found"),
        (lambda folder: folder.rename("away"), r"own/generator\.onnx: not found"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(built, spoil, message):
    folder = write_model(Path("own"))
    spoil(folder)
    with pytest.raises(UserError, match=rf"^{message}.*: write both again with `dvc repro export`.*--model"):
        site.read_site(folder)


def test_the_static_site_has_all_files_and_replaces_one_that_is_there(built):
    out = Path("sites") / "studio"
    site.write_site(site.read_site(), out)
    (built / "help" / "a.webp").write_bytes(b"new")
    site.write_site(site.read_site(), out)
    assert {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} == NAMES
    assert (out / "help" / "a.webp").read_bytes() == b"new"
    assert [path.name for path in out.parent.iterdir()] == ["studio"]


def test_a_folder_with_anything_else_is_left_as_it_is(built):
    out = Path("out")
    (out / "help").mkdir(parents=True)
    (out / "help" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match=r"^out/help/mine\.txt is no file of the studio"):
        site.write_site(site.read_site(), out)
    assert [path.name for path in out.rglob("*")] == ["help", "mine.txt"]


def test_links_and_files_are_no_folders_to_write_to(built):
    Path("file").write_text("x")
    with pytest.raises(UserError, match=r"^file is not a folder"):
        site.write_site(site.read_site(), Path("file"))
    Path("link").symlink_to(built)
    with pytest.raises(UserError, match=r"^link is a link"):
        site.write_site(site.read_site(), Path("link"))
    assert (built / "index.html").exists()


class Start(HTMLParser):
    """The policy that a page states, and the addresses that it loads."""

    def __init__(self, text):
        super().__init__()
        self.policy, self.addresses = None, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        self.addresses += [attributes[name] for name in ("src", "href") if name in attributes]


@pytest.mark.parametrize("page", sorted(SOURCE.rglob("*.html")), ids=lambda page: page.name)
def test_pages_state_the_servers_policy_and_work_below_a_sub_path(page):
    start = Start(page.read_text())
    assert start.policy == POLICY
    assert [address for address in start.addresses if address.startswith(("/", "http:", "https:"))] == []


def test_files_of_the_page_have_a_type_and_are_in_the_wheel():
    suffixes = {path.suffix for path in SOURCE.rglob("*.*")} | {".js", ".json", ".mjs", ".onnx", ".wasm"}
    assert suffixes == set(site.TYPES)
    project = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text())
    packed = project["tool"]["setuptools"]["package-data"]["sketch2color"]
    assert {f"**/*{suffix}" for suffix in suffixes} <= set(packed)
