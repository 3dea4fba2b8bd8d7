import json
import re

import numpy as np
import pytest
import torch
from PIL import Image

from sketch2color import cli, imaging
from sketch2color.colorize import request_file
from sketch2color.colorize.record import find_record
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.generators.registry import save_generator

FILES = {
    "small.png": np.zeros((8, 8, 4), np.uint8),
    "opaque.png": np.full((60, 80, 4), 255, np.uint8),
    "no-alpha.png": np.zeros((60, 80, 3), np.uint8),
    "multiplied.png": np.zeros((60, 80, 4), np.uint8),
    "photo.png": np.random.default_rng(0).integers(0, 256, (60, 80, 4)).astype(np.uint8),
}
FILES["multiplied.png"][20:40, 10:70, 0] = FILES["multiplied.png"][20:40, 10:70, 3] = np.linspace(250, 9, 60)
TABLES = {
    "good.csv": "file,palette\nkettle.png,blue\n",
    "unknown.csv": "file,palette\nkettle.png,blau\n",
    "other.csv": "file,palette\nkettle.png,blue\nkettl.png,red\n",
    "columns.csv": "sketch,palette\nkettle.png,blue\n",
}
POINTS = [[30, 30, 4], [50, 30.5, 4]]
REQUEST = {
    "format": 1,
    "width": 80,
    "height": 60,
    "palette": ["#1f4fb0", "#ff8000"],
    "variant": 1,
    "strokes": [{"tool": "brush", "color": "#dc143c", "points": POINTS}],
    "sketch": "data:image/png;base64,AAAA",
}


def strokes(**changes):
    return {"strokes": [REQUEST["strokes"][0] | changes]}


REQUESTS = {
    "good": {},
    "other": {"format": 2, "shapes": []},
    "key": {"stroke": []},
    "small": {"width": 79},
    "huge": {"width": 90_000_000},
    "edge": {"height": 0},
    "color": {"palette": ["blau"]},
    "seven": {"palette": ["#ff0000"] * 7},
    "variant": {"variant": -1},
    "many": {"strokes": REQUEST["strokes"] * 21},
    "tool": strokes(tool="spray"),
    "ink": strokes(color="red"),
    "empty": strokes(points=[]),
    "long": strokes(points=POINTS * 16),
    "pair": strokes(points=[[1, 2]]),
    "text": strokes(points=[[1, 2, "3"]]),
    "thin": strokes(points=[[1, 2, -3]]),
    "far": strokes(points=[[1, 2e6, 3]]),
    "digits": strokes(points=[[10**400, 1, 3]]),
    "nan": strokes(points=[[1, float("nan"), 3]]),
    "whole": strokes(points=[[40, 30, 999]]),
    "sketch": {"sketch": 1},
}
POINT = "must be [x, y, width], numbers up to 1000000, the width not negative"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("command")
    torch.manual_seed(0)
    network, palettes = MultiplyGenerator(4), torch.rand(3, 11)
    save_generator(folder / "model", network, palettes, generator="multiply", width=4, size=64)
    for name, pixels in FILES.items():
        Image.fromarray(pixels).save(folder / name)
    for name, text in TABLES.items():
        (folder / name).write_text(text)
    for name, changes in REQUESTS.items():
        (folder / f"{name}.json").write_text(json.dumps(REQUEST | changes))
    (folder / "list.json").write_text("[]")
    (folder / "deep.json").write_text("[" * 100_000)
    (folder / "missing.json").write_text('{"format": 1, "width": 80}')
    (folder / "text.png").write_text("no image")
    (folder / "sketches").mkdir()
    sketch = np.full((60, 80), 255, np.uint8)
    sketch[10:50, 20] = sketch[10:50, 60] = sketch[10, 20:60] = sketch[50, 20:61] = 0
    Image.fromarray(sketch).save(folder / "sketches" / "kettle.png")
    return folder


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("--palette blau", "'blau' is no colour"),
        ("--palette blue,,red", "has an empty entry"),
        ("--palette ,", "has an empty entry"),
        (f"--palette {','.join(['red'] * 40)}", "a palette has at most 6 colours, main first (got 40)"),
        ("--palette blue --palette-from photo.png", "not allowed with argument --palette"),
        ("--palette-from text.png", "no palette can be taken from it: not an image"),
        ("--palette-from /dev/zero", "no palette can be taken from it: has more than 1,000,000,000 bytes"),
        ("--palettes unknown.csv", "unknown.csv: 'blau' is no colour"),
        ("--palettes other.csv", "a palette is given for 'kettl.png', which is no sketch"),
        ("--palettes columns.csv", "needs the columns file and palette"),
        ("--palettes none.csv", "none.csv"),
        ("--variants 0", "--variants must be from 1 to 100 (got 0)"),
        ("--variants many", "argument --variants: invalid int value: 'many'"),
        ("--layers xcf", "argument --layers: invalid choice: 'xcf'"),
        ("--strokes small.png", "fill strokes have 8 × 8 pixels and the sketch 80 × 60"),
        ("--paint small.png", "paint strokes have 8 × 8 pixels and the sketch 80 × 60"),
        ("--strokes opaque.png", "fill strokes cover the whole sketch"),
        ("--paint opaque.png", "paint strokes cover the whole sketch"),
        ("--strokes multiplied.png", "fill strokes have colours multiplied by alpha"),
        ("--strokes no-alpha.png", "strokes cannot be read: has no transparency"),
        ("--strokes text.png", "strokes cannot be read: not an image"),
        ("--paint none.png", "strokes cannot be read"),
        ("--paint model", "strokes cannot be read"),
        ("--strokes photo.png", "strokes have more than 64 colours"),
        ("--request none.json", "none.json: the request cannot be read: No such file"),
        ("--request model", "model: the request cannot be read: Is a directory"),
        ("--request text.png", "text.png: not JSON: Expecting value"),
        ("--request deep.json", "deep.json: not JSON: nested too deeply"),
        ("--request list.json", "list.json: the file must be a mapping of keys to values (got [])"),
        ("--request missing.json", "missing.json: height is missing"),
        ("--request other.json", "other.json: the file has format 2; this version reads 1"),
        ("--request key.json", "key.json: unknown key stroke; did you mean strokes?"),
        ("--request small.json", "the request is for a sketch of 79 × 60 pixels, and this one has 80 × 60"),
        ("--request huge.json", "huge.json: 90000000 × 60 is over 100,000,000 pixels"),
        ("--request edge.json", "edge.json: height must be an integer from 1 to 100000000 (got 0)"),
        ("--request color.json", "color.json: palette[0] must be a colour such as #ff8000 (got 'blau')"),
        ("--request seven.json", "a palette has at most 6 colours, main first (got 7)"),
        ("--request variant.json", "variant.json: variant must be an integer from 0 to 999999 (got -1)"),
        ("--request many.json", "many.json: the file must have at most 20 strokes (got 21)"),
        ("--request tool.json", "strokes[0].tool must be one of fill, brush, eraser (got 'spray')"),
        ("--request ink.json", "strokes[0].color must be a colour such as #ff8000 (got 'red')"),
        ("--request empty.json", "empty.json: strokes[0].points must be a list, each item [x, y, width]"),
        ("--request long.json", "long.json: the file must have at most 30 points (got 32)"),
        ("--request pair.json", f"strokes[0].points[0] {POINT} (got [1, 2])"),
        ("--request text.json", f"strokes[0].points[0] {POINT} (got [1, 2, '3'])"),
        ("--request thin.json", f"strokes[0].points[0] {POINT} (got [1, 2, -3])"),
        ("--request far.json", f"strokes[0].points[0] {POINT} (got [1, 2000000.0, 3])"),
        ("--request digits.json", f"strokes[0].points[0] {POINT} (got [1000"),
        ("--request nan.json", f"strokes[0].points[0] {POINT} (got [1, nan, 3])"),
        ("--request whole.json", "paint strokes cover the whole sketch"),
        ("--request sketch.json", "sketch.json: sketch must be a text (got 1"),
        *(
            (f"--request good.json {other}", "--request says palette, strokes and variant")
            for other in (
                "--palette blue",
                "--palette-from photo.png",
                "--palettes good.csv",
                "--strokes small.png",
                "--paint small.png",
                "--variants 2",
            )
        ),
    ],
)
def test_a_bad_request_is_one_line_and_writes_nothing(folder, monkeypatch, capsys, request_, message):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(request_file, "MAX_STROKES", 20)
    monkeypatch.setattr(request_file, "MAX_POINTS", 30)
    with pytest.raises(SystemExit) as ended:
        given = ["colorize", "sketches", "out", "--model", "model", "--layers", "psd", *request_.split()]
        raise SystemExit(cli.main(given))
    said = ended.value.code if isinstance(ended.value.code, str) else capsys.readouterr().err
    (line,) = [each for each in said.splitlines() if message in each]
    assert ended.value.code not in (0, None)
    assert [each for each in said.splitlines() if "usage:" not in each and not each.startswith(" ")] == [line]
    assert not (folder / "out").exists()


def test_a_request_file_is_as_its_palette_variant_and_strokes(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    drawn = np.zeros((60, 80, 4), np.uint8)
    for row, column in np.ndindex(60, 80):
        x, y = column + 0.5, row + 0.5
        t = np.clip(((x - 30) * 20 + (y - 30) * 0.5) / 400.25, 0, 1)
        if (x - 30 - 20 * t) ** 2 + (y - 30 - 0.5 * t) ** 2 <= 4:
            drawn[row, column] = 220, 20, 60, 255
    Image.fromarray(drawn).save("drawn.png")
    command = ["colorize", "sketches/kettle.png", "--model", "model"]
    assert cli.main([*command, "replayed", "--request", "good.json"]) == 0
    given = ["--palette", "#1f4fb0,#ff8000", "--variants", "2", "--paint", "drawn.png"]
    assert cli.main([*command, "given", *given]) == 0
    replayed, given = folder / "replayed" / "kettle.png", folder / "given" / "kettle-2.png"
    assert (imaging.read(replayed)[drawn[..., 3] > 0] == (220, 20, 60)).all()
    assert replayed.read_bytes() == given.read_bytes()
    record, _ = find_record(replayed)
    assert re.fullmatch(
        "request: paint [0-9a-f]{64}; palette #1f4fb0, #ff8000; variant 1", record.describe()[-1]
    )  # `trace` shows it
    capsys.readouterr()
    assert cli.main([*command, "replayed", "--request", "good.json"]) == 0
    assert "up to date" in capsys.readouterr().out
