import pytest

from sketch2color import files


def test_a_failed_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "report.html"
    target.write_text("before")
    with pytest.raises(RuntimeError), files.atomic_write(target) as beside:
        beside.write_text("half")
        raise RuntimeError
    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_parent_folders_are_created(tmp_path):
    files.write_text(tmp_path / "a" / "b.txt", "ü\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "ü\n".encode()


def test_an_empty_directory_is_empty(tmp_path):
    (tmp_path / "out" / "deep").mkdir(parents=True)
    (tmp_path / "out" / "deep" / "old").touch()
    assert list(files.empty_directory(tmp_path / "out").iterdir()) == []


def test_json_is_sorted_and_ends_with_a_newline(tmp_path):
    files.write_json(tmp_path / "m.json", {"b": 1, "a": [2.5]})
    assert (tmp_path / "m.json").read_text() == '{\n  "a": [\n    2.5\n  ],\n  "b": 1\n}\n'
    files.write_json(tmp_path / "m.json", {"b": 1, "a": 2}, sort_keys=False)
    assert (tmp_path / "m.json").read_text() == '{\n  "b": 1,\n  "a": 2\n}\n'


def test_csv_has_a_header_and_unix_line_ends(tmp_path):
    files.write_csv(tmp_path / "t.csv", ["id", "score"], [{"score": 1, "id": 'a,"b"'}, {"id": "c"}])
    assert (tmp_path / "t.csv").read_bytes() == b'id,score\n"a,""b""",1\nc,\n'
    assert files.read_csv(tmp_path / "t.csv") == [{"id": 'a,"b"', "score": "1"}, {"id": "c", "score": ""}]
    with pytest.raises(ValueError, match="colour"):
        files.write_csv(tmp_path / "t.csv", ["id"], [{"id": "a", "colour": "red"}])
