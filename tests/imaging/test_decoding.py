import io
import struct
import threading
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageCms, UnidentifiedImageError
from PIL.GifImagePlugin import GifImageFile
from PIL.TiffImagePlugin import TiffImageFile

from sketch2color import imaging
from sketch2color.imaging import decoding

RED, GREEN, BLUE, WHITE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


def saved(image, form="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def sketch():
    """30 × 20, red left half, blue right half: no side can be taken for another."""
    array = np.zeros((20, 30, 3), np.uint8)
    array[:, :15, 0] = 255
    array[:, 15:, 2] = 255
    return array


def noise(channels=3):
    """4 × 3, no value twice."""
    values = np.random.default_rng(1).permutation(256)[: 12 * channels].astype(np.uint8)
    return values.reshape(3, 4, channels) if channels > 1 else values.reshape(3, 4)


def png(bits, kind, rows, *chunks):
    """A PNG made by hand: ``rows`` are the bytes of each row."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    width = len(rows[0]) * 8 // (bits * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind])
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), bits, kind, 0, 0, 0))
    body = b"".join(chunk(name, data) for name, data in chunks)
    data = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + body + data + chunk(b"IEND", b"")


def interlaced(data):
    """An interlaced PNG, grey, 8 × 3."""
    content = bytearray(png(8, 0, [bytes(8)] * 3))
    start, end, packed = content.index(b"IDAT") - 4, content.index(b"IEND") - 4, zlib.compress(data)
    checksum = struct.pack(">I", zlib.crc32(b"IDAT" + packed))
    content[start:end] = struct.pack(">I", len(packed)) + b"IDAT" + packed + checksum
    content[28] = 1
    struct.pack_into(">I", content, 29, zlib.crc32(content[12:29]))
    return bytes(content)


def taller(content):
    """The PNG with one row more in its header."""
    made = bytearray(content)
    made[23] += 1
    struct.pack_into(">I", made, 29, zlib.crc32(made[12:29]))
    return bytes(made)


def planar_tiff(planes, packing):
    """A TIFF made by hand that holds a 4 × 3 image channel by channel, one strip for each."""
    if packing == 32773:  # PackBits, all of it literal
        planes = [bytes([len(plane) - 1]) + plane for plane in planes]
    size = len(planes[0])
    fields = {256: 4, 257: 3, 258: 8, 259: packing, 262: 2, 277: 3, 278: 3, 279: size, 284: 2}
    entries = [(tag, 4, 3 if tag in (258, 279) else 1, value) for tag, value in fields.items()]
    start, table = 14 + 12 * (len(fields) + 1), b""
    for tag, kind, count, value in sorted([*entries, (273, 4, len(planes), start + 24)]):
        value = {258: start, 279: start + 12}.get(tag, value)
        table += struct.pack("<HHII", tag, kind, count, value)
    extra = struct.pack("<6I", 8, 8, 8, size, size, size)
    data = start + 24 + 4 * len(planes)
    extra += struct.pack(f"<{len(planes)}I", *(data + size * number for number in range(len(planes))))
    return struct.pack("<2sHIH", b"II", 42, 8, len(fields) + 1) + table + bytes(4) + extra + b"".join(planes)


def on_white(tones, alpha):
    return np.round(tones * (alpha / 255) + 255 - alpha.astype(float))


def reason(content):
    with pytest.raises(imaging.ImageError) as caught:
        imaging.decode(content)
    return str(caught.value)


class TestFormats:
    @pytest.mark.parametrize(
        ("form", "options", "suffix"),
        [
            ("PNG", {}, ".png"),
            ("BMP", {}, ".bmp"),
            ("WEBP", {"lossless": True}, ".webp"),
            ("TIFF", {}, ".tif"),
            ("TIFF", {"compression": "tiff_lzw"}, ".tif"),
            ("TIFF", {"compression": "packbits", "big_tiff": True}, ".tif"),
        ],
    )
    def test_lossless_formats_are_bit_equal(self, form, options, suffix):
        decoded = imaging.decode(saved(Image.fromarray(noise()), form, **options))
        np.testing.assert_array_equal(decoded.image, noise())
        assert decoded.suffix == suffix

    @pytest.mark.parametrize("orientation", [1, 6])
    def test_an_avif_is_nearly_equal(self, orientation):
        tags = Image.Exif()
        tags[0x0112] = orientation
        stored = Image.fromarray(sketch())
        upright = stored.transpose(Image.Transpose.ROTATE_270) if orientation == 6 else stored
        decoded = imaging.decode(saved(stored, "AVIF", quality=95, subsampling="4:4:4", exif=tags))
        assert abs(decoded.image.astype(int) - np.asarray(upright)).mean() < 5
        assert decoded.suffix == ".avif"

    @pytest.mark.parametrize("options", [{}, {"progressive": True}, {"exif": b"Exif\0\0 nonsense"}])
    def test_a_jpeg_is_nearly_equal(self, options):
        content = saved(Image.fromarray(sketch()), "JPEG", quality=95, subsampling=0, **options)
        decoded = imaging.decode(content)
        assert abs(decoded.image[:, [0, 29]].astype(int) - sketch()[:, [0, 29]]).max() < 10
        assert decoded.suffix == ".jpg"

    def test_a_gif_keeps_its_palette(self):
        decoded = imaging.decode(saved(Image.fromarray(sketch()).quantize(2), "GIF"))
        np.testing.assert_array_equal(decoded.image, sketch())
        assert decoded.suffix == ".gif"

    def test_the_first_image_of_an_mpo_is_used(self):
        first, second = Image.fromarray(sketch()), Image.new("RGB", (8, 8), "lime")
        content = saved(first, "MPO", save_all=True, append_images=[second])
        decoded = imaging.decode(content)
        assert (decoded.image.shape, decoded.suffix) == ((20, 30, 3), ".jpg")
        assert decoded.image[10, 2, 0] > 200 > 60 > decoded.image[10, 2, 2]
        place = content.index(b"MPF\0")
        broken = content[: place + 4] + b"\xff" * 40 + content[place + 44 :]
        np.testing.assert_array_equal(imaging.read(broken), decoded.image)

    def test_a_single_pixel_is_an_image(self):
        assert imaging.read(saved(Image.new("RGB", (1, 1), RED))).tolist() == [[list(RED)]]

    @pytest.mark.parametrize(
        "form", ["PPM", "ICO", "TGA", "EPS", "PDF", "PCX", "SGI", "ICNS", "DIB", "JPEG2000"]
    )
    def test_no_other_format_is_opened(self, form):
        assert "not an image" in reason(saved(Image.fromarray(sketch()), form))


class TestOrientation:
    @pytest.mark.parametrize(
        ("form", "options"),
        [
            ("PNG", {}),
            ("WEBP", {"lossless": True}),
            ("TIFF", {}),
            ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ],
    )
    def test_each_of_the_eight_orientations_is_brought_upright(self, form, options):
        upright = noise()
        stored = {
            1: upright,
            2: upright[:, ::-1],
            3: upright[::-1, ::-1],
            4: upright[::-1],
            5: upright.swapaxes(0, 1),
            6: np.rot90(upright, 1),
            7: upright[::-1, ::-1].swapaxes(0, 1),
            8: np.rot90(upright, -1),
        }
        for orientation, array in stored.items():
            exif = Image.Exif()
            exif[0x0112] = orientation
            content = saved(Image.fromarray(np.ascontiguousarray(array)), form, exif=exif, **options)
            np.testing.assert_array_equal(
                imaging.read(content), upright, err_msg=f"orientation {orientation}"
            )

    def test_a_jpeg_is_brought_upright(self):
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned 90° clockwise
        turned = imaging.read(saved(Image.fromarray(sketch()), "JPEG", exif=exif))
        assert turned.shape == (30, 20, 3)
        assert turned[0, 0, 0] > 200 > 60 > turned[-1, 0, 0]

    @pytest.mark.parametrize(
        "broken", [b"Exif\0\0MM\0*", b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"x" * 99]
    )
    def test_unreadable_exif_is_ignored(self, broken):
        np.testing.assert_array_equal(imaging.read(saved(Image.fromarray(noise()), exif=broken)), noise())


class TestTransparency:
    def test_alpha_is_flattened_on_white(self):
        layer = np.dstack([noise(), noise(1)])
        expected = on_white(noise(), noise(1)[..., None])
        assert abs(imaging.read(saved(Image.fromarray(layer, "RGBA"))) - expected).max() <= 1

    def test_grey_with_alpha(self):
        layer = noise(2)
        expected = on_white(layer[..., 0], layer[..., 1])
        read = imaging.read(saved(Image.fromarray(layer, "LA")))
        assert abs(read - expected[..., None]).max() <= 1

    def test_a_transparent_palette_entry(self):
        palette = Image.fromarray(sketch()).quantize(4)
        index = palette.getpixel((0, 0))
        for form in ("PNG", "GIF"):
            read = imaging.read(saved(palette, form, transparency=index))
            assert (tuple(read[0, 0]), tuple(read[0, -1])) == (WHITE, BLUE)

    def test_palette_entries_with_alpha(self):
        palette = Image.fromarray(sketch()).quantize(2)
        alpha = bytes([51, 255]) if palette.getpixel((0, 0)) == 0 else bytes([255, 51])
        read = imaging.read(saved(palette, transparency=alpha))
        assert (tuple(read[0, 0]), tuple(read[0, -1])) == ((255, 204, 204), BLUE)

    @pytest.mark.parametrize(
        ("bits", "kind", "row", "clear", "expected"),
        [
            (1, 0, b"\x40", (1,), [BLACK, WHITE, BLACK]),
            (1, 0, b"\xbf", (0,), [WHITE, WHITE, WHITE]),
            (2, 0, b"\x1b", (1,), [BLACK, WHITE, (170,) * 3, WHITE]),
            (4, 0, b"\x1f\x05", (1,), [WHITE, WHITE, BLACK, (85,) * 3]),
            (8, 0, b"\x00\x07\x09", (7,), [BLACK, WHITE, (9,) * 3]),
            (16, 0, b"\x40\x00\x40\x01", (0x4000,), [WHITE, (64,) * 3]),
            (8, 2, b"\x01\x02\x03\x03\x02\x01", (1, 2, 3), [WHITE, (3, 2, 1)]),
            (
                16,
                2,
                b"\x01\xff\x02\xff\x03\xff\x03\x00\x02\x00\x01\x00",
                (511, 767, 1023),
                [WHITE, (3, 2, 1)],
            ),
        ],
    )
    def test_one_transparent_color_of_a_png(self, bits, kind, row, clear, expected):
        content = png(bits, kind, [row], (b"tRNS", b"".join(struct.pack(">H", value) for value in clear)))
        assert [tuple(pixel) for pixel in imaging.read(content)[0, : len(expected)]] == expected


class TestDepth:
    def test_one_bit(self):
        dots = noise(1) > 128
        for form in ("PNG", "TIFF", "BMP"):
            np.testing.assert_array_equal(
                imaging.read(saved(Image.fromarray(dots), form)), np.dstack([dots * 255] * 3)
            )

    @pytest.mark.parametrize("mode", ["I;16", "I;16B"])
    @pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}])
    def test_sixteen_bits_of_grey_keep_their_tone(self, mode, options):
        ramp = np.linspace(0, 65535, 30 * 20).reshape(20, 30).astype(np.uint16)
        stored = Image.frombytes(mode, (30, 20), ramp.astype(">u2" if mode == "I;16B" else "<u2").tobytes())
        for form in ("TIFF",) if options else ("PNG", "TIFF"):
            read = imaging.read(saved(stored, form, **options))
            assert abs(read - np.dstack([ramp / 257] * 3)).max() <= 0.5

    def test_sixteen_bits_that_are_dark_stay_dark(self):
        dark = np.arange(256, dtype=np.uint16).reshape(16, 16)
        assert imaging.read(saved(Image.fromarray(dark))).max() == 1

    def test_sixteen_bits_where_zero_is_white(self):
        ramp = np.arange(0, 60000, 5000, dtype=np.uint16).reshape(3, 4)
        content = saved(Image.fromarray(ramp), "TIFF")
        field = struct.pack("<HHIHH", 262, 3, 1, 1, 0)
        assert content.count(field) == 1
        read = imaging.read(content.replace(field, struct.pack("<HHIHH", 262, 3, 1, 0, 0)))
        assert abs(read[..., 0] - (255 - ramp / 257)).max() <= 0.5

    def test_twelve_bits(self):
        content = saved(Image.fromarray(np.arange(12, dtype=np.uint16).reshape(3, 4)), "TIFF")
        field = struct.pack("<HHIHH", 258, 3, 1, 16, 0)
        assert content.count(field) == 1
        start = content.index(bytes([0, 0, 1, 0, 2, 0, 3, 0]))
        packed = bytes([0xFF, 0xF0, 0x00, 0x80, 0x01, 0x00])  # 4095, 0, 2048, 256
        twelve = content[:start] + packed * 4
        read = imaging.read(twelve.replace(field, struct.pack("<HHIHH", 258, 3, 1, 12, 0)))
        assert read[..., 0].tolist() == [[255, 0, 128, 16]] * 3

    @pytest.mark.parametrize(("kind", "channels"), [(2, 3), (4, 2), (6, 4)])
    def test_sixteen_bits_of_several_channels(self, kind, channels):
        values = np.random.default_rng(2).integers(0, 65536, (3, 4, channels), dtype=np.uint16)
        read = imaging.read(png(16, kind, [row.tobytes() for row in values.astype(">u2")]))
        expected = values / 257.0
        if kind != 2:
            expected = on_white(expected[..., :-1], expected[..., -1:])
        assert abs(read - expected).max() <= 2

    @pytest.mark.parametrize(
        ("kind", "white"),
        [(np.int32, 255), (np.int32, 65535), (np.float32, 1), (np.float32, 255), (np.float32, 65535)],
    )
    def test_thirty_two_bits_of_a_usual_range(self, kind, white):
        share = noise(1) / 255.0
        share[0, 0] = 1
        read = imaging.read(saved(Image.fromarray((share * white).astype(kind)), "TIFF"))
        assert abs(read - 255 * share[..., None]).max() <= 1

    @pytest.mark.parametrize("odd", [-1, 65536, np.nan, np.inf])
    def test_thirty_two_bits_of_another_range_are_rejected(self, odd):
        values = np.full((3, 4), 7, np.float32)
        values[1, 1] = odd
        assert reason(saved(Image.fromarray(values), "TIFF")).startswith("grey values of no usual range")


def profile(space, connection, tags, kind=b"mntr"):
    """A colour profile (ICC, version 2) made by hand."""
    place, table, data = 132 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", place + len(data), len(content))
        data += content
    white = struct.pack(">iii", *(round(value * 65536) for value in (0.9642, 1, 0.8249)))
    size = place + len(data)
    header = struct.pack(
        ">I4sI4s4s4s12s4s", size, b"\0" * 4, 0x02400000, kind, space, connection, b"", b"acsp"
    )
    return header + bytes(28) + white + bytes(48) + struct.pack(">I", len(tags)) + table + data


def xyz(*values):
    return b"XYZ \0\0\0\0" + struct.pack(">iii", *(round(value * 65536) for value in values))


def swapped():
    """A profile that calls blue what sRGB calls red, and red what it calls blue."""
    red, green, blue = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, 563)
    tags = {b"rXYZ": xyz(*blue), b"gXYZ": xyz(*green), b"bXYZ": xyz(*red)}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return profile(b"RGB ", b"XYZ ", {b"wtpt": xyz(0.9642, 1, 0.8249), **tags, **curves})


def linear_grey():
    curve = b"curv\0\0\0\0" + struct.pack(">I", 0)
    return profile(b"GRAY", b"XYZ ", {b"wtpt": xyz(0.9642, 1, 0.8249), b"kTRC": curve})


def odd_inks():
    """A profile of four inks, of which the first prints red; any other prints black."""
    corners = [(255, 128, 128)] + [(0, 128, 128)] * 7 + [(136, 208, 195)] + [(0, 128, 128)] * 7
    matrix = struct.pack(">9i", *(65536 if place % 4 == 0 else 0 for place in range(9)))
    tables = bytes(range(256))
    look_up = b"mft1\0\0\0\0\4\3\2\0" + matrix + tables * 4 + bytes(sum(corners, ())) + tables * 3
    return profile(b"CMYK", b"Lab ", {b"wtpt": xyz(0.9642, 1, 0.8249), b"A2B0": look_up}, kind=b"prtr")


def inks():
    """First ink only on the left, black ink only on the right."""
    array = np.zeros((20, 30, 4), np.uint8)
    array[:, :15, 0] = 255
    array[:, 15:, 3] = 255
    return Image.fromarray(array, "CMYK")


class TestColors:
    def sides(self, content):
        read = imaging.read(content).astype(int)
        assert read.shape == (20, 30, 3)
        return read[10, 2], read[10, 27]

    def are(self, content, left, right, tolerance=6):
        found = self.sides(content)
        assert np.abs(np.array(found) - (left, right)).max() <= tolerance, found

    @pytest.mark.parametrize("form", ["JPEG", "TIFF"])
    def test_inks_without_a_profile(self, form):
        self.are(saved(inks(), form), (0, 255, 255), BLACK)

    @pytest.mark.parametrize("form", ["JPEG", "TIFF"])
    def test_inks_with_a_profile(self, form):
        self.are(saved(inks(), form, icc_profile=odd_inks()), RED, BLACK, 10)

    @pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "WEBP"])
    def test_a_profile_is_honoured(self, form):
        options = {"quality": 95} if form == "JPEG" else {"lossless": True} if form == "WEBP" else {}
        self.are(saved(Image.fromarray(sketch()), form, icc_profile=swapped(), **options), BLUE, RED, 25)

    def test_the_profile_of_srgb_changes_nothing(self):
        same = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        read = imaging.read(saved(Image.fromarray(noise()), icc_profile=same))
        assert abs(read.astype(int) - noise()).max() <= 2

    def test_a_profile_and_alpha(self):
        layer = np.dstack([sketch(), np.full((20, 30), 255, np.uint8)])
        layer[:, 15:, 3] = 51
        self.are(saved(Image.fromarray(layer, "RGBA"), icc_profile=swapped()), BLUE, (255, 204, 204))

    def test_a_profile_and_a_palette(self):
        palette = Image.fromarray(sketch()).quantize(4)
        self.are(saved(palette, icc_profile=swapped()), BLUE, RED)
        clear = palette.getpixel((0, 0))
        self.are(saved(palette, icc_profile=swapped(), transparency=clear), WHITE, RED)

    def test_a_profile_of_grey(self):
        grey = Image.fromarray(np.full((20, 30), 55, np.uint8))
        self.are(saved(grey, icc_profile=linear_grey()), (128,) * 3, (128,) * 3, 1)
        deep = Image.fromarray(np.full((20, 30), 55 * 257, np.uint16))
        self.are(saved(deep, icc_profile=linear_grey()), (128,) * 3, (128,) * 3, 1)
        grey.putalpha(
            Image.fromarray(np.where(np.arange(30) < 15, 255, 0)[None].repeat(20, 0).astype(np.uint8))
        )
        self.are(saved(grey, icc_profile=linear_grey()), (128,) * 3, WHITE, 1)

    @pytest.mark.parametrize("wrong", [b"no profile at all", swapped()[:200], odd_inks(), linear_grey()])
    def test_a_profile_for_other_channels_is_ignored(self, wrong):
        self.are(saved(Image.fromarray(sketch()), icc_profile=wrong), RED, BLUE, 0)

    def test_a_color_profile_of_a_grey_image_is_ignored(self):
        grey = Image.fromarray(noise(1))
        np.testing.assert_array_equal(
            imaging.read(saved(grey, icc_profile=swapped())), np.dstack([noise(1)] * 3)
        )

    def test_lab_and_ycbcr(self):
        for mode in ("LAB", "YCbCr"):
            self.are(saved(Image.fromarray(sketch()).convert(mode), "TIFF"), RED, BLUE, 25)


HEIC = "a HEIC file, not an image in a supported format: save it as PNG or JPEG"
HEIC_STARTS = [
    b"\0\0\0\x18ftyp" + brands
    for brands in (b"heic\0\0\0\0mif1", b"heix", b"hevc", b"mif1\0\0\0\0mif1heic", b"msf1\0\0\0\0hevc")
]


class TestRejected:
    @pytest.mark.parametrize(
        ("content", "why"),
        [
            (b"", "empty file"),
            (b"\0" * 100, "not an image"),
            (b"words", "not an image"),
            (b"<html>404</html>", "a web page, not an image"),
            (b"\xef\xbb\xbf\r\n <!-- moved -->\n<!DOCTYPE html>\n<title>", "a web page, not an image"),
            (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C'>", "a web page, not an image"),
            ("\ufeff<HTML><BODY>".encode("utf-16-le"), "a web page, not an image"),
            (b"<!---->" * 5000 + b"<x>", "not an image"),
            (b"<?xml version='1.0'?><svg xmlns='x'/>", "an SVG drawing: save it as PNG"),
            (b"PK\x03\x04" + bytes(30), "an archive, not an image in a supported format"),
            (b"8BPS" + bytes(30), "a Photoshop file, not an image in a supported format"),
            *((head + bytes(30), HEIC) for head in HEIC_STARTS),
            (b"\xff\x0a" + bytes(30), HEIC.replace("HEIC", "JPEG XL")),
            (b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(30), HEIC.replace("HEIC", "JPEG XL")),
            (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1" + bytes(30), "cannot be decoded: its header is damaged"),
            (b"\x89PNG\r\n\x1a\n" + bytes(9), "cannot be decoded: its header is damaged"),
        ],
    )
    def test_a_file_of_another_type_is_named(self, content, why):
        assert reason(content) == why

    @pytest.mark.parametrize(
        ("form", "options"),
        [
            ("PNG", {}),
            ("JPEG", {}),
            ("GIF", {}),
            ("BMP", {}),
            ("WEBP", {}),
            ("AVIF", {}),
            ("TIFF", {}),
            ("TIFF", {"compression": "tiff_lzw"}),
        ],
    )
    def test_a_truncated_file(self, form, options):
        whole = saved(
            Image.fromarray(np.random.default_rng(3).integers(0, 255, (40, 30, 3), np.uint8)), form, **options
        )
        for share in (0.1, 0.3, 0.5, 0.7, 0.9):
            assert reason(whole[: int(len(whole) * share)]).startswith("cannot be decoded: ")

    @pytest.mark.parametrize("form", ["GIF", "PNG", "WEBP", "AVIF", "TIFF"])
    def test_several_frames(self, form):
        frames = [Image.new("L", (4, 4), tone) for tone in (0, 90, 200)]
        content = saved(frames[0], form, save_all=True, append_images=frames[1:])
        assert reason(content) == "animated or of several pages"

    @pytest.mark.parametrize("row", [b"\1\2\3\4", bytes(4)])
    def test_a_png_with_too_few_rows(self, row):
        whole = png(8, 0, [row, bytes(4)])
        np.testing.assert_array_equal(imaging.read(whole)[..., 0], [list(row), [0] * 4])
        assert reason(taller(whole)) == "cannot be decoded: a part of the pixels is missing"

    def test_an_interlaced_png_with_too_few_pixels(self):
        evens, odds = bytes(range(21, 28, 2)), bytes(range(22, 29, 2))
        passes = [b"\1", b"\5", b"\3\7", evens, b"\2\4\6\x08", odds, bytes(range(11, 19))]
        rows = [list(range(1, 9)), list(range(11, 19)), list(range(21, 29))]
        whole = b"".join(b"\0" + row for row in passes)
        assert imaging.read(interlaced(whole))[..., 0].tolist() == rows
        assert reason(interlaced(whole[:-9])) == "cannot be decoded: a part of the pixels is missing"

    @pytest.mark.parametrize(("form", "plugin"), [("GIF", GifImageFile), ("TIFF", TiffImageFile)])
    def test_frames_are_not_counted_as_it_could_take_forever(self, monkeypatch, form, plugin):
        monkeypatch.setattr(plugin, "n_frames", property(lambda _: pytest.fail("counts the frames")))
        frames = [Image.new("L", (4, 4), tone) for tone in (0, 90)]
        content = saved(frames[0], form, save_all=True, append_images=frames[1:])
        assert reason(content) == "animated or of several pages"

    def test_a_tiff_with_too_few_strips(self):
        content = saved(Image.fromarray(sketch()), "TIFF")
        field = struct.pack("<HHII", 257, 4, 1, 20)
        assert content.count(field) == 1
        found = reason(content.replace(field, struct.pack("<HHII", 257, 4, 1, 21)))
        assert found == "cannot be decoded: a part of the pixels is missing"

    @pytest.mark.parametrize("packing", [1, 32773])
    def test_a_tiff_that_lacks_a_channel(self, packing):
        planes = [noise()[..., channel].tobytes() for channel in range(3)]
        np.testing.assert_array_equal(imaging.read(planar_tiff(planes, packing)), noise())
        assert reason(planar_tiff(planes[:2], packing)).startswith("cannot be decoded: ")

    def test_a_tiff_page_that_links_to_itself_is_one_page(self):
        content = bytearray(saved(Image.fromarray(sketch()), "TIFF"))
        (start,) = struct.unpack_from("<I", content, 4)
        (fields,) = struct.unpack_from("<H", content, start)
        struct.pack_into("<I", content, start + 2 + 12 * fields, start)
        np.testing.assert_array_equal(imaging.read(bytes(content)), sketch())

    def test_a_huge_image_is_rejected_before_decoding(self, monkeypatch):
        monkeypatch.setattr(decoding, "MAX_PIXELS", 599)
        for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
            assert reason(saved(Image.fromarray(sketch()), form)) == "30x20 is over 599 pixels"
        monkeypatch.setattr(decoding, "MAX_PIXELS", 600)
        assert imaging.read(saved(Image.fromarray(sketch()))).shape == (20, 30, 3)

    @pytest.mark.parametrize("side", [10_001, 20_000, 2**31 - 1])
    def test_a_header_of_a_huge_size_costs_nothing(self, side):
        content = bytearray(saved(Image.fromarray(sketch())))
        struct.pack_into(">II", content, 16, side, side)
        struct.pack_into(">I", content, 29, zlib.crc32(content[12:29]))
        assert reason(bytes(content)).endswith("over 100,000,000 pixels")

    def test_a_bomb_beside_the_pixels(self):
        swollen = zlib.compress(bytes(5_000_000))
        for name in (b"zTXt", b"iCCP"):
            found = reason(png(8, 0, [b"\1\2"], (name, b"Title\0\0" + swollen)))
            assert found.startswith("cannot be decoded: Decompressed data too large")

    def test_a_jpeg_of_too_many_scans(self):
        content = saved(Image.new("L", (2000, 1000)), "JPEG", progressive=True)
        place = content.rindex(b"\xff\xda")
        again = content[place:-2]
        assert imaging.read(content + b"\xff\xda" * 5000).shape == (1000, 2000, 3)
        found = reason(content[:-2] + again * 1000 + content[-2:])
        assert found == "a JPEG of 1,006 scans: would take too long to decode"

    def test_reasons_are_one_short_line_without_addresses(self, monkeypatch):
        def fail(*_, **__):
            raise OSError(f"no\nway: <_io.BytesIO object at 0x7fa0b1c2d3e4> \x1b[31m {'x' * 500}")

        monkeypatch.setattr(Image, "open", fail)
        found = reason(b"any")
        assert found.startswith(r"cannot be decoded: no way: \x1b[31m xxx")
        assert len(found) < 150 and found.isprintable()


def test_warning_filters_are_restored_after_decoding_in_threads():
    content = saved(Image.fromarray(noise()), "TIFF")
    odd = bytearray(content)
    struct.pack_into(
        "<I", odd, struct.unpack_from("<I", content, 4)[0] + 2 + 4, 2**30
    )  # of a field, the count
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        with ThreadPoolExecutor(8) as pool:
            found = set(pool.map(lambda _: reason(bytes(odd)), range(200)))
        assert warnings.filters == before
    assert len(found) == 1
    with pytest.warns(UserWarning, match="Tag data larger"), pytest.raises(UnidentifiedImageError):
        Image.open(io.BytesIO(odd))


def test_warning_filters_are_restored_when_threads_leave_in_the_order_of_entry(monkeypatch):
    inside = {name: threading.Event() for name in (b"one", b"two")}
    proceed = {name: threading.Event() for name in inside}

    def wait(content):
        inside[content].set()
        assert proceed[content].wait(60)
        warnings.warn_explicit("odd metadata", UserWarning, "any.py", 1, module="PIL.Any")
        raise OSError("done")

    monkeypatch.setattr(decoding, "open_image", wait)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        before = list(warnings.filters)
        with ThreadPoolExecutor(2) as pool:
            reasons = []
            for name, event in inside.items():
                reasons.append(pool.submit(reason, name))
                assert event.wait(60)
            for name, result in zip(proceed, reasons, strict=True):
                proceed[name].set()
                assert result.result(60) == "cannot be decoded: done"
        assert warnings.filters == before


def tags(content):
    return imaging.decode(content).tags


@pytest.mark.parametrize("form", ["PNG", "TIFF", "JPEG", "BMP"])
def test_the_resolution_is_read_upright(form):
    assert tags(saved(Image.fromarray(sketch()), form, dpi=(300, 150))).dpi == pytest.approx(
        (300, 150), abs=0.1
    )
    turned = Image.Exif()
    turned[0x0112] = 6
    if form in ("PNG", "JPEG"):
        content = saved(Image.fromarray(sketch()), form, dpi=(300, 150), exif=turned)
        assert tags(content).dpi == pytest.approx((150, 300), abs=0.1)
        kept = tags(imaging.encode_png(sketch(), tags(content)))
        assert kept.dpi == pytest.approx((150, 300), abs=0.1)


@pytest.mark.parametrize("dpi", [(), (0, 0), (300,), (float("nan"), 300), (1e9, 1e9), ("a", "b"), None, 3])
def test_no_usable_resolution_is_none(dpi, monkeypatch):
    original = decoding.open_image

    def odd(content):
        image = original(content)
        image.info["dpi"] = dpi
        return image

    monkeypatch.setattr(decoding, "open_image", odd)
    assert tags(saved(Image.fromarray(sketch()))).dpi is None


def srgb_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_a_profile_is_kept_where_an_rgb_image_can_have_it():
    for image in (
        Image.fromarray(sketch()),
        Image.fromarray(noise(4)),
        Image.fromarray(sketch()).quantize(4),
    ):
        profile = srgb_profile()
        assert tags(saved(image, icc_profile=profile)).profile == profile
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for image, profile in (
        (Image.fromarray(sketch()), b"broken"),
        (Image.fromarray(sketch()), lab),
        (Image.fromarray(noise(1)), srgb_profile()),
    ):
        assert tags(saved(image, icc_profile=profile)).profile is None
    assert (decoding.from_srgb(sketch(), b"broken") == sketch()).all()


@pytest.mark.parametrize("kind", ["LA", "RGBA", "P", "turned", "16 bits"])
def test_alpha_is_read_upright(kind):
    pixels = noise(4)
    alpha = pixels[..., 3]
    if kind == "16 bits":
        wide = np.arange(12, dtype=np.uint16).reshape(3, 4) * 5000
        content = saved(Image.fromarray(wide), transparency=5000)
        assert (imaging.decode(content).alpha == np.where(wide == 5000, 0, 255)).all()
        return
    image, turned = Image.fromarray(pixels), Image.Exif()
    turned[0x0112] = 6 if kind == "turned" else 1
    if kind == "P":
        image = Image.fromarray(np.arange(12, dtype=np.uint8).reshape(3, 4)).convert("P")
        content = saved(image, transparency=5)
        assert (imaging.decode(content).alpha == np.where(np.asarray(image) == 5, 0, 255)).all()
        return
    content = saved(image.convert("LA") if kind == "LA" else image, exif=turned)
    assert (imaging.decode(content).alpha == (np.rot90(alpha, -1) if kind == "turned" else alpha)).all()
    opaque = Image.fromarray(np.dstack([pixels[..., :3], np.full((3, 4), 255, np.uint8)]))
    assert imaging.decode(saved(opaque)).alpha is None
