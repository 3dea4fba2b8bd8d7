import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sketch2color import imaging
from sketch2color.colorize import result_files
from sketch2color.colorize.asked import Asked, read_strokes
from sketch2color.colorize.colorize_files import colorize_files
from sketch2color.colorize.record import Record, find_record
from sketch2color.colorize.request import parse_palette
from sketch2color.errors import UserError
from sketch2color.files import write_bytes
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.generators.registry import CONFIG, WEIGHTS, save_generator
from sketch2color.models.palette import PALETTE


@pytest.fixture
def model(tmp_path):
    torch.manual_seed(0)
    network, palettes = MultiplyGenerator(8), torch.rand(3, PALETTE)
    save_generator(tmp_path / "model", network, palettes, generator="multiply", width=8, size=64)
    return tmp_path / "model"


@pytest.fixture
def sketches(tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    drawn = np.full((50, 120, 3), 250, np.uint8)
    drawn[10:40, 20:22] = 0
    image = Image.fromarray(drawn)
    image.save(folder / "scan.tif")
    image.save(folder / "a.png")
    image.save(folder / "a.jpg")
    image.convert("LA").save(folder / "deep" / "a.png")
    turned = Image.Exif()
    turned[0x0112] = 6
    image.save(folder / "photo.jpg", exif=turned)
    (folder / "bad.png").write_bytes(b"no image")
    (folder / "notes.txt").write_text("not to be coloured")
    return folder


def test_a_folder_is_coloured_and_the_bad_file_reported(model, sketches, tmp_path, capsys):
    assert colorize_files(sketches, tmp_path / "out", model) == 1
    written = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out").rglob("*.png")}
    assert written == {"a.png.png", "a.jpg.png", "deep/a.png", "photo.png", "scan.png"}
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 6
    assert printed.out.endswith("\n5 coloured, 0 skipped, 1 failed\n")
    assert printed.err == f"{sketches / 'bad.png'}: not coloured: not an image\n"
    for name, size in (("scan", (50, 120, 3)), ("photo", (120, 50, 3))):
        assert imaging.read(tmp_path / "out" / f"{name}.png").shape == size


def test_colouring_again_is_byte_identical(model, sketches, tmp_path, capsys):
    for out in ("first", "second"):
        colorize_files(sketches, tmp_path / out, model)
    for path in (tmp_path / "first").rglob("*.png"):
        assert path.read_bytes() == (tmp_path / "second" / path.relative_to(tmp_path / "first")).read_bytes()


def test_one_image_can_be_coloured_into_a_file_or_a_folder(model, sketches, tmp_path, capsys):
    assert colorize_files(sketches / "scan.tif", tmp_path / "mine.png", model) == 0
    assert colorize_files(sketches / "scan.tif", tmp_path / "folder", model) == 0
    assert (tmp_path / "mine.png").read_bytes() == (tmp_path / "folder" / "scan.png").read_bytes()


def test_a_missing_model_is_said(sketches, tmp_path):
    with pytest.raises(UserError, match="no trained model"):
        colorize_files(sketches, tmp_path / "out", tmp_path / "nowhere")


def test_a_sketch_is_never_written_over(model, sketches):
    with pytest.raises(UserError, match="would be overwritten"):
        colorize_files(sketches / "a.png", sketches / "a.png", model)


def test_avif_is_coloured_and_heic_is_reported(model, tmp_path, capsys):
    (tmp_path / "in").mkdir()
    Image.new("RGB", (40, 30), "white").save(tmp_path / "in" / "a.avif")
    (tmp_path / "in" / "b.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(30))
    assert colorize_files(tmp_path / "in", tmp_path / "out", model) == 1
    assert imaging.read(tmp_path / "out" / "a.png").shape == (30, 40, 3)
    assert capsys.readouterr().err.endswith(
        "b.heic: not coloured: a HEIC file, not an image in a supported format: save it as PNG or JPEG\n"
    )


def test_an_interrupted_folder_is_continued_and_changes_are_coloured_again(model, sketches, tmp_path, capsys):
    out = tmp_path / "out"
    (sketches / "bad.png").unlink()
    colorize_files(sketches, out, model)
    (out / "scan.png").unlink()
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.png")}
    capsys.readouterr()
    assert colorize_files(sketches, out, model) == 0
    assert capsys.readouterr().out.endswith("\n1 coloured, 4 skipped, 0 failed\n")
    assert times == {path: path.stat().st_mtime_ns for path in times}
    Image.new("RGB", (30, 40), "white").save(sketches / "scan.tif")
    assert colorize_files(sketches, out, model) == 0
    assert imaging.read(out / "scan.png").shape == (40, 30, 3)
    assert capsys.readouterr().out.endswith("\n1 coloured, 4 skipped, 0 failed\n")
    network, palettes = MultiplyGenerator(8), torch.rand(3, PALETTE)
    save_generator(model, network, palettes, generator="multiply", width=8, size=64)
    assert colorize_files(sketches, out, model) == 0
    assert capsys.readouterr().out.endswith("\n5 coloured, 0 skipped, 0 failed\n")


@pytest.mark.parametrize("there", ["text", "edited", "link", "broken link", "folder", "other sketch's"])
def test_a_file_that_is_not_this_sketchs_result_is_never_overwritten(
    model, sketches, tmp_path, capsys, there
):
    target, kept = tmp_path / "out" / "scan.png", tmp_path / "kept"
    target.parent.mkdir()
    kept.write_bytes(b"precious")
    if there == "text":
        target.write_bytes(b"precious")
    elif there == "edited":
        colorize_files(sketches / "scan.tif", target.parent, model)
        with Image.open(target) as image:
            image.putpixel((3, 3), (1, 2, 3))
            texts = PngInfo()
            texts.add_text("sketch2color", image.info["sketch2color"])
            image.save(target, pnginfo=texts)
        Image.new("RGB", (9, 9)).save(sketches / "scan.tif")
    elif there == "folder":
        target.mkdir()
    elif there == "other sketch's":
        colorize_files(sketches / "photo.jpg", target, model)
    else:
        target.symlink_to(kept if there == "link" else tmp_path / "nowhere")
    before = target.read_bytes() if target.is_file() else None
    capsys.readouterr()
    assert colorize_files(sketches / "scan.tif", target.parent, model) == 1
    printed = capsys.readouterr()
    assert (
        f"{sketches / 'scan.tif'}: not coloured: {target} exists and is another file, or was edited"
        in printed.err
    )
    assert printed.out == "0 coloured, 0 skipped, 1 failed\n"
    assert before == (target.read_bytes() if target.is_file() else None)
    assert kept.read_bytes() == b"precious"
    assert target.is_symlink() == ("link" in there)


@pytest.fixture
def kettle(tmp_path):
    image = np.full((60, 80, 3), 255, np.uint8)
    image[10:50, 20] = image[10:50, 60] = image[10, 20:60] = image[50, 20:61] = 0
    path = tmp_path / "kettle.png"
    Image.fromarray(image).save(path)
    return path


def color(kettle, model, asked):
    colorize_files(kettle, kettle.parent / "out", model, asked)
    return {path.name: path.read_bytes() for path in sorted((kettle.parent / "out").iterdir())}


def test_a_request_is_recorded_beside_its_result(model, kettle, capsys):
    written = color(kettle, model, Asked(palette=((0, 0, 255),), layers="ora"))
    assert list(written) == ["kettle.json", "kettle.ora", "kettle.png"]
    record = json.loads(written["kettle.json"])
    assert record["request"] == {"palette": ["#0000ff"], "layers": "ora"}
    assert record["sketch"] == hashlib.sha256(kettle.read_bytes()).hexdigest()
    assert record["layers"] == {".ora": hashlib.sha256(written["kettle.ora"]).hexdigest()}
    parts = [(model / name).read_bytes() for name in (CONFIG, WEIGHTS)]
    assert record["model"] == hashlib.sha256(b"".join(parts)).hexdigest()
    assert record["files"][WEIGHTS] == hashlib.md5(parts[1]).hexdigest()
    for name in written:
        found, gap = find_record(kettle.parent / "out" / name)
        assert json.loads(found.to_json()) == record
        assert bool(gap) == (name != "kettle.png")


def test_a_recorded_request_gives_the_same_bytes_again(model, kettle, tmp_path, capsys):
    fill, paint = np.zeros((2, 60, 80, 4), np.uint8)
    fill[28:32, 30:50] = 255, 0, 0, 255
    paint[5:8, 5:70] = 0, 128, 0, 200
    for name, strokes in (("fill", fill), ("paint", paint)):
        Image.fromarray(strokes).save(tmp_path / f"{name}.png")
    given = {"fill": tmp_path / "fill.png", "paint": tmp_path / "paint.png"}
    palette = parse_palette("blue,gold,#333")
    first = color(kettle, model, Asked(palette=palette, variants=3, layers="psd", **given))
    record, _ = find_record(kettle.parent / "out" / "kettle-3.png")
    for kind, digest in ((kind, record.request[kind]) for kind in given):
        assert hashlib.sha256(read_strokes(given[kind]).tobytes()).hexdigest() == digest
    again = parse_palette(",".join(record.request["palette"]))
    variants = record.request["variant"] + 1
    colorize_files(kettle, tmp_path / "again", model, Asked(again, {}, *given.values(), variants, "psd"))
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}


def test_an_edited_result_and_a_damaged_record_are_told(model, kettle, capsys):
    color(kettle, model, Asked(palette=((0, 0, 255),)))
    result = kettle.parent / "out" / "kettle.png"
    Image.open(result).save(result)
    assert find_record(result)[1].startswith("only kettle.json says")
    for content in ("{}", "[", '{"sketch": 1}', "null", "[" * 9000):
        result.with_suffix(".json").write_text(content)
        assert find_record(result) is None


def test_an_equal_request_is_skipped_and_another_is_coloured_again(model, kettle, capsys):
    blue = Asked(palette=((0, 0, 255),), layers="png")
    first = color(kettle, model, Asked(palette=((0, 0, 255),)))
    assert color(kettle, model, Asked(palette=((0, 0, 255),))) == first
    assert "up to date" in capsys.readouterr().out
    assert color(kettle, model, Asked(palette=((255, 0, 0),))) != first
    colorize_files(kettle, kettle.parent / "out", model, blue)
    assert "up to date" not in capsys.readouterr().out


def test_a_folder_that_was_renamed_goes_on_and_another_sketch_is_refused(model, kettle, capsys):
    folder, out = kettle.parent / "in", kettle.parent / "out"
    folder.mkdir()
    (folder / "a.jfif").write_bytes(kettle.read_bytes())
    assert colorize_files(folder, out, model, Asked()) == 0
    folder = folder.rename(kettle.parent / "mounted elsewhere")
    assert colorize_files(folder, out, model, Asked()) == 0
    assert capsys.readouterr().out.endswith("\n0 coloured, 1 skipped, 0 failed\n")
    Image.new("RGB", (64, 64), "white").save(folder / "a.jfif", "PNG")
    folder.rename(kettle.parent / "in again")
    assert colorize_files(kettle.parent / "in again", out, model, Asked()) == 1
    assert "exists" in capsys.readouterr().err


def test_variants_have_numbers(model, kettle, capsys):
    written = color(kettle, model, Asked(variants=3))
    assert [name for name in written if name.endswith(".png")] == [f"kettle-{n}.png" for n in (1, 2, 3)]


@pytest.mark.parametrize("name", ["kettle.json", "kettle.psd"])
def test_a_file_of_somebody_else_beside_a_result_is_kept(model, kettle, capsys, name):
    (kettle.parent / "out").mkdir()
    (kettle.parent / "out" / name).write_text("precious")
    assert color(kettle, model, Asked(palette=((0, 0, 255),), layers="psd")) == {name: b"precious"}
    assert "exists" in capsys.readouterr().err


def test_layers_and_variants_of_long_names_and_beside_folders_of_layers_names_are_written(
    model, kettle, capsys
):
    folder = kettle.parent / "in"
    for name in ("a.png", "a-1-layers/1 paper.png", "x" * 250 + ".png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(kettle.read_bytes())
    for _ in range(2):
        assert colorize_files(folder, kettle.parent / "out", model, Asked(variants=2, layers="png")) == 0
    assert capsys.readouterr().out.endswith("\n0 coloured, 3 skipped, 0 failed\n")


def test_strokes_are_for_one_sketch(model, sketches, tmp_path):
    with pytest.raises(UserError, match="strokes are for one sketch"):
        colorize_files(sketches, tmp_path / "out", model, Asked(fill=tmp_path / "strokes.png"))


def test_strokes_of_another_size_are_one_line(model, kettle, capsys):
    strokes = np.zeros((8, 8, 4), np.uint8)
    Image.fromarray(strokes).save(kettle.parent / "strokes.png")
    assert (
        colorize_files(kettle, kettle.parent / "out", model, Asked(fill=kettle.parent / "strokes.png")) == 1
    )
    assert not (kettle.parent / "out").exists()
    assert "8 × 8 pixels and the sketch 80 × 60" in capsys.readouterr().err


@pytest.mark.parametrize(("kind", "name"), [("png", "a-layers"), ("psd", "a.psd"), ("ora", "a.json")])
def test_nothing_is_written_through_a_link(model, sketches, tmp_path, capsys, kind, name):
    def colorize(color: str) -> int:
        request = Asked(palette=parse_palette(color), layers=kind)
        return colorize_files(sketches / "deep" / "a.png", out, model, request)

    out = tmp_path / "out"
    assert colorize("blue") == 0
    beside, theirs = out / name, tmp_path / "theirs"
    beside.rename(theirs)
    beside.symlink_to(theirs)
    before = {path: path.read_bytes() for path in [theirs, *theirs.glob("*")] if path.is_file()}
    assert colorize("red") == 1
    assert f"{name} exists" in capsys.readouterr().err
    assert before == {path: path.read_bytes() for path in before}


def test_a_folder_of_layers_keeps_what_is_not_a_layer(model, sketches, tmp_path):
    out = tmp_path / "out"
    for color in ("blue", "red"):
        colorize_files(
            sketches / "deep" / "a.png", out, model, Asked(palette=parse_palette(color), layers="png")
        )
        (out / "a-layers" / "final.png").write_bytes(b"mine")
    assert len(list((out / "a-layers").glob("* paper.png"))) == 1
    colorize_files(
        sketches / "deep" / "a.png", out, model, Asked(palette=parse_palette("gold"), layers="png")
    )
    assert (out / "a-layers" / "final.png").read_bytes() == b"mine"


BLUE, RED = (Asked(palette=parse_palette(color), layers="png") for color in ("blue", "red"))


def everything(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("kind", "name"),
    [("psd", "kettle.psd"), ("ora", "kettle.json"), ("png", "kettle-layers/1 paper.png")],
)
def test_a_file_that_was_edited_beside_a_result_is_kept(model, kettle, capsys, kind, name):
    out = kettle.parent / "out"
    colorize_files(kettle, out, model, Asked(palette=parse_palette("blue"), layers=kind))
    edited = out / name
    edited.write_bytes(edited.read_bytes() + b"mine")
    before = everything(out)
    assert colorize_files(kettle, out, model, Asked(palette=parse_palette("blue"), layers=kind)) == 0
    assert "up to date" in capsys.readouterr().out
    assert colorize_files(kettle, out, model, Asked(palette=parse_palette("red"), layers=kind)) == 1
    assert f"{edited} exists and is another file, or was edited" in capsys.readouterr().err
    assert everything(out) == before
    assert colorize_files(kettle, out, model) == 0  # needs no file beside the image
    assert set(everything(out)) == {"kettle.png", name}


def test_an_interrupted_result_is_made_whole_whenever_that_was(model, kettle, monkeypatch):
    out, whole = kettle.parent / "out", kettle.parent / "whole"
    colorize_files(kettle, whole, model, RED)
    files = everything(whole)
    for written in (0, 1, 3, len(files) - 1):
        colorize_files(kettle, out, model, BLUE)
        left = iter(range(written))

        def write(path, content, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            write_bytes(path, content)

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(result_files, "write_bytes", write)
            colorize_files(kettle, out, model, RED)
        assert colorize_files(kettle, out, model, RED) == 0
        assert everything(out) == files


@pytest.mark.parametrize("asked", [BLUE, RED], ids=["same", "other"])
@pytest.mark.parametrize("name", ["kettle.png", "kettle.json", "kettle-layers/1 paper.png"])
def test_a_file_of_a_result_that_was_deleted_is_made_again(model, kettle, name, asked):
    out, expected = kettle.parent / "out", kettle.parent / "expected"
    colorize_files(kettle, expected, model, asked)
    colorize_files(kettle, out, model, BLUE)
    (out / name).unlink()
    assert colorize_files(kettle, out, model, asked) == 0
    assert everything(out) == everything(expected)


def test_files_beside_a_result_that_is_made_again_without_them_are_removed(model, kettle):
    out = kettle.parent / "out"
    colorize_files(kettle, out, model, BLUE)
    assert colorize_files(kettle, out, model) == 0
    assert set(everything(out)) == {"kettle.png"}


def test_a_record_lists_no_file_of_another_folder():
    digest = "0" * 64
    for name in ("/../a.psd", "-layers/../a.png", "-layers/1/../../a.png", "-layers/1 a.png\0", ".json"):
        with pytest.raises(ValueError, match="pattern"):
            Record(sketch=digest, model=digest, files={"a": "0" * 32}, layers={name: digest})


@pytest.mark.parametrize("path", ["/", "."])
def test_a_path_without_a_name_has_no_record(path):
    assert find_record(Path(path)) is None
