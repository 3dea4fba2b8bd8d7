import io

import numpy as np
import pytest
from PIL import Image

from sketch2color import imaging
from sketch2color.cli import main
from sketch2color.errors import UserError
from sketch2color.preprocess import clean_files as command
from sketch2color.preprocess.clean_files import clean_files
from sketch2color.watermarks.detect import Detections

PINK, CYAN = (255, 0, 255), (0, 255, 255)


@pytest.fixture
def folder(tmp_path, page, color_detector):
    """Images of many kinds: pink is surely a mark, cyan perhaps."""
    marked, doubtful = page.copy(), page.copy()
    marked[60:90, 10:40], doubtful[60:90, 10:40] = PINK, CYAN
    top = tmp_path / "in"
    (top / "deep").mkdir(parents=True)
    Image.fromarray(marked).save(top / "marked.png", dpi=(300, 300))
    Image.fromarray(marked).save(top / "marked.JPG", quality=90)
    Image.fromarray(marked).convert("RGBA").save(top / "deep" / "alpha.png")
    Image.fromarray(marked).quantize(16).save(top / "palette.gif")
    Image.fromarray(marked).save(top / "scan.tif", compression="tiff_lzw")
    Image.fromarray(marked).save(top / "in fact a jpeg.png", "JPEG", quality=95)
    Image.fromarray(doubtful).save(top / "doubt.webp", lossless=True)
    Image.fromarray(page).save(top / "plain.jpg", quality=33)
    (top / "broken.png").write_bytes(b"no image")
    frames = [Image.fromarray(page), Image.fromarray(255 - page)]
    frames[0].save(top / "moving.gif", save_all=True, append_images=frames[1:])
    (top / "notes.txt").write_text("not an image")
    return top


def contents(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_folder_is_cleaned_and_the_bad_files_told(folder, tmp_path, page, capsys):
    assert clean_files(folder, tmp_path / "out", tmp_path / "sheets" / "sheet.html") == 2
    before, after = contents(folder), contents(tmp_path / "out")
    assert set(before) - set(after) == {"broken.png", "moving.gif", "notes.txt"}
    for name in ("doubt.webp", "plain.jpg"):
        assert after[name] == before[name]
    for name in (
        "marked.png",
        "marked.JPG",
        "deep/alpha.png",
        "palette.gif",
        "scan.tif",
        "in fact a jpeg.png",
    ):
        with Image.open(io.BytesIO(before[name])) as old, Image.open(io.BytesIO(after[name])) as new:
            assert (old.format, old.mode, old.size) == (new.format, new.mode, new.size)
            assert old.info.get("dpi") == new.info.get("dpi")
        cleaned = imaging.read(after[name]).astype(int)
        assert np.abs(cleaned[65:85, 15:35] - page[65:85, 15:35]).max() <= 25, name
        loss = 0 if not name.endswith(("JPG", "jpeg.png")) else 30
        outside = np.abs(imaging.read(before[name]).astype(int) - cleaned)
        outside[55:95, 5:45] = 0
        assert outside.max() <= loss
    told = capsys.readouterr()
    lines = {
        line.split(" -> ")[0].removeprefix(f"{folder}/"): line.split(": ")[-1]
        for line in told.out.splitlines()
    }
    assert lines["marked.png"] == "badge removed"
    assert lines["doubt.webp"] == "caption? in doubt, copied"
    assert lines["plain.jpg"] == "no mark, copied"
    assert sorted(told.err.splitlines()) == [
        f"{folder / 'broken.png'}: not cleaned: not an image",
        f"{folder / 'moving.gif'}: not cleaned: animated or of several pages",
    ]
    sheet = (tmp_path / "sheets" / "sheet.html").read_text()
    assert "6 of 6 images are shown" in sheet
    assert "<code>moving.gif</code>animated" in sheet
    assert "watermarks.yaml" not in sheet


def test_again_gives_the_same_and_changes_nothing(folder, tmp_path, monkeypatch, capsys):
    sheets = [tmp_path / "a.html", tmp_path / "b.html"]
    clean_files(folder, tmp_path / "out", sheets[0])
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    monkeypatch.setattr("os.cpu_count", lambda: 7)
    clean_files(folder, tmp_path / "out", sheets[1])
    assert times == {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*")}
    assert capsys.readouterr().out.endswith("\n0 cleaned, 8 skipped, 2 failed\n")
    assert sheets[0].read_bytes() == sheets[1].read_bytes()
    clean_files(folder / "broken.png", tmp_path / "out", sheets[1])  # over the earlier page
    assert "marked.png" not in sheets[1].read_text()


def test_another_image_that_is_there_is_not_written_over(folder, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "plain.jpg").write_bytes(b"mine")
    assert clean_files(folder, tmp_path / "out", None) == 3
    assert (tmp_path / "out" / "plain.jpg").read_bytes() == b"mine"
    assert "plain.jpg exists and is another file, or was edited" in capsys.readouterr().err
    assert (tmp_path / "out" / "marked.png").exists()


def test_a_failing_detector_is_listed_and_nothing_half_is_written(folder, tmp_path, monkeypatch, capsys):
    detector = command.detect

    def fail(image):
        if (image == CYAN).all(2).any():
            raise RuntimeError("no\nway")
        return detector(image)

    monkeypatch.setattr(command, "detect", fail)
    assert clean_files(folder, tmp_path / "out", None) == 3
    assert "doubt.webp: not cleaned: RuntimeError: no way\n" in capsys.readouterr().err
    assert not (tmp_path / "out" / "doubt.webp").exists()
    assert not list((tmp_path / "out").rglob(".*"))


def test_a_marked_image_that_cannot_be_given_back_is_told_and_an_unmarked_one_is_copied(
    tmp_path, page, color_detector, capsys
):
    marked = page.copy()
    marked[60:90, 10:40] = PINK
    (tmp_path / "in").mkdir()
    Image.fromarray(marked).save(tmp_path / "in" / "marked.png", transparency=(250, 248, 244))
    Image.fromarray(page).save(tmp_path / "in" / "plain.png", transparency=(250, 248, 244))
    assert clean_files(tmp_path / "in", tmp_path / "out", None) == 1
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["plain.png"]
    assert "one colour stands for transparency" in capsys.readouterr().err


@pytest.mark.slow
def test_marks_of_a_huge_image_are_searched_on_it_shrunk_and_removed_at_its_size(
    tmp_path, page, color_detector, monkeypatch
):
    monkeypatch.setattr(command, "MAX_SEARCHED", 1 << 20)
    monkeypatch.setattr(command, "SEARCHED_SIDE", 600)
    large = np.asarray(imaging.resize(page, 3000, 1800)).copy()
    large[1200:1500, 300:600] = PINK
    Image.fromarray(large).save(tmp_path / "large.png")
    assert clean_files(tmp_path / "large.png", tmp_path / "out.png", None) == 0
    after = imaging.read(tmp_path / "out.png")
    changed = (after != large).any(2)
    assert after.shape == large.shape
    assert changed[1205:1495, 305:595].all()
    changed[1190:1510, 290:610] = False
    assert not changed.any()


@pytest.mark.slow
def test_a_large_image_keeps_its_size(tmp_path, page, color_detector):
    large = np.asarray(imaging.resize(page, 3000, 1800)).copy()
    large[1200:1500, 300:600] = PINK
    Image.fromarray(large).save(tmp_path / "large.png")
    assert clean_files(tmp_path / "large.png", tmp_path / "out.png", None) == 0
    after = imaging.read(tmp_path / "out.png")
    changed = (after != large).any(2)
    assert after.shape == large.shape
    assert changed[1200:1500, 300:600].all() and changed.sum() == 300 * 300


def test_the_command_says_in_one_line_what_cannot_be(tmp_path):
    with pytest.raises(SystemExit) as stop:
        main(["clean", str(tmp_path / "nowhere"), str(tmp_path / "out")])
    assert stop.value.code == (
        f"sketch2color clean: {tmp_path / 'nowhere'} does not exist: give an image or a folder of images"
    )
    with pytest.raises(UserError, match=r"sheet\.png: the review page is HTML"):
        clean_files(tmp_path, tmp_path / "out", tmp_path / "sheet.png")


@pytest.mark.parametrize("there", ["text", "edited", "link", "broken link", "folder", "in a file", "empty"])
def test_a_review_page_is_written_over_no_other_file_and_that_is_said_first(tmp_path, there):
    (tmp_path / "in.png").write_bytes(b"")
    sheet, kept = tmp_path / "sheet.html", tmp_path / "kept.html"
    clean_files(tmp_path / "in.png", tmp_path / "out", kept)
    if there == "in a file":
        sheet = kept / "sheet.html"
    elif there == "folder":
        sheet.mkdir()
    elif "link" in there:
        sheet.symlink_to(kept if there == "link" else tmp_path / "nowhere")
    else:
        sheet.write_bytes({"text": b"mine\n", "edited": b"mine\n" + kept.read_bytes(), "empty": b""}[there])
    before = kept.read_bytes(), sheet.read_bytes() if sheet.is_file() else b""
    Image.new("RGB", (70, 70)).save(tmp_path / "in.png")
    with pytest.raises(UserError, match=r"kept\.html is a file|sheet\.html exists and is no review page"):
        clean_files(tmp_path / "in.png", tmp_path / "out", sheet)
    assert not (tmp_path / "out").exists()
    assert before == (kept.read_bytes(), sheet.read_bytes() if sheet.is_file() else b"")
    assert sheet.is_symlink() == ("link" in there)


def test_the_command_ends_with_1_where_an_image_failed(folder, tmp_path):
    assert main(["clean", str(folder), str(tmp_path / "out")]) == 1
    assert main(["clean", str(folder / "plain.jpg"), str(tmp_path / "one")]) == 0
    assert (tmp_path / "one" / "plain.jpg").read_bytes() == (folder / "plain.jpg").read_bytes()


def test_the_help_says_whose_images_it_is_for(capsys):
    with pytest.raises(SystemExit):
        main(["clean", "--help"])
    assert "only on images that you have the right to use" in " ".join(capsys.readouterr().out.split())


def test_what_is_in_doubt_is_promoted_by_what_the_other_files_bear(folder, tmp_path, monkeypatch, capsys):
    def promote_recurring(known, image, detections, page):
        assert page == "doubt.webp"
        return Detections([*detections.sure, *detections.doubtful], [])

    monkeypatch.setattr("sketch2color.watermarks.recurring.TemplateBank.promote_recurring", promote_recurring)
    clean_files(folder, tmp_path / "out", None)
    assert "doubt.webp: caption removed" in capsys.readouterr().out
    assert contents(tmp_path / "out")["doubt.webp"] != contents(folder)["doubt.webp"]


def test_avif_is_cleaned_and_jpeg_xl_is_reported(page, color_detector, tmp_path, capsys):
    marked = page.copy()
    marked[60:90, 10:40] = PINK
    (tmp_path / "in").mkdir()
    Image.fromarray(marked).save(tmp_path / "in" / "a.avif", quality=100, subsampling="4:4:4")
    (tmp_path / "in" / "b.jxl").write_bytes(b"\xff\x0a" + bytes(30))
    assert clean_files(tmp_path / "in", tmp_path / "out", None) == 1
    decoded = imaging.decode((tmp_path / "out" / "a.avif").read_bytes())
    assert decoded.suffix == ".avif"
    assert not (decoded.image == PINK).all(2).any()
    assert capsys.readouterr().err.endswith(
        "b.jxl: not cleaned: a JPEG XL file, not an image in a supported format: save it as PNG or JPEG\n"
    )
