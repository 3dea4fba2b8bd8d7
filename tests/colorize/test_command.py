import numpy as np
import pytest
import torch
from PIL import Image

from sketch2color import cli
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
    "unknown.csv": "file,palette\nkettle.png,blau\n",
    "other.csv": "file,palette\nkettle.png,blue\nkettl.png,red\n",
    "columns.csv": "sketch,palette\nkettle.png,blue\n",
}


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
    ],
)
def test_a_bad_request_is_one_line_and_writes_nothing(folder, monkeypatch, capsys, request_, message):
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as ended:
        given = ["colorize", "sketches", "out", "--model", "model", "--layers", "psd", *request_.split()]
        raise SystemExit(cli.main(given))
    said = ended.value.code if isinstance(ended.value.code, str) else capsys.readouterr().err
    (line,) = [each for each in said.splitlines() if message in each]
    assert ended.value.code not in (0, None)
    assert [each for each in said.splitlines() if "usage:" not in each and not each.startswith(" ")] == [line]
    assert not (folder / "out").exists()
