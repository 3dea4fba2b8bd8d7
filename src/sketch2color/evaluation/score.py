"""Score each image by the metrics of single images."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from sketch2color import imaging
from sketch2color.imaging import ImageArray, ImageError
from sketch2color.metrics import discovery, features
from sketch2color.metrics.features import Net
from sketch2color.metrics.mark_area import marks_on, without_painted_marks
from sketch2color.metrics.memorization import nearest, spacing_of
from sketch2color.metrics.metric import Features, Input
from sketch2color.metrics.palette_spread import palette
from sketch2color.models.perceptual import PerceptualNet
from sketch2color.parallel import thread_map
from sketch2color.progress import progress
from sketch2color.report.scored_images import Case, Nearest, ScoredImage

Inputs = dict[Input, Any]
Layers = Mapping[str, Tensor]


class Scorer:
    """Scores images one by one; of each file it keeps no more than its features.

    Args:
        net: the extractor of the features that are compared.
        vgg: VGG-19, for the perceptual distance; may be ``net`` itself.
        training: files of the coloured training images, of which a result may be a copy.
        threads: number of images that are scored in parallel; no score depends on it.

    Raises:
        UserError: a training image cannot be read.
    """

    def __init__(self, net: Net, vgg: PerceptualNet, training: Sequence[Path], threads: int) -> None:
        self._net, self._vgg, self.threads = net, vgg, threads
        self._features: dict[Path, Features] = {}
        self._training = list(training)
        self._spacing = spacing_of(self.features(training, "training images"))

    def features(self, paths: Sequence[Path], label: str) -> Features:
        """Return the features of images of the clean set, n × d; no file is read twice.

        Raises:
            UserError: an image is missing or cannot be read.
        """
        new = list(dict.fromkeys(path for path in paths if path not in self._features))
        extracted = thread_map(
            lambda path: features.extract_features(self._net, features.read(path)), new, self.threads
        )
        self._features |= zip(new, progress(extracted, label, total=len(new)), strict=True)
        return features.stack([self._features[path] for path in paths])

    def score(self, case: Case, images: Mapping[str, Path]) -> dict[str, ScoredImage]:
        """Score each method's image of one sketch.

        An image that is missing, cannot be read or has another size than its sketch gets a fault and no
        scores.
        """
        try:
            reference = self._reference(case)
        except ImageError as error:
            return {method: ScoredImage(case.id, path, str(error)) for method, path in images.items()}
        return {method: self._score(case.id, path, reference) for method, path in images.items()}

    def score_real(self, path: Path) -> ScoredImage:
        """Score a coloured training image as if a method had made it, without a sketch to compare it with.

        Raises:
            UserError: it cannot be read.
        """
        image = features.read(path)
        (row,) = self.features([path], "real images")
        inputs: Inputs = {"image": image, "result": image, "line_art": image, "marks": marks_on(image)}
        return self._scored(ScoredImage(path.stem, path, features=row), inputs)

    def score_designer(self, case: Case) -> ScoredImage:
        """Score the coloured counterpart of a sketch where that takes neither features nor marks."""
        if case.truth is None:
            return ScoredImage(case.id, case.sketch, "not found")
        try:
            inputs: Inputs = {"image": _read(case.truth), **_drawing(case)}
        except ImageError as error:
            return ScoredImage(case.id, case.truth, str(error))
        return ScoredImage(case.id, case.truth, scores=_scores(inputs))

    def _reference(self, case: Case) -> Inputs:
        """Return what all methods' images of a sketch are compared with."""
        found = _drawing(case)
        found["sketch_marks"] = marks_on(found["sketch"])
        if case.truth:
            found["truth"] = _read(case.truth)
            self._features[case.truth], found["truth_activations"] = self._extract(found["truth"])
        return found

    def _score(self, name: str, path: Path, reference: Inputs) -> ScoredImage:
        try:
            result = _read(path)
            for other in (reference["sketch"], reference.get("truth", result)):
                if other.shape != result.shape:
                    found, expected = (f"{each.shape[1]}×{each.shape[0]}" for each in (result, other))
                    raise ImageError(f"{found} pixels instead of {expected}")
        except ImageError as error:
            return ScoredImage(name, path, str(error))
        row, activations = self._extract(result)
        sketch, sketch_marks = reference["sketch"], reference["sketch_marks"]
        untouched = np.array_equal(result, sketch)
        # With its lines restored: an image that lost them resembles a badge, which is another fault.
        marks = sketch_marks if untouched else marks_on(np.minimum(result, sketch))
        image = without_painted_marks(result, sketch, marks, sketch_marks)
        own: Inputs = {"image": image, "result": result, "marks": marks, "activations": activations}
        return self._scored(ScoredImage(name, path, features=row), {**reference, **own})

    def _extract(self, image: ImageArray) -> tuple[Features, Layers]:
        """Return the features of ``net`` and the activations of VGG-19."""
        activations = features.activations(self._vgg, image)
        if self._vgg is self._net:
            return features.pool(self._net, activations), activations
        return features.extract_features(self._net, image), activations

    def _scored(self, image: ScoredImage, inputs: Inputs) -> ScoredImage:
        """Return ``image`` with its palette, the nearest training image other than itself, and its scores."""
        found = None
        others = [path for path in self._training if path != image.path]
        if self._spacing is not None and image.features is not None:
            distance, index = nearest(
                image.features, features.stack([self._features[path] for path in others])
            )
            found = Nearest(others[index], distance / self._spacing)
            inputs = {**inputs, "nearest_distance": distance, "training_spacing": self._spacing}
        return replace(
            image,
            scores=_scores(inputs),
            palette=palette(inputs["image"], inputs["line_art"]),
            nearest=found,
        )


def _drawing(case: Case) -> Inputs:
    """Return the sketch and, where they are known, its parts."""
    sketch = _read(case.sketch)
    parts: Inputs = {"parts": _read(case.parts)[..., 0]} if case.parts else {}
    return {"sketch": sketch, "line_art": sketch, **parts}


def _scores(inputs: Inputs) -> dict[str, float]:
    values = {metric.key: metric(inputs) for metric in discovery.IMAGE_METRICS}
    return {key: value for key, value in values.items() if value is not None}


def _read(path: Path) -> ImageArray:
    try:
        return imaging.read(path)
    except FileNotFoundError:
        raise ImageError("not found") from None
