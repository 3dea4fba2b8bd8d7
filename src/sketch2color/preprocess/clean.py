"""The stage `clean`: publishers' marks off, then every image to 256×256."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path

from sketch2color import files, imaging, manifest
from sketch2color.config.params import Clean
from sketch2color.errors import UserError
from sketch2color.imaging import ImageArray
from sketch2color.manifest import CleanImageRow, FoundMark, ImageRow, Rejected
from sketch2color.models.threads import one_thread
from sketch2color.preprocess.fit import SHRINK, finish
from sketch2color.progress import progress
from sketch2color.watermarks import overrides
from sketch2color.watermarks.decisions import NO_OVERRIDE, Decisions, decide
from sketch2color.watermarks.detect import Detections, detect
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.overrides import Names, Override
from sketch2color.watermarks.review import Entry, Review, entry
from sketch2color.watermarks.scoring import Score, score, summary
from sketch2color.watermarks.two_pass import FirstPass, Page, SecondPass, look_at, two_pass

LARGEST_SIDE = 1024
"""Pixels; larger images are shrunk to this before anything else, for the stage ends at 256 anyway."""
DROPPED = f"dropped by hand in {overrides.FILE}"


@dataclass(frozen=True)
class Cleaned:
    """What there is to tell of one image; ``shown`` is None where no mark was found on it."""

    row: CleanImageRow
    marks: Sequence[FoundMark]
    shown: Entry | None
    score: Score | None


@dataclass
class Done:
    """What the stage has to tell of the images so far."""

    rows: list[CleanImageRow] = field(default_factory=list)
    marks: list[FoundMark] = field(default_factory=list)
    failed: list[Rejected] = field(default_factory=list)
    dropped: list[Rejected] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    review: Review = field(default_factory=Review)

    def add(self, one: Cleaned | Rejected) -> None:
        """Take in what came of the next image."""
        if isinstance(one, Rejected):
            self.failed.append(one)
            return
        self.rows.append(one.row)
        self.marks += one.marks
        self.scores += [one.score] if one.score else []
        self.review.add(one.row.action, one.shown)


@dataclass(frozen=True)
class Work:
    """What it takes to clean any image of a set: files and what is said by hand, by id; where it goes."""

    originals: Mapping[str, Path]
    said: Mapping[str, Override]
    names: Names
    truth: Path
    out: Path
    params: Clean


def clean(raw: Path, out: Path, report: Path, params: Clean) -> dict[str, float]:
    """Clean every image of a raw data set, in as many threads as there are processors.

    Images with doubtful marks come last, when the marks of all others are known.

    Args:
        raw: the folder that ingest wrote: ``images/``, ``manifest.csv``, ``rejected.csv``, for scoring
            ``truth/``, and, where a person has said something of single images, ``watermarks.yaml``.
        out: gets ``{train,val,test}/{sketch,color}/<id>.png`` and ``manifest.csv``.
        report: gets ``review.html``, ``marks.csv`` (every mark, and what was done with it), ``metrics.json``
            (what is returned) and ``rejected.csv`` (images that could not be processed or that a person
            has dropped, and why).
        params: whether to remove marks, and how to fit.

    Returns:
        How many images there are and what was done with them; with truth also the scores against it.

    Raises:
        UserError: the raw folder lacks its tables, watermarks.yaml is wrong, or no image could be
            processed.
    """
    images = manifest.read(raw / "manifest.csv", ImageRow)
    names = Names(images, manifest.read(raw / "rejected.csv", Rejected))
    said = overrides.read(raw / overrides.FILE, images, names)
    originals = {path.stem: path for path in sorted((raw / "images").glob("*"))}
    files.empty_directory(out)
    files.empty_directory(report)
    done = Done()
    dropped = {name for name, override in said.items() if override.drop}
    wanted = [image for image in images if image.id not in dropped]
    done.dropped += [
        Rejected(source=one.source, domain=one.domain, reason=DROPPED) for one in images if one.id in dropped
    ]
    job = partial(_clean_one, work=Work(originals, said, names, raw / "truth", out, params))
    with one_thread():
        for one in progress(two_pass(job, wanted), "clean", total=len(wanted)):
            done.add(one)
    if not done.rows:
        first = done.failed[0] if done.failed else None
        why = f"{first.source}: {first.reason}" if first else f"{raw / 'manifest.csv'} is empty"
        raise UserError(f"no image of {raw} could be cleaned: {why}")
    return _write(done, raw.name, out, report)


def remove_marks(image: ImageArray) -> tuple[Detections, ImageArray]:
    """Find the marks on ``image`` (uint8, H × W × 3) and return it without the sure ones.

    Where nothing is sure, the very same image comes back.
    """
    detections = detect(image)
    if not detections.sure:
        return detections, image
    return detections, fill(image, detections.mask(*image.shape[:2]))


def _clean_one(image: ImageRow, second: SecondPass | None, work: Work) -> FirstPass[Cleaned | Rejected]:
    try:
        before = _read(work.originals, image)
        return look_at(
            Page(before, image.id, image.group),
            second,
            detect if work.params.remove_marks else lambda _: Detections([], []),
            lambda detections: _decided(before, detections, image, work),
            lambda decisions: _cleaned(image, before, decisions, work),
        )
    except Exception as error:  # one bad image never stops the stage
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return FirstPass([], Rejected(source=image.source, domain=image.domain, reason=reason))


def _cleaned(image: ImageRow, before: ImageArray, decisions: Decisions, work: Work) -> Cleaned:
    after = fill(before, decisions.mask) if decisions.mask.any() else before
    about = f"{image.id} · {image.domain} · {image.split}"
    name = work.names.of(image)
    cleaned = Cleaned(
        row=CleanImageRow(
            **asdict(image),
            marks=decisions.kinds,
            mark_area=round(decisions.area, 4),
            confidence=round(decisions.certainty, 4),
            action=decisions.action,
        ),
        marks=_rows(image, decisions),
        shown=entry(name, about, before, decisions, after, paste=True) if decisions.marks else None,
        score=score(work.truth, image.id, before, after, decisions.mask) if work.truth.is_dir() else None,
    )
    # last, so that an image that fails leaves none
    imaging.write_png(_path(work.out, image), finish(after, image.domain, work.params))
    return cleaned


def _decided(before: ImageArray, detections: Detections, image: ImageRow, work: Work) -> Decisions:
    height, width = before.shape[:2]
    said = work.said.get(image.id, NO_OVERRIDE) if work.params.remove_marks else NO_OVERRIDE
    return decide(detections, height, width, said, (width / image.width, height / image.height))


def _rows(image: ImageRow, decisions: Decisions) -> list[FoundMark]:
    return [
        FoundMark(
            id=image.id,
            domain=image.domain,
            split=image.split,
            source=image.source,
            kind=mark.kind,
            left=mark.box[0],
            top=mark.box[1],
            right=mark.box[2],
            bottom=mark.box[3],
            area=round(mark.area, 4),
            confidence=round(mark.confidence, 4),
            action=mark.action,
        )
        for mark in decisions.marks
    ]


def _write(done: Done, name: str, out: Path, report: Path) -> dict[str, float]:
    manifest.write(out / "manifest.csv", sorted(done.rows, key=attrgetter("id")), CleanImageRow)
    manifest.write(report / "marks.csv", sorted(done.marks, key=attrgetter("id")), FoundMark)
    manifest.write(report / "rejected.csv", [*done.dropped, *done.failed], Rejected)
    dropped = [row.source for row in done.dropped]
    files.write_text(report / "review.html", done.review.page(name, dropped, done.failed))
    actions = Counter(row.action for row in done.rows)
    counts = {"images": len(done.rows)} | {name: actions[name] for name in ("removed", "left", "none")}
    figures = counts | {"dropped": len(done.dropped), "failed": len(done.failed)} | summary(done.scores)
    figures = {name: round(value, 4) for name, value in figures.items()}
    files.write_text(report / "metrics.json", json.dumps(figures, indent=2) + "\n")
    return figures


def _read(originals: Mapping[str, Path], image: ImageRow) -> ImageArray:
    if image.id not in originals:
        raise imaging.ImageError(f"images/{image.id} is missing: run `dvc repro`")
    return imaging.shrink(imaging.read(originals[image.id]), LARGEST_SIDE, SHRINK[image.domain])


def _path(out: Path, image: ImageRow) -> Path:
    return out / image.split / image.domain / f"{image.id}.png"
