import csv
import hashlib
import io
import json
import os
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from tests.ingest import forked
from tests.ingest import site as sites

from sketch2color import imaging, manifest
from sketch2color.config.params import Ingest
from sketch2color.errors import UserError
from sketch2color.files import read_csv
from sketch2color.ingest import ingest as stage
from sketch2color.ingest import read_images
from sketch2color.ingest.fetch import download, scrapy_process
from sketch2color.ingest.ingest import ingest as ingest_to
from sketch2color.manifest import DOMAINS, SPLITS, ImageRow, Rejected

PARAMS = Ingest(val=0.2, test=0.2)


def ingest(source, out, params, seed):
    """Ingest, with the card beside the output."""
    return ingest_to(source, out, out.with_name(out.name + "-report"), params, seed)


def ten_of_each(image_bytes, stem):
    return {
        f"{domain}/{stem}{n}.png": image_bytes(100 * at + n)
        for at, domain in enumerate(DOMAINS)
        for n in range(10)
    }


@pytest.fixture
def piles(image_bytes):
    """Twenty unpaired images."""
    return ten_of_each(image_bytes, "")


@pytest.fixture
def pairs(image_bytes):
    """Ten pairs, by name."""
    return ten_of_each(image_bytes, "thing-")


def tables(out: Path):
    return manifest.read(out / "manifest.csv", ImageRow), manifest.read(out / "rejected.csv", Rejected)


def content_of(out: Path):
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def test_every_image_enters_with_its_own_bytes(folder_source, piles, tmp_path):
    counts = ingest(folder_source(piles), tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    assert rejected == []
    assert {image.source for image in images} == piles.keys()
    for image in images:
        stored = (tmp_path / "out" / "images" / f"{image.id}.png").read_bytes()
        assert stored == piles[image.source]
        assert image.sha256 == hashlib.sha256(stored).hexdigest()
        assert image.id == image.group == image.sha256[:16]
        assert (image.width, image.height, image.pair, image.license) == (72, 64, "", "CC0")
        assert image.source.startswith(image.domain)
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
        "groups": 20,
        "near_duplicates": 0,
        "enlarged": 20,
        "unlicensed": 0,
    }
    card = json.loads((tmp_path / "out-report" / "metrics.json").read_text())
    assert card == counts
    for domain in DOMAINS:
        for where in SPLITS:
            plural = {"sketch": "sketches", "color": "colors"}[domain]
            chosen = manifest.select(images, domain=domain, split=where)
            assert len(chosen) == counts[f"{where}_{plural}"]


def test_avif_is_read_and_a_bug_is_the_reason_of_one_image(
    folder_source, piles, smooth_image, tmp_path, monkeypatch, capsys
):
    buffer = io.BytesIO()
    Image.open(io.BytesIO(smooth_image(1))).save(buffer, "AVIF")
    hash_image = read_images.fingerprint
    monkeypatch.setattr(
        read_images, "fingerprint", lambda image: hash_image(image if image.shape[1] != 80 else None)
    )
    piles["sketch/good.avif"] = buffer.getvalue()
    piles["sketch/bug.png"] = imaging.encode_png(
        np.random.default_rng(1).integers(0, 256, (80, 80, 3), np.uint8)
    )
    piles["color/phone.jpg"] = b"\0\0\0\x18ftypheic" + bytes(30)
    ingest(folder_source(piles), tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    (stored,) = (tmp_path / "out" / "images").glob("*.avif")
    assert {image.source for image in images if image.id == stored.stem} == {"sketch/good.avif"}
    reasons = {row.source: row.reason for row in rejected}
    assert reasons["sketch/bug.png"].startswith("internal error: ")
    assert reasons["color/phone.jpg"].startswith(
        "a HEIC file, not an image in a supported format: save it as"
    )
    line = f"11 sketches and 10 colour images; 2 rejected, see {tmp_path / 'out' / 'rejected.csv'}"
    assert capsys.readouterr().out.splitlines()[-1] == line


def test_what_is_no_image_is_listed_and_stops_nothing(folder_source, piles, tmp_path):
    whole = piles["sketch/0.png"]
    bad = {"sketch/empty": b"", "color/text.png": b"not an image", "color/cut.png": whole[:-40]}
    other = {"notes.txt": b"not of any domain", "sketch/deeper/1.png": whole}
    counts = ingest(folder_source(piles | bad | other), tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    assert len(images) == 20
    assert counts["rejected"] == 3
    reasons = {row.source: (row.domain, row.reason) for row in rejected}
    assert reasons["sketch/empty"] == ("sketch", "empty file")
    assert reasons["color/text.png"] == ("color", "not an image")
    assert reasons["color/cut.png"][1].startswith("cannot be decoded")
    assert reasons.keys() == bad.keys()


def test_what_a_person_says_of_marks_is_passed_on_as_it_is(folder_source, piles, tmp_path):
    source = folder_source(piles)
    ingest(source, tmp_path / "out", PARAMS, seed=1)
    assert not (tmp_path / "out" / "watermarks.yaml").exists()
    (source / "watermarks.yaml").write_bytes(b"# by hand\r\n[")
    ingest(source, tmp_path / "out", PARAMS, seed=1)
    assert (tmp_path / "out" / "watermarks.yaml").read_bytes() == b"# by hand\r\n["


def test_duplicates_are_dropped_across_domains(folder_source, piles, tmp_path):
    twins = {"sketch/zz.png": piles["sketch/3.png"], "sketch/yy.png": piles["color/4.png"]}
    ingest(folder_source(piles | twins), tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    assert len(images) == len(list((tmp_path / "out" / "images").iterdir())) == 20
    ids = {image.source: image.id for image in images}
    assert {row.source: row.reason for row in rejected} == {
        "sketch/zz.png": f"duplicate of {ids['sketch/3.png']} (sketch/3.png)",
        "sketch/yy.png": f"duplicate of {ids['color/4.png']} (color/4.png)",
    }


def test_the_suffix_is_that_of_the_actual_format(folder_source, piles, image_bytes, tmp_path):
    ingest(
        folder_source(piles | {"sketch/photo.png": image_bytes(7000, "JPEG")}), tmp_path / "out", PARAMS, 1
    )
    images, _ = tables(tmp_path / "out")
    (photo,) = manifest.select(images, source="sketch/photo.png")
    assert (tmp_path / "out" / "images" / f"{photo.id}.jpg").is_file()


def test_a_pair_is_never_split_and_never_trains_with_both_halves(folder_source, pairs, tmp_path):
    counts = ingest(folder_source(pairs, "pairs: name\n"), tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    for number in range(10):
        halves = manifest.select(images, group=f"thing-{number}")
        assert {half.pair for half in halves} == {f"thing-{number}"}
        assert len({half.split for half in halves}) == 1
        if halves[0].split == "train":
            assert len(halves) == 1
        else:
            assert {half.domain for half in halves} == set(DOMAINS)
    assert (counts["train_sketches"], counts["train_colors"], counts["pairs"]) == (3, 3, 4)
    trained = manifest.select(images, split="train")
    assert {row.reason for row in rejected} == {f"other half of pair {row.pair} trains" for row in trained}
    assert len(rejected) == 6
    stored = {path.stem for path in (tmp_path / "out" / "images").iterdir()}
    assert stored == {image.id for image in images}


def test_equal_names_mean_nothing_unless_the_source_says_so(folder_source, pairs, tmp_path):
    ingest(folder_source(pairs), tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    assert len(images) == 20
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
    outputs = tmp_path / "out", tmp_path / "out-report"
    written = {path for path in tmp_path.rglob("*") if not any(path.is_relative_to(out) for out in outputs)}
    assert written == before


def shaded(image: bytes, side: int = 64, mirrored: bool = False) -> bytes:
    """The same drawing a little darker, in another size, perhaps mirrored."""
    with Image.open(io.BytesIO(image)) as opened:
        other = opened.resize((side, side), Image.Resampling.LANCZOS).point(lambda level: level * 0.95)
        buffer = io.BytesIO()
        (other.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else other).save(buffer, "PNG")
    return buffer.getvalue()


def alike(smooth_image):
    """Ten of each domain; sketch 3 comes again, mirrored, and coloured image 4 is after sketch 5."""
    files = {
        f"{domain}/{n}.png": smooth_image(100 * at + n)
        for at, domain in enumerate(DOMAINS)
        for n in range(10)
    }
    files["sketch/3-mirrored.png"] = shaded(files["sketch/3.png"], mirrored=True)
    files["color/4.png"] = shaded(files["sketch/5.png"], side=96)
    return files


def test_of_near_duplicates_one_is_kept_in_each_domain(folder_source, smooth_image, tmp_path):
    ingest(folder_source(alike(smooth_image)), tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    by_source = {image.source: image for image in images}
    reasons = {row.source: row.reason for row in rejected}
    original = by_source["sketch/3.png"]
    assert reasons["sketch/3-mirrored.png"].startswith(f"near-duplicate of {original.id} (sketch/3.png)")
    one, other = by_source.get("sketch/5.png"), by_source.get("color/4.png")
    group = (one or other).group
    if one and other:
        assert one.group == other.group
        assert one.split == other.split != "train"
    else:
        assert (one or other).split == "train"
        left_out = reasons["color/4.png" if one else "sketch/5.png"]
        assert left_out == f"a {'sketch' if one else 'coloured image'} of the same group trains ({group})"
    stored = {path.stem for path in (tmp_path / "out" / "images").iterdir()}
    assert stored == {image.id for image in images}
    assert (tmp_path / "out-report" / "duplicates.png").is_file()


def test_near_duplicates_may_all_stay_and_are_never_split(folder_source, smooth_image, tmp_path):
    source = folder_source(alike(smooth_image))
    for seed in range(5):
        ingest(source, tmp_path / "out", Ingest(val=0.2, test=0.2, duplicates="group"), seed)
        images, _ = tables(tmp_path / "out")
        by_source = {image.source: image for image in images}
        one, other = by_source["sketch/3.png"], by_source["sketch/3-mirrored.png"]
        assert (one.group, one.split) == (other.group, other.split)


def test_nothing_is_near_where_the_distance_is_zero(folder_source, smooth_image, tmp_path):
    params = Ingest(val=0.2, test=0.2, duplicate_distance=0)
    ingest(folder_source(alike(smooth_image)), tmp_path / "out", params, seed=1)
    assert tables(tmp_path / "out")[1] == []


def test_small_and_blank_images_are_listed(folder_source, piles, tmp_path):
    blank = imaging.encode_png(np.full((80, 90, 3), 250, dtype=np.uint8))
    thin = imaging.encode_png(np.arange(63 * 99 * 3, dtype=np.uint8).reshape(63, 99, 3))
    files = piles | {"sketch/blank.png": blank, "color/thin.png": thin}
    ingest(folder_source(files), tmp_path / "out", PARAMS, seed=1)
    assert {row.source: row.reason for row in tables(tmp_path / "out")[1]} == {
        "sketch/blank.png": "blank: a single colour",
        "color/thin.png": "too small: 99x63, and 64 pixels a side are needed",
    }
    ingest(folder_source(files), tmp_path / "out", Ingest(val=0.2, test=0.2, min_side=63), seed=1)
    assert len(tables(tmp_path / "out")[0]) == 21


def test_what_a_source_holds_apart_stays_apart(folder_source, image_bytes, tmp_path):
    files = {
        f"{domain}/{place}-{n}.png": image_bytes(1000 * at + 100 * len(place) + n)
        for at, domain in enumerate(DOMAINS)
        for place, count in (("learn", 12), ("kept", 6))
        for n in range(count)
    }
    files["sketch/learn-again.png"] = files["sketch/kept-0.png"]
    source = folder_source(files, "splits: {train: '*/learn-*', val: '*/kept-*'}\n")
    for seed in range(4):
        ingest(source, tmp_path / "out", PARAMS, seed)
        images, _ = tables(tmp_path / "out")
        kept = {image.sha256 for image in images if "kept-" in image.source}
        again = hashlib.sha256(files["sketch/kept-0.png"]).hexdigest()
        assert {image.sha256 for image in images if image.split != "train"} == kept | {again}
        assert {image.split for image in images} == set(SPLITS)


def test_a_split_that_no_image_is_in_is_a_user_error(folder_source, piles, tmp_path):
    source = folder_source(piles, "splits: {val: '*/held/*'}\n")
    with pytest.raises(UserError, match=r"splits\.val .*no image matches '\*/held/\*'"):
        ingest(source, tmp_path / "out", PARAMS, seed=1)


def beside(left, right):
    return imaging.encode_png(np.concatenate([imaging.read(left), imaging.read(right)], axis=1))


@pytest.mark.parametrize("sketch_side", ["left", "right"])
def test_images_of_both_halves_are_cut(define, smooth_image, tmp_path, sketch_side):
    source = define("type: folder\npath: files\npairs: side-by-side\nimages: 'all/*'\nlicense: CC0\n")
    (source / "files" / "all").mkdir(parents=True)
    halves = {}
    for n in range(9):
        color = smooth_image(n)
        with Image.open(io.BytesIO(smooth_image(50 + n))) as opened:
            sketch = imaging.encode_png(np.asarray(opened.convert("L").convert("RGB")))
        swapped = (sketch_side == "left") == (n == 8)  # the last one is the odd one
        pair = (color, sketch) if swapped else (sketch, color)
        (source / "files" / "all" / f"{n}.png").write_bytes(beside(*pair))
        halves[f"all/{n}.png"] = {"sketch": sketch, "color": color}
    ingest(source, tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    odd = [row for row in rejected if row.source == "all/8.png"]
    other = "right" if sketch_side == "left" else "left"
    expected = f"sketch seems to be on the {other}, in 8 of 9 files it is on the {sketch_side}"
    assert [row.reason for row in odd] == [expected]
    assert len(images) + len(rejected) == 2 * 8 + 1
    for image in images:
        stored = imaging.read(tmp_path / "out" / "images" / f"{image.id}.png")
        np.testing.assert_array_equal(stored, imaging.read(halves[image.source][image.domain]))
        assert image.group == image.source
        assert image.pair == image.source
    stored = {path.stem for path in (tmp_path / "out" / "images").iterdir()}
    assert stored == {image.id for image in images}
    details = (tmp_path / "out" / "details.csv").read_text().splitlines()
    assert details[0] == "id,half"
    sides = {"sketch": sketch_side, "color": other}
    assert details[1:] == sorted(f"{image.id},{sides[image.domain]}" for image in images)


def claims_to_be_huge(image):
    """A PNG whose header says 40,000 x 40,000 pixels."""
    header = b"IHDR" + struct.pack(">II", 40_000, 40_000) + image[24:29]
    return image[:12] + header + struct.pack(">I", zlib.crc32(header)) + image[33:]


def test_a_list_of_addresses_is_taken_in_with_what_it_tells(define, image_bytes, tmp_path, monkeypatch):
    monkeypatch.setattr(stage, "DOWNLOADS", tmp_path / "downloads")
    monkeypatch.setattr(scrapy_process, "subprocess", SimpleNamespace(Popen=forked.Crawl, PIPE=-1))
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with sites.serve() as site:
        good = {f"/bücher/{n}.png": image_bytes(n) for n in range(12)}
        bad = {
            "/later.png": good["/bücher/5.png"],
            "/bomb.png": claims_to_be_huge(image_bytes(20)),
            "/cut.png": image_bytes(21)[:500],
        }
        for path, content in (good | bad).items():
            site.add(path, sites.body(content))
        source = define(
            "type: urls\npath: list.csv\ncontact: test@example.org\nrequests_per_second: 0\n"
            f"allow_private: [{site.host}]\nlicense: CC0\nattribution: Somebody\n"
        )
        rows = [["url", "domain", "license", "attribution", "height"]]
        rows += [[site.address + path, DOMAINS[n % 2], "", "", n] for n, path in enumerate(good)]
        rows[4][2:4] = ["CC-BY", "Else, Ms"]
        rows[1][4] = ""
        rows += [[site.address + path, "sketch", "", "", ""] for path in bad]
        rows += [[site.address + "/none.png", "color", "", "", ""]]
        with (source / "list.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        ingest(source, tmp_path / "out", PARAMS, seed=1)
        address = site.address
    images, rejected = tables(tmp_path / "out")
    by_path = {image.source.removeprefix(address): image for image in images}
    assert by_path.keys() == good.keys()
    for n, (path, content) in enumerate(good.items()):
        image = by_path[path]
        told = ("CC-BY", "Else, Ms") if n == 3 else ("CC0", "Somebody")
        assert (image.license, image.attribution, image.domain) == (*told, DOMAINS[n % 2])
        assert (tmp_path / "out" / "images" / f"{image.id}.png").read_bytes() == content
    assert {row.source.removeprefix(address): row.reason for row in rejected} == {
        "/later.png": f"duplicate of {by_path['/bücher/5.png'].id} ({address}/bücher/5.png)",
        "/bomb.png": "over 100,000,000 pixels",
        "/cut.png": "cannot be decoded: image file is truncated",
        "/none.png": "404 Not Found",
    }
    details = (tmp_path / "out" / "details.csv").read_text().splitlines()
    told = {by_path[path].id: n for n, path in enumerate(good) if n > 0}
    assert details == ["id,height", *(f"{image},{told[image]}" for image in sorted(told))]


def test_what_a_person_tells_to_be_the_same_is_one_group(folder_source, piles, tmp_path):
    source = folder_source(piles, "same: [['sketch/1.png', 'color/2.png'], ['color/2.png', 'color/3.png']]\n")
    for seed in range(4):
        ingest(source, tmp_path / "out", PARAMS, seed)
        images, _ = tables(tmp_path / "out")
        told = [row for row in images if row.source in ("sketch/1.png", "color/2.png", "color/3.png")]
        assert len({row.group for row in told}) == len({row.split for row in told}) == 1
        assert len(told) == 3 or told[0].split == "train"


def test_what_is_near_a_held_out_image_does_not_train_though_it_is_the_one_kept(
    folder_source, smooth_image, tmp_path
):
    files = {
        f"{domain}/{place}-{n}.png": smooth_image(1000 * at + 100 * len(place) + n)
        for at, domain in enumerate(DOMAINS)
        for place, count in (("learn", 12), ("kept", 4))
        for n in range(count)
    }
    files["sketch/learn-large.png"] = shaded(files["sketch/kept-0.png"], side=300)
    source = folder_source(files, "splits: {train: '*/learn-*', val: '*/kept-*'}\n")
    for seed in range(3):
        ingest(source, tmp_path / "out", PARAMS, seed)
        (row,) = manifest.select(tables(tmp_path / "out")[0], source="sketch/learn-large.png")
        assert row.split != "train"


def test_the_archive_of_a_kaggle_set_is_recorded_by_its_hash(define, piles, tmp_path):
    source = define(
        "type: kaggle\ndataset: some/thing\npath: a.zip\ndomains: {sketch: sketch/*, color: color/*}\n"
    )
    with zipfile.ZipFile(source / "a.zip", "w") as packed:
        for name, content in piles.items():
            packed.writestr(name, content)
    ingest(source, tmp_path / "out", PARAMS, seed=1)
    about = json.loads((tmp_path / "out" / "source.json").read_text())
    assert about == {"sha256": hashlib.sha256((source / "a.zip").read_bytes()).hexdigest()}


def test_truth_goes_with_the_images_that_entered(folder_source, pairs, tmp_path):
    files, mask = dict(pairs), np.zeros((64, 72), dtype=np.uint8)
    mask[1:3, 2:7] = 255
    for name in pairs:
        files[f"truth/mask/{name}"] = imaging.encode_png(mask)
        files[f"truth/clean/{name}"] = pairs[name]
    files["truth/mask/sketch/nobody.png"] = imaging.encode_png(mask)
    files["truth/mask/color/thing-0.png"] = b"broken"
    files["truth/mask/sketch/thing-0.png"] = imaging.encode_png(mask[1:])
    more = "pairs: name\ntruth: {mask: truth/mask/*/*.png, clean: truth/clean/*/*.png}\n"
    ingest(folder_source(files, more), tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    for image in images:
        clean = imaging.read(tmp_path / "out" / "truth" / f"{image.id}.clean.png")
        np.testing.assert_array_equal(clean, imaging.read(pairs[image.source]))
        where = tmp_path / "out" / "truth" / f"{image.id}.mask.png"
        if image.pair == "thing-0":
            assert not where.exists()
        else:
            with Image.open(where) as stored:
                assert stored.mode == "L"
                np.testing.assert_array_equal(np.asarray(stored), mask)
    stored_ids = {path.name.split(".")[0] for path in (tmp_path / "out" / "truth").iterdir()}
    assert stored_ids == {image.id for image in images}
    reasons = {row.source: row.reason for row in rejected if row.source.startswith("truth")}
    entered = {image.source for image in images}
    possible = {
        "truth/mask/color/thing-0.png": "truth: not an image",
        "truth/mask/sketch/thing-0.png": "truth: is 72x63, the image 72x64",
    }
    assert reasons == {
        name: reason for name, reason in possible.items() if name.removeprefix("truth/mask/") in entered
    }
    assert reasons


def test_a_domain_without_files_is_a_user_error_that_shows_what_is_there(folder_source, piles, tmp_path):
    sketches = {name: content for name, content in piles.items() if name.startswith("sketch")}
    sketches["notes.txt"] = b"hello"
    with pytest.raises(UserError, match=r"no color image: no file matches 'color/\*'.*like these: notes.txt"):
        ingest(folder_source(sketches), tmp_path / "out", PARAMS, seed=1)


def test_a_domain_of_broken_files_is_a_user_error_that_says_why(folder_source, piles, tmp_path):
    broken = {name: b"x" if name.startswith("color") else content for name, content in piles.items()}
    with pytest.raises(UserError, match=r"no color image can be used; color/0.png: not an image"):
        ingest(folder_source(broken), tmp_path / "out", PARAMS, seed=1)


def test_a_domain_of_duplicates_alone_is_a_user_error(folder_source, piles, tmp_path):
    sketches = {name: content for name, content in piles.items() if name.startswith("sketch")}
    copies = {f"color/{name.rpartition('/')[2]}": content for name, content in sketches.items()}
    message = (
        r"no sketch image is left without duplicates: sketch/0.png is a duplicate of \w{16} \(color/0.png\)"
    )
    with pytest.raises(UserError, match=message):
        ingest(folder_source(sketches | copies), tmp_path / "out", PARAMS, seed=1)


def test_a_file_of_both_domains_is_a_user_error(define, folder_source, piles, tmp_path):
    folder_source(piles)
    source = define("type: folder\npath: files\ndomains: {sketch: '**/*.png', color: color/*}\n")
    with pytest.raises(UserError, match=r"matches domains\.sketch and domains\.color"):
        ingest(source, tmp_path / "out", PARAMS, seed=1)


def test_too_few_images_are_an_impossible_split(folder_source, piles, tmp_path):
    few = {name: content for name, content in piles.items() if name[-5] in "01" or name.startswith("color")}
    with pytest.raises(UserError, match=r"impossible split: .*only 2"):
        ingest(folder_source(few), tmp_path / "out", PARAMS, seed=1)


def test_a_single_image_left_to_train_is_a_user_error(folder_source, piles, tmp_path):
    few = {name: content for name, content in piles.items() if name[-5] in "012" or name.startswith("color")}
    with pytest.raises(UserError, match="1 sketch image of the set is left to train, and 2 are needed"):
        ingest(folder_source(few), tmp_path / "out", PARAMS, seed=1)


def test_a_small_set_says_what_cannot_be_expected_of_it(folder_source, piles, tmp_path, capsys):
    ingest(folder_source(piles), tmp_path / "out", PARAMS, seed=1)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:3]] == ["train", "val", "test"]
    assert lines[1].endswith("fewer than 4 of each: no checkpoint is selected, and the last weights are used")


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
        images, rejected = tables(tmp_path / "out")
        assert len(images) == 20
        assert all(image.source.startswith("Project-288065c/Dataset/") for image in images)
        assert [(row.source, row.reason) for row in rejected] == [
            ("Project-288065c/Dataset/B/123", "empty file")
        ]
        about = json.loads((tmp_path / "out" / "source.json").read_text())
        assert about["url"] == f"{server.address}/a.zip"
        assert about["sha256"] == hashlib.sha256(zipped).hexdigest()
        assert about["license"] == images[0].license == "unclear"
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


def test_masks_of_parts_are_kept_as_they_are_or_refused(folder_source, pairs, tmp_path):
    mask = np.arange(64 * 72, dtype=np.uint8).reshape(64, 72) % 8
    files = {**pairs, **{f"truth/parts/{name}": imaging.encode_png(mask) for name in pairs}}
    values = "0 paper, 1 main, 2 accent, 3 dark, 4 light, 5 metal, 6 glass, 7 shadow"
    refused = {
        "0": (imaging.encode_png(mask + 1), f"has no value above 0, or one of 8: values must be {values}"),
        "1": (imaging.encode_png(mask * 0), f"has no value above 0, or one of 0: values must be {values}"),
        "2": (imaging.encode_png(mask * 30), f"has no value above 0, or one of 210: values must be {values}"),
        "3": (
            imaging.encode_png(np.dstack([mask, mask * 0, mask])),
            f"is not grey: its values must be {values}",
        ),
        "4": (imaging.encode_png(mask[:, 1:]), "is 71x64, the image 72x64"),
        "5": (b"broken", "not an image"),
        "6": (imaging.encode_jpeg(np.dstack([mask] * 3), 90), "is not a PNG"),
    }
    files |= {f"truth/parts/sketch/thing-{n}.png": content for n, (content, _) in refused.items()}
    more = "pairs: name\ntruth: {parts: truth/parts/*/*.png}\n"
    ingest(folder_source(files, more), tmp_path / "out", PARAMS, seed=1)
    images, rejected = tables(tmp_path / "out")
    reasons = {row.source: row.reason for row in rejected}
    for image in images:
        path, number = tmp_path / "out" / "truth" / f"{image.id}.parts.png", image.pair.removeprefix("thing-")
        if image.domain == "sketch" and number in refused:
            assert not path.exists()
            assert reasons[f"truth/parts/{image.source}"] == f"truth: {refused[number][1]}"
        else:
            with Image.open(path) as stored:
                assert stored.mode == "L"
                np.testing.assert_array_equal(np.asarray(stored), mask)
    assert any(image.domain == "sketch" and image.pair[-1] in refused for image in images)


def test_details_beside_the_definition_go_with_the_images_they_name(folder_source, pairs, tmp_path):
    source = folder_source(pairs, "pairs: name\n")
    table = (
        "name,style,license,views,id\nthing-0,=loose,CC-BY-4.0,,x\nthing-1,sepia,,2,\nnobody,pencil,,3,y\n"
    )
    (source / "details.csv").write_text(table, "utf-8-sig")  # as spreadsheets save it
    ingest(source, tmp_path / "out", PARAMS, seed=1)
    images, _ = tables(tmp_path / "out")
    details = {row["id"]: row for row in read_csv(tmp_path / "out" / "details.csv")}
    named = {image.id: image for image in images if image.pair in ("thing-0", "thing-1")}
    assert details.keys() == named.keys()
    for image in named.values():
        first = image.pair == "thing-0"
        assert image.license == ("CC-BY-4.0" if first else "CC0")
        row = details[image.id]
        assert (row["style"], row["views"]) == (("=loose", "") if first else ("sepia", "2"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"style\nloose\n", "needs the column name, and a row"),
        (b"", "needs the column name, and a row"),
        (b"\xef\xbb\xbfname,style\n", "needs the column name, and a row"),
        (b"name,style\nthing-0,\xff\n", "not CSV in UTF-8"),
        (b'name\n"' + b"x" * 200_000, "not CSV"),
    ],
)
def test_details_that_are_no_such_table_are_an_error(folder_source, pairs, tmp_path, content, message):
    source = folder_source(pairs, "pairs: name\n")
    (source / "details.csv").write_bytes(content)
    with pytest.raises(UserError, match=rf"details\.csv: {message}.*; it names images by their files"):
        ingest(source, tmp_path / "out", PARAMS, seed=1)
