"""params.yaml: one frozen model per section.

The whole file is checked whichever stage reads it, so that a mistake in the last stage's section shows before
the first stage has spent an hour.
"""

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter, model_validator

from sketch2color.config.document import load, user_errors
from sketch2color.config.validation import Model, text, validate
from sketch2color.text import quote

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1e9)]
Threads = Annotated[int, Field(ge=1, le=1024)]
Precision = Literal["fp32", "bf16"]
GeneratorName = Literal["resnet", "multiply"]
"""The files of ``models.generators`` that are generators."""
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d) *(\.|$)", re.IGNORECASE)
"""A name that Windows keeps for a device, whatever follows the first dot."""


def _plain_name(name: str) -> str:
    if _DEVICE.match(name) or len(name.encode()) > 100 or not unicodedata.is_normalized("NFC", name):
        raise ValueError
    return name


FolderName = Annotated[
    str,
    text("one plain folder name: letters, digits, . _ -", r"^\w([\w .-]*[\w-])?$"),
    AfterValidator(_plain_name),
]
PresetName = Annotated[str, text("one plain name: letters, digits, _ -", r"^\w[\w-]{0,99}$")]
References = (
    Annotated[int, Field(ge=1, le=100)]
    | Annotated[tuple[str, ...], Field(strict=False, min_length=1, max_length=100)]
)

RENAMED = {
    "critic_width": "discriminator_width",
    "critic_shrink": "discriminator_shrink",
}
"""Keys of former versions of params.yaml, and what they are called now."""


class Ingest(Model):
    """What enters, and which share of the groups goes to val and to test; the rest trains."""

    val: Share = 0.1
    test: Share = 0.1
    min_side: int = Field(default=64, ge=1, le=100_000, description="in pixels")
    """An image with a shorter side is rejected."""
    duplicates: Literal["drop", "group"] = "drop"
    """drop: of near-duplicates one is kept for each domain; group: all are, but never split."""
    duplicate_distance: int = Field(default=100, ge=0, le=160, description="in bits")
    """Images whose perceptual hashes differ in at most so many of 512 bits show the same thing; different
    drawings differ in 226 to 235 on average, the nearest known pair in 125."""

    @model_validator(mode="after")
    def _expect_training_images(self) -> Self:
        if self.val + self.test >= 1:
            raise ValueError(f"ingest.val + ingest.test must be below 1 (got {self.val + self.test:g})")
        return self


class Clean(Model):
    """Whether publishers' marks are removed, and how an image becomes square."""

    remove_marks: bool = True
    mark_threshold: float = Field(default=0.85, ge=0, le=1, description="a confidence")
    """Marks of at least this confidence are removed, others left and listed as doubtful. The default is the
    least at which nine of ten unmarked images stay untouched: ``benchmarks/watermarks.py --folds``."""
    fit: Literal["pad", "crop", "squash"] = "pad"
    level: bool = False
    """Whether the paper of sketches, however lit or scanned, becomes white."""


class TrainCyclegan(Model):
    """The objective and schedule of CycleGAN; defaults are those of Zhu et al. 2017."""

    generator: GeneratorName = "resnet"
    """resnet repaints the image, as published; multiply colours the ink."""
    generator_width: int = Field(default=64, ge=4, le=1024, description="in channels")
    """Of the generator's first layer; the others' follow from it. Likewise the discriminators'."""
    discriminator_width: int = Field(default=64, ge=4, le=1024, description="in channels")
    discriminator_shrink: int = Field(default=1, ge=1, le=16)
    """Factor by which images are downsampled for the discriminators: a wider receptive field, and cheaper."""
    augmentation: Literal["crop", "move"] = "crop"
    """crop: enlarged, cropped, flipped, as published; move: whole drawings translated on their paper."""
    epochs: int = Field(default=200, ge=1, le=100_000)
    steps_per_epoch: int | None = Field(default=None, ge=1, le=1_000_000)
    """None: an epoch is once through the larger domain, as published."""
    batch_size: int = Field(default=1, ge=1, le=1024)
    learning_rate: float = Field(default=2e-4, ge=0, le=1)
    cycle_weight: float = Field(default=10.0, ge=0, le=1000)
    identity_weight: float = Field(default=5.0, ge=0, le=1000)
    identity_every: int = Field(default=1, ge=1, le=1000, description="in steps")
    """The identity term is computed at every n-th step: it costs a third of the generators' work."""
    paper_weight: float = Field(default=0.0, ge=0, le=1000)
    """Of the term that keeps the colour of the paper round a drawing."""
    pool_size: int = Field(default=50, ge=0, le=10_000, description="in images")
    average_decay: Share = 0.0
    """Decay of the exponential moving average of weights; 0, as published, keeps the last weights."""
    choose_every: int = Field(default=10, ge=1, le=100_000, description="in epochs")
    """Interval at which val scores the averaged generators; the best of them are kept."""
    precision: Precision = "fp32"
    """bf16: where the hardware calculates in it."""
    processes: int = Field(default=1, ge=1, le=1024)
    """On this machine, a GPU each where there are any; ``torchrun`` and ``fabric run`` have the last word."""
    threads: Threads = 2
    """CPU threads of each process: sums are split by thread, so another number gives other last digits."""


class TransferStyle(Model):
    """Gatys style transfer."""

    method: Literal["coarse_to_fine", "one_scale"] = "coarse_to_fine"
    """coarse_to_fine: VGG-19, relative errors, from a small image to the whole; one_scale: SqueezeNet, sums
    of squares, as courses teach it. Each has a scale of weights of its own: see the presets."""
    references: References = 1
    """How many coloured training images lend their style to a sketch, those of the most similar layout, none
    more often than need be; or the ids of those that lend theirs to all."""
    steps: int = Field(default=500, ge=1, le=100_000)
    content_weight: Weight = 0.2
    """Coarse to fine, at 0.1 the reference's lines appear on the paper; at 1 hardly any colour comes over."""
    style_weight: Weight = 1.0
    variation_weight: Weight = 0.2
    precision: Precision = "fp32"
    threads: Threads = 2
    """So many sketches are processed at once; no result depends on it."""


class Evaluate(Model):
    """The features in which sets of images are compared."""

    extractor: Literal["vgg19", "squeezenet1_1", "inception_v3"] = "vgg19"
    """inception_v3 gives KID and FID as published; its weights have to be downloaded."""
    threads: Threads = 2


class Export(Model):
    """Nothing to set: the form follows from the model."""


class Tracking(Model):
    """Where runs are recorded; no result depends on it."""

    offline: bool = False
    """Record in the checkout, whatever server is named; ``sketch2color sync`` delivers later."""


class Preset(Model):
    """Values for both methods; neither may be left out, since DVC takes a missing one for an error."""

    train_cyclegan: TrainCyclegan
    transfer_style: TransferStyle


SECTIONS = ("ingest", "clean", "train_cyclegan", "transfer_style", "export", "evaluate", "tracking")
PRESET_SECTIONS = tuple(Preset.model_fields)
Section = TypeVar("Section", bound=Model)


class Params(Model):
    """params.yaml with the preset's values filled in."""

    dataset: FolderName
    """A folder below data/sources."""
    preset: PresetName
    seed: int = Field(ge=0, le=2**32 - 1)
    image_size: int = Field(default=256, ge=64, le=2048, multiple_of=32, description="in pixels")
    """Edge of the square that every image becomes; the generators halve it up to five times."""
    ingest: Ingest = Ingest()
    clean: Clean = Clean()
    train_cyclegan: TrainCyclegan = TrainCyclegan()
    transfer_style: TransferStyle = TransferStyle()
    export: Export = Export()
    evaluate: Evaluate = Evaluate()
    tracking: Tracking = Tracking()


class _File(Params):
    """params.yaml as it is written."""

    presets: dict[str, Preset]


_ADAPTER = TypeAdapter(_File)


def read(path: Path = Path("params.yaml")) -> Params:
    """Read and check params.yaml.

    Raises:
        UserError: the file is missing, is not YAML, has an unknown or a duplicate key, a value of the wrong
            type or out of range, a preset or a data set that does not exist, or a split that leaves nothing
            to train on.
    """
    with user_errors(path, "run this in the root of the repository"):
        return parse(load(path), path.parent)


def parse(values: Any, root: Path) -> Params:
    """Turn the content of params.yaml into :class:`Params`; ``root`` is the folder with ``data/sources``.

    Raises:
        ValueError: what is wrong, naming the key.
    """
    if isinstance(values, Mapping):  # a section whose every line is commented out is null
        values = {key: {} if key in SECTIONS and value is None else value for key, value in values.items()}
    file = validate(_ADAPTER, values, renamed=RENAMED)
    if file.preset not in file.presets:
        raise ValueError(f"preset must be one of {', '.join(file.presets)} (got {quote(file.preset)})")
    if not (root / "data" / "sources" / file.dataset / "source.yaml").is_file():
        raise ValueError(
            f"dataset must be a folder with a source.yaml below data/sources (got {quote(file.dataset)})"
        )
    preset = file.presets[file.preset]
    own = {name: getattr(file, name) for name in Params.model_fields}
    filled = {name: _merged(getattr(preset, name), own[name]) for name in PRESET_SECTIONS}
    return Params(**(own | filled))


def _merged(preset: Section, own: Section) -> Section:
    """Return a section in which what params.yaml sets itself wins over the preset."""
    return type(own)(**(preset.model_dump(exclude_unset=True) | own.model_dump(exclude_unset=True)))
