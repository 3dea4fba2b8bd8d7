import pyarrow as pa
import pytest
from pyarrow import parquet

from sketch2color.errors import UserError
from sketch2color.ingest.fetch import url_list

A, B = "https://example.org/ä.png", "https://example.org/b.png"


@pytest.fixture
def listed(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "list.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_csv_gives_addresses_domains_and_whatever_else_it_has(listed, encoding):
    path = listed(f'domain,url,license,"the note"\nsketch,{A},CC0,"a, ""b"""\n color , {B} ,,\n', encoding)
    first, second = url_list.rows(path)
    assert (first.url, first.domain, first.problem) == (A, "sketch", "")
    assert first.facts == {"license": "CC0", "the note": 'a, "b"'}
    assert (second.url, second.domain, second.problem, second.facts) == (B, "color", "", {})


def test_parquet_gives_the_same_in_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(url_list, "_BATCH", 2)
    table = {"url": [A, B, None], "domain": ["sketch", "color", "color"], "year": [1999, None, 2001]}
    parquet.write_table(pa.table(table), tmp_path / "list.csv")
    rows = list(url_list.rows(tmp_path / "list.csv"))
    assert [(row.url, row.domain, row.facts) for row in rows] == [
        (A, "sketch", {"year": "1999"}),
        (B, "color", {}),
        ("row 3", "color", {"year": "2001"}),
    ]
    assert [row.problem for row in rows] == ["", "", "no http(s) URL"]


def test_bad_rows_are_told_and_do_not_stop(listed):
    rows = list(
        url_list.rows(
            listed(
                f"url,domain\n{A},sketch\nhttps://example.org/%C3%A4.png#top,color\n{A},Sketch\nnonsense,color\n{B}\n{B},color,x\n,\n"
                f"{B},color\n{B},sketch\n"
            )
        )
    )
    assert [row.problem for row in rows] == [
        "",
        "listed twice, first in row 1",
        "domain is 'Sketch': must be one of sketch, color",
        "no http(s) URL",
        "domain is '': must be one of sketch, color",
        "more cells than columns",
        "domain is '': must be one of sketch, color",
        "",
        "listed twice, first in row 8",
    ]
    assert [row.domain for row in rows[:3]] == ["sketch", "color", None]
    assert rows[6].url == "row 7"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "lacks the column url and domain; its columns: none"),
        ("url;domain\n", "lacks the column url and domain; its columns: url;domain"),
        ("url\n", "lacks the column domain"),
        ("url,domain,url\n", "has the column 'url' twice"),
        ("url,domain\nä,sketch\n".encode("latin-1"), "neither Parquet nor CSV in UTF-8"),
        ("url,domain\n" + "x" * 200_000, "line 2: not CSV"),
        (b"PAR1 and nothing more", "a damaged Parquet file"),
    ],
)
def test_what_is_no_list_is_a_user_error(listed, content, message):
    with pytest.raises(UserError, match=message):
        list(url_list.rows(listed(content)))


def test_a_missing_list_is_a_user_error(tmp_path):
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "file.csv").write_text("url,domain\n")
    for name in ("missing.csv", ".", "loop.csv", "file.csv/list.csv"):
        path = tmp_path / name
        with pytest.raises(UserError, match="is not a file: put the list there"):
            list(url_list.rows(path))


@pytest.mark.parametrize(
    "values",
    [
        pa.array([2**62], pa.timestamp("us")),
        pa.array([2**60], pa.date64()),
        pa.array([2**62], pa.duration("s")),
        pa.array([b"\xff"], pa.binary()).view(pa.string()),
    ],
    ids=["timestamp", "date", "duration", "text"],
)
def test_values_that_python_cannot_hold_are_a_user_error(tmp_path, values):
    table = pa.table({"url": ["http://a.org/1.png"], "domain": ["sketch"], "note": values})
    parquet.write_table(table, tmp_path / "list")
    with pytest.raises(UserError, match="a damaged Parquet file"):
        list(url_list.rows(tmp_path / "list"))
