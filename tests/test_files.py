import pytest

from sketch2color import files


def test_a_failed_write_leaves_what_was_there(tmp_path):
    target = tmp_path / "report.html"
    target.write_text("before")
    with pytest.raises(RuntimeError), files.replacing(target) as beside:
        beside.write_text("half")
        raise RuntimeError
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_folders_are_made(tmp_path):
    files.write_text(tmp_path / "a" / "b.txt", "ü\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "ü\n".encode()


def test_an_empty_directory_is_empty(tmp_path):
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "deep" / "old").touch()
    assert list(files.empty_directory(tmp_path / "out").iterdir()) == []
