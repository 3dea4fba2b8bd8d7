from dataclasses import replace

import pytest

from sketch2color import manifest
from sketch2color.errors import UserError
from sketch2color.manifest import CleanImageRow, ImageRow, Rejected

LAMP = ImageRow(
    id="ab" * 8, domain="sketch", split="train", group="lamp", pair="lamp", source='a,"b".png',
    license="CC BY-SA 4.0", sha256="ab" * 32, width=640, height=480,
)  # fmt: skip
CHAIR = replace(LAMP, id="12" * 8, domain="color", split="test", group="chair", pair="")


def test_rows_are_read_sorted_and_typed(tmp_path):
    path = tmp_path / "manifest.csv"
    manifest.write(path, [LAMP, CHAIR], ImageRow)
    assert manifest.read(path, ImageRow) == [CHAIR, LAMP]


def test_the_order_of_writing_does_not_matter(tmp_path):
    manifest.write(tmp_path / "a.csv", [LAMP, CHAIR], ImageRow)
    manifest.write(tmp_path / "b.csv", [CHAIR, LAMP], ImageRow)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_clean_rows_keep_their_numbers(tmp_path):
    row = CleanImageRow(
        **vars(LAMP), marks="badge+bar", mark_area=0.025, confidence=0.91, action="removed", remains=0.0
    )
    manifest.write(tmp_path / "m.csv", [row], CleanImageRow)
    assert manifest.read(tmp_path / "m.csv", CleanImageRow) == [row]


@pytest.mark.parametrize("change", [{"split": "../x"}, {"domain": "/tmp"}, {"id": "../../x"}])
def test_what_becomes_a_part_of_a_path_is_checked(tmp_path, change):
    manifest.write(tmp_path / "m.csv", [replace(LAMP, **change)], ImageRow)
    with pytest.raises(UserError, match=f"is not a table of ImageRow \\({next(iter(change))} is '"):
        manifest.read(tmp_path / "m.csv", ImageRow)


def test_select():
    assert manifest.select([LAMP, CHAIR], split="test", domain="color") == [CHAIR]
    assert manifest.select([LAMP, CHAIR], split="val") == []


def test_an_empty_table_has_its_header(tmp_path):
    manifest.write(tmp_path / "rejected.csv", [], Rejected)
    assert (tmp_path / "rejected.csv").read_text() == "source,domain,reason\n"


def test_a_missing_table_names_the_command_that_writes_it(tmp_path):
    with pytest.raises(UserError, match="run `dvc repro`"):
        manifest.read(tmp_path / "manifest.csv", ImageRow)


def test_a_table_of_another_type_is_rejected(tmp_path):
    manifest.write(tmp_path / "m.csv", [LAMP], ImageRow)
    with pytest.raises(UserError, match="not a table of CleanImageRow"):
        manifest.read(tmp_path / "m.csv", CleanImageRow)
