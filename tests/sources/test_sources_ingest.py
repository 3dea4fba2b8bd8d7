import hashlib
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sketch2color import images, manifest
from sketch2color.errors import UserError
from sketch2color.manifest import DOMAINS, SPLITS, Picture, Rejected
from sketch2color.params import Ingest
from sketch2color.sources import download
from sketch2color.sources import ingest as stage
from sketch2color.sources.ingest import ingest

PARAMS = Ingest(val=0.2, test=0.2)


def ten_of_each(picture_bytes, stem):
    return {
        f"{domain}/{stem}{n}.png": picture_bytes(100 * at + n)
        for at, domain in enumerate(DOMAINS)
        for n in range(10)
    }


@pytest.fixture
def piles(picture_bytes):
    """Twenty unpaired pictures."""
    return ten_of_each(picture_bytes, "")


@pytest.fixture
def pairs(picture_bytes):
    """Ten pairs, by name."""
    return ten_of_each(picture_bytes, "thing-")


def tables(out: Path):
    return manifest.read(out / "manifest.csv", Picture), manifest.read(out / "rejected.csv", Rejected)


def content_of(out: Path):
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def test_every_picture_enters_with_its_own_bytes(folder_source, piles, tmp_path):
    counts = ingest(folder_source(piles), tmp_path / "out", PARAMS, seed=1)
    pictures, rejected = tables(tmp_path / "out")
    assert rejected == []
    assert {picture.source for picture in pictures} == piles.keys()
    for picture in pictures:
        stored = (tmp_path / "out" / "images" / f"{picture.id}.png").read_bytes()
        assert stored == piles[picture.source]
        assert picture.sha256 == hashlib.sha256(stored).hexdigest()
        assert picture.id == picture.group == picture.sha256[:16]
        assert (picture.width, picture.height, picture.pair, picture.license) == (8, 6, "", "CC0")
        assert picture.source.startswith(picture.domain)
    assert counts == {
        "sketches": 10,
        "train_sketches": 6,
        "val_sketches": 2,
        "test_sketches": 2,
        "colors": 10,
        "train_colors": 6,
        "val_colors": 2,
        "test_colors": 2,
        "pairs": 0,
        "rejected": 0,
    }
    for domain in DOMAINS:
        for where in SPLITS:
            plural = {"sketch": "sketches", "color": "colors"}[domain]
            chosen = manifest.select(pictures, domain=domain, split=where)
            assert len(chosen) == counts[f"{where}_{plural}"]


def test_what_is_no_picture_is_listed_and_stops_nothing(folder_source, piles, tmp_path):
    whole = piles["sketch/0.png"]
    bad = {"sketch/empty": b"", "color/text.png": b"not a picture", "color/cut.png": whole[:-40]}
    other = {"notes.txt": b"not of any domain", "sketch/deeper/1.png": whole}
    counts = ingest(folder_source(piles | bad | other), tmp_path / "out", PARAMS, seed=1)
    pictures, rejected = tables(tmp_path / "out")
    assert len(pictures) == 20
    assert counts["rejected"] == 3
    reasons = {row.source: (row.domain, row.reason) for row in rejected}
    assert reasons["sketch/empty"] == ("sketch", "empty file")
    assert reasons["color/text.png"] == ("color", "not a picture")
    assert reasons["color/cut.png"][1].startswith("cannot be decoded")
    assert reasons.keys() == bad.keys()


def test_duplicates_are_dropped_across_domains(folder_source, piles, tmp_path):
    twins = {"sketch/zz.png": piles["sketch/3.png"], "sketch/yy.png": piles["color/4.png"]}
    ingest(folder_source(piles | twins), tmp_path / "out", PARAMS, seed=1)
    pictures, rejected = tables(tmp_path / "out")
    assert len(pictures) == len(list((tmp_path / "out" / "images").iterdir())) == 20
    ids = {picture.source: picture.id for picture in pictures}
    assert {row.source: row.reason for row in rejected} == {
        "sketch/zz.png": f"duplicate of {ids['sketch/3.png']} (sketch/3.png)",
        "sketch/yy.png": f"duplicate of {ids['color/4.png']} (color/4.png)",
    }


def test_the_suffix_is_that_of_the_actual_format(folder_source, piles, picture_bytes, tmp_path):
    ingest(
        folder_source(piles | {"sketch/photo.png": picture_bytes(7000, "JPEG")}), tmp_path / "out", PARAMS, 1
    )
    pictures, _ = tables(tmp_path / "out")
    (photo,) = manifest.select(pictures, source="sketch/photo.png")
    assert (tmp_path / "out" / "images" / f"{photo.id}.jpg").is_file()


def test_a_pair_is_never_split_and_never_trains_with_both_halves(folder_source, pairs, tmp_path):
    counts = ingest(folder_source(pairs, "pairs: name\n"), tmp_path / "out", PARAMS, seed=1)
    pictures, rejected = tables(tmp_path / "out")
    for number in range(10):
        halves = manifest.select(pictures, group=f"thing-{number}")
        assert {half.pair for half in halves} == {f"thing-{number}"}
        assert len({half.split for half in halves}) == 1
        if halves[0].split == "train":
            assert len(halves) == 1
        else:
            assert {half.domain for half in halves} == set(DOMAINS)
    assert (counts["train_sketches"], counts["train_colors"], counts["pairs"]) == (3, 3, 4)
    trained = manifest.select(pictures, split="train")
    assert {row.reason for row in rejected} == {f"other half of pair {row.pair} trains" for row in trained}
    assert len(rejected) == 6
    stored = {path.stem for path in (tmp_path / "out" / "images").iterdir()}
    assert stored == {picture.id for picture in pictures}


def test_equal_names_mean_nothing_unless_the_source_says_so(folder_source, pairs, tmp_path):
    ingest(folder_source(pairs), tmp_path / "out", PARAMS, seed=1)
    pictures, rejected = tables(tmp_path / "out")
    assert len(pictures) == 20
    assert rejected == []


def test_the_same_input_gives_the_same_bytes_and_old_output_goes(folder_source, pairs, tmp_path):
    source = folder_source(pairs, "pairs: name\n")
    for name in ("one", "two"):
        (tmp_path / name / "images").mkdir(parents=True)
        (tmp_path / name / "images" / f"left-over-of-{name}.png").write_bytes(b"x")
        ingest(source, tmp_path / name, PARAMS, seed=1)
    assert content_of(tmp_path / "one") == content_of(tmp_path / "two")
    ingest(source, tmp_path / "two", PARAMS, seed=2)
    assert content_of(tmp_path / "one") != content_of(tmp_path / "two")


def test_the_order_in_the_archive_does_not_matter(define, pairs, tmp_path):
    source = define("type: archive\npath: a.zip\ndomains: {sketch: sketch/*, color: color/*}\npairs: name\n")
    results = []
    for order in (list(pairs), list(pairs)[::-1]):
        with zipfile.ZipFile(source / "a.zip", "w") as packed:
            for name in order:
                packed.writestr(name, pairs[name])
        ingest(source, tmp_path / "out", PARAMS, seed=1)
        result = content_of(tmp_path / "out")
        del result["source.json"]  # holds the archive's hash
        results.append(result)
    assert results[0] == results[1]


def test_nothing_suspicious_in_an_archive_is_written_anywhere(define, piles, tmp_path):
    source = define("type: archive\npath: a.tar.gz\ndomains: {sketch: '**/sketch/*', color: color/*}\n")
    with tarfile.open(source / "a.tar.gz", "w:gz") as packed:
        for name, content in {**piles, "../../sketch/evil.png": piles["sketch/1.png"], "b.zip": b"x"}.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("color/link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)
    before = set(tmp_path.rglob("*"))
    ingest(source, tmp_path / "out", PARAMS, seed=1)
    _, rejected = tables(tmp_path / "out")
    assert {(row.source, row.domain, row.reason) for row in rejected} == {
        ("../../sketch/evil.png", "sketch", "unsafe name: leaves the archive"),
        ("b.zip", "", "an archive within the archive: not opened"),
        ("color/link.png", "color", "a link or device"),
    }
    written = {path for path in tmp_path.rglob("*") if not path.is_relative_to(tmp_path / "out")}
    assert written == before


def test_truth_goes_with_the_pictures_that_entered(folder_source, pairs, tmp_path):
    files, mask = dict(pairs), np.zeros((6, 8), dtype=np.uint8)
    mask[1:3, 2:7] = 255
    for name in pairs:
        files[f"truth/mask/{name}"] = images.encode_png(mask)
        files[f"truth/clean/{name}"] = pairs[name]
    files["truth/mask/sketch/nobody.png"] = images.encode_png(mask)
    files["truth/mask/color/thing-0.png"] = b"broken"
    files["truth/mask/sketch/thing-0.png"] = images.encode_png(mask[1:])
    more = "pairs: name\ntruth: {mask: truth/mask/*/*.png, clean: truth/clean/*/*.png}\n"
    ingest(folder_source(files, more), tmp_path / "out", PARAMS, seed=1)
    pictures, rejected = tables(tmp_path / "out")
    for picture in pictures:
        clean = images.read(tmp_path / "out" / "truth" / f"{picture.id}.clean.png")
        np.testing.assert_array_equal(clean, images.read(pairs[picture.source]))
        where = tmp_path / "out" / "truth" / f"{picture.id}.mask.png"
        if picture.pair == "thing-0":
            assert not where.exists()
        else:
            with Image.open(where) as stored:
                assert stored.mode == "L"
                np.testing.assert_array_equal(np.asarray(stored), mask)
    stored_ids = {path.name.split(".")[0] for path in (tmp_path / "out" / "truth").iterdir()}
    assert stored_ids == {picture.id for picture in pictures}
    reasons = {row.source: row.reason for row in rejected if row.source.startswith("truth")}
    entered = {picture.source for picture in pictures}
    possible = {
        "truth/mask/color/thing-0.png": "truth: not a picture",
        "truth/mask/sketch/thing-0.png": "truth: is 8x5, the picture 8x6",
    }
    assert reasons == {
        name: reason for name, reason in possible.items() if name.removeprefix("truth/mask/") in entered
    }
    assert reasons


def test_a_domain_without_files_is_a_user_error_that_shows_what_is_there(folder_source, piles, tmp_path):
    sketches = {name: content for name, content in piles.items() if name.startswith("sketch")}
    with pytest.raises(UserError, match=r"no file matches domains.color \('color/\*'\).*sketch/0.png"):
        ingest(folder_source(sketches), tmp_path / "out", PARAMS, seed=1)


def test_a_domain_of_broken_files_is_a_user_error_that_says_why(folder_source, piles, tmp_path):
    broken = {name: b"x" if name.startswith("color") else content for name, content in piles.items()}
    with pytest.raises(UserError, match=r"domains.color can be used; color/0.png: not a picture"):
        ingest(folder_source(broken), tmp_path / "out", PARAMS, seed=1)


def test_a_file_of_both_domains_is_a_user_error(define, folder_source, piles, tmp_path):
    folder_source(piles)
    source = define("type: folder\npath: files\ndomains: {sketch: '**/*.png', color: color/*}\n")
    with pytest.raises(UserError, match=r"matches domains\.sketch and domains\.color"):
        ingest(source, tmp_path / "out", PARAMS, seed=1)


def test_too_few_pictures_are_an_impossible_split(folder_source, piles, tmp_path):
    few = {name: content for name, content in piles.items() if name[-5] in "01" or name.startswith("color")}
    with pytest.raises(UserError, match=r"impossible split: .*only 2"):
        ingest(folder_source(few), tmp_path / "out", PARAMS, seed=1)


def test_a_local_archive_is_held_to_its_hash(define, piles, tmp_path):
    source = define(
        f"type: archive\npath: a.zip\nsha256: {'0' * 63}a\ndomains: {{sketch: sketch/*, color: color/*}}\n"
    )
    with zipfile.ZipFile(source / "a.zip", "w") as packed:
        packed.writestr("sketch/0.png", piles["sketch/0.png"])
    with pytest.raises(UserError, match=r"not that in source\.yaml"):
        ingest(source, tmp_path / "out", PARAMS, seed=1)


class TestCommitZip:
    """The zip of a commit, served as GitHub does: one top folder, no length told, no hash known."""

    @pytest.fixture(autouse=True)
    def own_downloads(self, tmp_path, monkeypatch):
        monkeypatch.setattr(stage, "DOWNLOADS", tmp_path / "downloads")
        monkeypatch.setattr(download, "PAUSE", 0.0)
        for name in list(os.environ):
            if name.lower().endswith("_proxy"):
                monkeypatch.delenv(name)

    @pytest.fixture
    def zipped(self, piles):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("Project-288065c/", b"")
            packed.writestr("Project-288065c/README.md", b"# Project")
            packed.writestr("Project-288065c/Dataset/B/123", b"")
            for name, content in piles.items():
                where = name.replace("sketch", "A").replace("color", "B")
                packed.writestr(f"Project-288065c/Dataset/{where}", content)
        return buffer.getvalue()

    @pytest.fixture
    def source(self, define, server):
        real = Path(__file__).parents[2] / "data" / "sources" / "industrial" / "source.yaml"
        lines = real.read_text(encoding="utf-8").splitlines()
        served = [f"url: {server.address}/a.zip" if line.startswith("url:") else line for line in lines]
        assert served != lines
        return define("\n".join(served) + "\n")

    def test_it_is_taken_in(self, source, server, zipped, tmp_path, caplog):
        server.content, server.chunked = zipped, True
        ingest(source, tmp_path / "out", PARAMS, seed=1)
        pictures, rejected = tables(tmp_path / "out")
        assert len(pictures) == 20
        assert all(picture.source.startswith("Project-288065c/Dataset/") for picture in pictures)
        assert [(row.source, row.reason) for row in rejected] == [
            ("Project-288065c/Dataset/B/123", "empty file")
        ]
        about = json.loads((tmp_path / "out" / "source.json").read_text())
        assert about["url"] == f"{server.address}/a.zip"
        assert about["sha256"] == hashlib.sha256(zipped).hexdigest()
        assert about["license"] == pictures[0].license == "unclear"
        assert about["sha256"] in caplog.text

    def test_a_hash_in_source_yaml_is_enforced(self, source, server, zipped, tmp_path):
        server.content = zipped
        text = (source / "source.yaml").read_text(encoding="utf-8")
        right = hashlib.sha256(zipped).hexdigest()
        (source / "source.yaml").write_text(text.replace("sha256: null", f"sha256: {right}"))
        ingest(source, tmp_path / "out", PARAMS, seed=1)
        (source / "source.yaml").write_text(text.replace("sha256: null", f"sha256: {'f' * 64}"))
        with pytest.raises(UserError, match="has the SHA-256"):
            ingest(source, tmp_path / "out", PARAMS, seed=1)

    def test_a_web_page_in_its_place_is_a_user_error(self, source, server, tmp_path):
        server.content = b"<!DOCTYPE html><html>Not here</html>"
        with pytest.raises(UserError, match="web page"):
            ingest(source, tmp_path / "out", PARAMS, seed=1)
        assert not (tmp_path / "out").exists()
