"""The scores of each image by itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from torch import Tensor

from sketch2color import imaging
from sketch2color.imaging import ImageArray, ImageError
from sketch2color.metrics import features
from sketch2color.metrics.checkerboard import KEY_LATTICE, lattice
from sketch2color.metrics.color_bleed import KEY_COLOR_BLEED, color_bleed
from sketch2color.metrics.color_error import KEY_COLOR_ERROR, color_error
from sketch2color.metrics.colorfulness import KEY_COLORFULNESS, colorfulness
from sketch2color.metrics.edge_fidelity import edge_fidelity
from sketch2color.metrics.features import Features, Net
from sketch2color.metrics.mark_area import Marks, mark_areas, marks_on, without_marks
from sketch2color.metrics.memorization import KEY_MEMORISATION, memorisation, nearest, spacing_of
from sketch2color.metrics.palette_spread import palette
from sketch2color.metrics.paper_noise import KEY_PAPER_NOISE, paper_noise
from sketch2color.metrics.perceptual_distance import KEY_PERCEPTUAL_DISTANCE, perceptual_distance
from sketch2color.metrics.psnr import KEY_PSNR, psnr
from sketch2color.metrics.ssim import KEY_SSIM, ssim
from sketch2color.models.perceptual import PerceptualNet
from sketch2color.parallel import thread_map
from sketch2color.progress import progress
from sketch2color.report.results import Case, Nearest, Result


@dataclass(frozen=True)
class _Original:
    """A sketch, and what all methods' images of it are held against: looked at once."""

    sketch: ImageArray
    marks: Marks
    truth: ImageArray | None = None
    truth_seen: Mapping[str, Tensor] | None = None


class Judge:
    """Scores images, one after the other; of each file it keeps no more than its features.

    Args:
        net: the extractor of the features that are compared.
        offline: VGG-19, for the perceptual distance; where it is ``net`` as well it looks once for both.
        training: files of the coloured training images, of which a result may be a copy.
        threads: so many images are looked at side by side; no score depends on it.

    Raises:
        UserError: a training image cannot be read.
    """

    def __init__(self, net: Net, offline: PerceptualNet, training: Sequence[Path], threads: int) -> None:
        self._net, self._offline, self.threads = net, offline, threads
        self._rows: dict[Path, Features] = {}
        self._training = list(training)
        self._spacing = spacing_of(self.features(training, "training images"))

    def features(self, paths: Sequence[Path], what: str) -> Features:
        """Return the features of images of the clean set, n × d; those seen before are not read again.

        Raises:
            UserError: an image is missing or cannot be read.
        """
        new = list(dict.fromkeys(path for path in paths if path not in self._rows))
        described = thread_map(
            lambda path: features.describe(self._net, features.read(path)), new, self.threads
        )
        self._rows |= zip(new, progress(described, what, total=len(new)), strict=True)
        return features.table([self._rows[path] for path in paths])

    def results(self, case: Case, images: Mapping[str, Path]) -> dict[str, Result]:
        """Score what each method made of one sketch.

        An image that is missing, cannot be read or has another size than its sketch becomes a result with a
        fault and no scores; the others are judged without it.
        """
        try:
            original = self._original(case)
        except ImageError as error:
            return {method: Result(case.id, path, str(error)) for method, path in images.items()}
        return {method: self._result(case.id, path, original) for method, path in images.items()}

    def real(self, path: Path) -> Result:
        """Score a coloured training image as if a method had made it: what a perfect forger would score.

        Its lines are taken from itself, which is good enough to stay clear of them, but not to hold colours
        against them.

        Raises:
            UserError: it cannot be read.
        """
        image = features.read(path)
        (row,) = self.features([path], "real images")
        scores = _known({**_texture(image, image), **mark_areas(marks_on(image), None)})
        return self._compared(Result(path.stem, path, "", scores, row, palette(image, image)))

    def _original(self, case: Case) -> _Original:
        sketch = _read(case.sketch)
        if case.truth is None:
            return _Original(sketch, marks_on(sketch))
        truth = _read(case.truth)
        self._rows[case.truth], seen = self._look(truth)
        return _Original(sketch, marks_on(sketch), truth, seen)

    def _result(self, name: str, path: Path, original: _Original) -> Result:
        try:
            image = _read(path)
            _require_size(image, original)
        except ImageError as error:
            return Result(name, path, str(error))
        row, seen = self._look(image)
        untouched = np.array_equal(image, original.sketch)
        # With its lines put back: a drawing that lost them looks like a badge, which is another fault.
        marks = original.marks if untouched else marks_on(np.minimum(image, original.sketch))
        unmarked = without_marks(image, original.sketch, marks, original.marks)
        scores = {**faults(unmarked, original.sketch), **mark_areas(marks, original.marks)}
        if original.truth is not None and original.truth_seen is not None:
            scores |= paired(image, original.truth)
            scores[KEY_PERCEPTUAL_DISTANCE] = perceptual_distance(seen, original.truth_seen)
        return self._compared(Result(name, path, "", scores, row, palette(unmarked, original.sketch)))

    def _look(self, image: ImageArray) -> tuple[Features, Mapping[str, Tensor]]:
        seen = features.look(self._offline, image)
        if self._offline is self._net:
            return features.summary(self._net, seen), seen
        return features.describe(self._net, image), seen

    def _compared(self, result: Result) -> Result:
        """Say which training image, itself apart, a result is most like, and whether it is a copy of it."""
        others = [path for path in self._training if path != result.path]
        if self._spacing is None or result.features is None:
            return result
        distance, index = nearest(result.features, features.table([self._rows[path] for path in others]))
        scores = {**result.scores, KEY_MEMORISATION: memorisation(distance, self._spacing)}
        return replace(result, scores=scores, nearest=Nearest(others[index], distance / self._spacing))


def faults(image: ImageArray, sketch: ImageArray) -> dict[str, float]:
    """Return the scores that need no more than the sketch; one that does not apply is absent.

    Args:
        image: the result, uint8, H × W × 3, without painted marks.
        sketch: what it was made from, of the same shape.
    """
    colors = {KEY_PAPER_NOISE: paper_noise(image, sketch), KEY_COLOR_BLEED: color_bleed(image, sketch)}
    return _known({**colors, **edge_fidelity(image, sketch), **_texture(image, sketch)})


def paired(image: ImageArray, truth: ImageArray) -> dict[str, float]:
    """Return the scores against the sketch's coloured counterpart, of the same shape."""
    return {
        KEY_PSNR: psnr(image, truth),
        KEY_SSIM: ssim(image, truth),
        KEY_COLOR_ERROR: color_error(image, truth),
    }


def _texture(image: ImageArray, sketch: ImageArray) -> dict[str, float | None]:
    return {KEY_COLORFULNESS: colorfulness(image, sketch), KEY_LATTICE: lattice(image, sketch)}


def _known(scores: Mapping[str, float | None]) -> dict[str, float]:
    return {key: value for key, value in scores.items() if value is not None}


def _read(path: Path) -> ImageArray:
    try:
        return imaging.read(path)
    except FileNotFoundError:
        raise ImageError("none was made") from None


def _require_size(image: ImageArray, original: _Original) -> None:
    for other in (original.sketch, original.truth):
        if other is not None and other.shape != image.shape:
            raise ImageError(f"{_size(image)} pixels instead of {_size(other)}")


def _size(image: ImageArray) -> str:
    return f"{image.shape[1]}×{image.shape[0]}"
