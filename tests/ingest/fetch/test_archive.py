import bz2
import gzip
import io
import stat
import struct
import tarfile
import tracemalloc
import zipfile

import pytest

from sketch2color.config.source import Archive
from sketch2color.errors import UserError
from sketch2color.ingest.fetch import archive, source_file
from sketch2color.ingest.fetch.source_file import SourceFileError

NO_NAME = "unsafe name: empty, or with a null character"
KINDS = {
    "sym": tarfile.SYMTYPE,
    "hard": tarfile.LNKTYPE,
    "fifo": tarfile.FIFOTYPE,
    "character": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
    "unheard-of": b"Z",
}
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
    return {file.path: file.problem for file in archive.list_files(path)}


@pytest.mark.parametrize("name", ["a.zip", *TAR_MODES])
def test_files_come_with_their_content_and_folders_do_not_come(tmp_path, name):
    files = {"top/": b"", "top/A/1.png": b"one", "./top/B/2.png": b"two"}
    path = write_any(tmp_path / name, {key: value for key, value in files.items() if value})
    if name == "a.zip":
        write_zip(path, files)
    found = {file.path: file.read() for file in archive.list_files(path)}
    assert found == {"top/A/1.png": b"one", "top/B/2.png": b"two"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_names_that_lead_out_of_the_archive_are_told(tmp_path, name):
    bad = ["../evil.png", "/etc/evil.png", "A/../../evil.png", "C:/evil.png", "c:evil.png", "//host/evil.png"]
    found = problems(write_any(tmp_path / name, dict.fromkeys([*bad, "A/..good.png"], b"x")))
    assert found == {**dict.fromkeys(bad, "unsafe name: leaves the archive"), "A/..good.png": ""}


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_names_that_name_nothing_are_told(tmp_path, name):
    found = problems(write_any(tmp_path / name, {"A/1.png": b"x", "./.": b"x"}))
    assert found == {"A/1.png": "", ".": NO_NAME}


def test_names_that_end_in_the_middle_are_told(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"A/1.pngX.exe": b"x"})
    path.write_bytes(path.read_bytes().replace(b"1.pngX", b"1.png\0"))
    assert problems(path) == {"A/1.png\\x00.exe": NO_NAME}


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_names_cannot_break_a_table_or_a_terminal(tmp_path, name):
    odd = ["A/two\nlines.png", "A/\x1b[2J.png", "A/\u202egnp.exe", "A/\u2028.png"]
    plain = ["A/Skizze groß.png", "A/スケッチ　一.png", "A/a\xa0b.png"]
    assert list(problems(write_any(tmp_path / name, dict.fromkeys([*odd, *plain], b"x")))) == [
        "A/two\\nlines.png",
        "A/\\x1b[2J.png",
        "A/\\u202egnp.exe",
        "A/\\u2028.png",
        *plain,
    ]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["a.zip", "a.tar"])
def test_of_entries_of_one_name_the_first_counts(tmp_path, kind):
    path = tmp_path / kind
    files = [("A/1.png", b"one"), ("./A/1.png", b"two"), ("A/2.png", b"three")]
    if kind == "a.zip":
        with zipfile.ZipFile(path, "w") as packed:
            for name, content in files:
                packed.writestr(name, content)
    else:
        with tarfile.open(path, "w") as packed:
            for name, content in files:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                packed.addfile(info, io.BytesIO(content))
    found = [(file.path, file.problem or file.read()) for file in archive.list_files(path)]
    assert found == [("A/1.png", b"one"), ("A/1.png", "a second file of this name"), ("A/2.png", b"three")]


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_archives_within_the_archive_are_told(tmp_path, name):
    found = problems(write_any(tmp_path / name, {"A/more.zip": b"x", "A/more.TAR.GZ": b"x"}))
    assert set(found.values()) == {"an archive within the archive: not opened"}


def test_backslashes_in_a_zip_part_folders(tmp_path):
    assert list(problems(write_zip(tmp_path / "a.zip", {"A\\1.png": b"x", "..\\2.png": b"x"})).items()) == [
        ("A/1.png", ""),
        ("../2.png", "unsafe name: leaves the archive"),
    ]


def test_backslashes_in_a_tar_lead_nowhere(tmp_path):
    bad = ["..\\evil.png", "A\\..\\..\\evil.png", "\\evil.png", "\\\\host\\evil.png"]
    found = problems(write_tar(tmp_path / "a.tar", dict.fromkeys([*bad, "A\\1.png"], b"x")))
    assert found == {**dict.fromkeys(bad, "unsafe name: leaves the archive"), "A\\1.png": ""}


def test_links_and_devices_in_a_tar_are_told(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as packed:
        for name, kind in KINDS.items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            packed.addfile(info)
    assert problems(tmp_path / "a.tar") == dict.fromkeys(KINDS, "a link or device")


def test_a_link_in_a_zip_is_told(tmp_path):
    link = zipfile.ZipInfo("A/1.png")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    write_zip(tmp_path / "a.zip", {link: b"/etc/passwd"})
    assert problems(tmp_path / "a.zip") == {"A/1.png": "a link or device"}


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_an_entry_that_is_too_large_is_told(tmp_path, monkeypatch, name):
    monkeypatch.setattr(source_file, "MAX_BYTES", 1000)
    found = problems(write_any(tmp_path / name, {"A/bomb.png": bytes(1001), "A/good.png": bytes(1000)}))
    assert found == {"A/bomb.png": "unpacks to more than 1,000 bytes", "A/good.png": ""}


def test_a_zip_entry_that_lies_about_its_size_cannot_be_read(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"A/bomb.png": bytes(100_000)}, compression=zipfile.ZIP_DEFLATED)
    content = path.read_bytes()
    honest, lie = (100_000).to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert content.count(honest) == 2
    path.write_bytes(content.replace(honest, lie))
    walk = archive.list_files(path)
    with pytest.raises(SourceFileError, match="damaged in the archive"):
        next(walk).read()


def test_content_that_unpacks_beyond_the_limit_is_not_held(monkeypatch):
    monkeypatch.setattr(source_file, "MAX_BYTES", 10)
    endless = io.BytesIO(bytes(1000))
    with pytest.raises(SourceFileError, match="more than 10 bytes"):
        source_file.read_bounded(endless, 11)
    assert endless.tell() == 11


def test_a_damaged_entry_costs_only_itself(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"first image", "A/2.png": b"second image"})
    path.write_bytes(path.read_bytes().replace(b"first image", b"fIrst image"))
    walk = archive.list_files(path)
    with pytest.raises(SourceFileError, match="damaged in the archive"):
        next(walk).read()
    assert next(walk).read() == b"second image"


def test_entries_that_overlap_are_told(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"x" * 90, "A/2.png": b"y" * 90, "A/3.png": b"z" * 90})
    content = bytearray(path.read_bytes())
    directory = content.index(b"PK\x01\x02")
    second = content.index(b"PK\x01\x02", directory + 4)
    struct.pack_into("<I", content, second + 42, 0)  # begins where the first one does
    path.write_bytes(content)
    told = "overlaps another entry"
    assert problems(path) == {"A/1.png": told, "A/2.png": told, "A/3.png": ""}
    struct.pack_into("<I", content, second + 42, 100)  # begins within the first one
    path.write_bytes(content)
    assert problems(path) == {"A/1.png": told, "A/2.png": "", "A/3.png": ""}


def test_an_entry_that_swells_beyond_what_images_do_is_told(tmp_path):
    files = {"A/bomb.png": bytes(3_000_000), "A/small.png": bytes(1_000_000)}
    path = write_zip(tmp_path / "a.zip", files, compression=zipfile.ZIP_BZIP2)
    told = "unpacks to more than 1,000 times its packed size"
    assert problems(path) == {"A/bomb.png": told, "A/small.png": ""}


@pytest.mark.slow
def test_a_bomb_that_claims_to_be_small_stays_small_in_memory(tmp_path):
    size = 60_000_000
    path = write_zip(tmp_path / "a.zip", {"A/bomb.png": bytes(size)}, compression=zipfile.ZIP_LZMA)
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), (500_000).to_bytes(4, "little")))
    file = next(walk := archive.list_files(path))
    assert file.problem == ""
    tracemalloc.start()
    try:
        with pytest.raises(SourceFileError, match="damaged in the archive: Bad CRC-32"):
            file.read()
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()
    walk.close()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_every_packing_is_read_whole(tmp_path, method):
    content = bytes(range(256)) * 100
    path = write_zip(tmp_path / "a.zip", {"A/1.png": content}, compression=method)
    assert [file.read() for file in archive.list_files(path)] == [content]


def test_a_packing_that_nobody_knows_is_told(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"x"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 10] = 97
    path.write_bytes(content)
    assert problems(path) == {"A/1.png": "compressed with method 97, which is not supported"}


def test_a_large_zip_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 1)  # from where on the larger format is written
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"one", "A/2.png": b"two"})
    assert b"PK\x06\x06" in path.read_bytes()
    assert [file.read() for file in archive.list_files(path)] == [b"one", b"two"]


@pytest.mark.parametrize(("place", "value"), [(6, 99), (46, 0xFF)], ids=["version", "name"])
def test_a_zip_directory_that_cannot_be_read_is_a_user_error(tmp_path, place, value):
    path = write_zip(tmp_path / "a.zip", {"\xfc/1.png": b"x"})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + place] = value
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"a\.zip is no .*damaged \(.+\): download it again"):
        list(archive.list_files(path))


def test_an_entry_that_bears_another_name_where_it_lies_cannot_be_read(tmp_path):
    path = write_zip(tmp_path / "a.zip", {"A/1.png": b"x"})
    path.write_bytes(path.read_bytes().replace(b"A/1.png", b"B/1.png", 1))
    walk = archive.list_files(path)
    with pytest.raises(SourceFileError, match="damaged in the archive: File name in directory"):
        next(walk).read()


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
        list(archive.list_files(tmp_path / "a.zip"))


@pytest.mark.parametrize("name", ["a.zip", *TAR_MODES])
def test_a_truncated_archive_is_a_user_error(tmp_path, name):
    noise = bytes(range(256)) * 100
    path = write_any(tmp_path / name, {"A/1.png": noise, "A/2.png": noise})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(UserError, match="is damaged"):
        for file in archive.list_files(path):
            try:
                file.read()
            except SourceFileError:
                continue


def test_half_an_entry_is_never_given(tmp_path):
    path = write_tar(tmp_path / "a.tar", {"A/1.png": bytes(5000)})
    path.write_bytes(path.read_bytes()[:2000])
    walk = archive.list_files(path)
    with pytest.raises(SourceFileError, match="damaged in the archive: it is truncated"):
        next(walk).read()


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
    with pytest.raises(UserError, match=r"a\.zip is not a file: put the archive there"):
        archive.fetch(Archive(path=tmp_path / "a.zip", domains={"sketch": "*", "color": "*"}), tmp_path)


@pytest.mark.parametrize("name", ["a.zip", *TAR_MODES])
def test_an_empty_archive_has_no_entries(tmp_path, name):
    assert list(archive.list_files(write_any(tmp_path / name, {}))) == []


def test_a_tar_whose_first_name_begins_like_a_zip_is_a_tar(tmp_path):
    assert problems(write_tar(tmp_path / "a.tar", {"PK/1.png": b"x"})) == {"PK/1.png": ""}


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_too_many_entries_are_a_user_error(tmp_path, monkeypatch, name):
    monkeypatch.setattr(archive, "MAX_ENTRIES", 2)
    path = write_any(tmp_path / name, {f"A/{n}.png": b"x" for n in range(2)})
    assert len(problems(path)) == 2
    with pytest.raises(UserError, match="more than 2 entries"):
        problems(write_any(tmp_path / name, {f"A/{n}.png": b"x" for n in range(3)}))


class TestTarHeaders:
    """tarfile of itself ends in silence at some of these faults, and never at others."""

    @pytest.fixture
    def path(self, tmp_path):
        return write_tar(tmp_path / "a.tar", {f"A/{n}.png": b"x" * 700 for n in range(3)})

    def damaged(self, path, why):
        with pytest.raises(UserError, match=f"is damaged.*{why}"):
            list(archive.list_files(path))

    def test_one_in_the_middle_that_is_broken(self, path):
        content = bytearray(path.read_bytes())
        content[1536 + 100] ^= 1  # the second header
        path.write_bytes(content)
        self.damaged(path, "a header cannot be read")

    def test_one_of_negative_size(self, path):
        content = bytearray(path.read_bytes())
        content[1536 + 124 : 1536 + 136] = (-1536).to_bytes(12, "big", signed=True)
        header = bytearray(content[1536:2048])
        header[148:156] = b" " * 8
        content[1536 + 148 : 1536 + 156] = b"%06o\0 " % sum(header)
        path.write_bytes(content)
        self.damaged(path, "negative size")

    @pytest.mark.parametrize("size", [-512, 10**9])
    def test_a_long_name_of_impossible_length(self, tmp_path, size):
        info = tarfile.TarInfo("././@LongLink")
        info.type, info.size = tarfile.GNUTYPE_LONGNAME, size
        header = info.tobuf(tarfile.GNU_FORMAT)
        (tmp_path / "a.tar").write_bytes(header + bytes(4096))
        self.damaged(tmp_path / "a.tar", "a header of impossible length")

    def test_long_names_without_end(self, tmp_path):
        info = tarfile.TarInfo("././@LongLink")
        info.type, info.size = tarfile.GNUTYPE_LONGNAME, 10
        one = info.tobuf(tarfile.GNU_FORMAT) + b"x" * 10 + bytes(502)
        (tmp_path / "a.tar").write_bytes(one * 5000)
        self.damaged(tmp_path / "a.tar", "a header of impossible length")

    def test_a_file_with_holes_is_told(self, tmp_path):
        info = tarfile.TarInfo("A/1.png")
        info.type = tarfile.GNUTYPE_SPARSE
        (tmp_path / "a.tar").write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
        assert problems(tmp_path / "a.tar") == {"A/1.png": "a link or device"}

    def test_a_checksum_behind_the_last_entry_counts(self, tmp_path):
        content = bytearray(gzip.compress(write_tar(tmp_path / "a.tar", {"A/1.png": b"x"}).read_bytes()))
        content[-6] ^= 1
        (tmp_path / "a.tar.gz").write_bytes(content)
        self.damaged(tmp_path / "a.tar.gz", "CRC check failed")

    @pytest.mark.parametrize("end", [b"", bytes(1024)])
    def test_a_tar_that_swells_beyond_what_images_do(self, tmp_path, monkeypatch, end):
        monkeypatch.setattr(archive, "MAX_BYTES", 1_000_000)
        info = tarfile.TarInfo("A/bomb.png")
        info.size = 0 if end else 5_000_000
        content = info.tobuf() + end + bytes(5_000_000)
        (tmp_path / "a.tar.bz2").write_bytes(bz2.compress(content))
        with pytest.raises(UserError, match="unpacks to more than 1,000 times its size"):
            list(archive.list_files(tmp_path / "a.tar.bz2"))

    def test_of_many_entries_none_has_to_do_with_the_others(self, tmp_path):
        files = {f"A/{n}.png": str(n).encode() for n in range(500)}
        path = write_tar(tmp_path / "a.tar", files)
        assert {file.path: file.read() for file in archive.list_files(path)} == files
