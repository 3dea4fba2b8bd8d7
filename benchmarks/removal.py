"""Measure mark removal against the truth, on kinds of marks that the detector was not trained on.

    python benchmarks/removal.py [--raw data/raw/openmoji] [--out worst.png]

The originals are the clean val and test images of the data set openmoji (the stage ingest writes them), as
they are and on cream paper with grain and shade, and photographs of scikit-image; the marks are those of
``unseen_marks``. Half of the images are compressed as JPEG, the truth alike. A second set is openmoji with
its own marks. Each image is filled by OpenCV's inpainting and by ours with the true mask, and by ours blind.
``--out`` gets a contact sheet of the images that ours filled worst with the true mask.

Published blind removers, trained on thousands of images of their own sets, report 38 to 44 dB over the
whole image: SLBR (Liang et al., "Visible Watermark Removal via Self-calibrated Localization and Background
Refinement", ACM MM 2021) and DENet (Sun et al., "DENet: Disentangled Embedding Network for Visible Watermark
Removal", AAAI 2023).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

import unseen_marks
from cli import argument_parser, markdown_table
from sketch2color import imaging, manifest
from sketch2color.imaging import ImageArray, max_channel_diff
from sketch2color.imaging.contact_sheet import contact_sheet
from sketch2color.manifest import ImageRow
from sketch2color.models.threads import one_thread
from sketch2color.preprocess.clean import remove_marks
from sketch2color.progress import progress
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.scoring import psnr

Mask = NDArray[np.uint8]
SEED = 53
ROUNDS = 16
"""Images of each kind of mark, and as many unmarked ones."""
PHOTOS = ("coffee.png", "rocket.jpg", "color.png", "motorcycle_right.png", "chelsea.png", "ihc.png")
VISIBLE = 6.0
"""Mean difference, in levels over its mask, that a mark must make to the image."""


@dataclass(frozen=True)
class Case:
    """A marked image, the image without its mark, and the mask (255 on the mark)."""

    kind: str
    marked: ImageArray
    clean: ImageArray
    mask: Mask
    opacity: float

    @property
    def on_paper(self) -> bool:
        """Whether the mark is opaque and hides nothing but paper."""
        hidden = self.clean[self.mask > 0].astype(np.float64)
        paper = np.median(hidden, axis=0)
        drawn = (max_channel_diff(hidden, paper) > 24).mean()
        return self.opacity > 0.99 and paper.mean() > 150 and bool(drawn < 0.002)


Filler = Callable[[ImageArray, Mask], ImageArray]


def _inpaint(method: int, image: ImageArray, mask: Mask) -> ImageArray:
    return np.asarray(cv2.inpaint(image, mask, 3, method), np.uint8)


FILLERS: Mapping[str, Filler] = {
    "no removal": lambda image, _: image,
    "Telea": partial(_inpaint, cv2.INPAINT_TELEA),
    "Navier-Stokes": partial(_inpaint, cv2.INPAINT_NS),
    "ours": fill,
}
"""Methods that fill with the true mask."""


@one_thread()
def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--raw", type=Path, default=Path("data/raw/openmoji"))
    parser.add_argument("--out", type=Path, help="a PNG: marked, mask, ours, true; worst first")
    options = parser.parse_args()
    originals = Originals(options.raw)
    unmarked = list(progress(unmarked_images(originals), "unmarked"))
    unchanged = [bool(np.array_equal(remove_marks(image)[1], image)) for image in unmarked]
    for name, cases in (("unseen marks", unseen(originals)), ("its own marks", originals.marked())):
        measured = [Measured(case) for case in progress(list(cases), name)]
        print(f"\n{name}: {len(measured)} images\n\n{table(measured)}\n")
        if options.out and name == "unseen marks":
            imaging.write_png(options.out, worst_cases(measured))
    print(f"unmarked images bit-identical: {sum(unchanged)} of {len(unchanged)} ({np.mean(unchanged):.1%})")


class Originals:
    """The clean val and test images of a raw data set with truth, and photographs."""

    def __init__(self, raw: Path) -> None:
        rows = manifest.read(raw / "manifest.csv", ImageRow)
        self._raw = raw
        self._rows = [row for row in rows if row.split != "train"]
        self._originals = {path.stem: path for path in sorted((raw / "images").iterdir())}
        folder = Path(skimage.__file__).parent / "data"
        self._photos = [imaging.read(folder / name) for name in PHOTOS]

    def marked(self) -> Iterator[Case]:
        """Yield the data set's own marked images."""
        for row in self._rows:
            mask_path = self._raw / "truth" / f"{row.id}.mask.png"
            if mask_path.exists():
                mask = np.where(imaging.read(mask_path)[..., 0] > 127, 255, 0).astype(np.uint8)
                marked, clean = imaging.read(self._originals[row.id]), self._clean(row)
                yield Case(row.domain, marked, clean, mask, _opacity(marked, clean, mask))

    def image(self, number: int, rng: np.random.Generator) -> ImageArray:
        """Return 256 to 512 pixels of line art or colour, at times on cream paper, or of a photograph."""
        size = int(rng.integers(256, 513))
        if number % 8 == 7:
            photo = self._photos[int(rng.integers(len(self._photos)))]
            edge = min(photo.shape[:2])
            top, left = (int(rng.integers(0, extent - edge + 1)) for extent in photo.shape[:2])
            return imaging.resize(photo[top : top + edge, left : left + edge], size, size)
        domain = "sketch" if number % 8 in (0, 1, 2, 5) else "color"
        rows = [row for row in self._rows if row.domain == domain]
        image = imaging.resize(self._clean(rows[int(rng.integers(len(rows)))]), size, size)
        return put_on_cream(image, rng) if number % 8 in (5, 6) else image

    def _clean(self, row: ImageRow) -> ImageArray:
        path = self._raw / "truth" / f"{row.id}.clean.png"
        return imaging.read(path if path.exists() else self._originals[row.id])


def _opacity(marked: ImageArray, clean: ImageArray, mask: Mask) -> float:
    """Estimate a mark's opacity from the contrast of the image that remains below it."""
    inner = cv2.erode(mask, np.ones((5, 5), np.uint8)) > 0
    ink = inner & (clean.mean(2) < 60)
    paper = inner & (clean.mean(2) > 240)
    if ink.sum() < 5 or paper.sum() < 5:  # too little contrast to estimate from
        return 1.0
    contrast = np.median(marked[paper].mean(1)) - np.median(marked[ink].mean(1))
    return float(1 - contrast / (np.median(clean[paper].mean(1)) - np.median(clean[ink].mean(1))))


def put_on_cream(image: ImageArray, rng: np.random.Generator) -> ImageArray:
    """Put an image on cream or grey paper, unevenly lit, with grain of one to three levels."""
    height, width = image.shape[:2]
    paper = np.array([rng.uniform(225, 252), rng.uniform(220, 245), rng.uniform(195, 235)])
    light = cv2.resize(rng.uniform(0.9, 1.03, (3, 3)), (width, height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 0.7)
    grain *= rng.uniform(1, 3) / grain.std()
    lit = image / 255 * paper * light[..., None] + grain[..., None]
    return np.asarray(np.rint(lit.clip(0, 255)), np.uint8)


def unseen(originals: Originals, seed: int = SEED, rounds: int = ROUNDS) -> Iterator[Case]:
    """Yield ``rounds`` cases of every kind of unseen mark."""
    for number in range(rounds * len(unseen_marks.KINDS)):
        rng = np.random.default_rng((seed, 1, number))
        original = originals.image(number, rng)
        kind = list(unseen_marks.KINDS)[number % len(unseen_marks.KINDS)]
        while True:
            mark = unseen_marks.mark_image(original, kind, rng)
            covered = mark.mask > 0
            if covered.mean() > 0.001 and np.abs(mark.image.astype(int) - original)[covered].mean() > VISIBLE:
                break
        marked, clean = compress((mark.image, original), rng)
        yield Case(kind, marked, clean, mark.mask, mark.opacity)


def unmarked_images(originals: Originals, seed: int = SEED, rounds: int = ROUNDS) -> Iterator[ImageArray]:
    """Yield as many unmarked images as ``unseen`` yields marked ones."""
    for number in range(rounds * len(unseen_marks.KINDS)):
        rng = np.random.default_rng((seed, 2, number))
        yield compress((originals.image(number, rng),), rng)[0]


def compress(images: Sequence[ImageArray], rng: np.random.Generator) -> list[ImageArray]:
    """Compress images as JPEG of one quality from 75 to 95, or, half the time, not at all."""
    quality = int(rng.integers(75, 96))
    if rng.random() < 0.5:
        return list(images)
    return [imaging.read(imaging.encode_jpeg(image, quality)) for image in images]


class Measured:
    """A case with the scores of each method."""

    def __init__(self, case: Case) -> None:
        self.case = case
        filled = {name: filler(case.marked, case.mask) for name, filler in FILLERS.items()}
        detections, filled["ours, blind"] = remove_marks(case.marked)
        self.iou = intersection_over_union(detections.mask(*case.mask.shape), case.mask)
        self.ours = filled["ours"]
        self.scores = {name: score(image, case) for name, image in filled.items()}


def intersection_over_union(predicted: Mask, true: Mask) -> float:
    """Return the IoU of two masks; ``true`` is not empty."""
    return float(((predicted > 0) & (true > 0)).sum() / ((predicted > 0) | (true > 0)).sum())


@dataclass(frozen=True)
class Score:
    """PSNR in dB inside the mask and over the image, and SSIM over the image."""

    inside: float
    whole: float
    ssim: float


def score(image: ImageArray, case: Case) -> Score:
    """Compare a filled image with the truth; SSIM as Wang et al. (2004) with Gaussian windows."""
    error = np.square(image.astype(np.float64) - case.clean).mean(2)
    ssim = structural_similarity(
        image, case.clean, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return Score(psnr(float(error[case.mask > 0].mean())), psnr(float(error.mean())), float(ssim))


def table(measured: Sequence[Measured]) -> str:
    """Return the means as Markdown: one row for a set of cases and a method."""
    sets: dict[str, list[Measured]] = {
        "all": list(measured),
        "opaque over paper": [one for one in measured if one.case.on_paper],
        "opaque over drawing": [one for one in measured if not one.case.on_paper and one.case.opacity > 0.99],
        "translucent": [one for one in measured if one.case.opacity <= 0.99],
    }
    for one in measured:
        sets.setdefault(one.case.kind, []).append(one)
    rows = []
    for name, members in sets.items():
        for method in members[0].scores if members else ():
            scores = [one.scores[method] for one in members]
            inside, whole = np.mean([(each.inside, each.whole) for each in scores], axis=0)
            ssim = f"{np.mean([each.ssim for each in scores]):.4f}"
            iou = f"{np.mean([one.iou for one in members]):.3f}" if method == "ours, blind" else ""
            rows.append([f"{name} ({len(members)})", method, f"{inside:.1f}", f"{whole:.1f}", ssim, iou])
    return markdown_table(["marks", "method", "PSNR inside", "PSNR whole", "SSIM", "mask IoU"], rows)


def worst_cases(measured: Sequence[Measured], rows: int = 40) -> ImageArray:
    """Show marked, mask, ours and true of the cases that ours with the true mask filled worst."""
    worst = sorted(measured, key=lambda one: one.scores["ours"].inside)[:rows]
    return contact_sheet(
        [[one.case.marked, np.dstack([one.case.mask] * 3), one.ours, one.case.clean] for one in worst],
        ["marked", "mask", "ours", "true"],
        [
            f"{one.case.kind} {one.case.opacity:.2f}: {one.scores['ours'].inside:.1f} dB inside, Telea"
            f" {one.scores['Telea'].inside:.1f} dB"
            for one in worst
        ],
    )


if __name__ == "__main__":
    main()
