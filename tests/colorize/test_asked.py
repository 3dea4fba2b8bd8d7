import numpy as np
import pytest
import torch
from PIL import Image

from sketch2color.colorize.asked import Asked, read_palette, read_palettes, read_strokes
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.layers import composite
from sketch2color.errors import UserError
from sketch2color.imaging import Decoded
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.palette import PALETTE


@pytest.fixture
def colorizer():
    torch.manual_seed(0)
    return Colorizer(MultiplyGenerator(8).eval(), torch.rand(5, PALETTE), 64)


@pytest.fixture
def sketch():
    image = np.full((60, 80, 3), 255, np.uint8)
    image[10:50, 20] = image[10:50, 60] = image[10, 20:60] = image[50, 20:61] = 0
    return Decoded(image, ".png")


@pytest.fixture
def strokes(tmp_path):
    drawn = np.zeros((60, 80, 4), np.uint8)
    drawn[28:32, 30:50] = 255, 0, 0, 255
    Image.fromarray(drawn).save(tmp_path / "strokes.png")
    return tmp_path / "strokes.png"


def test_without_a_request_a_sketch_is_coloured_as_before(colorizer, sketch):
    expected = colorizer.colorize(sketch.image)
    ((image, layers),) = Asked().results(colorizer, sketch, "a.png")
    assert (image == expected).all()
    assert layers == []


def test_variants_without_a_palette_have_the_palettes_of_training(colorizer, sketch):
    expected = colorizer.colorize(sketch.image)
    images = [image for image, _ in Asked(variants=3).results(colorizer, sketch, "a.png")]
    assert len({image.tobytes() for image in images}) == 3
    assert (images[0] == expected).all()


@pytest.mark.parametrize("palette", [(), ((255, 0, 0),)])
def test_the_last_result_takes_the_memory_of_its_sketch(colorizer, sketch, palette):
    before = sketch.image.copy()
    (first, _), (last, _) = Asked(palette, variants=2).results(colorizer, sketch, "a.png")
    assert last is sketch.image
    assert not np.shares_memory(first, last)
    clear = Decoded(before.copy(), ".png", np.full(before.shape[:2], 9, np.uint8))
    ((image, _),) = Asked(palette).results(colorizer, clear, "a.png")
    assert image.shape[2] == 4
    assert np.array_equal(clear.image, before)


def test_each_sketch_can_have_a_palette_of_its_own(colorizer, sketch):
    asked = Asked(((255, 0, 0),), {"b.png": ((0, 0, 255),)}, layers="png")
    names = [
        [layer.name for layer in layers]
        for name in ("a.png", "b.png")
        for _, layers in asked.results(colorizer, sketch, name)
    ]
    assert not any("#0000ff" in name for name in names[0])
    assert not any("#ff0000" in name for name in names[1])


def test_strokes_fill_a_part_and_layers_look_as_the_result(colorizer, sketch, strokes):
    ((image, layers),) = Asked(fill=strokes, layers="png").results(colorizer, sketch, "a.png")
    (flat,) = [layer for layer in layers if "#ff0000" in layer.name]
    assert (flat.pixels[15:45, 25:55] == (255, 0, 0, 255)).all()
    assert (composite(layers) == image).all()


@pytest.mark.parametrize("variants", [0, -1, 101])
def test_variants_are_bounded(variants):
    with pytest.raises(UserError, match="from 1 to 100"):
        Asked(variants=variants)


def test_strokes_need_transparency(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "solid.png")
    (tmp_path / "none.png").write_bytes(b"x")
    for name, reason in (("solid.png", "has no transparency"), ("none.png", "not an image"), ("no.png", "")):
        with pytest.raises(UserError, match=f"{name}: strokes cannot be read: .*{reason}"):
            read_strokes(tmp_path / name)


def test_a_palette_is_taken_from_an_image(tmp_path):
    Image.new("RGB", (40, 40), (10, 120, 200)).save(tmp_path / "photo.png")
    assert read_palette(tmp_path / "photo.png") == ((10, 120, 200),)
    with pytest.raises(UserError, match="no palette can be taken"):
        read_palette(tmp_path / "nothing.png")


def test_a_table_has_a_palette_for_each_sketch(tmp_path):
    table = tmp_path / "palettes.csv"
    table.write_text('file,palette\nsub/a.png,"blue,red"\nb.png,#102030\n')
    assert read_palettes(table) == {"sub/a.png": ((0, 0, 255), (255, 0, 0)), "b.png": ((16, 32, 48),)}
    table.write_text("file,palette\r\na.png,blue\r\n", "utf-8-sig")  # as spreadsheets save it
    assert read_palettes(table) == {"a.png": ((0, 0, 255),)}
    for text in ("file,colors\na.png,blue\n", "", "\ufeff", "file,palette\n", "file;palette\na.png;blue\n"):
        table.write_text(text)
        with pytest.raises(UserError, match=r"palettes\.csv: needs the columns file and palette, and a row"):
            read_palettes(table)
    table.write_text("file,palette\na.png,blau\n")
    with pytest.raises(UserError, match="'blau' is no colour"):
        read_palettes(table)
