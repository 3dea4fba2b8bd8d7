"""The command `clean`: remove marks from a user's own files, which keep their size, format and metadata."""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sketch2color import files, imaging
from sketch2color.errors import UserError
from sketch2color.imaging import ImageArray, ImageError
from sketch2color.imaging.batch import plan_outputs
from sketch2color.manifest import Rejected
from sketch2color.models.threads import one_thread
from sketch2color.progress import progress
from sketch2color.terminal import print_line
from sketch2color.text import one_line
from sketch2color.watermarks.decisions import Decisions, decide
from sketch2color.watermarks.detect import detect
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.remains import look_again
from sketch2color.watermarks.review import Review, ReviewRow, review_row
from sketch2color.watermarks.two_pass import CollectionImage, FirstPass, SecondPass, process_image, two_pass


@dataclass(frozen=True)
class _Outcome:
    """What was done with one file; ``reason`` is empty unless it failed."""

    source: Path
    target: Path
    action: str = ""
    about: str = "no mark, copied"
    review: ReviewRow | None = None
    reason: str = ""


def clean_files(source: Path, out: Path, review: Path | None) -> int:
    """Remove the marks from an image, or from all in a folder and its subfolders.

    Results have the name, format, mode and size of their images (:func:`imaging.replace_pixels`); images
    without a sure mark are copied byte for byte. Images with doubtful marks come last, when the marks of all
    others are known. No existing file of other content is overwritten. Prints a line for each file, for one
    that failed on stderr with the reason.

    Args:
        source: an image, or a folder.
        out: a folder or, if ``source`` is one image, also a file.
        review: where the review page is written; None: nowhere.

    Returns:
        The number of files that failed.

    Raises:
        UserError: there is nothing to clean, an image would be overwritten, or ``review`` is no HTML file.
    """
    if review and review.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--review {review}: the review page is HTML: its name must end in .html")
    jobs = plan_outputs(source, out)
    top = source if source.is_dir() else source.parent
    page, failed = Review(), []
    with one_thread():
        for done in progress(two_pass(partial(_process, top=top), jobs), "clean", total=len(jobs)):
            if done.reason:
                print_line(f"{done.source}: not cleaned: {done.reason}", sys.stderr)
                name = str(done.source.relative_to(top))
                failed.append(Rejected(source=name, domain="", reason=done.reason))
            else:
                print_line(f"{done.source} -> {done.target}: {done.about}")
                page.add(done.action, done.review)
    if review:
        files.write_text(review, page.render(source.resolve().name, [], failed))
    return len(failed)


def _process(job: tuple[Path, Path], second: SecondPass | None, top: Path) -> FirstPass[_Outcome]:
    source, target = job
    try:
        content = source.read_bytes()
        before = imaging.read(content)
        name = str(source.relative_to(top))
        return process_image(
            CollectionImage(before, name, name),
            second,
            detect,
            lambda detections: decide(detections, *before.shape[:2]),
            lambda decisions: _finish(source, target, name, content, before, decisions),
        )
    except Exception as error:  # one bad image never stops the others
        expected = isinstance(error, ImageError | OSError | UserError)
        reason = str(error) if expected else f"{type(error).__name__}: {error}"
        return FirstPass([], _Outcome(source, target, reason=one_line(reason)))


def _finish(
    source: Path, target: Path, name: str, content: bytes, before: ImageArray, decisions: Decisions
) -> _Outcome:
    cleaned = imaging.replace_pixels(content, decisions.mask, fill) if decisions.mask.any() else content
    if not target.exists():
        files.write_bytes(target, cleaned)
    elif target.read_bytes() != cleaned:
        raise UserError(f"{target} exists and is another image: choose another output folder")
    if not decisions.marks:
        return _Outcome(source, target, decisions.action)
    after = before if cleaned is content else imaging.read(cleaned)
    decisions = look_again(before, after, decisions)
    about = f"{decisions.kinds} {decisions.action}"
    if decisions.action == "left":
        about = f"{decisions.kinds}? in doubt, copied"
    elif decisions.action == "partly removed":
        about += f", about {decisions.remains:.0%} remains"
    size = f"{before.shape[1]} × {before.shape[0]} pixels"
    row = review_row(name, size, before, decisions, after, with_snippet=False)
    return _Outcome(source, target, decisions.action, about, row)
