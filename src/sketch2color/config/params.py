"""One frozen dataclass per section of params.yaml, checked when it is read.

The whole file is checked whichever stage asks, so that a slip in the last stage's section shows before the
first stage has spent an hour.
"""

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import yaml

from sketch2color.errors import UserError


@dataclass(frozen=True, kw_only=True)
class Ingest:
    """What enters, and which share of the groups goes to val and to test; the rest trains."""

    val: float = field(default=0.1, metadata={"range": (0, 1)})
    test: float = field(default=0.1, metadata={"range": (0, 1)})
    min_side: int = field(default=64, metadata={"range": (1, 100_000)})
    """Pixels; an image with a shorter side is rejected."""
    duplicates: Literal["drop", "group"] = "drop"
    """drop: of near-duplicates one is kept for each domain; group: all are, but never split."""
    duplicate_distance: int = field(default=100, metadata={"range": (0, 160)})
    """Images whose perceptual hashes differ in so many of 512 bits or fewer show the same thing; different
    drawings differ in 226 to 235 on average, the nearest that are known in 125."""

    def __post_init__(self) -> None:
        """Refuse a split that leaves nothing to train on."""
        if self.val + self.test >= 1:
            raise ValueError(f"ingest.val + ingest.test is {self.val + self.test:g}: must be below 1")


@dataclass(frozen=True, kw_only=True)
class Clean:
    """Whether publishers' marks are removed, and how an image becomes square."""

    remove_marks: bool = True
    fit: Literal["pad", "crop", "squash"] = "pad"
    level: bool = False
    """Whether the paper of sketches, however lit or scanned, becomes white."""


@dataclass(frozen=True, kw_only=True)
class TrainCyclegan:
    """The objective and schedule of CycleGAN; defaults are those of Zhu et al. 2017."""

    generator: str = "resnet"
    """A name in ``models.registry``: resnet repaints the image, as published; multiply colours the ink."""
    generator_width: int = field(default=64, metadata={"range": (4, 1024)})
    """Channels of the generator's first layer; the others' follow from it. Likewise the discriminators'."""
    discriminator_width: int = field(default=64, metadata={"range": (4, 1024)})
    discriminator_shrink: int = field(default=1, metadata={"range": (1, 16)})
    """Discriminators look at images so many times smaller: a wider view, and cheaper."""
    augmentation: Literal["crop", "move"] = "crop"
    """crop: enlarged, cropped, flipped, as published; move: whole drawings moved about on their paper."""
    epochs: int = field(default=200, metadata={"range": (1, 100_000)})
    steps_per_epoch: int | None = field(default=None, metadata={"range": (1, 1_000_000)})
    """None: an epoch is once through the larger domain, as published."""
    batch_size: int = field(default=1, metadata={"range": (1, 1024)})
    learning_rate: float = field(default=2e-4, metadata={"range": (0, 1)})
    cycle_weight: float = field(default=10.0, metadata={"range": (0, 1000)})
    identity_weight: float = field(default=5.0, metadata={"range": (0, 1000)})
    identity_every: int = field(default=1, metadata={"range": (1, 1000)})
    """The identity term is taken at every n-th step: it costs a third of the generators' work."""
    paper_weight: float = field(default=0.0, metadata={"range": (0, 1000)})
    """Of the term that holds the paper round a drawing to its colour."""
    pool_size: int = field(default=50, metadata={"range": (0, 10_000)})
    average_decay: float = field(default=0.0, metadata={"range": (0, 1)})
    """Decay of the exponential moving average of weights; 0, as published, keeps the last weights."""
    choose_every: int = field(default=10, metadata={"range": (1, 100_000)})
    """Epochs after which val scores the averaged generators; the best of them are kept."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """bf16 where the hardware calculates in it."""
    processes: int = field(default=1, metadata={"range": (1, 1024)})
    """On this machine, a GPU each where there are any; ``torchrun`` and ``fabric run`` have the last word."""
    threads: int = field(default=2, metadata={"range": (1, 1024)})
    """CPU threads of each process: sums are split by thread, so another number gives other last digits."""


@dataclass(frozen=True, kw_only=True)
class TransferStyle:
    """Gatys style transfer."""

    method: Literal["coarse_to_fine", "one_scale"] = "coarse_to_fine"
    """coarse_to_fine: VGG-19, relative errors, from a small image to the whole; one_scale: SqueezeNet, sums
    of squares, as courses teach it. Each has a scale of weights of its own: see the presets."""
    references: int | tuple[str, ...] = field(default=1, metadata={"range": (1, 100)})
    """How many coloured training images lend their style to a sketch, those laid out most like it, none
    more often than need be; or the ids of those that lend theirs to all."""
    steps: int = field(default=500, metadata={"range": (1, 100_000)})
    content_weight: float = field(default=0.2, metadata={"range": (0, 1e9)})
    """Coarse to fine, at 0.1 the reference's lines appear on the paper; at 1 hardly any colour comes over."""
    style_weight: float = field(default=1.0, metadata={"range": (0, 1e9)})
    variation_weight: float = field(default=0.2, metadata={"range": (0, 1e9)})
    precision: Literal["fp32", "bf16"] = "fp32"
    threads: int = field(default=2, metadata={"range": (1, 1024)})
    """So many sketches are painted at once; no result depends on it."""


@dataclass(frozen=True, kw_only=True)
class Evaluate:
    """The features in which sets of images are compared."""

    extractor: Literal["vgg19", "squeezenet1_1", "inception_v3"] = "vgg19"
    """inception_v3 gives KID and FID as published; its weights have to be had."""
    threads: int = field(default=2, metadata={"range": (1, 1024)})


@dataclass(frozen=True, kw_only=True)
class Tracking:
    """Where runs are recorded; no result depends on it."""

    offline: bool = False
    """Record in the checkout, whatever server is named; ``sketch2color sync`` delivers later."""


@dataclass(frozen=True, kw_only=True)
class Params:
    """params.yaml with the preset's values filled in."""

    dataset: str
    preset: str
    seed: int = field(metadata={"range": (0, 2**32 - 1)})
    ingest: Ingest
    clean: Clean
    train_cyclegan: TrainCyclegan
    transfer_style: TransferStyle
    evaluate: Evaluate
    tracking: Tracking


SECTIONS: dict[str, type] = {
    "ingest": Ingest,
    "clean": Clean,
    "train_cyclegan": TrainCyclegan,
    "transfer_style": TransferStyle,
    "evaluate": Evaluate,
    "tracking": Tracking,
}
PRESET_SECTIONS = ("train_cyclegan", "transfer_style")
Section = TypeVar("Section")


def read(path: Path = Path("params.yaml")) -> Params:
    """Read and check params.yaml.

    Raises:
        UserError: the file is missing, is not YAML, has an unknown key, a value of the wrong type or out of
            range, a preset or a data set that does not exist, or a split that leaves nothing to train on.
    """
    try:
        return check(_mapping(yaml.safe_load(path.read_text(encoding="utf-8")), "the file"), path.parent)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: run this in the root of the repository") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not YAML: {' '.join(str(error).split())}") from None
    except ValueError as error:
        raise UserError(f"{path}: {error}") from None


def check(values: Mapping[str, Any], root: Path) -> Params:
    """Turn the mapping of params.yaml into :class:`Params`; ``root`` is where ``data/sources`` lies.

    Raises:
        ValueError: what is wrong, naming the key.
    """
    _known(values, ["dataset", "preset", "seed", "presets", *SECTIONS], "")
    presets = {
        name: _preset(name, content) for name, content in _mapping(values.get("presets"), "presets").items()
    }
    preset_name = _typed(values.get("preset"), str, "preset")
    if preset_name not in presets:
        raise ValueError(f"preset: there is no {preset_name!r}; presets are {', '.join(presets)}")
    dataset = _typed(values.get("dataset"), str, "dataset")
    if not (root / "data" / "sources" / dataset / "source.yaml").is_file():
        raise ValueError(f"dataset: data/sources/{dataset}/source.yaml does not exist")
    own = {name: _mapping(values.get(name), name) for name in SECTIONS}
    filled = {name: {**presets[preset_name].get(name, {}), **own[name]} for name in SECTIONS}
    sections: dict[str, Any] = {
        name: _section(kind, filled[name], f"{name}.") for name, kind in SECTIONS.items()
    }
    top = {"dataset": dataset, "preset": preset_name, "seed": values.get("seed")}
    return Params(**{key: _checked(Params, key, value, "") for key, value in top.items()}, **sections)


def _preset(name: str, content: Any) -> dict[str, Mapping[str, Any]]:
    """Check a preset; it has all of PRESET_SECTIONS, since DVC takes a missing one for an error."""
    prefix = f"presets.{name}."
    sections = {key: _mapping(value, prefix + key) for key, value in _mapping(content, prefix[:-1]).items()}
    _known(sections, PRESET_SECTIONS, prefix)
    for section in PRESET_SECTIONS:
        if section not in sections:
            raise ValueError(f"{prefix}{section} is missing: write `{section}: {{}}` for the defaults")
        _section(SECTIONS[section], sections[section], f"{prefix}{section}.")
    return sections


def _section(kind: type[Section], values: Mapping[str, Any], prefix: str) -> Section:
    _known(values, [f.name for f in fields(kind)], prefix)  # type: ignore[arg-type]
    return kind(**{key: _checked(kind, key, value, prefix) for key, value in values.items()})


def _checked(kind: type, key: str, value: Any, prefix: str) -> Any:
    value = _typed(value, get_type_hints(kind)[key], prefix + key)
    bounds = next(f for f in fields(kind) if f.name == key).metadata.get("range")
    name, size = prefix + key, value
    if isinstance(value, tuple):
        name, size = f"the length of {name}", len(value)
    if bounds and size is not None and not bounds[0] <= size <= bounds[1]:
        raise ValueError(f"{name} is {size}: must be between {bounds[0]} and {bounds[1]:g}")
    return value


def _typed(value: Any, wanted: Any, key: str) -> Any:
    origin = get_origin(wanted)
    if origin is Literal:
        if value not in get_args(wanted):
            raise ValueError(f"{key} is {value!r}: must be one of {', '.join(map(str, get_args(wanted)))}")
        return value
    if origin in (Union, types.UnionType):
        return _typed(value, _kind_for(value, get_args(wanted)), key)
    if origin is tuple:
        return tuple(_typed(item, get_args(wanted)[0], f"{key}[{i}]") for i, item in enumerate(value))
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is not wanted:
        names = {int: "a whole number", float: "a number", bool: "true or false", str: "a name"}
        hints = {
            (float, str): " (write 1.0e-4, not 1e-4: YAML reads the latter as text)",
            (str, int): " (write it in quotes: YAML reads bare digits as a number)",
        }
        hint = hints.get((wanted, type(value)), "")
        raise ValueError(f"{key} is {value!r}: must be {names[wanted]}{hint}")
    return value


def _kind_for(value: Any, kinds: Sequence[Any]) -> Any:
    """Return the kind of a union that a value claims to be: None for nothing, a tuple for a list."""
    claimed = {type(None): type(None), list: tuple}.get(type(value))
    return next((kind for kind in kinds if (get_origin(kind) or kind) is claimed), kinds[0])


def _known(values: Mapping[str, Any], names: Any, prefix: str) -> None:
    for key in values:
        if key not in names:
            raise ValueError(f"unknown key {prefix}{key}; known here: {', '.join(names)}")


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise ValueError(f"{key} is {value!r}: must be a mapping of keys to values")
    return value
