"""What each figure of the report means, for a reader who has never heard of it."""

from dataclasses import dataclass
from typing import Literal

from sketch2color.evaluation.colorfulness import KEY_COLORFULNESS
from sketch2color.evaluation.fid import KEY_FID
from sketch2color.evaluation.kid import KEY_KID, KEY_KID_SPREAD
from sketch2color.evaluation.mark_area import KEY_MARK_AREA, KEY_PAINTED_MARKS
from sketch2color.evaluation.paper_noise import KEY_PAPER_NOISE
from sketch2color.evaluation.psnr import KEY_PSNR
from sketch2color.evaluation.ssim import KEY_SSIM
from sketch2color.evaluation.summary import feature_key

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
    spread_key: str = ""


def over_features(label: str) -> tuple[Measure, ...]:
    """Return the measures that compare whole sets of pictures, for the features named ``label``."""
    return (
        Measure(
            feature_key(KEY_KID, label),
            "Kernel distance",
            "KID",
            "",
            "lower",
            3,
            "How far the pictures as a whole are from real coloured drawings, as a network trained on "
            "photographs sees them. Zero means that it cannot tell the two apart.",
            feature_key(KEY_KID_SPREAD, label),
        ),
        Measure(
            feature_key(KEY_FID, label),
            "Fréchet distance",
            "FID",
            "",
            "lower",
            1,
            "The same question, answered by comparing averages and spreads. With so few pictures it reads "
            "too high for everybody: compare it only between rows of equally many pictures.",
        ),
    )


PER_PICTURE = (
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
        KEY_COLORFULNESS,
        "Colourfulness",
        "colour",
        "",
        "like real",
        1,
        "How much colour there is. More is not better: the mark to meet is that of real coloured drawings.",
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
        KEY_SSIM,
        "Structure kept",
        "SSIM",
        "",
        "higher",
        3,
        "Whether lines, shading and areas are where the designer’s coloured drawing has them. 1 is the same.",
    ),
    Measure(
        KEY_PAINTED_MARKS,
        "Publishers’ marks painted",
        "painted",
        "of the area",
        "lower",
        4,
        "What the mark finder is sure is a watermark and was not in the sketch: a habit caught from training "
        "pictures that were not cleaned. Zero is none.",
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
