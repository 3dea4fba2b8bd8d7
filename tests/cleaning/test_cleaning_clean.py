import json

import numpy as np
import pytest

from sketch2color import images, manifest
from sketch2color.cleaning.clean import clean, remove_marks
from sketch2color.errors import UserError
from sketch2color.manifest import CleanPicture, Picture, Rejected
from sketch2color.params import Clean


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def cleaned(raw, tmp_path):
    figures = clean(raw, tmp_path / "clean", tmp_path / "report", Clean())
    return tmp_path, figures


def test_every_good_picture_comes_out_square_and_in_its_place(cleaned, drawing):
    folder, figures = cleaned
    rows = {row.source: row for row in manifest.read(folder / "clean" / "manifest.csv", CleanPicture)}
    assert set(rows) == {"plain.png", "marked.png"}
    for row in rows.values():
        assert images.read(folder / "clean" / row.split / row.domain / f"{row.id}.png").shape == (256, 256, 3)
    plain, marked = rows["plain.png"], rows["marked.png"]
    assert (plain.action, plain.marks, plain.mark_area) == ("none", "", 0)
    assert (marked.action, marked.marks) == ("removed", "badge")
    assert 0.02 < marked.mark_area < 0.06
    assert (images.read(folder / "clean" / "train" / "sketch" / f"{plain.id}.png") == drawing).all()
    after = images.read(folder / "clean" / "val" / "sketch" / f"{marked.id}.png")
    assert np.abs(after.astype(int) - drawing).max() <= 12
    assert len(list((folder / "clean").rglob("*.png"))) == 2
    assert figures["pictures"] == 2


def test_bad_pictures_are_listed_and_do_not_stop_the_stage(cleaned):
    folder, figures = cleaned
    rejected = {row.source: row.reason for row in manifest.read(folder / "report" / "rejected.csv", Rejected)}
    assert set(rejected) == {"broken.jpg", "missing.png"}
    assert "missing" in rejected["missing.png"]
    assert figures["failed"] == 2


def test_truth_is_scored_and_written(cleaned):
    folder, figures = cleaned
    assert figures["mask_iou"] > 0.8
    assert figures["clean_untouched"] == 1
    assert figures["psnr_inside_after"] > figures["psnr_inside_before"] + 15
    assert json.loads((folder / "report" / "metrics.json").read_text()) == figures
    assert images.read(folder / "report" / "review.png").shape[1] > 3 * 256


def test_the_same_input_gives_the_same_bytes(cleaned, raw, tmp_path):
    clean(raw, tmp_path / "again", tmp_path / "report again", Clean())
    assert contents(tmp_path / "again") == contents(tmp_path / "clean")
    assert contents(tmp_path / "report again") == contents(tmp_path / "report")


def test_without_truth_there_are_counts_but_no_scores(raw, tmp_path):
    for path in (raw / "truth").iterdir():
        path.unlink()
    (raw / "truth").rmdir()
    figures = clean(raw, tmp_path / "clean", tmp_path / "report", Clean())
    assert set(figures) == {"pictures", "removed", "left", "none", "failed"}


def test_marks_stay_where_they_are_not_to_be_removed(raw, tmp_path, badged):
    figures = clean(raw, tmp_path / "clean", tmp_path / "report", Clean(remove_marks=False))
    assert (figures["removed"], figures["none"]) == (0, 2)
    (path,) = (tmp_path / "clean" / "val" / "sketch").iterdir()
    assert (images.read(path) == badged[0]).all()


def test_nothing_to_clean_is_one_clear_line(tmp_path):
    with pytest.raises(UserError, match=r"manifest\.csv does not exist"):
        clean(tmp_path, tmp_path / "clean", tmp_path / "report", Clean())
    manifest.write(tmp_path / "manifest.csv", [], Picture)
    with pytest.raises(UserError, match="is empty"):
        clean(tmp_path, tmp_path / "clean", tmp_path / "report", Clean())


def test_where_nothing_is_sure_the_very_picture_comes_back(drawing):
    finding, after = remove_marks(drawing)
    assert after is drawing
    assert finding.action in ("none", "left")
