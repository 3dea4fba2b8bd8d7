import io
import stat
import tarfile
import zipfile

import pytest

from sketch2color.errors import UserError
from sketch2color.sources import archive, entries
from sketch2color.sources.entries import EntryError

TAR_MODES = {"a.tar": "w", "a.tar.gz": "w:gz", "a.tar.bz2": "w:bz2", "a.tar.xz": "w:xz"}


def write_zip(path, files, **options):
    with zipfile.ZipFile(path, "w", **options) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return path


def write_tar(path, files, mode="w"):
    with tarfile.open(path, mode) as packed:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            packed.addfile(info, io.BytesIO(content))
    return path


def write_any(path, files):
    return write_zip(path, files) if path.suffix == ".zip" else write_tar(path, files, TAR_MODES[path.name])


def problems(path):
    return {entry.path: entry.problem for entry in archive.entries(path)}


@pytest.mark.parametrize("name", ["a.zip", *TAR_MODES])
def test_files_come_with_their_content_and_folders_do_not_come(tmp_path, name):
    files = {"top/": b"", "top/A/1.png": b"one", "./top/B/2.png": b"two"}
    path = write_any(tmp_path / name, {key: value for key, value in files.items() if value})
    if name == "a.zip":
        write_zip(path, files)
    found = {entry.path: entry.read() for entry in archive.entries(path)}
    assert found == {"top/A/1.png": b"one", "top/B/2.png": b"two"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_names_that_lead_out_of_the_archive_are_told(tmp_path, name):
    bad = ["../evil.png", "/etc/evil.png", "A/../../evil.png", "C:/evil.png"]
    found = problems(write_any(tmp_path / name, dict.fromkeys([*bad, "A/..good.png"], b"x")))
    assert found == {**dict.fromkeys(bad, "unsafe name: leaves the archive"), "A/..good.png": ""}


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_archives_within_the_archive_are_told(tmp_path, name):
    found = problems(write_any(tmp_path / name, {"A/more.zip": b"x", "A/more.TAR.GZ": b"x"}))
    assert set(found.values()) == {"an archive within the archive: not opened"}


def test_backslashes_in_a_zip_part_folders(tmp_path):
    assert list(problems(write_zip(tmp_path / "a.zip", {"A\\1.png": b"x", "..\\2.png": b"x"})).items()) == [
        ("A/1.png", ""),
        ("../2.png", "unsafe name: leaves the archive"),
    ]


def test_links_and_devices_in_a_tar_are_told(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as packed:
        for name, kind in {"sym": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "fifo": tarfile.FIFOTYPE}.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            packed.addfile(info)
    assert problems(tmp_path / "a.tar") == dict.fromkeys(["sym", "hard", "fifo"], "a link or device")


def test_a_link_in_a_zip_is_told(tmp_path):
    link = zipfile.ZipInfo("A/1.png")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    write_zip(tmp_path / "a.zip", {link: b"/etc/passwd"})
    assert problems(tmp_path / "a.zip") == {"A/1.png": "a link or device"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_an_entry_that_is_too_large_is_told(tmp_path, monkeypatch, name):
    monkeypatch.setattr(entries, "MAX_BYTES", 1000)
    found = problems(write_any(tmp_path / name, {"A/bomb.png": bytes(1001), "A/good.png": bytes(1000)}))
    assert found == {"A/bomb.png": "unpacks to more than 1,000 bytes", "A/good.png": ""}


def test_a_zip_entry_that_lies_about_its_size_cannot_be_read(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"A/bomb.png": bytes(100_000)}, compression=zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    honest, lie = (100_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert content.count(honest) == 2
    path.write_bytes(content.replace(honest, lie))
    walk = archive.entries(path)
    with pytest.raises(EntryError, match="damaged in the archive"):
        next(walk).read()


def test_content_that_unpacks_beyond_the_limit_is_not_held(monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 10)
    monkeypatch.setattr(entries, "MAX_BYTES", 10)
    endless = io.BytesIO(bytes(1000))
    with pytest.raises(EntryError, match="more than 10 bytes"):
        archive._bounded(endless)
    assert endless.tell() == 11


def test_a_damaged_entry_costs_only_itself(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"first picture", "A/2.png": b"second picture"})
    path.write_bytes(path.read_bytes().replace(b"first picture", b"fIrst picture"))
    walk = archive.entries(path)
    with pytest.raises(EntryError, match="damaged in the archive"):
        next(walk).read()
    assert next(walk).read() == b"second picture"


def test_an_encrypted_entry_is_told(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"x"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(content)
    assert problems(path) == {"A/1.png": "encrypted"}


@pytest.mark.parametrize("content", [b"", b"PK not really", b"<!doctype html><title>Sign in</title>"])
def test_what_is_no_archive_is_a_user_error(tmp_path, content):
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(UserError, match="no zip or tar archive, or is damaged"):
        list(archive.entries(tmp_path / "a.zip"))


@pytest.mark.parametrize("name", ["a.zip", *TAR_MODES])
def test_a_truncated_archive_is_a_user_error(tmp_path, name):
    noise = bytes(range(256)) * 100
    path = write_any(tmp_path / name, {"A/1.png": noise, "A/2.png": noise})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match="is damaged"):
        for entry in archive.entries(path):
            try:
                entry.read()
            except EntryError:
                continue


def test_a_tar_that_ends_with_a_zip_is_a_tar(tmp_path):
    inner = write_zip(tmp_path / "inner.zip", {"C/3.png": b"x"}).read_bytes()
    path = write_tar(tmp_path / "a.tar", {"A/1.png": b"x", "inner.zip": inner})
    assert list(problems(path)) == ["A/1.png", "inner.zip"]


def test_a_name_in_a_legacy_encoding_can_be_written_to_a_table(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT, encoding="latin-1") as packed:
        packed.addfile(tarfile.TarInfo("A/\xfc.png"))
    (name,) = problems(path)
    assert name.encode("utf-8") == b"A/\\udcfc.png"


def test_a_missing_archive_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match="does not exist"):
        list(archive.entries(tmp_path / "a.zip"))
