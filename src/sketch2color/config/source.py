"""``source.yaml``: the one file that says where a data set comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sketch2color.config import values
from sketch2color.config.source_types import KINDS, Origin
from sketch2color.errors import UserError
from sketch2color.manifest import DOMAINS, SPLITS, Domain, Split

TRUTH_KINDS = ("mask", "clean")
Pairs = Literal["name", "side-by-side"]
_ABOUT = {"license": values.text, "attribution": values.text, "homepage": values.web_address}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What source.yaml says, checked.

    ``images`` tells which files are images: a glob over the paths inside of the archive or folder for
    each domain; under the key None those that hold both halves of a pair side by side. It is empty for
    lists of addresses and galleries, which know the domain themselves. ``pairs``: how pairs are told;
    ``name``: a sketch and a coloured image of equal stem show the same thing. ``splits`` has globs of
    what is held apart already, ``same`` of images that show the same thing though no hash can tell,
    ``truth`` of what is known of the marks. ``about`` has license, attribution
    and homepage, as far as they are given.
    """

    origin: Origin
    images: Mapping[Domain | None, str]
    pairs: Pairs | None
    splits: Mapping[Split, str]
    same: Sequence[Sequence[str]]
    truth: Mapping[str, str]
    about: Mapping[str, str]


def read(source: Path) -> Definition:
    """Read and check ``source.yaml`` in the folder ``source``.

    Raises:
        UserError: it is missing, is not YAML, lacks a key, has an unknown one or an impossible value.
    """
    path = source / "source.yaml"
    try:
        return _definition(values.mapping(values.load(path), "the file"), source)
    except FileNotFoundError:
        raise UserError(f"{path} does not exist: it says where the data set comes from") from None
    except ValueError as error:
        raise UserError(f"{path}: {' '.join(str(error).split())}") from None


def _definition(given: Mapping[str, Any], source: Path) -> Definition:
    name = given.get("type")
    if not isinstance(name, str) or name not in KINDS:
        raise ValueError(f"type is {name!r}: must be one of {', '.join(KINDS)}")
    kind, pairs = KINDS[name], _pairs(given)
    which: tuple[str, ...] = ()
    if kind.has_paths:
        which = ("images" if pairs == "side-by-side" else "domains", "pairs", "splits", "same", "truth")
    values.known(given, ("type", *kind.keys, *which, *_ABOUT))
    splits = values.globs(given, "splits", SPLITS) if "splits" in given else {}
    return Definition(
        origin=kind.read(given, source),
        images=_images(given, pairs) if kind.has_paths else {},
        pairs=pairs,
        splits={split: splits[split] for split in SPLITS if split in splits},
        same=_same(given["same"]) if "same" in given else (),
        truth=values.globs(given, "truth", TRUTH_KINDS) if "truth" in given else {},
        about={key: check(given[key], key) for key, check in _ABOUT.items() if key in given},
    )


def _pairs(given: Mapping[str, Any]) -> Pairs | None:
    pairs = given.get("pairs")
    if pairs == "name" or pairs == "side-by-side" or "pairs" not in given:
        return pairs
    raise ValueError(f"pairs is {pairs!r}: must be name or side-by-side, or left out")


def _same(groups: Any) -> tuple[tuple[str, ...], ...]:
    if not isinstance(groups, list):
        raise ValueError(f"same is {groups!r}: must be a list of lists of patterns")
    return tuple(
        tuple(values.glob(one, f"same[{at}]") for one in values.texts(group, f"same[{at}]"))
        for at, group in enumerate(groups)
    )


def _images(given: Mapping[str, Any], pairs: Pairs | None) -> dict[Domain | None, str]:
    if pairs == "side-by-side":
        return {None: values.glob(given.get("images"), "images")}
    globs = values.globs(given, "domains", DOMAINS)
    for domain in DOMAINS:
        if domain not in globs:
            raise ValueError(f"domains.{domain} is missing: must be a pattern such as '{domain}/*'")
    return {domain: globs[domain] for domain in DOMAINS}
