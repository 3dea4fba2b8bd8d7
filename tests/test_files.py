import csv
import random
from pathlib import Path

import pytest

from sketch2color import files
from sketch2color.errors import UserError
from sketch2color.text import printable


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


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1-2", "'+1-2"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("＝1+1", "'＝1+1"),
        ("'=1", "''=1"),
        ("\t=1", r"\t=1"),
        ("\r=1", r"\r=1"),
        ("-1.5", "-1.5"),
        ("+1e-05", "+1e-05"),
        (-1.5, "-1.5"),
        ("'quoted'.png", "'quoted'.png"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_a_cell_runs_no_formula_and_is_read_as_it_was(tmp_path, value, cell):
    files.write_csv(tmp_path / "t.csv", ["=a", "b"], [{"=a": value, "b": 1}])
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [["'=a", "b"], [cell, "1"]]
    assert files.read_csv(tmp_path / "t.csv") == [{"=a": printable(str(value)), "b": "1"}]


def test_all_texts_are_read_as_they_were_written(tmp_path):
    letters, draw = "'=+-@\t\r\n\"',; 019.eE＝a\\\0\udcff\u202e", random.Random(0)
    rows = [
        {"a": "".join(draw.choices(letters, k=draw.randrange(6))), "b": str(draw.uniform(-9, 9))}
        for _ in range(3000)
    ]
    files.write_csv(tmp_path / "t.csv", ["a", "b"], rows)
    assert files.read_csv(tmp_path / "t.csv") == [
        {name: printable(value) for name, value in row.items()} for row in rows
    ]
    cells = [cell for row in csv.reader((tmp_path / "t.csv").read_text().splitlines()) for cell in row]
    assert not [cell for cell in cells if cell.lstrip()[:1] in list("=@＝") or cell[:1] in list("\t\r")]


def test_a_table_that_is_none_is_an_error(tmp_path):
    (tmp_path / "t.csv").write_text("a,b\n1,2,3\n4\n\n")
    assert files.read_csv(tmp_path / "t.csv") == [{"a": "1", "b": "2"}, {"a": "4", "b": ""}]
    (tmp_path / "t.csv").write_text('a\n"' + "x" * 200_000 + '"\n')
    with pytest.raises(ValueError, match="not CSV: field larger than field limit"):
        files.read_csv(tmp_path / "t.csv")
    files.write_csv(tmp_path / "t.csv", ["a"], [{"a": "x" * 200_000}])
    assert len(files.read_csv(tmp_path / "t.csv")[0]["a"]) == files.MAX_CELL


@pytest.mark.parametrize("content", ["[" * 100_000, b'{"a":' * 3000, "9" * 5000, b"\xff", ""])
def test_json_that_is_none_is_a_value_error(content):
    with pytest.raises(ValueError, match=r"\S"):
        files.parse_json(content)


def test_text_that_utf_8_lacks_is_escaped(tmp_path):
    files.write_text(tmp_path / "a.txt", "b\udcff")
    assert (tmp_path / "a.txt").read_text() == r"b\udcff"


@pytest.mark.parametrize(
    "name", ["link", "link/", "above/raw", "out/../victim", "../checkout/victim", "..", ".", "/", ""]
)
def test_nothing_outside_of_an_output_is_emptied(tmp_path, monkeypatch, name):
    root = tmp_path / "checkout"
    (root / "victim").mkdir(parents=True)
    (root / "victim" / "kept").touch()
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "kept").touch()
    (root / "link").symlink_to(root / "victim")
    (root / "above").symlink_to(tmp_path)
    monkeypatch.chdir(root)
    for path in {Path(name), Path(root, name)} - {Path(root), root / "above/raw"}:
        with pytest.raises(UserError, match=r"^\S+ is (a link to|no output)"):
            files.empty_directory(path)
    assert (root / "victim" / "kept").exists()
    assert (tmp_path / "raw" / "kept").exists()
