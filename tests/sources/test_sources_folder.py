import os

import pytest

from sketch2color.errors import UserError
from sketch2color.sources import folder


def test_files_come_sorted_with_paths_relative_to_the_folder(tmp_path):
    for name in ("B/2.png", "A/1.png", "A/deep/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    found = {entry.path: entry.read() for entry in folder.entries(tmp_path)}
    assert list(found) == ["A/1.png", "A/deep/3.png", "B/2.png"]
    assert found["A/deep/3.png"] == b"A/deep/3.png"


def test_links_to_files_are_followed_and_links_to_folders_are_not(tmp_path):
    (tmp_path / "real.png").write_bytes(b"x")
    (tmp_path / "A").mkdir()
    (tmp_path / "A" / "file.png").symlink_to(tmp_path / "real.png")
    (tmp_path / "A" / "circle").symlink_to(tmp_path)
    (tmp_path / "A" / "nowhere.png").symlink_to(tmp_path / "missing")
    found = {entry.path: entry.problem for entry in folder.entries(tmp_path / "A")}
    assert found == {
        "circle": "a link to a folder: not followed",
        "file.png": "",
        "nowhere.png": "a device, or a link to nowhere",
    }


def test_a_pipe_is_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    (entry,) = folder.entries(tmp_path)
    assert entry.problem == "a device, or a link to nowhere"


def test_a_missing_folder_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match="is no folder"):
        list(folder.entries(tmp_path / "missing"))
