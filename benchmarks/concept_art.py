"""Measure how like concept art images are, beside the real coloured sheets of a clean set.

    python benchmarks/concept_art.py data/clean/industrial quick=models/cyclegan products=FOLDER

A model colours the sketches of val and test; a folder of images is measured as it is. KID compares with the
coloured images of val and test, in the features of VGG-19. The other figures are those that tell a marker
rendering from a flat drawing, at 256×256: L* without thin lines (7×7 grey closing) below 45 is dark, C* above
18 is painted; hues are the 30° bins that hold more than 8 % of the painted chroma; tone is the standard
deviation of L* (Gaussian, sigma 2) over what is painted or dark. Noise and bleed are those of the report.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
from skimage.color import rgb2lab

from cli import argument_parser, markdown_table
from sketch2color import imaging, manifest
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.imaging import SUFFIXES, ImageArray
from sketch2color.manifest import CleanImageRow
from sketch2color.metrics import features
from sketch2color.metrics.color_bleed import color_bleed
from sketch2color.metrics.kid import kid
from sketch2color.metrics.paper_noise import paper_noise
from sketch2color.models.threads import one_thread
from sketch2color.progress import progress
from sketch2color.report.scored_images import file_of

EDGE = 256
DARK, PAINTED = 45.0, 18.0
"""L* below which a pixel is dark, C* above which it is painted."""
LEAST_PAINTED = 0.01  # share of the image: hues of less are noise
HELD_OUT = ("val", "test")
COLUMNS = ("images", "KID", "painted", "dark", "hues", "tone", "chroma", "paper noise", "bleed")


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("clean", type=Path, help="a clean set")
    parser.add_argument("subjects", nargs="+", metavar="NAME=FOLDER", help="of a model, or of images")
    parser.add_argument("--keep", type=Path, help="a folder for what the models paint")
    chosen = parser.parse_args()
    rows = manifest.read(chosen.clean / "manifest.csv", CleanImageRow)
    held_out = {
        domain: [file_of(chosen.clean, row) for row in rows if row.domain == domain and row.split in HELD_OUT]
        for domain in ("sketch", "color")
    }
    net = features.load("vgg19")
    reference = [imaging.read(path) for path in held_out["color"]]
    real = features.stack([features.extract_features(net, image) for image in reference])
    table = []
    for subject in chosen.subjects:
        name, folder = subject.split("=", 1)
        images, sketches = read(Path(folder), held_out["sketch"])
        if chosen.keep and sketches:
            for path, image in zip(held_out["sketch"], images, strict=True):
                imaging.write_png(chosen.keep / name / path.name, image)
        found = features.stack([features.extract_features(net, each) for each in progress(images, name)])
        table.append([name, len(images), f"{kid(found, real, 0):.3f}", *figures(images, sketches)])
    table.append(["real, val and test", len(reference), "", *figures(reference, [])])
    print(markdown_table(["", *COLUMNS], table))


def read(folder: Path, paths: Sequence[Path]) -> tuple[list[ImageArray], list[ImageArray]]:
    """Return a folder's images, or what the model in it makes of the sketches at ``paths``, and those."""
    if not (folder / "config.json").is_file():
        files = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
        return [imaging.read(path) for path in files], []
    colorizer = Colorizer.load(folder)
    sketches = [imaging.read(path) for path in paths]
    return [colorizer.colorize(sketch) for sketch in progress(sketches, folder.name)], sketches


def figures(images: Sequence[ImageArray], sketches: Sequence[ImageArray]) -> list[str]:
    """Return the means over the images, as texts in the order of ``COLUMNS``."""
    looks = [look(image) for image in images]
    texts = [f"{np.mean([each[key] for each in looks]):{form}}" for key, form in FORMATS.items()]
    pairs = list(zip(images, sketches, strict=True)) if sketches else []
    for metric, form in ((paper_noise, ".2f"), (color_bleed, ".3f")):
        values = [value for image, sketch in pairs if (value := metric(image, sketch)) is not None]
        texts.append(format(np.mean(values), form) if values else "")
    return texts


FORMATS = {"painted": ".3f", "dark": ".3f", "hues": ".1f", "tone": ".1f", "chroma": ".0f"}


def look(image: ImageArray) -> Mapping[str, float]:
    """Return the shares that are painted and dark, the hues, the deviation of tone and the mean chroma."""
    lab = rgb2lab(imaging.resize(image, EDGE, EDGE)).astype(np.float32)
    chroma, hue = np.hypot(lab[..., 1], lab[..., 2]), np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    tone = cv2.morphologyEx(lab[..., 0], cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    dark, painted = tone < DARK, chroma > PAINTED
    bins, _ = np.histogram(hue[painted], bins=12, range=(0, 360), weights=chroma[painted])
    enough = bool(painted.mean() > LEAST_PAINTED)
    area = painted | dark
    smooth = cv2.GaussianBlur(tone, (0, 0), 2)
    return {
        "painted": float(painted.mean()),
        "dark": float(dark.mean()),
        "hues": float((bins > 0.08 * bins.sum()).sum()) if enough else 0.0,
        "tone": float(smooth[area].std()) if area.mean() > LEAST_PAINTED else 0.0,
        "chroma": float(chroma[painted].mean()) if painted.any() else 0.0,
    }


if __name__ == "__main__":
    main()
