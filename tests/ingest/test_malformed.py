"""Broken files of every kind go the whole way through ingest: none stops it, none is passed over."""

import faulthandler
import io
import json
import os
import stat
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from pathlib import Path

import pytest
from tests.ingest import malformed

from sketch2color import manifest
from sketch2color.config.params import Ingest
from sketch2color.ingest.ingest import ingest
from sketch2color.manifest import ImageRow, Rejected

pytestmark = pytest.mark.slow

SECONDS = 180
"""Long after anything here has ended: what runs on hangs."""
BAD_NAMES = {
    "../../sketch/evil.png": "unsafe name: leaves the archive",
    "/sketch/evil.png": "unsafe name: leaves the archive",
    "C:/sketch/evil.png": "unsafe name: leaves the archive",
    "sketch/more.zip": "an archive within the archive: not opened",
}


@pytest.fixture(autouse=True)
def watchdog():
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    yield
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def good(image_bytes):
    """As many good images as a split needs."""
    return {
        f"{domain}/{n}.png": image_bytes(50 * at + n)
        for at, domain in enumerate(manifest.DOMAINS)
        for n in range(6)
    }


@pytest.fixture
def broken():
    return {f"sketch/{one.name}": one for one in malformed.corpus()}


def take_in(source: Path, out: Path) -> tuple[dict[str, ImageRow], dict[str, Rejected], bytes]:
    """Ingest; return what entered and what did not by path, and the table of the latter."""
    params = Ingest(val=0.2, test=0.2, min_side=1, duplicates="group", duplicate_distance=0)
    ingest(source, out, out.with_name("report"), params, seed=1)
    images = manifest.read(out / "manifest.csv", ImageRow)
    rejected = manifest.read(out / "rejected.csv", Rejected)
    assert len({image.source for image in images}) == len(images)
    assert len({row.source for row in rejected}) == len(rejected)
    return (
        {image.source: image for image in images},
        {row.source: row for row in rejected},
        (out / "rejected.csv").read_bytes(),
    )


def files(folder: Path, *apart: str) -> set[Path]:
    return {
        path for path in folder.rglob("*") if not any(path.is_relative_to(folder / name) for name in apart)
    }


def check(broken, good, images, rejected):
    """Each broken file has its one reason, each whole one has entered with its own bytes."""
    for path, one in broken.items():
        if one.expected:
            assert path not in images, path
            assert one.expected in rejected[path].reason, path
            assert rejected[path].reason.isprintable() and len(rejected[path].reason) <= 150
        else:
            assert path not in rejected, rejected.get(path)
            assert images[path].sha256 == manifest.sha256(one.content)
            assert (images[path].width, images[path].height) in {(13, 9), (9, 13)}
    assert good.keys() <= images.keys()


def test_the_corpus_is_large_and_each_of_it_has_its_fault():
    corpus = malformed.corpus()
    assert len(corpus) >= 60
    assert len({one.name for one in corpus}) == len(corpus)
    assert not {one.content for one in corpus} & set(malformed.samples().values())


def test_a_folder_of_broken_files(folder_source, good, broken, tmp_path):
    source = folder_source(good | {path: one.content for path, one in broken.items()})
    place = source / "files" / "sketch"
    (place / "two\nlines\x1b[31m.png").write_bytes(b"x")
    (place / os.fsdecode(b"legacy-\xff.png")).write_bytes(b"x")
    (place / "folder.png").mkdir()
    (place / "round.png").symlink_to("round.png")
    os.mkfifo(place / "pipe.png")
    before = files(tmp_path)
    images, rejected, table = take_in(source, tmp_path / "out")
    check(broken, good, images, rejected)
    more = {name: row.reason for name, row in rejected.items() if name not in broken}
    assert more == {
        "sketch/two\\nlines\\x1b[31m.png": "not an image",
        "sketch/legacy-\\udcff.png": "not an image",
        "sketch/round.png": "a broken link",
        "sketch/pipe.png": "a device",
    }
    assert table.count(b"\n") == len(rejected) + 1
    assert files(tmp_path, "out", "report") == before
    assert take_in(source, tmp_path / "again" / "out")[2] == table


def zipped(path: Path, held: dict[str, bytes]) -> None:
    link = zipfile.ZipInfo("sketch/link.png")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("sketch/folder.png/", b"")
        for name, content in held.items():
            packed.writestr(name, content)
        packed.writestr(link, b"/etc/passwd")


def tarred(path: Path, held: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as packed:
        for name, content in held.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("sketch/link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        packed.addfile(link)


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_of_broken_files(define, good, broken, tmp_path, pack):
    source = define("type: archive\npath: packed\ndomains: {sketch: '**/sketch/*', color: color/*}\n")
    bad_names = dict.fromkeys(BAD_NAMES, good["sketch/1.png"])
    pack(source / "packed", good | {path: one.content for path, one in broken.items()} | bad_names)
    before = files(tmp_path)
    images, rejected, table = take_in(source, tmp_path / "out")
    check(broken, good, images, rejected)
    more = {name: row.reason for name, row in rejected.items() if name not in broken}
    assert more == BAD_NAMES | {"sketch/link.png": "a link or device"}
    assert files(tmp_path, "out", "report") == before
    assert take_in(source, tmp_path / "again" / "out")[2] == table


def mutants(kind: str, count: int) -> list[list[object]]:
    """Read the mutated files 0 to ``count`` in two processes at once; return what became of each."""
    environment = os.environ | {"PYTHONPATH": str(Path(malformed.__file__).parents[2] / "src")}
    command = [sys.executable, malformed.__file__, kind, "0", str(count)]
    running = [
        subprocess.Popen(
            command,
            env=environment | {"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        for seed in "12"
    ]
    try:
        outputs = [process.communicate(timeout=SECONDS)[0] for process in running]
    finally:
        for process in running:
            process.kill()
    assert [process.returncode for process in running] == [0, 0]
    one, other = ([json.loads(line) for line in output.splitlines()] for output in outputs)
    peaks = [one.pop(), other.pop()]
    assert max(megabytes for _, megabytes in peaks) < 500
    assert one == other
    assert [number for number, _ in one] == list(range(count))
    return [became for _, became in one]


def test_two_thousand_mutated_images_are_each_a_image_or_have_one_reason():
    became = mutants("images", 2000)
    reasons = [text for text in became if not text.startswith("image ")]
    assert 200 < len(reasons) < 1900
    for reason in reasons:
        assert reason.isprintable() and 0 < len(reason) <= 150
        assert " at 0x" not in reason and str(Path.cwd()) not in reason
    assert len({reason.split(" (")[0] for reason in reasons}) > 20


def test_hundreds_of_mutated_archives_stop_nothing():
    became = mutants("archives", 600)
    lines = [line for lines in became for line in lines]
    assert not [line for line in lines if any(unicodedata.category(letter)[0] == "C" for letter in line)]
    assert max(map(len, lines)) < 500
    parts = (
        ": image ",
        "it is no zip or tar archive, or is damaged (",
        ": damaged in the archive: ",
        ": a link",
    )
    for part in parts:
        assert any(part in line for line in lines), part
