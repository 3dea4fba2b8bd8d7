"""The stage `clean`: publishers' marks off, then every picture to 256×256."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from operator import attrgetter
from pathlib import Path

from sketch2color import files, images, manifest
from sketch2color.cleaning import overrides
from sketch2color.cleaning.decisions import NOTHING_SAID, Decisions, decide
from sketch2color.cleaning.fill import fill
from sketch2color.cleaning.find import Finding, find
from sketch2color.cleaning.fit import SHRINK, finish
from sketch2color.cleaning.overrides import Names, Override
from sketch2color.cleaning.review import Entry, Review, entry
from sketch2color.cleaning.rounds import Looked, Page, Second, in_two_rounds, look_at
from sketch2color.cleaning.score import Score, score, summary
from sketch2color.errors import UserError
from sketch2color.images import PictureArray
from sketch2color.manifest import CleanPicture, FoundMark, Picture, Rejected
from sketch2color.networks.threads import one_thread
from sketch2color.params import Clean
from sketch2color.progress import progress

LARGEST_SIDE = 1024
"""Pixels; larger pictures are shrunk to this before anything else, for the stage ends at 256 anyway."""
DROPPED = f"dropped by hand in {overrides.FILE}"


@dataclass(frozen=True)
class Cleaned:
    """What there is to tell of one picture; ``shown`` is None where no mark was found on it."""

    row: CleanPicture
    marks: Sequence[FoundMark]
    shown: Entry | None
    score: Score | None


@dataclass
class Done:
    """What the stage has to tell of the pictures so far."""

    rows: list[CleanPicture] = field(default_factory=list)
    marks: list[FoundMark] = field(default_factory=list)
    failed: list[Rejected] = field(default_factory=list)
    dropped: list[Rejected] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    review: Review = field(default_factory=Review)

    def add(self, one: Cleaned | Rejected) -> None:
        """Take in what came of the next picture."""
        if isinstance(one, Rejected):
            self.failed.append(one)
            return
        self.rows.append(one.row)
        self.marks += one.marks
        self.scores += [one.score] if one.score else []
        self.review.add(one.row.action, one.shown)


@dataclass(frozen=True)
class Work:
    """What it takes to clean any picture of a set: files and what is said by hand, by id; where it goes."""

    originals: Mapping[str, Path]
    said: Mapping[str, Override]
    names: Names
    truth: Path
    out: Path
    params: Clean


def clean(raw: Path, out: Path, report: Path, params: Clean) -> dict[str, float]:
    """Clean every picture of a raw data set, in as many threads as there are processors.

    Pictures with doubtful marks come last, when the marks of all others are known.

    Args:
        raw: the folder that ingest wrote: ``images/``, ``manifest.csv``, ``rejected.csv``, for scoring
            ``truth/``, and, where a person has said something of single pictures, ``watermarks.yaml``.
        out: gets ``{train,val,test}/{sketch,color}/<id>.png`` and ``manifest.csv``.
        report: gets ``review.html``, ``marks.csv`` (every mark, and what was done with it), ``metrics.json``
            (what is returned) and ``rejected.csv`` (pictures that could not be processed or that a person
            has dropped, and why).
        params: whether to remove marks, and how to fit.

    Returns:
        How many pictures there are and what was done with them; with truth also the scores against it.

    Raises:
        UserError: the raw folder lacks its tables, watermarks.yaml is wrong, or no picture could be
            processed.
    """
    pictures = manifest.read(raw / "manifest.csv", Picture)
    names = Names(pictures, manifest.read(raw / "rejected.csv", Rejected))
    said = overrides.read(raw / overrides.FILE, pictures, names)
    originals = {path.stem: path for path in sorted((raw / "images").glob("*"))}
    files.empty_directory(out)
    files.empty_directory(report)
    done = Done()
    dropped = {name for name, override in said.items() if override.drop}
    wanted = [picture for picture in pictures if picture.id not in dropped]
    done.dropped += [
        Rejected(source=one.source, domain=one.domain, reason=DROPPED)
        for one in pictures
        if one.id in dropped
    ]
    job = partial(_clean_one, work=Work(originals, said, names, raw / "truth", out, params))
    with one_thread():
        for one in progress(in_two_rounds(job, wanted), "clean", total=len(wanted)):
            done.add(one)
    if not done.rows:
        first = done.failed[0] if done.failed else None
        why = f"{first.source}: {first.reason}" if first else f"{raw / 'manifest.csv'} is empty"
        raise UserError(f"no picture of {raw} could be cleaned: {why}")
    return _write(done, raw.name, out, report)


def remove_marks(picture: PictureArray) -> tuple[Finding, PictureArray]:
    """Find the marks on ``picture`` (uint8, H × W × 3) and return it without the sure ones.

    Where nothing is sure, the very same picture comes back.
    """
    finding = find(picture)
    if not finding.sure:
        return finding, picture
    return finding, fill(picture, finding.mask(*picture.shape[:2]))


def _clean_one(picture: Picture, second: Second | None, work: Work) -> Looked[Cleaned | Rejected]:
    try:
        before = _read(work.originals, picture)
        return look_at(
            Page(before, picture.id, picture.group),
            second,
            find if work.params.remove_marks else lambda _: Finding([], []),
            lambda finding: _decided(before, finding, picture, work),
            lambda decisions: _cleaned(picture, before, decisions, work),
        )
    except Exception as error:  # one bad picture never stops the stage
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        return Looked([], Rejected(source=picture.source, domain=picture.domain, reason=reason))


def _cleaned(picture: Picture, before: PictureArray, decisions: Decisions, work: Work) -> Cleaned:
    after = fill(before, decisions.mask) if decisions.mask.any() else before
    about = f"{picture.id} · {picture.domain} · {picture.split}"
    name = work.names.of(picture)
    cleaned = Cleaned(
        row=CleanPicture(
            **asdict(picture),
            marks=decisions.kinds,
            mark_area=round(decisions.area, 4),
            confidence=round(decisions.surety, 4),
            action=decisions.action,
        ),
        marks=_rows(picture, decisions),
        shown=entry(name, about, before, decisions, after, paste=True) if decisions.marks else None,
        score=score(work.truth, picture.id, before, after, decisions.mask) if work.truth.is_dir() else None,
    )
    # last, so that a picture that fails leaves none
    images.write_png(_path(work.out, picture), finish(after, picture.domain, work.params))
    return cleaned


def _decided(before: PictureArray, finding: Finding, picture: Picture, work: Work) -> Decisions:
    height, width = before.shape[:2]
    said = work.said.get(picture.id, NOTHING_SAID) if work.params.remove_marks else NOTHING_SAID
    return decide(finding, height, width, said, (width / picture.width, height / picture.height))


def _rows(picture: Picture, decisions: Decisions) -> list[FoundMark]:
    return [
        FoundMark(
            id=picture.id,
            domain=picture.domain,
            split=picture.split,
            source=picture.source,
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
    manifest.write(out / "manifest.csv", sorted(done.rows, key=attrgetter("id")), CleanPicture)
    manifest.write(report / "marks.csv", sorted(done.marks, key=attrgetter("id")), FoundMark)
    manifest.write(report / "rejected.csv", [*done.dropped, *done.failed], Rejected)
    dropped = [row.source for row in done.dropped]
    files.write_text(report / "review.html", done.review.page(name, dropped, done.failed))
    actions = Counter(row.action for row in done.rows)
    counts = {"pictures": len(done.rows)} | {name: actions[name] for name in ("removed", "left", "none")}
    figures = counts | {"dropped": len(done.dropped), "failed": len(done.failed)} | summary(done.scores)
    figures = {name: round(value, 4) for name, value in figures.items()}
    files.write_text(report / "metrics.json", json.dumps(figures, indent=2) + "\n")
    return figures


def _read(originals: Mapping[str, Path], picture: Picture) -> PictureArray:
    if picture.id not in originals:
        raise images.PictureError(f"images/{picture.id} is missing: run `dvc repro`")
    return images.shrink(images.read(originals[picture.id]), LARGEST_SIDE, SHRINK[picture.domain])


def _path(out: Path, picture: Picture) -> Path:
    return out / picture.split / picture.domain / f"{picture.id}.png"
