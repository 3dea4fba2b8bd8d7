"""The stage's work on a tiny clean data set: what is written, from what, and what happens to bad input."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from torchvision.models import squeezenet1_1

from sketch2color import images, manifest
from sketch2color.errors import UserError
from sketch2color.manifest import CleanPicture
from sketch2color.networks import perceptual
from sketch2color.params import TransferStyle
from sketch2color.style import transfer as room
from sketch2color.style.transfer import transfer

PARAMS = TransferStyle(steps=3, threads=1)


class CleanData:
    """A clean stage's output, made picture by picture."""

    def __init__(self, folder: Path, size: int = 32) -> None:
        self.folder, self.size = folder, size
        self.rows: list[CleanPicture] = []

    def add(self, split: str, domain: str, corner: int, fill: tuple[int, int, int] = (255, 255, 255)) -> None:
        """Add a box with its upper left ``corner`` on the diagonal."""
        picture = np.full((self.size, self.size, 3), 255, dtype=np.uint8)
        picture[corner : corner + 14, corner : corner + 10] = 0
        picture[corner + 2 : corner + 12, corner + 2 : corner + 8] = fill
        digest = manifest.sha256(f"{split} {domain} {corner} {fill}".encode())
        images.write_png(self.folder / split / domain / f"{digest[:16]}.png", picture)
        row = CleanPicture(
            id=digest[:16],
            domain=domain,
            split=split,
            group=digest[:16],
            pair="",
            source="drawn",
            license="",
            sha256=digest,
            width=self.size,
            height=self.size,
            marks="",
            mark_area=0.0,
            confidence=0.0,
            action="none",
        )
        self.rows.append(row)
        manifest.write(self.folder / "manifest.csv", self.rows, CleanPicture)


@pytest.fixture
def clean(tmp_path: Path) -> CleanData:
    data = CleanData(tmp_path / "clean")
    for corner in (2, 6, 10):
        data.add("test", "sketch", corner)
        data.add("test", "color", corner, (0, 0, 255))  # the best likeness, and forbidden
        data.add("val", "color", corner, (0, 255, 0))
        data.add("train", "sketch", corner)
    for corner in (1, 8, 16, 17):
        data.add("train", "color", corner, (255, 0, 0))
    return data


def ids(clean: CleanData, split: str, domain: str) -> list[str]:
    return sorted(row.id for row in manifest.select(clean.rows, split=split, domain=domain))


def table(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / "references.csv").read_text(encoding="utf-8"))))


def test_every_test_sketch_is_painted_after_a_training_picture(clean: CleanData, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "left_over.png").write_bytes(b"")
    metrics = transfer(clean.folder, out, PARAMS, seed=1)

    sketches = ids(clean, "test", "sketch")
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [*(f"{i}.png" for i in sketches), "references.csv"]
    )
    assert all(images.read(out / f"{i}.png").shape == (32, 32, 3) for i in sketches)
    rows = table(out)
    assert [row["sketch"] for row in rows] == sketches
    used = [row["reference"] for row in rows]
    assert set(used) <= set(ids(clean, "train", "color"))
    assert len(set(used)) == 3
    assert metrics["pictures"] == 3
    assert metrics["failed"] == 0
    for name in ("content", "style", "variation"):
        assert metrics[name] == pytest.approx(sum(float(row[name]) for row in rows) / 3)
        assert metrics[name] > 0


def test_same_seed_same_bytes(clean: CleanData, tmp_path: Path) -> None:
    def run(name: str, seed: int) -> dict[str, bytes]:
        transfer(clean.folder, tmp_path / name, PARAMS, seed)
        return {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}

    torch.manual_seed(1)
    first = run("first", 1)
    torch.manual_seed(2)
    assert run("again", 1) == first
    other = run("other", 2)
    assert all(other[name] != first[name] for name in first)


def test_threads_and_determinism_are_set_for_the_work_and_set_back(
    clean: CleanData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settings() -> tuple[int, bool, list[int]]:
        deterministic = torch.are_deterministic_algorithms_enabled()
        return torch.get_num_threads(), deterministic, torch.get_rng_state().tolist()

    def paint(*_: object) -> None:
        seen.append(settings()[:2])
        raise KeyboardInterrupt

    seen: list[tuple[int, bool]] = []
    before = settings()
    monkeypatch.setattr(room, "paint", paint)
    with pytest.raises(KeyboardInterrupt):
        transfer(clean.folder, tmp_path / "out", TransferStyle(steps=3, threads=before[0] + 1), seed=1)
    assert seen == [(before[0] + 1, True)]
    assert settings() == before


def test_bad_sketches_are_listed_and_the_rest_is_painted(clean: CleanData, tmp_path: Path) -> None:
    broken, missing, good = ids(clean, "test", "sketch")
    (clean.folder / "test" / "sketch" / f"{broken}.png").write_bytes(b"no picture")
    (clean.folder / "test" / "sketch" / f"{missing}.png").unlink()
    metrics = transfer(clean.folder, tmp_path / "out", PARAMS, seed=1)
    assert {row["sketch"]: row["failed"] for row in table(tmp_path / "out")} == {
        broken: "not a picture",
        missing: "missing",
        good: "",
    }
    assert [path.stem for path in (tmp_path / "out").glob("*.png")] == [good]
    assert (metrics["pictures"], metrics["failed"]) == (1, 2)


def test_pictures_that_are_not_finite_are_listed(
    clean: CleanData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def paint(*args: object) -> object:
        pictures, losses = room_paint(*args)
        pictures[1, 2, 3, 4] = torch.nan
        return pictures, losses

    room_paint = room.paint
    monkeypatch.setattr(room, "paint", paint)
    metrics = transfer(clean.folder, tmp_path / "out", PARAMS, seed=1)
    first, spoilt, last = ids(clean, "test", "sketch")
    assert [bool(row["failed"]) for row in table(tmp_path / "out")] == [False, True, False]
    assert sorted(path.stem for path in (tmp_path / "out").glob("*.png")) == [first, last]
    assert not (tmp_path / "out" / f"{spoilt}.png").exists()
    assert metrics["failed"] == 1
    assert np.isfinite(metrics["style"])


def test_not_one_picture_is_an_error(clean: CleanData, tmp_path: Path) -> None:
    for sketch in ids(clean, "test", "sketch"):
        (clean.folder / "test" / "sketch" / f"{sketch}.png").write_bytes(b"")
    with pytest.raises(UserError, match="empty file"):
        transfer(clean.folder, tmp_path / "out", PARAMS, seed=1)


def test_no_training_colours_is_an_error(tmp_path: Path) -> None:
    data = CleanData(tmp_path / "clean")
    data.add("test", "sketch", 3)
    data.add("test", "color", 3, (255, 0, 0))
    with pytest.raises(UserError, match="no coloured training picture"):
        transfer(data.folder, tmp_path / "out", PARAMS, seed=1)


def test_no_clean_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"manifest\.csv"):
        transfer(tmp_path / "clean", tmp_path / "out", PARAMS, seed=1)


def test_no_test_sketches_is_an_empty_result(tmp_path: Path) -> None:
    data = CleanData(tmp_path / "clean")
    data.add("train", "color", 3, (255, 0, 0))
    assert transfer(data.folder, tmp_path / "out", PARAMS, seed=1) == {"pictures": 0, "failed": 0}
    assert table(tmp_path / "out") == []


def test_squeezenet_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        state = squeezenet1_1(weights=None).state_dict()
    buffer = io.BytesIO()
    torch.save(state, buffer)
    name = f"squeezenet1_1-{manifest.sha256(buffer.getvalue())[:8]}.pth"
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(perceptual, "SQUEEZENET_URL", f"http://127.0.0.1:9/{name}")
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "hub" / "checkpoints" / name).write_bytes(buffer.getvalue())

    data = CleanData(tmp_path / "clean", size=128)
    data.add("test", "sketch", 3)
    data.add("train", "color", 5, (255, 0, 0))
    params = TransferStyle(extractor="squeezenet1_1", steps=3, threads=1)
    assert transfer(data.folder, tmp_path / "out", params, seed=1)["pictures"] == 1
