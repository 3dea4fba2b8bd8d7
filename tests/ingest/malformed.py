"""Broken files for the tests: a corpus made by hand, and any number of mutated ones, each from its number.

Run as a program it reads mutated files and prints what became of each, so that a test can watch it from
outside: ``python malformed.py images|archives FIRST COUNT``.
"""

import hashlib
import io
import json
import struct
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms

from sketch2color import imaging
from sketch2color.errors import UserError
from sketch2color.imaging import decoding
from sketch2color.ingest.fetch import archive
from sketch2color.ingest.fetch.source_file import SourceFileError


class Malformed(NamedTuple):
    """``expected`` is how its reason begins; empty where the image is good all the same and is kept."""

    name: str
    content: bytes
    expected: str


def colors(seed: int = 0) -> np.ndarray:
    """A small image, another one for every seed; no turn leaves any as it is."""
    return np.random.default_rng(seed).integers(0, 256, (9, 13, 3), dtype=np.uint8)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of the given chunks, checksums made."""
    packed = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


def header(width: int, height: int, bits: int = 8, kind: int = 2, interlaced: int = 0) -> tuple[bytes, bytes]:
    return b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlaced)


def pixels(seed: int = 0) -> tuple[bytes, bytes]:
    """The pixels of ``colors(seed)`` as a PNG holds them."""
    rows = b"".join(b"\0" + row.tobytes() for row in colors(seed))
    return b"IDAT", zlib.compress(rows)


def exif(orientation: int) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = orientation
    return made


@cache
def samples() -> dict[str, bytes]:
    """Good images of every format, mode and packing."""
    rgb = Image.fromarray(colors())
    grey, alpha = rgb.convert("L"), Image.fromarray(colors()[..., 1])
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    palette = rgb.quantize(16)
    deep = Image.fromarray(colors()[..., 0].astype(np.uint16) * 257)
    made_now = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = made_now[:24] + bytes(12) + made_now[36:]  # without the date
    told = {"exif": exif(6), "icc_profile": profile}
    made = {
        "rgb.png": saved(rgb, "PNG", **told),
        "grey.png": saved(grey, "PNG"),
        "grey-alpha.png": saved(rgba.convert("LA"), "PNG"),
        "rgba.png": saved(rgba, "PNG", icc_profile=profile),
        "palette.png": saved(palette, "PNG", transparency=bytes(range(0, 160, 10))),
        "deep.png": saved(deep, "PNG", transparency=700),
        "bits.png": saved(rgb.convert("1"), "PNG"),
        "text.png": png(
            header(13, 9),
            (b"tEXt", b"Title\0x"),
            (b"zTXt", b"a\0\0" + zlib.compress(b"y" * 99)),
            pixels(),
            (b"IEND", b""),
        ),
        "color.jpg": saved(rgb, "JPEG", **told),
        "progressive.jpg": saved(rgb, "JPEG", progressive=True),
        "grey.jpg": saved(grey, "JPEG"),
        "cmyk.jpg": saved(rgb.convert("CMYK"), "JPEG"),
        "mpo.jpg": saved(rgb, "MPO", save_all=True, append_images=[rgb.rotate(180)]),
        "palette.gif": saved(palette, "GIF", transparency=3),
        "grey.gif": saved(grey, "GIF", interlace=True),
        "lossy.webp": saved(rgb, "WEBP", **told),
        "lossless.webp": saved(rgba, "WEBP", lossless=True),
        "color.bmp": saved(rgb, "BMP"),
        "palette.bmp": saved(palette, "BMP"),
        "bits.bmp": saved(rgb.convert("1"), "BMP"),
        "alpha.bmp": saved(rgba, "BMP"),
        "runs.bmp": run_length_bmp(),
        "cmyk.tif": saved(rgb.convert("CMYK"), "TIFF"),
        "lab.tif": saved(rgb.convert("LAB"), "TIFF"),
        "ycbcr.tif": saved(rgb.convert("YCbCr"), "TIFF"),
        "deep.tif": saved(deep, "TIFF"),
        "float.tif": saved(Image.fromarray(colors()[..., 0].astype(np.float32) / 255), "TIFF"),
        "palette.tif": saved(palette, "TIFF"),
        "big.tif": saved(rgb, "TIFF", big_tiff=True, exif=exif(8)),
        "fax.tif": saved(rgb.convert("1"), "TIFF", compression="group4"),
        "bits.tif": saved(rgb.convert("1"), "TIFF", compression="group3"),
    }
    for packing in ("raw", "tiff_lzw", "packbits", "tiff_adobe_deflate", "jpeg"):
        made[f"{packing}.tif"] = saved(rgb, "TIFF", compression=packing, exif=exif(5))
    return made


def run_length_bmp() -> bytes:
    """Two rows of run-length packed palette pixels: an absolute run, an encoded one, ends of lines."""
    runs = bytes([0, 4, 1, 2, 3, 0, 0, 0, 2, 2, 2, 1, 0, 1])
    palette = b"\0\0\0\0\0\0\xff\0\0\xff\0\0\xff\0\0\0" + bytes(252 * 4)
    info = struct.pack("<IiiHHIIiiII", 40, 4, 2, 1, 8, 1, len(runs), 0, 0, 256, 0)
    start = 14 + len(info) + len(palette)
    return struct.pack("<2sIHHI", b"BM", start + len(runs), 0, 0, start) + info + palette + runs


def corpus() -> list[Malformed]:
    """Files made by hand, each with one fault; those whose pixels are whole have pixels of their own."""
    return [
        *_of_any_kind(),
        *_cut_short(),
        *_png_faults(),
        *_jpeg_faults(),
        *_other_faults(),
        *_many_frames(),
    ]


def _of_any_kind() -> list[Malformed]:
    noise = np.random.default_rng(1).bytes(500)
    web = "a web page, not an image"
    other = ", not an image in a supported format"
    packed = archives()
    return [
        Malformed("nothing", b"", "empty file"),
        Malformed("zeros.png", bytes(500), "not an image"),
        Malformed("random.jpg", noise, "not an image"),
        Malformed("words.gif", b"no image at all", "not an image"),
        Malformed("page.jpg", b"<!DOCTYPE html><html><body>404</body></html>", web),
        Malformed("late-page.png", b"\xef\xbb\xbf \n<!-- x --><HTML>", web),
        Malformed("drawing.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        Malformed("print.png", b"%PDF-1.7 " + noise, f"a PDF file{other}"),
        Malformed(
            "program.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", f"a PostScript file{other}"
        ),
        Malformed("layers.png", b"8BPS\0\1" + noise, f"a Photoshop file{other}"),
        Malformed("phone.jpg", b"\0\0\0\x18ftypheic" + noise, f"a HEIC file{other}: save it as PNG or JPEG"),
        Malformed("packed.png", packed["stored.zip"], f"an archive{other}"),
        Malformed("packed-too.png", packed["gnu-a.tar.gz"], f"an archive{other}"),
        Malformed("portable.png", saved(Image.fromarray(colors()), "PPM"), "not an image"),
        Malformed("apple.png", saved(Image.fromarray(colors()), "ICNS"), "not an image"),
    ]


def _cut_short() -> list[Malformed]:
    """Of each format three cuts: in the header, in the middle, just before the end of the pixels."""
    made = []
    for name in (
        "grey.png",
        "color.jpg",
        "progressive.jpg",
        "grey.gif",
        "lossy.webp",
        "color.bmp",
        "runs.bmp",
        "raw.tif",
        "tiff_lzw.tif",
    ):
        whole = samples()[name]
        ends = {
            "early": 16,
            "middle": len(whole) // 2,
            "late": len(whole) - (30 if name == "grey.png" else 6),
        }
        made += [
            Malformed(f"{when}-{name}", whole[:end], "cannot be decoded: ") for when, end in ends.items()
        ]
    return made


def _png_faults() -> list[Malformed]:
    end, wrong = (b"IEND", b""), "cannot be decoded: "
    damaged = "cannot be decoded: its header is damaged"
    bomb = zlib.compress(bytes(5_000_000))
    plain = png(header(13, 9), pixels(1), end)
    checksum = bytearray(plain)
    checksum[30] ^= 1
    length = bytearray(plain)
    length[33:37] = b"\x7f\xff\xff\xff"
    return [
        Malformed("width-0.png", png(header(0, 9), pixels(), end), wrong),
        Malformed("bits-7.png", png(header(13, 9, bits=7), pixels(), end), wrong),
        Malformed("kind-5.png", png(header(13, 9, kind=5), pixels(), end), wrong),
        Malformed("one-row-too-many.png", png(header(13, 10), pixels(), end), "cannot be decoded: a part of"),
        Malformed("huge.png", png(header(20_000, 10_001), pixels(), end), "over 100,000,000 pixels"),
        Malformed(
            "large.png", png(header(10_000, 10_001), pixels(), end), "10000x10001 is over 100,000,000 pixels"
        ),
        Malformed(
            "negative.png", png(header(2**32 - 1, 2**32 - 1), pixels(), end), "over 100,000,000 pixels"
        ),
        Malformed("no-palette.png", png(header(13, 9, kind=3), pixels(), end), wrong),
        Malformed("no-pixels.png", png(header(13, 9), end), wrong),
        Malformed("no-header.png", png(pixels(), end), wrong),
        Malformed("unpackable.png", png(header(13, 9), (b"IDAT", b"x" * 99), end), wrong),
        Malformed("odd-filter.png", png(header(1, 1), (b"IDAT", zlib.compress(b"\x09abc")), end), wrong),
        Malformed("checksum.png", bytes(checksum), damaged),
        Malformed("length.png", bytes(length), ""),
        Malformed("text-bomb.png", png(header(13, 9), (b"zTXt", b"a\0\0" + bomb), pixels(), end), wrong),
        Malformed(
            "late-bomb.png", png(header(13, 9), pixels(), (b"iTXt", b"a\0\1\0\0\0" + bomb), end), wrong
        ),
        Malformed("profile-bomb.png", png(header(13, 9), (b"iCCP", b"a\0\0" + bomb), pixels(), end), wrong),
        Malformed("short-alpha.png", png(header(13, 9), (b"tRNS", b"\0"), pixels(), end), wrong),
        Malformed("no-end.png", png(header(13, 9), pixels(2)), ""),
        Malformed("more-behind.png", png(header(13, 9), pixels(3), end) + b"more" * 99, ""),
        Malformed(
            "odd-profile.png",
            png(header(13, 9), (b"iCCP", b"a\0\0" + zlib.compress(b"none")), pixels(4), end),
            "",
        ),
        Malformed(
            "odd-exif.png", png(header(13, 9), (b"eXIf", b"MM\0*\xff\xff\xff\xff"), pixels(5), end), ""
        ),
        Malformed("wrong-name.jpg", png(header(13, 9), pixels(6), end), ""),
    ]


def _jpeg_faults() -> list[Malformed]:
    wrong = "cannot be decoded: "
    whole = {seed: saved(Image.fromarray(colors(seed)), "JPEG") for seed in range(10, 17)}
    frame = whole[10].index(b"\xff\xc0")

    def changed(content: bytes, place: int, value: bytes) -> bytes:
        return content[:place] + value + content[place + len(value) :]

    scan = whole[10].index(b"\xff\xda")
    large = changed(whole[10], frame + 5, b"\x3a\x98\x3a\x98")
    overdrawn = saved(Image.new("L", (1600, 1600)), "JPEG", progressive=True)
    last = overdrawn[overdrawn.rindex(b"\xff\xda") : -2]
    return [
        Malformed("height-0.jpg", changed(whole[10], frame + 5, b"\0\0"), wrong),
        Malformed("precision.jpg", changed(whole[10], frame + 4, b"\x0c"), wrong),
        Malformed("channels-9.jpg", changed(whole[10], frame + 9, b"\x09"), wrong),
        Malformed("huge.jpg", large, "15000x15000 is over 100,000,000 pixels"),
        Malformed("usual-tables-left-out.jpg", whole[13].replace(b"\xff\xc4", b"\xff\xfe"), ""),
        Malformed("arithmetic.jpg", changed(whole[10], frame + 1, b"\xcb"), wrong),
        Malformed("segment-0.jpg", changed(whole[14], 4, b"\0\0"), ""),
        Malformed("no-scan.jpg", whole[10][:scan] + b"\xff\xd9", wrong),
        Malformed("overdrawn.jpg", overdrawn[:-2] + last * 900 + b"\xff\xd9", "a JPEG of 906 scans"),
        Malformed("no-end.jpg", whole[11][:-2], wrong),
        Malformed("more-behind.jpg", whole[12] + bytes(999), ""),
        Malformed(
            "odd-exif.jpg",
            saved(Image.fromarray(colors(17)), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff"),
            "",
        ),
        Malformed("odd-profile.jpg", saved(Image.fromarray(colors(18)), "JPEG", icc_profile=b"x" * 300), ""),
        Malformed("odd-previews.jpg", samples()["mpo.jpg"].replace(b"MPF\0II", b"MPF\0xx"), ""),
    ]


def _other_faults() -> list[Malformed]:
    wrong = "cannot be decoded: "
    good = samples()

    def changed(name: str, place: int, value: bytes) -> bytes:
        return good[name][:place] + value + good[name][place + len(value) :]

    raw = good["raw.tif"]
    return [
        Malformed("width-0.gif", changed("grey.gif", 6, b"\0\0\0\0"), ""),
        Malformed(
            "code-size.gif", good["grey.gif"].replace(b"\x0d\0\x09\0\0\x08", b"\x0d\0\x09\0\0\x0d"), wrong
        ),
        Malformed("only-header.gif", b"GIF89a\x01\0\x01\0\0\0\0;", wrong),
        Malformed(
            "frame-beyond.gif",
            b"GIF89a\x01\0\x01\0\0\0\0,\xff\xff\xff\xff\xff\xff\xff\xff\0\2\1\0\0;",
            "over 100,000,000 pixels",
        ),
        Malformed("size.webp", changed("lossy.webp", 4, b"\xff\xff\xff\xff"), wrong),
        Malformed("chunk.webp", changed("lossless.webp", 12, b"VP9 "), wrong),
        Malformed("bits-5.bmp", changed("color.bmp", 28, b"\5"), wrong),
        Malformed("planes.bmp", changed("color.bmp", 14, b"\x0b"), wrong),
        Malformed("packing-9.bmp", changed("color.bmp", 30, b"\x09"), wrong),
        Malformed("huge.bmp", changed("color.bmp", 18, b"\0\0\1\0\0\0\1\0"), "over 100,000,000 pixels"),
        Malformed("pixels-beyond.bmp", changed("color.bmp", 10, b"\xff\xff\xff\x7f"), wrong),
        Malformed("table-beyond.tif", changed("raw.tif", 4, b"\xff\xff\xff\x7f"), wrong),
        Malformed("table-of-none.tif", b"II*\0\x08\0\0\0\0\0\0\0\0\0", wrong),
        Malformed(
            "missing-rows.tif",
            raw.replace(struct.pack("<HHII", 257, 4, 1, 9), struct.pack("<HHII", 257, 4, 1, 99)),
            "cannot be decoded: a part of the pixels is missing",
        ),
        Malformed(
            "huge.tif",
            raw.replace(struct.pack("<HHII", 257, 4, 1, 9), struct.pack("<HHII", 257, 4, 1, 10**8)),
            "over 100,000,000 pixels",
        ),
        Malformed(
            "packing.tif",
            good["tiff_lzw.tif"].replace(
                struct.pack("<HHIH", 259, 3, 1, 5), struct.pack("<HHIH", 259, 3, 1, 999)
            ),
            wrong,
        ),
        Malformed(
            "not-a-number.tif",
            saved(Image.fromarray(np.full((9, 13), np.nan, np.float32)), "TIFF"),
            "grey values of no usual range",
        ),
    ]


def _many_frames() -> list[Malformed]:
    frames = [Image.fromarray(colors(seed)) for seed in (20, 21, 22)]
    many: dict[str, str] = {"GIF": "gif", "PNG": "png", "WEBP": "webp", "TIFF": "tif"}
    return [
        Malformed(
            f"frames.{suffix}",
            saved(frames[0], form, save_all=True, append_images=frames[1:]),
            "animated or of several pages",
        )
        for form, suffix in many.items()
    ]


def mutated(number: int) -> tuple[str, bytes]:
    """A sample with a few faults in it, and its name."""
    rng = np.random.default_rng(number)
    names = sorted(samples())
    name = names[number % len(names)]
    content = broken(samples()[name], rng, samples()[names[int(rng.integers(len(names)))]])
    return name, mended(content) if name.endswith(".png") and rng.random() < 0.7 else content


def mended(content: bytes) -> bytes:
    """A PNG with the right checksum after every chunk: else none of its faults comes further than that."""
    made, place = content[:8], 8
    while place + 8 <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        chunk = content[place + 4 : place + 8 + length]
        made += content[place : place + 4] + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        place += 12 + length
    return made


def broken(content: bytes, rng: np.random.Generator, other: bytes) -> bytes:
    """``content`` with one to three faults: bits, fields, holes, pieces twice or of another file, cuts."""
    mutable = bytearray(content)
    faults: list[Callable[[bytearray, np.random.Generator, bytes], None]] = [
        _flip,
        _flip,
        _set_field,
        _set_field,
        _delete,
        _repeat,
        _splice,
        _cut,
    ]
    for _ in range(int(rng.integers(1, 4))):
        if mutable:
            faults[int(rng.integers(len(faults)))](mutable, rng, other)
    return bytes(mutable)


def _place(rng: np.random.Generator, length: int) -> int:
    """Any place, more often one near the beginning, where the headers are."""
    return int(rng.integers(min(length, 64) if rng.random() < 0.5 else length))


def _flip(content: bytearray, rng: np.random.Generator, _: bytes) -> None:
    for _ in range(int(rng.integers(1, 9))):
        content[_place(rng, len(content))] ^= 1 << int(rng.integers(8))


def _set_field(content: bytearray, rng: np.random.Generator, _: bytes) -> None:
    size = int(rng.choice([1, 2, 4, 8]))
    value = [0, 1, 2**7, 2**15 - 1, 2**16 - 1, 2**31 - 1, 2**32 - 1, 2**63, int(rng.integers(2**16))]
    field = (value[int(rng.integers(len(value)))] % 2 ** (8 * size)).to_bytes(
        size, "big" if rng.random() < 0.5 else "little"
    )
    place = _place(rng, len(content))
    content[place : place + size] = field


def _delete(content: bytearray, rng: np.random.Generator, _: bytes) -> None:
    place = _place(rng, len(content))
    del content[place : place + int(rng.integers(1, 40))]


def _repeat(content: bytearray, rng: np.random.Generator, _: bytes) -> None:
    place = _place(rng, len(content))
    content[place:place] = content[place : place + int(rng.integers(1, 200))] * int(rng.integers(1, 5))


def _splice(content: bytearray, rng: np.random.Generator, other: bytes) -> None:
    start, place = int(rng.integers(len(other))), _place(rng, len(content))
    content[place:] = other[start:] if rng.random() < 0.5 else other[place:]


def _cut(content: bytearray, rng: np.random.Generator, _: bytes) -> None:
    del content[_place(rng, len(content)) :]


def outcome(content: bytes) -> str:
    """What became of an image: its pixels' hash, or the reason."""
    try:
        decoded = imaging.decode(content)
    except imaging.ImageError as error:
        return str(error)
    assert decoded.image.dtype == np.uint8 and decoded.image.ndim == 3 and decoded.image.shape[2] == 3
    return f"image {decoded.image.shape} {hashlib.sha256(decoded.image.tobytes()).hexdigest()}"


@cache
def archives() -> dict[str, bytes]:
    """Good archives of every kind, with a link, a folder and a long name in some."""
    files = {
        "A/1.png": samples()["grey.png"],
        "A/2.bmp": samples()["color.bmp"],
        "B/" + "x" * 150 + ".gif": samples()["grey.gif"],
    }
    made = {}
    for name, method in {"stored": 0, "deflated": 8, "bzip2": 12, "lzma": 14}.items():
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as packed:
            packed.writestr("A/", b"")
            for path, content in files.items():
                packed.writestr(path, content)
        made[f"{name}.zip"] = buffer.getvalue()
    for name, mode in {"a.tar": "w", "a.tar.gz": "w:gz", "a.tar.bz2": "w:bz2", "a.tar.xz": "w:xz"}.items():
        for family, kind in {"pax": tarfile.PAX_FORMAT, "gnu": tarfile.GNU_FORMAT}.items():
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode=mode, format=kind) as packed:
                for path, content in files.items():
                    info = tarfile.TarInfo(path)
                    info.size = len(content)
                    packed.addfile(info, io.BytesIO(content))
                link = tarfile.TarInfo("A/link.png")
                link.type, link.linkname = tarfile.SYMTYPE, "../../../etc/passwd"
                packed.addfile(link)
            made[f"{family}-{name}"] = buffer.getvalue()
    return made


def archive_outcome(number: int) -> list[str]:
    """What became of each entry of the archive with that number, and of the archive itself."""
    rng = np.random.default_rng(number)
    names = sorted(archives())
    content = broken(
        archives()[names[number % len(names)]], rng, archives()[names[int(rng.integers(len(names)))]]
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a")
        path.write_bytes(content)
        return list(walk(path))


def walk(path: Path) -> Iterator[str]:
    try:
        for file in archive.list_files(path):
            try:
                yield f"{file.path}: {file.problem or outcome(file.read())}"
            except SourceFileError as error:
                yield f"{file.path}: {error}"
    except UserError as error:
        yield str(error).replace(str(path), "it")


def main(kind: str, first: int, count: int) -> None:
    decoding.MAX_PIXELS = 4_000_000  # what a header may claim: so that claims cost little
    for number in range(first, first + count):
        became = outcome(mutated(number)[1]) if kind == "images" else archive_outcome(number)
        print(json.dumps([number, became]), flush=True)
    print(json.dumps(["peak", peak_megabytes()]))


def peak_megabytes() -> int:
    """The most memory that this process has had; what resource tells counts the parent's in."""
    status = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (peak,) = [line.split()[1] for line in status if line.startswith("VmHWM")]
    return int(peak) // 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
