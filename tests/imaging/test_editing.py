"""A file comes back with other pixels under the mask, and all else of it as it was."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

from sketch2color import imaging
from sketch2color.imaging import ImageError, replace_pixels

SIZE = (90, 60)
PAPER = (250, 248, 240)
MASK = np.zeros(SIZE[::-1], np.uint8)
MASK[33:58, 58:88] = 255
"""Round the red ellipse, and some of the line."""


def drawn():
    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.line((5, 5, 80, 50), (20, 30, 40), 2)
    draw.ellipse((60, 35, 85, 55), fill=(180, 20, 20))
    draw.rectangle((5, 40, 20, 55), fill=(0, 80, 220))
    return image


def with_alpha():
    alpha = np.full(SIZE[::-1], 255, np.uint8)
    alpha[:, :30] = 0
    alpha[:20] = 77
    image = drawn().convert("RGBA")
    image.putalpha(Image.fromarray(alpha))
    return image


def deep_grey():
    levels = np.asarray(drawn().convert("L")).astype("<u2") * np.uint16(257) - np.uint16(5)
    return Image.frombytes("I;16", SIZE, levels.tobytes())


def encoded(image, form, **settings):
    buffer = io.BytesIO()
    image.save(buffer, form, **settings)
    return buffer.getvalue()


def profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def exif(orientation):
    tags = Image.Exif()
    tags[0x0112], tags[0x8298] = orientation, "Jane"
    return tags


def quantized():
    return drawn().quantize(8)


def commonest(image, mask):
    """Paint the mask in the commonest colour outside of it; it is always an image of three channels."""
    assert image.dtype == np.uint8
    assert image.shape == (*mask.shape, 3)
    colors, counts = np.unique(image[mask == 0].reshape(-1, 3), axis=0, return_counts=True)
    painted = image.copy()
    painted[mask > 0] = colors[counts.argmax()]
    return painted


WITHOUT_LOSS = {
    "rgb.png": lambda: encoded(drawn(), "PNG"),
    "grey.png": lambda: encoded(drawn().convert("L"), "PNG"),
    "alpha.png": lambda: encoded(with_alpha(), "PNG"),
    "grey alpha.png": lambda: encoded(with_alpha().convert("LA"), "PNG"),
    "palette.png": lambda: encoded(quantized(), "PNG"),
    "clear palette.png": lambda: encoded(quantized(), "PNG", transparency=0),
    "bits.png": lambda: encoded(drawn().convert("1"), "PNG"),
    "deep.png": lambda: encoded(deep_grey(), "PNG"),
    "alpha.webp": lambda: encoded(with_alpha(), "WEBP", lossless=True, exact=True),
    "lossy.webp": lambda: encoded(drawn(), "WEBP", quality=50),
    "rgb.bmp": lambda: encoded(drawn(), "BMP"),
    "palette.bmp": lambda: encoded(quantized(), "BMP"),
    "bits.bmp": lambda: encoded(drawn().convert("1"), "BMP"),
    "palette.gif": lambda: encoded(quantized(), "GIF"),
    "clear.gif": lambda: encoded(quantized(), "GIF", transparency=0, comment=b"by Jane"),
    "grey.gif": lambda: encoded(drawn().convert("L"), "GIF"),
    "rgb.tif": lambda: encoded(drawn(), "TIFF"),
    "lzw.tif": lambda: encoded(drawn(), "TIFF", compression="tiff_lzw"),
    "fax.tif": lambda: encoded(drawn().convert("1"), "TIFF", compression="group4"),
    "jpeg.tif": lambda: encoded(drawn(), "TIFF", compression="jpeg"),
    "deep.tif": lambda: encoded(deep_grey(), "TIFF"),
    "inks.tif": lambda: encoded(drawn().convert("CMYK"), "TIFF"),
    "alpha.tif": lambda: encoded(with_alpha(), "TIFF"),
}


@pytest.mark.parametrize("name", WITHOUT_LOSS)
def test_pixels_outside_the_mask_are_bit_equal_and_those_inside_replaced(name):
    content = WITHOUT_LOSS[name]()
    changed = replace_pixels(content, MASK, commonest)
    before, after = imaging.read(content), imaging.read(changed)
    assert (before[MASK == 0] == after[MASK == 0]).all()
    with Image.open(io.BytesIO(content)) as old, Image.open(io.BytesIO(changed)) as new:
        assert (old.format, old.mode, old.size) == (new.format, new.mode, new.size)
        stored = [np.asarray(image)[MASK == 0] for image in (old, new)]
        if old.format == "PNG" or old.mode != "P":
            assert (stored[0] == stored[1]).all()
    paper = np.median(before[40:][MASK[40:] == 0].reshape(-1, 3), 0)
    assert np.abs(after[MASK > 0].astype(int) - paper).max() <= 12
    assert np.abs(before[MASK > 0].astype(int) - paper).max() > 80


def test_a_replaced_mark_on_a_transparent_background_is_transparent():
    image = with_alpha()
    clear = np.asarray(image).copy()
    clear[..., 3] = np.where(MASK > 0, 255, 0)
    changed = replace_pixels(encoded(Image.fromarray(clear), "PNG"), MASK, commonest)
    with Image.open(io.BytesIO(changed)) as new:
        assert not np.asarray(new)[..., 3].any()


def test_a_png_keeps_all_its_other_chunks():
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Copyright", "Jane")
    texts.add_itxt("Title", "Lampe à pied", "fr")
    texts.add(b"gAMA", (45455).to_bytes(4, "big"))
    content = encoded(drawn(), "PNG", pnginfo=texts, dpi=(300, 300), icc_profile=profile(), exif=exif(1))
    changed = replace_pixels(content, MASK, commonest)
    for chunk in (b"gAMA", b"tEXt", b"iTXt", b"iCCP", b"pHYs", b"eXIf", b"IEND"):
        at, to = content.index(chunk), changed.index(chunk)
        length = int.from_bytes(content[at - 4 : at], "big")
        assert content[at - 4 : at + length + 8] == changed[to - 4 : to + length + 8]
    assert replace_pixels(content, MASK * 0, commonest).count(b"IDAT") == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"quality": 60, "subsampling": 2},
        {"quality": 93, "subsampling": 0, "progressive": True},
    ],
    ids=str,
)
def test_a_jpeg_keeps_its_tables_and_metadata(settings):
    large = drawn().resize((360, 240))
    mask = cv2.resize(MASK, (360, 240), interpolation=cv2.INTER_NEAREST)
    iptc = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0\0\x0b\x1c\x02\x74\0\x06(c) J.\0"
    content = encoded(
        large, "JPEG", dpi=(200, 200), exif=exif(1), icc_profile=profile(), comment=b"hello", **settings
    )
    content = content[:2] + b"\xff\xed" + (len(iptc) + 2).to_bytes(2, "big") + iptc + content[2:]
    changed = replace_pixels(content, mask, commonest)
    with Image.open(io.BytesIO(content)) as old, Image.open(io.BytesIO(changed)) as new:
        assert old.quantization == new.quantization
        for key in ("dpi", "exif", "icc_profile", "comment", "progressive", "photoshop"):
            assert old.info.get(key) == new.info.get(key), key
        assert [part[1:3] for part in old.layer] == [part[1:3] for part in new.layer]
    before, after = imaging.read(content), imaging.read(changed)
    far = cv2.dilate(mask, np.ones((65, 65), np.uint8)) == 0
    change = np.abs(before[far].astype(int) - after[far])
    assert change.max() <= 16
    assert change.mean() < 0.3
    inside = cv2.erode(mask, np.ones((33, 33), np.uint8)) > 0
    assert np.abs(after[inside].astype(int) - PAPER).max() <= 6


@pytest.mark.parametrize(("mode", "settings"), [("CMYK", {}), ("L", {}), ("RGB", {"keep_rgb": True})])
def test_a_jpeg_keeps_its_mode_and_colours(mode, settings):
    content = encoded(drawn().resize((360, 240)).convert(mode), "JPEG", quality=90, **settings)
    mask = cv2.resize(MASK, (360, 240), interpolation=cv2.INTER_NEAREST)
    changed = replace_pixels(content, mask, commonest)
    with Image.open(io.BytesIO(changed)) as new:
        assert new.mode == mode
    before, after = imaging.read(content), imaging.read(changed)
    far = cv2.dilate(mask, np.ones((65, 65), np.uint8)) == 0
    assert np.abs(before[far].astype(int) - after[far]).max() <= 8


def test_only_the_first_image_of_an_mpo_is_written_without_the_index():
    content = encoded(drawn(), "MPO", save_all=True, append_images=[drawn()])
    assert b"MPF\0" in content
    changed = replace_pixels(content, MASK, commonest)
    assert b"MPF\0" not in changed
    assert imaging.read(changed).shape == (60, 90, 3)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_the_mask_is_that_of_the_upright_image(orientation, form):
    content = encoded(drawn(), form, exif=exif(orientation))
    before = imaging.read(content)
    mask = np.where((before.astype(int) - (180, 20, 20) == 0).all(2), 255, 0).astype(np.uint8)
    assert mask.any()
    after = imaging.read(replace_pixels(content, mask, commonest))
    assert (after[mask > 0] == PAPER).all()
    assert (after[mask == 0] == before[mask == 0]).all()


@pytest.mark.parametrize("orientation", [1, 6])
@pytest.mark.parametrize("make", [drawn, lambda: drawn().convert("L"), with_alpha])
def test_an_avif_keeps_its_mode_metadata_and_nearly_its_pixels(make, orientation):
    content = encoded(make(), "AVIF", quality=60, exif=exif(orientation))
    before = imaging.read(content)
    mask = MASK if orientation == 1 else np.ascontiguousarray(np.rot90(MASK, -1))
    changed = replace_pixels(content, mask, commonest)
    after = imaging.read(changed)
    assert np.abs(before.astype(int) - after)[mask == 0].max() <= 3
    assert np.abs(after[mask > 0].astype(int) - before[0, 0]).max() <= 12
    with Image.open(io.BytesIO(content)) as old, Image.open(io.BytesIO(changed)) as new:
        assert (old.format, old.mode, old.size) == (new.format, new.mode, new.size)
        assert (new.getexif().get(0x0112, 1), new.getexif()[0x8298]) == (orientation, "Jane")


def test_a_tiff_keeps_its_copyright():
    content = encoded(drawn(), "TIFF", tiffinfo={315: "Jane", 33432: "(c) Jane"}, dpi=(300, 300))
    with Image.open(io.BytesIO(replace_pixels(content, MASK, commonest))) as new:
        assert (new.tag_v2[315], new.tag_v2[33432], new.info["dpi"]) == ("Jane", "(c) Jane", (300, 300))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (lambda: cv2.imencode(".png", np.asarray(drawn()).astype(np.uint16) * 257)[1].tobytes(), "PNG of 16"),
        (
            lambda: cv2.imencode(".tif", np.asarray(drawn()).astype(np.uint16) * 257)[1].tobytes(),
            "of 16 bits",
        ),
        (lambda: encoded(drawn(), "PNG", transparency=PAPER), "stands for transparency"),
        (lambda: encoded(drawn().convert("F"), "TIFF"), "mode F"),
        (lambda: encoded(drawn().convert("LAB"), "TIFF"), "mode LAB"),
    ],
)
def test_what_cannot_be_written_back_is_rejected_with_the_reason(content, reason):
    with pytest.raises(ImageError, match=reason):
        replace_pixels(content(), MASK, commonest)
