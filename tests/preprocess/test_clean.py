import json
import os
import threading
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

from sketch2color import imaging, manifest
from sketch2color.config.params import Clean
from sketch2color.errors import UserError
from sketch2color.files import read_csv, write_csv
from sketch2color.manifest import CleanImageRow, FoundMark, ImageRow, Rejected
from sketch2color.preprocess import clean as stage
from sketch2color.preprocess.clean import DROPPED, clean, remove_marks
from sketch2color.watermarks import remains
from sketch2color.watermarks.detect import Detections

pytestmark = pytest.mark.slow


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def cleaned(raw, tmp_path):
    figures = clean(raw, tmp_path / "clean", tmp_path / "report", Clean())
    return tmp_path, figures


def test_every_good_image_comes_out_square_and_in_its_place(cleaned, drawing):
    folder, figures = cleaned
    rows = {row.source: row for row in manifest.read(folder / "clean" / "manifest.csv", CleanImageRow)}
    assert set(rows) == {"plain.png", "marked.png"}
    for row in rows.values():
        assert imaging.read(folder / "clean" / row.split / row.domain / f"{row.id}.png").shape == (
            256,
            256,
            3,
        )
    plain, marked = rows["plain.png"], rows["marked.png"]
    assert (plain.action, plain.marks, plain.mark_area) == ("none", "", 0)
    assert (marked.action, marked.marks) == ("removed", "badge")
    assert 0.02 < marked.mark_area < 0.06
    assert (imaging.read(folder / "clean" / "train" / "sketch" / f"{plain.id}.png") == drawing).all()
    after = imaging.read(folder / "clean" / "val" / "sketch" / f"{marked.id}.png")
    assert np.abs(after.astype(int) - drawing).max() <= 12
    assert len(list((folder / "clean").rglob("*.png"))) == 2
    assert figures["images"] == 2


def test_bad_images_are_listed_and_do_not_stop_the_stage(cleaned):
    folder, figures = cleaned
    rejected = {row.source: row.reason for row in manifest.read(folder / "report" / "rejected.csv", Rejected)}
    assert set(rejected) == {"broken.jpg", "missing.png"}
    assert "missing" in rejected["missing.png"]
    assert figures["failed"] == 2


def test_a_split_without_an_image_of_a_domain_is_an_error(raw, tmp_path):
    rows = [row for row in manifest.read(raw / "manifest.csv", ImageRow) if row.source != "marked.png"]
    manifest.write(raw / "manifest.csv", rows, ImageRow)
    with pytest.raises(UserError, match=r"no sketch image of val in .* could be cleaned: .*: ImageError: "):
        clean(raw, tmp_path / "clean", tmp_path / "report", Clean())


def test_truth_is_scored_and_written(cleaned):
    folder, figures = cleaned
    assert figures["mask_iou"] > 0.8
    assert figures["clean_untouched"] == 1
    assert figures["psnr_inside_after"] > figures["psnr_inside_before"] + 15
    assert json.loads((folder / "report" / "metrics.json").read_text()) == figures
    assert (folder / "report" / "review.html").read_text().count('<article class="case">') == 1


def test_the_same_input_gives_the_same_bytes(cleaned, raw, tmp_path):
    clean(raw, tmp_path / "again", tmp_path / "report again", Clean())
    assert contents(tmp_path / "again") == contents(tmp_path / "clean")
    assert contents(tmp_path / "report again") == contents(tmp_path / "report")


def test_without_truth_there_are_counts_but_no_scores(raw, tmp_path):
    for path in (raw / "truth").iterdir():
        path.unlink()
    (raw / "truth").rmdir()
    figures = clean(raw, tmp_path / "clean", tmp_path / "report", Clean())
    assert set(figures) == {"images", "removed", "partly_removed", "left", "none", "dropped", "failed"}


def test_marks_stay_where_they_are_not_to_be_removed(raw, tmp_path, badged):
    figures = clean(raw, tmp_path / "clean", tmp_path / "report", Clean(remove_marks=False))
    assert (figures["removed"], figures["none"]) == (0, 2)
    (path,) = (tmp_path / "clean" / "val" / "sketch").iterdir()
    assert (imaging.read(path) == badged[0]).all()


def test_nothing_to_clean_is_one_clear_line(tmp_path):
    with pytest.raises(UserError, match=r"manifest\.csv does not exist"):
        clean(tmp_path, tmp_path / "clean", tmp_path / "report", Clean())
    manifest.write(tmp_path / "manifest.csv", [], ImageRow)
    manifest.write(tmp_path / "rejected.csv", [], Rejected)
    with pytest.raises(UserError, match="is empty"):
        clean(tmp_path, tmp_path / "clean", tmp_path / "report", Clean())


def test_where_nothing_is_sure_the_very_image_comes_back(drawing):
    detections, after = remove_marks(drawing)
    assert after is drawing
    assert detections.sure == []


PINK, CYAN = (255, 0, 255), (0, 255, 255)
MARKED = {
    "sketch/badge.png": {"pink": (10, 60, 40, 90)},
    "sketch/doubt.png": {"cyan": (100, 60, 140, 90)},
    "sketch/both.png": {"pink": (10, 60, 40, 90), "cyan": (100, 60, 140, 90)},
    "sketch/plain.png": {},
    "color/badge.png": {"pink": (10, 60, 40, 90)},
    "color/plain.png": {},
    "color/more.png": {},
}


@pytest.fixture
def marked(tmp_path, page, color_detector):
    """A raw set of the images in MARKED, the detector knows their marks by colour; and how to clean it."""
    raw, rows = tmp_path / "marked", {}
    for at, (source, marks) in enumerate(MARKED.items()):
        image = page.copy()
        image[at, at] = 0  # no two have the same bytes
        for name, (left, top, right, bottom) in marks.items():
            image[top:bottom, left:right] = PINK if name == "pink" else CYAN
        content = imaging.encode_png(image)
        rows[source] = ImageRow(
            id=manifest.sha256(content)[:16],
            domain=source.split("/")[0],
            split="test" if source == "color/badge.png" else "train",
            group=source,
            pair="badge" if "badge" in source else "",
            source=source,
            license="CC0",
            sha256=manifest.sha256(content),
            width=200,
            height=120,
        )
        path = raw / "images" / f"{rows[source].id}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    manifest.write(raw / "manifest.csv", rows.values(), ImageRow)
    manifest.write(raw / "rejected.csv", [], Rejected)

    def run(overrides="", out="cleaned", **params):
        (raw / "watermarks.yaml").write_text(overrides)
        figures = clean(raw, tmp_path / out, tmp_path / f"{out} report", Clean(**params))
        return SimpleNamespace(
            figures=figures,
            out=tmp_path / out,
            report=tmp_path / f"{out} report",
            rows={row.source: row for row in manifest.read(tmp_path / out / "manifest.csv", CleanImageRow)},
            marks=manifest.read(tmp_path / f"{out} report" / "marks.csv", FoundMark),
            rejected=manifest.read(tmp_path / f"{out} report" / "rejected.csv", Rejected),
        )

    return SimpleNamespace(raw=raw, rows=rows, run=run)


def pixels(done, source):
    row = done.rows[source]
    return imaging.read(done.out / row.split / row.domain / f"{row.id}.png")


def of(done, source):
    return {
        (mark.kind, mark.action, mark.left, mark.top, mark.right, mark.bottom)
        for mark in done.marks
        if mark.source == source
    }


def test_every_mark_has_its_row_with_what_was_done(marked):
    done = marked.run()
    assert of(done, "sketch/both.png") == {
        ("badge", "removed", 10, 60, 40, 90),
        ("caption", "left", 100, 60, 140, 90),
    }
    assert of(done, "sketch/plain.png") == set()
    assert len(done.marks) == 5
    (mark,) = [mark for mark in done.marks if mark.source == "color/badge.png"]
    assert (mark.domain, mark.split, mark.confidence, mark.area) == (
        "color",
        "test",
        0.9,
        round(900 / 24000, 4),
    )
    row = done.rows["sketch/both.png"]
    assert (row.marks, row.action, row.confidence, row.mark_area) == ("badge", "removed", 0.9, mark.area)
    left = done.rows["sketch/doubt.png"]
    assert (left.marks, left.action, left.confidence, left.mark_area) == ("caption", "left", 0.3, 0)
    counts = {"removed": 3, "partly_removed": 0, "left": 1, "none": 3, "dropped": 0, "failed": 0}
    assert done.figures == {"images": 7, **counts}


def test_a_person_precedes_the_detector(marked):
    badge = marked.rows["sketch/badge.png"].id
    done = marked.run(
        f"{badge}:\n  keep: [[0, 50, 50, 100]]\n"
        "sketch/doubt.png:\n  remove: [[95, 55, 145, 95]]\n"
        "sketch/both.png:\n  leave: true\n"
        "color/plain.png:\n  remove: [{ellipse: [20, 60, 60, 100]}]\n"
    )
    actions = {source: (row.action, row.marks, row.confidence) for source, row in done.rows.items()}
    assert actions["sketch/badge.png"] == ("left", "badge", 1)
    assert actions["sketch/doubt.png"] == ("removed", "hand", 1)
    assert actions["sketch/both.png"] == ("left", "badge+caption", 1)
    assert actions["color/plain.png"] == ("removed", "hand", 1)
    assert of(done, "sketch/doubt.png") == {("hand", "removed by hand", 95, 55, 145, 95)}
    assert {action for _, action, *_ in of(done, "sketch/both.png")} == {"kept by hand"}
    plain = pixels(marked.run(out="without"), "sketch/doubt.png")
    assert np.abs(pixels(done, "sketch/doubt.png").astype(int) - plain).max() > 100
    both = imaging.read(next((marked.raw / "images").glob(done.rows["sketch/both.png"].id + "*")))
    assert (both == PINK).all(2).any()
    assert np.abs(pixels(done, "sketch/both.png").astype(int) - PINK).max(2).min() < 20
    sheet = (done.report / "review.html").read_text()
    assert "4 of 4 images are shown. As watermarks.yaml says." in sheet


def test_one_entry_is_for_many_images_and_the_review_page_names_it(marked):
    done = marked.run("sketch/*:\n  remove: [[5, 100, 20, 115]]\nsketch/plain.png: {leave: true}\n")
    by_hand = {mark.source for mark in done.marks if mark.action == "removed by hand"}
    assert by_hand == {source for source in marked.rows if source.startswith("sketch/")} - {
        "sketch/plain.png"
    }
    sheet = (done.report / "review.html").read_text()
    assert sheet.count("entry sketch/*") == len(by_hand)


def test_what_remains_of_a_mark_is_in_tables_counts_and_page(marked, monkeypatch):
    seen = np.zeros((120, 200), np.float32)
    seen[60:80, 10:30] = 1
    monkeypatch.setattr(remains, "predict", lambda image: (seen, seen))
    done = marked.run()
    row = done.rows["sketch/badge.png"]
    assert row.action == "partly removed" and 0.1 < row.remains < 0.5
    (mark,) = (mark for mark in done.marks if mark.source == "sketch/badge.png")
    assert (mark.action, mark.remains) == ("partly removed", row.remains)
    assert done.figures["partly_removed"] == sum("partly" in one.action for one in done.rows.values())
    assert "Partly removed" in (done.report / "review.html").read_text()


def test_a_dropped_image_is_gone_and_told_and_its_pair_stays(marked):
    done = marked.run("sketch/badge.png: {drop: true}\n")
    assert "sketch/badge.png" not in done.rows
    assert done.rows["color/badge.png"].pair == "badge"
    assert not list(done.out.rglob(f"{marked.rows['sketch/badge.png'].id}*"))
    assert [(row.source, row.reason) for row in done.rejected] == [("sketch/badge.png", DROPPED)]
    assert (done.figures["images"], done.figures["dropped"], done.figures["failed"]) == (6, 1, 0)
    assert "<code>sketch/badge.png</code>" in (done.report / "review.html").read_text()


def test_boxes_by_hand_are_pixels_of_the_original_though_large_images_are_shrunk(
    tmp_path, page, color_detector
):
    large = np.asarray(imaging.resize(page, 2400, 1440)).copy()
    content = imaging.encode_png(large)
    row = ImageRow(
        id=manifest.sha256(content)[:16], domain="sketch", split="train", group="a", pair="", source="a.png",
        license="", sha256=manifest.sha256(content), width=2400, height=1440,
    )  # fmt: skip
    (tmp_path / "raw" / "images").mkdir(parents=True)
    (tmp_path / "raw" / "images" / f"{row.id}.png").write_bytes(content)
    manifest.write(tmp_path / "raw" / "manifest.csv", [row], ImageRow)
    manifest.write(tmp_path / "raw" / "rejected.csv", [], Rejected)
    (tmp_path / "raw" / "watermarks.yaml").write_text("a.png: {remove: [[1200, 0, 2400, 720]]}\n")
    clean(tmp_path / "raw", tmp_path / "clean", tmp_path / "report", Clean(fit="squash"))
    (found,) = manifest.read(tmp_path / "report" / "marks.csv", FoundMark)
    assert (found.left, found.top, found.right, found.bottom, found.area) == (1200, 0, 2400, 720, 0.25)
    after = imaging.read(tmp_path / "clean" / "train" / "sketch" / f"{row.id}.png")
    before = imaging.resize(large, 256, 256)
    assert (np.abs(after.astype(int) - before).max(2) > 60).any()
    assert np.abs(after.astype(int) - before)[:, :120].max() <= 12


def test_a_slip_in_what_a_person_says_stops_the_stage_before_anything_is_gone(marked):
    earlier = marked.run()
    kept = contents(earlier.out)
    with pytest.raises(UserError, match=r"watermarks\.yaml: nowhere\.png: no image"):
        marked.run("nowhere.png: {leave: true}\n")
    with pytest.raises(UserError, match=r"drops every color image of test"):
        marked.run("color/badge.png: {drop: true}\n")
    assert contents(earlier.out) == kept


def test_nothing_is_removed_by_hand_either_where_marks_are_not_to_be_removed(marked):
    overrides = "sketch/plain.png: {remove: [[0, 0, 50, 50]]}\nsketch/badge.png: {drop: true}\n"
    done = marked.run(overrides, remove_marks=False)
    assert (done.marks, done.figures["removed"], done.figures["dropped"]) == ([], 0, 1)


def test_results_do_not_depend_on_the_number_of_processors(raw, tmp_path, monkeypatch):
    made = []
    for processors in (1, 2, 5):
        monkeypatch.setattr(os, "cpu_count", lambda processors=processors: processors)
        out, report = tmp_path / f"clean {processors}", tmp_path / f"report {processors}"
        figures = clean(raw, out, report, Clean())
        made.append((figures, contents(out), contents(report)))
    assert made[0] == made[1] == made[2]
    assert made[0][0]["removed"] == 1


def test_one_image_that_fails_in_a_thread_does_not_stop_the_others(marked, monkeypatch):
    detector, threads = stage.detect, set()

    def fail_on_doubt(image, threshold):
        threads.add(threading.get_ident())
        assert torch.get_num_threads() == 1
        if (image == CYAN).all(2).any():
            raise RuntimeError("out of\nmemory")
        return detector(image)

    monkeypatch.setattr(stage, "detect", fail_on_doubt)
    done = marked.run()
    assert threading.get_ident() not in threads
    assert set(done.rows) == set(MARKED) - {"sketch/doubt.png", "sketch/both.png"}
    assert {row.reason for row in done.rejected} == {"RuntimeError: out of memory"}
    assert len(list(done.out.rglob("*.png"))) == 5
    assert done.figures["failed"] == 2


def test_an_image_that_fails_at_its_last_step_leaves_nothing_behind(marked, monkeypatch):
    draw = stage.review_row

    def fail(name, *rest):
        if name.startswith("sketch/"):
            raise RuntimeError("no room to draw it")
        return draw(name, *rest)

    monkeypatch.setattr(stage, "review_row", fail)
    done = marked.run()
    assert {row.source for row in done.rejected} == {
        "sketch/badge.png",
        "sketch/doubt.png",
        "sketch/both.png",
    }
    assert len(list(done.out.rglob("*.png"))) == len(done.rows) == len(MARKED) - len(done.rejected)


def test_the_threads_that_torch_had_are_given_back(marked):
    torch.set_num_threads(2)
    marked.run()
    assert torch.get_num_threads() == 2


def test_what_is_in_doubt_is_promoted_by_what_other_pages_bear(marked, monkeypatch):
    pages = []

    def promote_recurring(templates, image, detections, page):
        pages.append(page)
        return Detections([*detections.sure, *detections.doubtful], [])

    monkeypatch.setattr("sketch2color.watermarks.recurring.TemplateBank.promote_recurring", promote_recurring)
    done = marked.run()
    assert sorted(pages) == ["sketch/both.png", "sketch/doubt.png"]  # their groups
    assert {name: row.action for name, row in done.rows.items()}["sketch/doubt.png"] == "removed"
    assert done.figures["left"] == 0


def test_tables_are_sorted_though_doubtful_images_come_last(marked):
    done = marked.run()
    lines = (done.out / "manifest.csv").read_text().splitlines()[1:]
    assert lines == sorted(lines)
    assert [mark.id for mark in done.marks] == sorted(mark.id for mark in done.marks)


def test_what_is_known_of_images_is_written_of_those_that_are_evaluated(raw, tmp_path):
    rows = {row.source: row for row in manifest.read(raw / "manifest.csv", ImageRow)}
    parts = np.zeros((256, 256), np.uint8)
    parts[50:200, 80:120] = 5
    for row in rows.values():
        imaging.write_png(raw / "truth" / f"{row.id}.parts.png", parts)
    details = [{"id": row.id, "style": "loose"} for row in rows.values()]
    write_csv(raw / "details.csv", ("id", "style"), details)
    clean(raw, tmp_path / "clean", tmp_path / "report", Clean(), 64)
    evaluated = rows["marked.png"].id  # the others train, or fail
    truth = tmp_path / "clean" / "truth"
    assert {path.name for path in truth.iterdir()} == {f"{evaluated}.parts.png", "details.csv"}
    assert read_csv(truth / "details.csv") == [{"id": evaluated, "style": "loose"}]
    with Image.open(truth / f"{evaluated}.parts.png") as stored:
        assert stored.mode == "L"
        np.testing.assert_array_equal(np.asarray(stored), parts[2::4, 2::4])


def test_where_nothing_is_known_there_is_no_folder_of_it(cleaned):
    assert {path.name for path in (cleaned[0] / "clean").iterdir()} == {"manifest.csv", "train", "val"}
