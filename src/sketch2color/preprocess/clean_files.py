"""Taking the marks off a person's own files, which keep their size, their format and all else."""

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
from sketch2color.watermarks.decisions import Decisions, decide
from sketch2color.watermarks.detect import detect
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.review import Entry, Review, entry
from sketch2color.watermarks.two_pass import FirstPass, Page, SecondPass, look_at, two_pass


@dataclass(frozen=True)
class _Done:
    """What came of one file: the reason is empty where all is well."""

    source: Path
    target: Path
    action: str = ""
    shown: Entry | None = None
    reason: str = ""


def clean_files(source: Path, out: Path, review: Path | None) -> int:
    """Take the marks off an image, or off all in a folder and the folders in it.

    Results have the name, format, mode and size of their images (:func:`imaging.replace_pixels`); what
    has no sure mark is copied byte for byte. Images with doubtful marks come last, when the marks of all
    others are known. What exists and would become another is not written over. Says one line a file on
    stdout, or, of a file that could not be cleaned, on stderr with the reason.

    Args:
        source: an image, or a folder.
        out: a folder or, if ``source`` is one image, also a file.
        review: where the review sheet goes, a page; None: nowhere.

    Returns:
        The number of files that could not be cleaned.

    Raises:
        UserError: there is nothing to clean, an image would be written over, or the sheet is no page.
    """
    if review and review.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--review {review}: the review sheet is a page: its name ends in .html")
    jobs = plan_outputs(source, out)
    top = source if source.is_dir() else source.parent
    gathered, failed = Review(), []
    with one_thread():
        for done in progress(two_pass(partial(_one, top=top), jobs), "clean", total=len(jobs)):
            if done.reason:
                print(f"{done.source}: not cleaned: {done.reason}", file=sys.stderr, flush=True)
                name = str(done.source.relative_to(top))
                failed.append(Rejected(source=name, domain="", reason=done.reason))
            else:
                print(f"{done.source} -> {done.target}: {_told(done)}", flush=True)
                gathered.add(done.action, done.shown)
    if review:
        files.write_text(review, gathered.page(source.resolve().name, [], failed))
    return len(failed)


def _one(job: tuple[Path, Path], second: SecondPass | None, top: Path) -> FirstPass[_Done]:
    source, target = job
    try:
        return _looked(source, target, second, str(source.relative_to(top)))
    except Exception as error:  # one bad image never stops the others
        expected = isinstance(error, ImageError | OSError | UserError)
        reason = str(error) if expected else f"{type(error).__name__}: {error}"
        return FirstPass([], _Done(source, target, reason=" ".join(reason.split())))


def _looked(source: Path, target: Path, second: SecondPass | None, name: str) -> FirstPass[_Done]:
    content = source.read_bytes()
    before = imaging.read(content)
    return look_at(
        Page(before, name, name),
        second,
        detect,
        lambda detections: decide(detections, *before.shape[:2]),
        lambda decisions: _cleaned(source, target, name, content, before, decisions),
    )


def _cleaned(
    source: Path, target: Path, name: str, content: bytes, before: ImageArray, decisions: Decisions
) -> _Done:
    cleaned = imaging.replace_pixels(content, decisions.mask, fill) if decisions.mask.any() else content
    _write(target, cleaned)
    if not decisions.marks:
        return _Done(source, target, decisions.action)
    after = before if cleaned is content else imaging.read(cleaned)
    size = f"{before.shape[1]} × {before.shape[0]} pixels"
    return _Done(source, target, decisions.action, entry(name, size, before, decisions, after, paste=False))


def _write(target: Path, content: bytes) -> None:
    if target.exists():
        if target.read_bytes() == content:
            return
        raise UserError(f"{target} exists and is another image: give another place for the results")
    files.write_bytes(target, content)


def _told(done: _Done) -> str:
    if done.shown is None:
        return "no mark, copied"
    kinds = "+".join(sorted({line.kind for line in done.shown.lines if line.action == done.action}))
    return f"{kinds} taken off" if done.action == "removed" else f"{kinds}? in doubt, copied"
