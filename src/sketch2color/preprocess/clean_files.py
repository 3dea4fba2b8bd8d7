"""The command `clean`: remove marks from a user's own files, which keep their size, format and metadata."""

import hashlib
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sketch2color import files, imaging
from sketch2color.errors import UserError
from sketch2color.imaging import ImageArray
from sketch2color.imaging.batch import (
    Summary,
    check_folder,
    describe_failure,
    foreign_file,
    plan_outputs,
    read_result,
)
from sketch2color.manifest import Rejected
from sketch2color.models.threads import one_thread
from sketch2color.progress import progress
from sketch2color.watermarks.decisions import Decisions, decide
from sketch2color.watermarks.detect import detect
from sketch2color.watermarks.fill import fill
from sketch2color.watermarks.masks import enlarge_mask
from sketch2color.watermarks.remains import look_again
from sketch2color.watermarks.review import Review, ReviewRow, review_row
from sketch2color.watermarks.two_pass import CollectionImage, FirstPass, SecondPass, process_image, two_pass

MAX_SEARCHED = 1 << 24
"""Pixels of an image in which marks are searched at its full size: for each one, memory holds two masks."""
SEARCHED_SIDE = 1024
"""Pixels of the longer side, to which a larger one is shrunk first, as in the stage."""


@dataclass(frozen=True)
class _Outcome:
    """What was done with one file; ``reason`` is empty unless it failed."""

    source: Path
    target: Path
    action: str = ""
    about: str = "no mark, copied"
    review: ReviewRow | None = None
    reason: str = ""
    skipped: bool = False


def clean_files(source: Path, out: Path, review: Path | None) -> int:
    """Remove the marks from an image, or from all in a folder and its subfolders.

    Results have the name, format, mode and size of their images (:func:`imaging.replace_pixels`); images
    without a sure mark are copied byte for byte. Images with doubtful marks come last, when the marks of all
    others are known. No existing file of other content is overwritten; one of the same is skipped. Prints a
    line for each file, for one that failed on stderr with the reason, and the counts at the end.

    Args:
        source: an image, or a folder.
        out: a folder or, if ``source`` is one image, also a file.
        review: where the review page is written; None: nowhere.

    Returns:
        The number of files that failed.

    Raises:
        UserError: there is nothing to clean, an image would be overwritten, or ``review`` is no HTML file or
            one that no earlier run wrote.
    """
    if review:
        _check_review(review)
    jobs = plan_outputs(source, out)
    top = source if source.is_dir() else source.parent
    page, failed, summary = Review(), [], Summary("cleaned")
    with one_thread():
        for done in progress(two_pass(partial(_process, top=top), jobs), "clean", total=len(jobs)):
            if done.reason:
                summary.fail(done.source, done.reason)
                name = str(done.source.relative_to(top))
                failed.append(Rejected(source=name, domain="", reason=done.reason))
            else:
                summary.add(done.source, done.target, done.about, skipped=done.skipped)
                page.add(done.action, done.review)
    if review:
        text = page.render(source.resolve().name, [], failed)
        files.write_bytes(review, _sign(text.encode(errors="backslashreplace")))
    return summary.finish()


def _check_review(path: Path) -> None:
    """Raise ``UserError`` where no review page can be written, or would be over what no earlier run wrote."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--review {path}: the review page is HTML: its name must end in .html")
    check_folder(path.parent)
    if os.path.lexists(path):
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if _sign(b"".join(content.splitlines(keepends=True)[:-1])) != content:
            raise UserError(
                f"--review {path} exists and is no review page, or one that was edited: give another name"
            )


def _sign(page: bytes) -> bytes:
    """Add the SHA-256 of a page as a comment: a page that has it may be overwritten."""
    return page + f"<!-- {hashlib.sha256(page).hexdigest()} -->\n".encode()


def _process(job: tuple[Path, Path], second: SecondPass | None, top: Path) -> FirstPass[_Outcome]:
    source, target = job
    try:
        content = source.read_bytes()
        before, size = _read(content)
        name = str(source.relative_to(top))
        height, width = before.shape[:2]
        scale = width / size[0], height / size[1]
        return process_image(
            CollectionImage(before, name, name),
            second,
            detect,
            lambda detections: decide(detections, height, width, scale=scale),
            lambda decisions: _finish(source, target, name, content, before, size, decisions),
        )
    except Exception as error:  # one bad image never stops the others
        return FirstPass([], _Outcome(source, target, reason=describe_failure(error)))


def _read(content: bytes) -> tuple[ImageArray, tuple[int, int]]:
    """Return the image in which marks are searched, and the width and height of the file's."""
    image = imaging.read(content)
    height, width = image.shape[:2]
    return imaging.shrink(image, SEARCHED_SIDE) if height * width > MAX_SEARCHED else image, (width, height)


def _finish(
    source: Path,
    target: Path,
    name: str,
    content: bytes,
    before: ImageArray,
    size: tuple[int, int],
    decisions: Decisions,
) -> _Outcome:
    cleaned = content
    if decisions.mask.any():
        cleaned = imaging.replace_pixels(content, enlarge_mask(decisions.mask, size), fill)
    if (there := read_result(target)) is None:
        files.write_bytes(target, cleaned)
    elif there != cleaned:
        raise foreign_file(target)
    if not decisions.marks:
        return _Outcome(source, target, decisions.action, skipped=there is not None)
    after = before if cleaned is content else _read(cleaned)[0]
    decisions = look_again(before, after, decisions)
    about = f"{decisions.kinds} {decisions.action}"
    if decisions.action == "left":
        about = f"{decisions.kinds}? in doubt, copied"
    elif decisions.action == "partly removed":
        about += f", about {decisions.remains:.0%} remains"
    pixels = f"{size[0]} × {size[1]} pixels"
    row = review_row(name, pixels, before, decisions, after, with_snippet=False)
    return _Outcome(source, target, decisions.action, about, row, skipped=there is not None)
