"""Images to clean, drawn here: a page with lines, and a publisher's badge to lay on it."""

import cv2
import numpy as np
import pytest

from sketch2color import imaging, manifest
from sketch2color.preprocess import clean, clean_files
from sketch2color.watermarks import remains
from sketch2color.watermarks.detect import Detections, Mark


@pytest.fixture
def drawing():
    """A plain line drawing, uint8 256 × 256 × 3."""
    page = np.full((256, 256, 3), 255, np.uint8)
    cv2.polylines(
        page, [np.array([[30, 190], [60, 60], [190, 40], [220, 150]])], True, (30, 30, 34), 2, cv2.LINE_AA
    )
    cv2.ellipse(page, (120, 120), (50, 25), 20, 0, 300, (30, 30, 34), 1, cv2.LINE_AA)
    return page


@pytest.fixture
def badged(drawing):
    """The drawing with a dark badge with writing in the lower right corner, and the badge's true mask."""
    page, mask = drawing.copy(), np.zeros((256, 256), np.uint8)
    cv2.circle(mask, (222, 222), 26, 255, -1)
    page[mask > 0] = (88, 88, 90)
    cv2.putText(page, "SOLTAM", (201, 222), cv2.FONT_HERSHEY_DUPLEX, 0.36, (255, 255, 255), 1, cv2.LINE_AA)
    cv2.putText(page, "studio", (208, 235), cv2.FONT_HERSHEY_DUPLEX, 0.28, (255, 255, 255), 1, cv2.LINE_AA)
    return page, mask


@pytest.fixture
def raw(tmp_path, drawing, badged):
    """A raw data set as ingest leaves it: a plain sketch, one marked with truth, one broken, one missing."""
    folder = tmp_path / "raw"
    contents = {
        "plain.png": imaging.encode_png(drawing),
        "marked.png": imaging.encode_png(badged[0]),
        "broken.jpg": b"\xff\xd8 no image",
        "missing.png": None,
    }
    rows = []
    for name, content in contents.items():
        digest = manifest.sha256(content or b"")
        if content is not None:
            (folder / "images").mkdir(parents=True, exist_ok=True)
            (folder / "images" / f"{digest[:16]}{name[-4:]}").write_bytes(content)
        if name == "marked.png":
            imaging.write_png(folder / "truth" / f"{digest[:16]}.mask.png", badged[1])
            imaging.write_png(folder / "truth" / f"{digest[:16]}.clean.png", drawing)
        rows.append(
            manifest.ImageRow(
                id=digest[:16],
                domain="sketch",
                split="train" if name == "plain.png" else "val",
                group=digest[:16],
                pair="",
                source=name,
                license="CC0",
                sha256=digest,
                width=256,
                height=256,
            )
        )
    manifest.write(folder / "manifest.csv", rows, manifest.ImageRow)
    manifest.write(folder / "rejected.csv", [], manifest.Rejected)
    return folder


PINK, CYAN = (255, 0, 255), (0, 255, 255)


def near(image, color):
    """A mask of the pixels that have a colour, roughly: those of a small or a JPEG image are blurred."""
    far = np.abs(image.astype(int) - color).max(2)
    return np.where(far < 90, 255, 0).astype(np.uint8)


def seen(image, threshold=0.85):
    """Return what a detector finds to which pink is surely a mark, and cyan perhaps."""
    pink, cyan = near(image, PINK), near(image, CYAN)
    sure = [Mark("badge", 0.9, pink, pink)] if pink.any() else []
    return Detections(sure, [Mark("caption", 0.7, cyan, cyan)] if cyan.any() else [])


@pytest.fixture
def color_detector(monkeypatch):
    """In place of the network: pink is a sure mark, cyan a doubtful one."""
    monkeypatch.setattr(clean, "detect", seen)
    monkeypatch.setattr(clean_files, "detect", seen)
    monkeypatch.setattr(remains, "predict", lambda image: None)


@pytest.fixture
def page():
    """Paper with a line, uint8 120 × 200 × 3, on which marks can be painted."""
    image = np.full((120, 200, 3), (250, 248, 244), np.uint8)
    cv2.line(image, (10, 10), (190, 30), (30, 30, 34), 2)
    return image
