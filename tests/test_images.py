import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from sketch2color import images


def saved(picture, form="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def sketch():
    """30 × 20, red left half, blue right half: no side can be taken for another."""
    array = np.zeros((20, 30, 3), np.uint8)
    array[:, :15, 0] = 255
    array[:, 15:, 2] = 255
    return array


def test_a_picture_survives_png():
    assert (images.read(images.encode_png(sketch())) == sketch()).all()


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned 90° clockwise
    turned = images.read(saved(Image.fromarray(sketch()), "PNG", exif=exif))
    assert turned.shape == (30, 20, 3)
    assert tuple(turned[0, 0]) == (255, 0, 0)
    assert tuple(turned[-1, 0]) == (0, 0, 255)


def test_alpha_is_flattened_on_white():
    layer = Image.fromarray(np.dstack([sketch(), np.full((20, 30), 0, np.uint8)]), "RGBA")
    assert (images.read(saved(layer)) == 255).all()


def test_palette_with_transparency_is_flattened_on_white():
    palette = Image.fromarray(sketch()).quantize(4)
    index = palette.getpixel((0, 0))
    read = images.read(saved(palette, transparency=index))
    assert tuple(read[0, 0]) == (255, 255, 255)
    assert tuple(read[0, -1]) == (0, 0, 255)


def test_sixteen_bits_keep_their_tone():
    ramp = np.linspace(0, 65535, 30 * 20).reshape(20, 30).astype(np.uint16)
    read = images.read(saved(Image.fromarray(ramp)))
    assert abs(read[..., 0].astype(int) - ramp / 257).max() <= 1


def test_cmyk_becomes_rgb():
    read = images.read(saved(Image.fromarray(sketch()).convert("CMYK"), "JPEG", quality=95))
    assert read.shape == (20, 30, 3)
    assert read[10, 2, 0] > 200 > 60 > read[10, 2, 2]


def test_an_icc_profile_is_honoured():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    same = images.read(saved(Image.fromarray(sketch()), icc_profile=lab.tobytes()))
    assert abs(same.astype(int) - sketch()).max() <= 2


def test_a_broken_icc_profile_leaves_the_colours():
    read = images.read(saved(Image.fromarray(sketch()), icc_profile=b"no profile at all"))
    assert (read == sketch()).all()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"<html>404</html>", "not a picture"),
        (saved(Image.fromarray(sketch()))[:60], "cannot be decoded"),
        (
            saved(Image.new("L", (4, 4)), "GIF", save_all=True, append_images=[Image.new("L", (4, 4), 9)]),
            "animated",
        ),
    ],
)
def test_what_is_no_good_picture_has_its_reason(content, reason):
    with pytest.raises(images.PictureError, match=reason):
        images.read(content)


def test_a_huge_picture_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(images, "MAX_PIXELS", 599)
    with pytest.raises(images.PictureError, match="30x20 is over 599 pixels"):
        images.read(saved(Image.fromarray(sketch())))


def test_resize_takes_width_then_height():
    assert images.resize(sketch(), 15, 10).shape == (10, 15, 3)


def test_paper_is_the_most_frequent_colour_of_the_border():
    rng = np.random.default_rng(0)
    page = np.full((100, 80, 3), (243, 234, 215), np.uint8)
    page[20:80, 20:60] = (30, 90, 200)
    page[0, :30] = 0
    grain = np.clip(page.astype(int) + rng.integers(-2, 3, page.shape), 0, 255).astype(np.uint8)
    assert np.abs(np.array(images.paper_color(grain)) - (243, 234, 215)).max() <= 2
