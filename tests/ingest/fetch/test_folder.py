import os
import subprocess
from pathlib import Path

import pytest

from sketch2color.errors import UserError
from sketch2color.ingest.fetch import folder, source_file
from sketch2color.ingest.fetch.source_file import SourceFileError


def test_files_come_sorted_with_paths_relative_to_the_folder(tmp_path):
    for name in ("B/2.png", "A/1.png", "A/deep/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    found = {file.path: file.read() for file in folder.list_files(tmp_path)}
    assert list(found) == ["A/1.png", "A/deep/3.png", "B/2.png"]
    assert found["A/deep/3.png"] == b"A/deep/3.png"


def test_links_to_files_are_followed_and_links_to_folders_are_not(tmp_path):
    (tmp_path / "real.png").write_bytes(b"x")
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "file.png").symlink_to(tmp_path / "real.png")
    (tmp_path / "A" / "circle").symlink_to(tmp_path)
    (tmp_path / "A" / "nowhere.png").symlink_to(tmp_path / "missing")
    found = {file.path: file.problem for file in folder.list_files(tmp_path / "A")}
    assert found == {
        "circle": "a link to a folder: not followed",
        "file.png": "",
        "nowhere.png": "a broken link",
    }


def test_a_pipe_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (file,) = folder.list_files(tmp_path)
    assert file.problem == "a device"


def test_a_missing_folder_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match="is not a folder"):
        list(folder.list_files(tmp_path / "missing"))


def test_a_link_in_a_circle_and_odd_names_are_told(tmp_path):
    (tmp_path / "a.png").symlink_to("b.png")
    (tmp_path / "b.png").symlink_to("a.png")
    (tmp_path / "c\nd.png").write_bytes(b"x")
    found = {file.path: file.problem for file in folder.list_files(tmp_path)}
    assert found == {"a.png": "a broken link", "b.png": "a broken link", "c\\nd.png": ""}


def test_a_device_is_never_opened(tmp_path):
    (tmp_path / "endless.png").symlink_to("/dev/zero")
    (file,) = folder.list_files(tmp_path)
    assert file.problem == "a device"


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    for name in ("A/1.png", "B/2.png", "C/3.png"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(b"x")
    scan = os.scandir

    def refuse(path):
        if Path(path).name == "B":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = [(file.path, file.problem) for file in folder.list_files(tmp_path)]
    assert found == [
        ("A/1.png", ""),
        ("B", "a folder that cannot be read: Permission denied"),
        ("C/3.png", ""),
    ]


def test_a_file_that_goes_or_grows_costs_only_itself(tmp_path, monkeypatch):
    for name in ("gone.png", "grown.png", "stays.png"):
        (tmp_path / name).write_bytes(b"x")
    found = list(folder.list_files(tmp_path))
    (tmp_path / "gone.png").unlink()
    monkeypatch.setattr(source_file, "MAX_BYTES", 10)
    (tmp_path / "grown.png").write_bytes(bytes(11))
    with pytest.raises(SourceFileError, match="cannot be read: No such file"):
        found[0].read()
    with pytest.raises(SourceFileError, match="more than 10 bytes"):
        found[1].read()
    assert found[2].read() == b"x"


@pytest.mark.slow
def test_folders_as_deep_as_they_go(tmp_path):
    place = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=place)
        deeper = os.open("d", os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = deeper
    os.close(os.open("1.png", os.O_CREAT | os.O_WRONLY, dir_fd=place))
    os.close(place)
    (file,) = folder.list_files(tmp_path)
    assert file.path == "d/" * 1500 + "1.png"
    subprocess.run(["rm", "-r", tmp_path / "d"], check=True)
