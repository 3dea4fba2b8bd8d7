"""Each method's picture for each test sketch: found, or the reason why not, and its scores."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sketch2color import images
from sketch2color.errors import UserError
from sketch2color.evaluation import features
from sketch2color.evaluation.colorfulness import KEY_COLORFULNESS, colorfulness
from sketch2color.evaluation.mark_area import KEY_MARK_AREA, KEY_PAINTED_MARKS, mark_areas
from sketch2color.evaluation.paper_noise import KEY_PAPER_NOISE, paper_noise
from sketch2color.evaluation.psnr import KEY_PSNR, psnr
from sketch2color.evaluation.ssim import KEY_SSIM, ssim
from sketch2color.images import PictureArray, PictureError
from sketch2color.manifest import CleanPicture, select
from sketch2color.networks.perceptual import PerceptualNet
from sketch2color.progress import progress

SKETCH, STYLE_TRANSFER, CYCLEGAN, REAL = "sketch", "style_transfer", "cyclegan", "real"
METHODS = (SKETCH, STYLE_TRANSFER, CYCLEGAN)
PER_PICTURE = (KEY_PAPER_NOISE, KEY_COLORFULNESS, KEY_PSNR, KEY_SSIM, KEY_PAINTED_MARKS, KEY_MARK_AREA)


@dataclass(frozen=True)
class Case:
    """A sketch of the test split, and its coloured counterpart where the manifest knows one."""

    id: str
    sketch: Path
    truth: Path | None


@dataclass(frozen=True)
class Result:
    """What a method made of one sketch: scores when there is a picture, otherwise why there is none."""

    id: str
    path: Path
    fault: str = ""
    scores: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """All results of one method, in the order of the sketches, and the features of those without fault."""

    method: str
    results: tuple[Result, ...]
    features: features.Features

    def values(self, key: str) -> list[float]:
        """Return the scores of ``key`` of all pictures that have one."""
        return [result.scores[key] for result in self.results if key in result.scores]


def held_out(clean: Path, rows: Sequence[CleanPicture]) -> list[Case]:
    """Return the sketches of the test split by id, each with its pair among the test split's colours.

    Raises:
        UserError: the test split has no sketch.
    """
    colors = select(rows, split="test", domain="color")
    truths = {row.pair: file_of(clean, row) for row in colors if row.pair}
    sketches = select(rows, split="test", domain="sketch")
    if not sketches:
        raise UserError(f"{clean} has no test sketch to judge on: raise ingest.test in params.yaml")
    return [
        Case(row.id, file_of(clean, row), truths.get(row.pair))
        for row in sorted(sketches, key=lambda row: row.id)
    ]


def file_of(clean: Path, row: CleanPicture) -> Path:
    """Return where the picture of a manifest row lies in the clean set."""
    return clean / row.split / row.domain / f"{row.id}.png"


def judge(method: str, folder: Path, sketches: Sequence[Case], net: PerceptualNet) -> Judged:
    """Score the pictures ``folder/<id>.png`` of one method.

    A picture that is missing, cannot be read or has another size than its sketch becomes a result with a
    fault, no scores and no features; the others are judged without it.
    """
    results, rows = [], []
    for sketch in progress(sketches, f"judging {method}"):
        path = folder / f"{sketch.id}.png"
        try:
            original, picture = images.read(sketch.sketch), _read_result(path)
            scores = score(picture, original, images.read(sketch.truth) if sketch.truth else None)
        except PictureError as error:
            results.append(Result(sketch.id, path, fault=str(error)))
        else:
            results.append(Result(sketch.id, path, scores=scores))
            rows.append(features.describe(net, picture))
    return Judged(method, tuple(results), features.table(rows))


def judge_real(paths: Sequence[Path], net: PerceptualNet) -> Judged:
    """Score real coloured pictures as if a method had made them: what a perfect forger would score."""
    results = []
    for path in paths:
        picture = features.read(path)
        scores = {KEY_COLORFULNESS: colorfulness(picture), **mark_areas(picture, sketch=None)}
        results.append(Result(path.stem, path, scores=scores))
    return Judged(REAL, tuple(results), features.describe_files(net, paths, f"judging {REAL}"))


def worst_first(judged: Judged) -> list[str]:
    """Return the sketches' ids: those without a picture first, then the noisiest on paper, ties by id."""

    def order(result: Result) -> tuple[bool, float, str]:
        return not result.fault, -result.scores.get(KEY_PAPER_NOISE, -1.0), result.id

    return [result.id for result in sorted(judged.results, key=order)]


def score(picture: PictureArray, sketch: PictureArray, truth: PictureArray | None) -> dict[str, float]:
    """Return the scores of one result; a score that does not apply to it is absent.

    Args:
        picture: the result, uint8, H × W × 3.
        sketch: what it was made from.
        truth: the sketch's coloured counterpart, where there is one.

    Raises:
        PictureError: the sizes differ.
    """
    for other in (sketch, truth):
        if other is not None and other.shape != picture.shape:
            raise PictureError(f"{_size(picture)} pixels instead of {_size(other)}")
    scores: dict[str, float | None] = {
        KEY_PAPER_NOISE: paper_noise(picture, sketch),
        KEY_COLORFULNESS: colorfulness(picture),
        **mark_areas(picture, sketch),
    }
    if truth is not None:
        scores |= {KEY_PSNR: psnr(picture, truth), KEY_SSIM: ssim(picture, truth)}
    return {key: value for key, value in scores.items() if value is not None}


def _read_result(path: Path) -> PictureArray:
    try:
        return images.read(path)
    except FileNotFoundError:
        raise PictureError("none was made") from None


def _size(picture: PictureArray) -> str:
    return f"{picture.shape[1]}×{picture.shape[0]}"
