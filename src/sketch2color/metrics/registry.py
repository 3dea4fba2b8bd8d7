"""What each figure of the report means, for a reader who has never heard of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from sketch2color.metrics.checkerboard import KEY_LATTICE
from sketch2color.metrics.color_bleed import KEY_COLOR_BLEED
from sketch2color.metrics.color_error import KEY_COLOR_ERROR
from sketch2color.metrics.colorfulness import KEY_COLORFULNESS
from sketch2color.metrics.edge_fidelity import KEY_LINES_INVENTED, KEY_LINES_LOST
from sketch2color.metrics.fid import KEY_FID
from sketch2color.metrics.figure import feature_key
from sketch2color.metrics.kid import KEY_KID, KEY_KID_SPREAD
from sketch2color.metrics.mark_area import KEY_MARK_AREA, KEY_PAINTED_MARKS
from sketch2color.metrics.memorization import KEY_MEMORISATION
from sketch2color.metrics.palette_spread import KEY_PALETTE_SPREAD
from sketch2color.metrics.paper_noise import KEY_PAPER_NOISE
from sketch2color.metrics.perceptual_distance import KEY_PERCEPTUAL_DISTANCE
from sketch2color.metrics.precision_recall import KEY_PRECISION, KEY_RECALL
from sketch2color.metrics.psnr import KEY_PSNR
from sketch2color.metrics.ssim import KEY_SSIM

Better = Literal["lower", "higher", "like real", "neither"]
"""Which value is the better one; by some that stand for reference nobody is judged."""


@dataclass(frozen=True)
class Measure:
    """One row of the verdict: ``key`` in metrics.json, and how the row reads."""

    key: str
    title: str
    short: str
    unit: str
    better: Better
    digits: int
    sentence: str


OVER_FEATURES = (
    Measure(
        KEY_KID,
        "Kernel distance",
        "KID",
        "",
        "lower",
        3,
        "How far the images as a whole are from real coloured drawings, as a network trained on "
        "photographs sees them. Zero means that it cannot tell the two apart.",
    ),
    Measure(
        KEY_FID,
        "Fréchet distance",
        "FID",
        "",
        "lower",
        1,
        "The same question, answered by comparing averages and spreads. With so few images it reads "
        "too high for everybody: compare it only between rows of equally many images.",
    ),
    Measure(
        KEY_PRECISION,
        "Images that pass for real",
        "precision",
        "",
        "higher",
        2,
        "The share of the images that lie among real coloured drawings, as the network sees them.",
    ),
    Measure(
        KEY_RECALL,
        "Variety of the real ones covered",
        "recall",
        "",
        "higher",
        2,
        "The share of the real coloured drawings that have images like them. Low where a method paints "
        "everything the same way.",
    ),
)
"""What compares whole sets of images by features; keys lack the features' label."""

PALETTE_SPREAD = Measure(
    KEY_PALETTE_SPREAD,
    "Spread of palettes",
    "palettes",
    "",
    "like real",
    2,
    "How different the hues are that the images are painted in: 0 where all have the same. The mark to "
    "meet is that of real coloured drawings.",
)

PER_IMAGE = (
    Measure(
        KEY_PAPER_NOISE,
        "Noise on blank paper",
        "paper",
        "ΔE",
        "lower",
        2,
        "What was left on paper round the drawing that should have stayed blank, 10 pixels or more from any "
        "line. Zero is untouched; from 2.3 on people see it.",
    ),
    Measure(
        KEY_LATTICE,
        "Checkerboard",
        "lattice",
        "levels",
        "lower",
        2,
        "The regular pattern that enlarging layers leave, every second or fourth pixel. It shows from 1 on; "
        "most of what real drawings have is the edges of their paint.",
    ),
    Measure(
        KEY_COLOR_BLEED,
        "Colour over the lines",
        "bleed",
        "of its edges",
        "lower",
        3,
        "How much of where colour ends or changes is more than 3 pixels from any line of the sketch. Zero is "
        "colour that stops at the lines; designers reach 0.01 to 0.04.",
    ),
    Measure(
        KEY_LINES_LOST,
        "Lines lost",
        "lost",
        "of the lines",
        "lower",
        3,
        "The share of the sketch’s lines that is gone, or paler by more than half.",
    ),
    Measure(
        KEY_LINES_INVENTED,
        "Lines invented",
        "invented",
        "of the lines",
        "lower",
        3,
        "The share of the image’s lines that is nowhere near any of the sketch’s.",
    ),
    Measure(
        KEY_COLORFULNESS,
        "Colourfulness",
        "colour",
        "",
        "like real",
        1,
        "How much colour there is in the drawing. More is not better: the mark to meet is that of real "
        "coloured drawings.",
    ),
    Measure(
        KEY_MEMORISATION,
        "Training images copied",
        "copied",
        "",
        "lower",
        3,
        "How much nearer an image is to one of the training set than real drawings are to each other, as "
        "the network sees them. 1 is a copy, 0 is no nearer than usual.",
    ),
    Measure(
        KEY_PSNR,
        "Closeness to the designer’s colours",
        "PSNR",
        "dB",
        "higher",
        1,
        "Pixel by pixel, against the same drawing as its designer coloured it. A wrong but convincing colour "
        "loses here, and much white paper scores well.",
    ),
    Measure(
        KEY_COLOR_ERROR,
        "Difference from the designer’s colours",
        "colour error",
        "ΔE",
        "lower",
        1,
        "The same as people see colours. 1 is just noticeable; a wrong but convincing colour loses here as "
        "well.",
    ),
    Measure(
        KEY_SSIM,
        "Structure kept",
        "SSIM",
        "",
        "higher",
        3,
        "Whether lines, shading and areas are where the designer’s coloured drawing has them. 1 is the same.",
    ),
    Measure(
        KEY_PERCEPTUAL_DISTANCE,
        "Difference from the designer’s image to the eye",
        "perceptual",
        "",
        "lower",
        2,
        "How far it is from the designer’s coloured drawing, place by place, to a network trained on "
        "photographs. 0 is the same.",
    ),
    Measure(
        KEY_PAINTED_MARKS,
        "Publishers’ marks painted",
        "painted",
        "of the area",
        "lower",
        4,
        "What the mark finder is sure is a watermark and was not in the sketch: a habit caught from training "
        "images that were not cleaned. Zero is none.",
    ),
    Measure(
        KEY_MARK_AREA,
        "Publishers’ marks in all",
        "marks",
        "of the area",
        "neither",
        4,
        "The same with what the sketch had already. The sketches’ own figure is what cleaning left, that of "
        "real drawings also how often the finder is mistaken.",
    ),
)
"""What every image has a value of by itself."""


def of(keys: Iterable[str]) -> tuple[Measure, ...]:
    """Return the rows of the verdict for the figures of these keys, in reading order.

    Figures over different features have a row each; what the report has no row for is left out.

    >>> [measure.key for measure in of(["psnr", "images", "kid_vgg19-c34748d2-relu4_1"])]
    ['kid_vgg19-c34748d2-relu4_1', 'psnr']
    """
    known = sorted(set(keys))
    over_features = [
        replace(measure, key=key)
        for measure in OVER_FEATURES
        for key in known
        if key.startswith(feature_key(measure.key, "")) and not key.startswith(KEY_KID_SPREAD)
    ]
    return (*over_features, *(each for each in (PALETTE_SPREAD, *PER_IMAGE) if each.key in known))
