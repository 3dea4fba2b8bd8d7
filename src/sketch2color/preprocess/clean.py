"""The stage `clean`: remove publishers' marks, then resize every image to a square."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import get_args

from sketch2color import files, imaging, manifest
from sketch2color.config.params import Clean
from sketch2color.errors import UserError
from sketch2color.imaging import ImageArray
from sketch2color.manifest import CleanImageRow, FoundMark, ImageAction, ImageRow, Rejected
from sketch2color.models.threads import one_thread
from sketch2color.preprocess.fit import SHRINK, fit_labels, prepare
from sketch2color.progress import progress
from sketch2color.text import one_line
from sketch2color.watermarks import overrides
from sketch2color.watermarks.decisions import NO_OVERRIDE, Decisions, decide
from sketch2color.watermarks.detect import Detections, detect
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.overrides import ImageNames, Override
from sketch2color.watermarks.remains import look_again
from sketch2color.watermarks.review import Review, ReviewRow, review_row
from sketch2color.watermarks.scoring import Score, score, summary
from sketch2color.watermarks.two_pass import CollectionImage, FirstPass, SecondPass, process_image, two_pass

MAX_SIDE = 1024  # pixels; larger images are shrunk to this first, for the stage ends at a smaller size
DROPPED = f"dropped by hand in {overrides.FILE}"


@dataclass(frozen=True)
class CleanedImage:
    """What is reported of one image; ``review`` is None where no mark was detected on it."""

    row: CleanImageRow
    marks: Sequence[FoundMark]
    review: ReviewRow | None
    score: Score | None


@dataclass(frozen=True)
class Cleaner:
    """Cleans any image of a data set; ``overrides`` are by image id."""

    originals: Mapping[str, Path]
    overrides: Mapping[str, Override]
    names: ImageNames
    truth: Path
    out: Path
    params: Clean
    image_size: int

    def __call__(self, image: ImageRow, second: SecondPass | None) -> FirstPass[CleanedImage | Rejected]:
        """Process an image in the first or second pass; one that fails is rejected."""
        try:
            before = self._read(image)
            return process_image(
                CollectionImage(before, image.id, image.group),
                second,
                self._detect,
                lambda detections: self._decide(before, detections, image),
                lambda decisions: self._finish(image, before, decisions),
            )
        except Exception as error:
            reason = one_line(f"{type(error).__name__}: {error}")
            return FirstPass([], Rejected(source=image.source, domain=image.domain, reason=reason))

    def _read(self, image: ImageRow) -> ImageArray:
        if image.id not in self.originals:
            raise imaging.ImageError(f"images/{image.id} is missing: run `dvc repro`")
        return imaging.shrink(imaging.read(self.originals[image.id]), MAX_SIDE, SHRINK[image.domain])

    def _detect(self, image: ImageArray) -> Detections:
        if not self.params.remove_marks:
            return Detections([], [])
        return detect(image, threshold=self.params.mark_threshold)

    def _decide(self, before: ImageArray, detections: Detections, image: ImageRow) -> Decisions:
        height, width = before.shape[:2]
        override = self.overrides.get(image.id, NO_OVERRIDE) if self.params.remove_marks else NO_OVERRIDE
        return decide(detections, height, width, override, (width / image.width, height / image.height))

    def _finish(self, image: ImageRow, before: ImageArray, decisions: Decisions) -> CleanedImage:
        after = fill(before, decisions.mask) if decisions.mask.any() else before
        decisions = look_again(before, after, decisions)
        about = f"{image.id} · {image.domain} · {image.split}"
        if decisions.are_by_hand and (pattern := self.overrides[image.id].pattern):
            about += f" · entry {pattern}"
        name, has_truth = self.names.of(image), self.truth.is_dir()
        cleaned = CleanedImage(
            row=CleanImageRow(
                **asdict(image),
                marks=decisions.kinds,
                mark_area=round(decisions.area, 4),
                confidence=round(decisions.certainty, 4),
                action=decisions.action,
                remains=round(decisions.remains, 4),
            ),
            marks=_mark_rows(image, decisions),
            review=review_row(name, about, before, decisions, after, True) if decisions.marks else None,
            score=score(self.truth, image.id, before, after, decisions.mask) if has_truth else None,
        )
        self._write_parts(image, before)
        # last, so that an image that fails leaves none
        path = self.out / image.split / image.domain / f"{image.id}.png"
        imaging.write_png(path, prepare(after, image.domain, self.params, self.image_size))
        return cleaned

    def _write_parts(self, image: ImageRow, before: ImageArray) -> None:
        """Write the parts of an image that is evaluated, fitted like the image, where they are known."""
        name = f"{image.id}.parts.png"
        if image.split != "train" and (self.truth / name).exists():
            height, width = before.shape[:2]
            parts = imaging.resize_labels(imaging.read(self.truth / name)[..., 0], width, height)
            imaging.write_png(self.out / "truth" / name, fit_labels(parts, self.params.fit, self.image_size))


@dataclass
class Results:
    """What the stage reports of all images."""

    rows: list[CleanImageRow] = field(default_factory=list)
    marks: list[FoundMark] = field(default_factory=list)
    failed: list[Rejected] = field(default_factory=list)
    dropped: list[Rejected] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    review: Review = field(default_factory=Review)

    def add(self, one: CleanedImage | Rejected) -> None:
        """Add an image."""
        if isinstance(one, Rejected):
            self.failed.append(one)
            return
        self.rows.append(one.row)
        self.marks += one.marks
        self.scores += [one.score] if one.score else []
        self.review.add(one.row.action, one.review)

    def write(self, title: str, out: Path, report: Path) -> dict[str, float]:
        """Write tables, review page and figures, and return the figures."""
        manifest.write(out / "manifest.csv", sorted(self.rows, key=attrgetter("id")), CleanImageRow)
        manifest.write(report / "marks.csv", sorted(self.marks, key=attrgetter("id")), FoundMark)
        manifest.write(report / "rejected.csv", [*self.dropped, *self.failed], Rejected)
        page = self.review.render(title, [row.source for row in self.dropped], self.failed)
        files.write_text(report / "review.html", page)
        actions = Counter(row.action for row in self.rows)
        counts = {"images": len(self.rows)}
        counts |= {name.replace(" ", "_"): actions[name] for name in get_args(ImageAction)}
        counts |= {"dropped": len(self.dropped), "failed": len(self.failed)}
        figures = {name: round(value, 4) for name, value in (counts | summary(self.scores)).items()}
        files.write_json(report / "metrics.json", figures, sort_keys=False)
        return figures


def clean(raw: Path, out: Path, report: Path, params: Clean, image_size: int = 256) -> dict[str, float]:
    """Clean every image of a raw data set, in as many threads as there are processors.

    Images with doubtful marks come last, when the marks of all others are known.

    Args:
        raw: the folder that ingest wrote: ``images/``, ``manifest.csv``, ``rejected.csv``, for scoring
            ``truth/``, and, where marks were decided by hand, ``watermarks.yaml``.
        out: gets ``{train,val,test}/{sketch,color}/<id>.png`` and ``manifest.csv`` and, of what is known of
            val and test images, ``truth/<id>.parts.png`` and ``truth/details.csv``.
        report: gets ``review.html``, ``marks.csv`` (every mark, and what was done with it), ``metrics.json``
            (what is returned) and ``rejected.csv`` (images that failed or were dropped by hand, and why).
        params: whether to remove marks, and how to resize.
        image_size: edge of the clean images in pixels.

    Returns:
        How many images there are and what was done with them; with truth also the scores against it.

    Raises:
        UserError: the raw folder lacks its tables, watermarks.yaml is wrong, or no image of a domain in a
            split could be processed.
    """
    images = manifest.read(raw / "manifest.csv", ImageRow)
    names = ImageNames(images, manifest.read(raw / "rejected.csv", Rejected))
    by_hand = overrides.read(raw / overrides.FILE, images, names)
    originals = {path.stem: path for path in sorted((raw / "images").glob("*"))}
    files.empty_directory(out)
    files.empty_directory(report)
    results, wanted = Results(), list[ImageRow]()
    for image in images:
        if by_hand.get(image.id, NO_OVERRIDE).drop:
            results.dropped.append(Rejected(source=image.source, domain=image.domain, reason=DROPPED))
        else:
            wanted.append(image)
    cleaner = Cleaner(originals, by_hand, names, raw / "truth", out, params, image_size)
    with one_thread():
        for one in progress(two_pass(cleaner, wanted), "clean", total=len(wanted)):
            results.add(one)
    if not wanted:
        raise UserError(f"no image of {raw} could be cleaned: {raw / 'manifest.csv'} is empty")
    left = {(row.domain, row.split) for row in results.rows}
    for image in wanted:
        if (image.domain, image.split) not in left:
            why = next(row.reason for row in results.failed if row.source == image.source)
            what = f"no {image.domain} image of {image.split} in {raw}"
            raise UserError(f"{what} could be cleaned: {image.source}: {why}")
    _write_details(raw / "details.csv", out / "truth" / "details.csv", results.rows)
    return results.write(raw.name, out, report)


def _write_details(source: Path, path: Path, rows: Sequence[CleanImageRow]) -> None:
    """Write the details of val and test images; no file if there are none."""
    evaluated = {row.id for row in rows if row.split != "train"}
    details = [row for row in files.read_csv(source) if row["id"] in evaluated] if source.exists() else []
    if details:
        files.write_csv(path, list(details[0]), details)


def remove_marks(image: ImageArray) -> tuple[Detections, ImageArray]:
    """Detect the marks on ``image`` (uint8, H × W × 3) and return it without the sure ones.

    Where nothing is sure, the image itself is returned.
    """
    detections = detect(image)
    if not detections.sure:
        return detections, image
    return detections, fill(image, detections.mask(*image.shape[:2]))


def _mark_rows(image: ImageRow, decisions: Decisions) -> list[FoundMark]:
    return [
        FoundMark(
            id=image.id,
            domain=image.domain,
            split=image.split,
            source=image.source,
            kind=mark.kind,
            **dict(zip(("left", "top", "right", "bottom"), mark.box, strict=True)),
            area=round(mark.area, 4),
            confidence=round(mark.confidence, 4),
            action=mark.action,
            remains=round(decisions.remains, 4) if mark.action == "partly removed" else 0.0,
        )
        for mark in decisions.marks
    ]
