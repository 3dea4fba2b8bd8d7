"""Measure what the remover gives back, against the truth, on marks of types that the finder never learned.

    python benchmarks/removal.py [--raw data/raw/sample] [--out sheet.png]

The pages are the clean val and test drawings of the bundled sample (``dvc repro ingest`` writes them), as
they are and on cream paper with grain and shade, and photographs of scikit-image; the marks are those of
``unseen_marks``. Half of the pages are worn by JPEG, the truth alike. A second set is the sample itself, with
the marks it came with. Each image is filled by OpenCV's inpainting and by ours with the true mask, and by
ours blind. ``--out`` gets a sheet of the images that ours filled worst with the true mask.

Published blind removers, trained on thousands of images of their own sets, report 38 to 44 dB over the
whole image: SLBR (Liang et al., "Visible Watermark Removal via Self-calibrated Localization and Background
Refinement", ACM MM 2021) and DENet (Sun et al., "DENet: Disentangled Embedding Network for Visible Watermark
Removal", AAAI 2023).
"""

import argparse
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
"""Levels by which a mark must differ from its page, in the mean over its mask, to be one."""


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
        """Say whether the mark is opaque and nothing but paper lies under it."""
        under = self.clean[self.mask > 0].astype(np.float64)
        paper = np.median(under, axis=0)
        odd = (max_channel_diff(under, paper) > 24).mean()
        return self.opacity > 0.99 and paper.mean() > 150 and bool(odd < 0.002)


Filler = Callable[[ImageArray, Mask], ImageArray]


def _inpainted(method: int, image: ImageArray, mask: Mask) -> ImageArray:
    return np.asarray(cv2.inpaint(image, mask, 3, method), np.uint8)


FILLERS: Mapping[str, Filler] = {
    "no removal": lambda image, _: image,
    "Telea": partial(_inpainted, cv2.INPAINT_TELEA),
    "Navier-Stokes": partial(_inpainted, cv2.INPAINT_NS),
    "ours": fill,
}
"""What is given the true mask."""


@one_thread()
def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--raw", type=Path, default=Path("data/raw/sample"))
    parser.add_argument("--out", type=Path, help="a PNG: marked, mask, ours, true; worst first")
    options = parser.parse_args()
    drawings = Drawings(options.raw)
    unmarked = list(progress(unmarked_images(drawings), "unmarked"))
    untouched = [bool(np.array_equal(remove_marks(image)[1], image)) for image in unmarked]
    for name, cases in (("unseen marks", unseen(drawings)), ("the sample's own marks", drawings.sample())):
        measured = [Measured(case) for case in progress(list(cases), name)]
        print(f"\n{name}: {len(measured)} images\n\n{table(measured)}\n")
        if options.out and name == "unseen marks":
            imaging.write_png(options.out, sheet(measured))
    print(f"unmarked images bit-identical: {sum(untouched)} of {len(untouched)} ({np.mean(untouched):.1%})")


class Drawings:
    """The clean val and test drawings of a raw data set with truth, and photographs."""

    def __init__(self, raw: Path) -> None:
        rows = manifest.read(raw / "manifest.csv", ImageRow)
        self._raw = raw
        self._rows = [row for row in rows if row.split != "train"]
        self._originals = {path.stem: path for path in sorted((raw / "images").iterdir())}
        folder = Path(skimage.__file__).parent / "data"
        self._photos = [imaging.read(folder / name) for name in PHOTOS]

    def sample(self) -> Iterator[Case]:
        """Yield the marked images of the data set itself."""
        for row in self._rows:
            mask_path = self._raw / "truth" / f"{row.id}.mask.png"
            if mask_path.exists():
                mask = np.where(imaging.read(mask_path)[..., 0] > 127, 255, 0).astype(np.uint8)
                marked, clean = imaging.read(self._originals[row.id]), self._clean(row)
                yield Case(row.domain, marked, clean, mask, _opacity(marked, clean, mask))

    def page(self, number: int, rng: np.random.Generator) -> ImageArray:
        """Give a page of 256 to 512 pixels: line art, coloured, either on cream paper, or a photograph."""
        size = int(rng.integers(256, 513))
        if number % 8 == 7:
            photo = self._photos[int(rng.integers(len(self._photos)))]
            edge = min(photo.shape[:2])
            top, left = (int(rng.integers(0, extent - edge + 1)) for extent in photo.shape[:2])
            return imaging.resize(photo[top : top + edge, left : left + edge], size, size)
        domain = "sketch" if number % 8 in (0, 1, 2, 5) else "color"
        rows = [row for row in self._rows if row.domain == domain]
        drawing = imaging.resize(self._clean(rows[int(rng.integers(len(rows)))]), size, size)
        return on_cream(drawing, rng) if number % 8 in (5, 6) else drawing

    def _clean(self, row: ImageRow) -> ImageArray:
        path = self._raw / "truth" / f"{row.id}.clean.png"
        return imaging.read(path if path.exists() else self._originals[row.id])


def _opacity(marked: ImageArray, clean: ImageArray, mask: Mask) -> float:
    """Tell how opaque a mark is from how little of the page's contrast shows through it."""
    inner = cv2.erode(mask, np.ones((5, 5), np.uint8)) > 0
    ink = inner & (clean.mean(2) < 60)
    paper = inner & (clean.mean(2) > 240)
    if ink.sum() < 5 or paper.sum() < 5:  # then what it covers says nothing: call it opaque
        return 1.0
    contrast = np.median(marked[paper].mean(1)) - np.median(marked[ink].mean(1))
    return float(1 - contrast / (np.median(clean[paper].mean(1)) - np.median(clean[ink].mean(1))))


def on_cream(drawing: ImageArray, rng: np.random.Generator) -> ImageArray:
    """Draw a drawing on cream or grey paper, unevenly lit, with grain of one to three levels."""
    height, width = drawing.shape[:2]
    paper = np.array([rng.uniform(225, 252), rng.uniform(220, 245), rng.uniform(195, 235)])
    light = cv2.resize(rng.uniform(0.9, 1.03, (3, 3)), (width, height), interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 0.7)
    grain *= rng.uniform(1, 3) / grain.std()
    sheet = drawing / 255 * paper * light[..., None] + grain[..., None]
    return np.asarray(np.rint(sheet.clip(0, 255)), np.uint8)


def unseen(drawings: Drawings) -> Iterator[Case]:
    """Yield ``ROUNDS`` cases of every kind of unseen mark."""
    for number in range(ROUNDS * len(unseen_marks.KINDS)):
        rng = np.random.default_rng((SEED, 1, number))
        page = drawings.page(number, rng)
        kind = list(unseen_marks.KINDS)[number % len(unseen_marks.KINDS)]
        while True:
            mark = unseen_marks.lay(page, kind, rng)
            covered = mark.mask > 0
            if covered.mean() > 0.001 and np.abs(mark.image.astype(int) - page)[covered].mean() > VISIBLE:
                break
        marked, clean = worn((mark.image, page), rng)
        yield Case(kind, marked, clean, mark.mask, mark.opacity)


def unmarked_images(drawings: Drawings) -> Iterator[ImageArray]:
    """Yield as many unmarked images as ``unseen`` yields marked ones."""
    for number in range(ROUNDS * len(unseen_marks.KINDS)):
        rng = np.random.default_rng((SEED, 2, number))
        yield worn((drawings.page(number, rng),), rng)[0]


def worn(images: Sequence[ImageArray], rng: np.random.Generator) -> list[ImageArray]:
    """Compress images as JPEG of one quality from 75 to 95, or, half the time, not at all."""
    quality = int(rng.integers(75, 96))
    if rng.random() < 0.5:
        return list(images)
    return [imaging.read(imaging.encode_jpeg(image, quality)) for image in images]


class Measured:
    """A case, what each way gave back, and how near that is to the truth."""

    def __init__(self, case: Case) -> None:
        self.case = case
        given = {name: filler(case.marked, case.mask) for name, filler in FILLERS.items()}
        detections, given["ours, blind"] = remove_marks(case.marked)
        found, true = detections.mask(*case.mask.shape) > 0, case.mask > 0
        self.iou = float((found & true).sum() / (found | true).sum())
        self.ours = given["ours"]
        self.scores = {name: closeness(image, case) for name, image in given.items()}


@dataclass(frozen=True)
class Closeness:
    """PSNR in dB inside the mask and over the image, and SSIM over the image."""

    inside: float
    whole: float
    ssim: float


def closeness(image: ImageArray, case: Case) -> Closeness:
    """Compare an image with the truth; SSIM as Wang et al. (2004) with Gaussian windows."""
    error = np.square(image.astype(np.float64) - case.clean).mean(2)
    ssim = structural_similarity(  # type: ignore[no-untyped-call]
        image, case.clean, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    return Closeness(psnr(float(error[case.mask > 0].mean())), psnr(float(error.mean())), float(ssim))


def table(measured: Sequence[Measured]) -> str:
    """Lay out the means: one row a set of cases and a way."""
    sets: dict[str, list[Measured]] = {
        "all": list(measured),
        "opaque over paper": [one for one in measured if one.case.on_paper],
        "opaque over drawing": [one for one in measured if not one.case.on_paper and one.case.opacity > 0.99],
        "translucent": [one for one in measured if one.case.opacity <= 0.99],
    }
    for one in measured:
        sets.setdefault(one.case.kind, []).append(one)
    lines = [
        "| marks | way | PSNR inside | PSNR whole | SSIM | mask IoU |",
        "|---|---|---|---|---|---|",
    ]
    for name, members in sets.items():
        for way in members[0].scores if members else ():
            scores = [one.scores[way] for one in members]
            inside, whole, ssim = (
                float(np.mean([getattr(score, field) for score in scores]))
                for field in ("inside", "whole", "ssim")
            )
            iou = f"{np.mean([one.iou for one in members]):.3f}" if way == "ours, blind" else ""
            lines.append(
                f"| {name} ({len(members)}) | {way} | {inside:.1f} | {whole:.1f} | {ssim:.4f} | {iou} |"
            )
    return "\n".join(lines)


def sheet(measured: Sequence[Measured], rows: int = 40) -> ImageArray:
    """Show marked, mask, ours and true where ours with the true mask is farthest from the truth."""
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
