"""The stage's work on a tiny clean data set: what is written, from what, and what happens to bad input."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from sketch2color import imaging, manifest
from sketch2color.config.params import TransferStyle
from sketch2color.errors import UserError
from sketch2color.manifest import CleanImageRow
from sketch2color.models import bfloat16
from sketch2color.models.tensors import to_tensor
from sketch2color.style_transfer import transfer as module
from sketch2color.style_transfer.losses import Losses, Weights
from sketch2color.style_transfer.transfer import Method, transfer

PARAMS = TransferStyle(steps=3, threads=1)


def replace(params: TransferStyle, **changes: object) -> TransferStyle:
    return params.model_copy(update=changes)


class CleanData:
    """A clean stage's output, made image by image."""

    def __init__(self, folder: Path, size: int = 32) -> None:
        self.folder, self.size = folder, size
        self.rows: list[CleanImageRow] = []

    def add(self, split: str, domain: str, corner: int, fill: tuple[int, int, int] = (255, 255, 255)) -> None:
        """Add a box with its upper left ``corner`` on the diagonal."""
        image = np.full((self.size, self.size, 3), 255, dtype=np.uint8)
        image[corner : corner + 14, corner : corner + 10] = 0
        image[corner + 2 : corner + 12, corner + 2 : corner + 8] = fill
        digest = manifest.sha256(f"{split} {domain} {corner} {fill}".encode())
        imaging.write_png(self.folder / split / domain / f"{digest[:16]}.png", image)
        row = CleanImageRow(
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
        manifest.write(self.folder / "manifest.csv", self.rows, CleanImageRow)


@pytest.fixture
def clean(tmp_path: Path) -> CleanData:
    data = CleanData(tmp_path / "clean")
    for corner in (2, 6, 10):
        data.add("test", "sketch", corner)
        data.add("test", "color", corner, (0, 0, 255))  # the most correlated, and forbidden
        data.add("val", "color", corner, (0, 255, 0))
        data.add("train", "sketch", corner)
    for corner in (1, 8, 16, 17):
        data.add("train", "color", corner, (255, 0, 0))
    return data


def ids(clean: CleanData, split: str, domain: str) -> list[str]:
    return sorted(row.id for row in manifest.select(clean.rows, split=split, domain=domain))


def table(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / "references.csv").read_text(encoding="utf-8"))))


def test_every_test_sketch_is_stylized_after_a_training_image(clean: CleanData, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "left_over.png").write_bytes(b"")
    metrics = transfer(clean.folder, out, PARAMS, seed=1)

    sketches = ids(clean, "test", "sketch")
    assert sorted(path.name for path in out.iterdir()) == sorted(
        [*(f"{i}.png" for i in sketches), "references.csv"]
    )
    assert all(imaging.read(out / f"{i}.png").shape == (32, 32, 3) for i in sketches)
    rows = table(out)
    assert [row["sketch"] for row in rows] == sketches
    used = [row["reference"] for row in rows]
    assert set(used) <= set(ids(clean, "train", "color"))
    assert len(set(used)) == 3
    assert metrics["images"] == 3
    assert metrics["failed"] == 0
    for name in ("content", "style", "variation"):
        assert metrics[name] == pytest.approx(sum(float(row[name]) for row in rows) / 3)
        assert metrics[name] > 0


@pytest.mark.slow
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


@pytest.mark.slow
def test_no_result_depends_on_threads_or_other_sketches(clean: CleanData, tmp_path: Path) -> None:
    def run(name: str, threads: int) -> dict[str, bytes]:
        params = replace(PARAMS, references=(lender,), threads=threads)
        transfer(clean.folder, tmp_path / name, params, seed=1)
        return {path.stem: path.read_bytes() for path in (tmp_path / name).glob("*.png")}

    lender = ids(clean, "train", "color")[0]
    one, three = run("one", 1), run("three", 3)
    assert one == three
    alone = ids(clean, "test", "sketch")[1]
    clean.rows = [row for row in clean.rows if row.domain == "color" or row.id == alone]
    manifest.write(clean.folder / "manifest.csv", clean.rows, CleanImageRow)
    assert run("alone", 1) == {alone: one[alone]}


class FakeMethod(Method):
    """A method that does what a test wants."""

    def __init__(self, render: Callable[[torch.Tensor], torch.Tensor]) -> None:
        self._render = render
        self.references: list[int] = []
        self.seeds: list[int] = []

    def stylize(
        self, sketches: torch.Tensor, references: torch.Tensor, seeds: Sequence[int]
    ) -> tuple[torch.Tensor, Losses]:
        self.references.append(len(references))
        self.seeds += seeds
        one = torch.ones(1)
        return self._render(sketches), Losses(content=one, style=one, variation=one)


def fake_method(
    monkeypatch: pytest.MonkeyPatch, render: Callable[[torch.Tensor], torch.Tensor]
) -> FakeMethod:
    method = FakeMethod(render)
    monkeypatch.setattr(module, "METHODS", {"coarse_to_fine": lambda *_: method})
    return method


def test_one_thread_and_determinism_are_set_for_the_work_and_set_back(
    clean: CleanData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def settings() -> tuple[int, bool, list[int]]:
        deterministic = torch.are_deterministic_algorithms_enabled()
        return torch.get_num_threads(), deterministic, torch.get_rng_state().tolist()

    def render(_: torch.Tensor) -> torch.Tensor:
        seen.append(settings()[:2])
        raise KeyboardInterrupt

    seen: list[tuple[int, bool]] = []
    fake_method(monkeypatch, render)
    threads = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        before = settings()
        with pytest.raises(KeyboardInterrupt):
            transfer(clean.folder, tmp_path / "out", PARAMS, seed=1)
        assert set(seen) == {(1, True)}
        assert settings() == before
    finally:
        torch.set_num_threads(threads)


def test_each_sketch_and_each_seed_has_noise_of_its_own(
    clean: CleanData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = fake_method(monkeypatch, lambda sketch: sketch)
    for seed in (1, 2):
        transfer(clean.folder, tmp_path / "out", PARAMS, seed)
    assert len(set(method.seeds)) == 6


def test_parameters_reach_the_method(
    clean: CleanData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*arguments: object) -> FakeMethod:
        given.append(arguments)
        return FakeMethod(lambda sketch: sketch)

    given: list[tuple[object, ...]] = []
    monkeypatch.setattr(module, "METHODS", {"one_scale": build})
    params = TransferStyle(
        method="one_scale",
        steps=7,
        content_weight=2.0,
        style_weight=3.0,
        variation_weight=4.0,
        precision="bf16",
    )
    transfer(clean.folder, tmp_path / "out", params, seed=1)
    transfer(clean.folder, tmp_path / "out", replace(params, precision="fp32"), seed=1)
    weights = Weights(content=2.0, style=3.0, variation=4.0)
    assert given == [(weights, 7, True), (weights, 7, False)]


@pytest.mark.parametrize(
    ("has_bf16", "asked", "said"), [(False, "bf16", 1), (False, "fp32", 0), (True, "bf16", 0)]
)
def test_it_says_so_where_the_processor_has_no_bf16(
    clean: CleanData,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    has_bf16: bool,
    asked: str,
    said: int,
) -> None:
    monkeypatch.setattr(bfloat16, "processor_has_bf16", lambda: has_bf16)
    fake_method(monkeypatch, lambda sketch: sketch)
    transfer(clean.folder, tmp_path / "out", replace(PARAMS, precision=asked), seed=1)
    assert capsys.readouterr().out.count("no bf16 arithmetic here") == said


def test_several_references_are_named_in_the_order_of_correlation(
    clean: CleanData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    method = fake_method(monkeypatch, lambda sketch: sketch)
    transfer(clean.folder, tmp_path / "out", replace(PARAMS, references=2), seed=1)
    assert method.references == [2, 2, 2]
    rows = table(tmp_path / "out")
    lenders = [row["reference"].split() for row in rows]
    assert all(len(set(pair)) == 2 and set(pair) <= set(ids(clean, "train", "color")) for pair in lenders)
    assert max(Counter(lender for pair in lenders for lender in pair).values()) == 2
    transfer(clean.folder, tmp_path / "one", PARAMS, seed=1)
    assert [row["reference"] for row in table(tmp_path / "one")] == [pair[0] for pair in lenders]


def test_named_references_serve_all(
    clean: CleanData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_method(monkeypatch, lambda sketch: sketch)
    first, _, third, _ = ids(clean, "train", "color")
    transfer(clean.folder, tmp_path / "out", replace(PARAMS, references=(third, first)), seed=1)
    assert [row["reference"] for row in table(tmp_path / "out")] == [f"{third} {first}"] * 3


@pytest.mark.parametrize(("split", "domain"), [("test", "color"), ("val", "color"), ("train", "sketch")])
def test_only_coloured_training_images_can_be_named(
    clean: CleanData, tmp_path: Path, split: str, domain: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "before.png").touch()
    wrong = ids(clean, split, domain)[0]
    with pytest.raises(UserError, match=rf"transfer_style\.references: {wrong} is no id"):
        transfer(clean.folder, out, replace(PARAMS, references=(wrong,)), seed=1)
    assert [path.name for path in out.iterdir()] == ["before.png"]


def test_bad_sketches_are_listed_and_the_rest_is_stylized(clean: CleanData, tmp_path: Path) -> None:
    broken, missing, good = ids(clean, "test", "sketch")
    (clean.folder / "test" / "sketch" / f"{broken}.png").write_bytes(b"no image")
    (clean.folder / "test" / "sketch" / f"{missing}.png").unlink()
    metrics = transfer(clean.folder, tmp_path / "out", PARAMS, seed=1)
    assert {row["sketch"]: row["failed"] for row in table(tmp_path / "out")} == {
        broken: "not an image",
        missing: "missing",
        good: "",
    }
    assert [path.stem for path in (tmp_path / "out").glob("*.png")] == [good]
    assert (metrics["images"], metrics["failed"]) == (1, 2)


def test_images_that_are_not_finite_are_listed(
    clean: CleanData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(sketch: torch.Tensor) -> torch.Tensor:
        spoil = torch.equal(sketch, to_tensor(imaging.read(path)))
        return sketch.index_fill(3, torch.tensor([4]), torch.nan) if spoil else sketch

    path = clean.folder / "test" / "sketch" / f"{ids(clean, 'test', 'sketch')[1]}.png"
    fake_method(monkeypatch, render)
    metrics = transfer(clean.folder, tmp_path / "out", PARAMS, seed=1)
    first, spoilt, last = ids(clean, "test", "sketch")
    assert [bool(row["failed"]) for row in table(tmp_path / "out")] == [False, True, False]
    assert sorted(path.stem for path in (tmp_path / "out").glob("*.png")) == [first, last]
    assert not (tmp_path / "out" / f"{spoilt}.png").exists()
    assert metrics["failed"] == 1
    assert np.isfinite(metrics["style"])


def test_not_one_image_is_an_error(clean: CleanData, tmp_path: Path) -> None:
    for sketch in ids(clean, "test", "sketch"):
        (clean.folder / "test" / "sketch" / f"{sketch}.png").write_bytes(b"")
    with pytest.raises(UserError, match="empty file"):
        transfer(clean.folder, tmp_path / "out", PARAMS, seed=1)


def test_no_training_colours_is_an_error(tmp_path: Path) -> None:
    data = CleanData(tmp_path / "clean")
    data.add("test", "sketch", 3)
    data.add("test", "color", 3, (255, 0, 0))
    with pytest.raises(UserError, match="no coloured training image"):
        transfer(data.folder, tmp_path / "out", PARAMS, seed=1)


def test_no_clean_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"manifest\.csv"):
        transfer(tmp_path / "clean", tmp_path / "out", PARAMS, seed=1)


def test_no_test_sketches_is_an_empty_result(tmp_path: Path) -> None:
    data = CleanData(tmp_path / "clean")
    data.add("train", "color", 3, (255, 0, 0))
    assert transfer(data.folder, tmp_path / "out", PARAMS, seed=1) == {"images": 0, "failed": 0}
    assert table(tmp_path / "out") == []


def test_one_scale_can_be_chosen(squeezenet: None, tmp_path: Path) -> None:
    data = CleanData(tmp_path / "clean", size=64)
    data.add("test", "sketch", 3)
    data.add("train", "color", 5, (255, 0, 0))
    params = TransferStyle(method="one_scale", content_weight=5e-3, variation_weight=5e-2, steps=3)
    metrics = transfer(data.folder, tmp_path / "out", params, seed=1)
    assert metrics["images"] == 1
    assert metrics["content"] > 100  # a sum, where the other method has a share


def test_missing_weights_leave_the_results_as_they_were(
    clean: CleanData, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "before.png").touch()
    monkeypatch.setenv("SKETCH2COLOR_WEIGHTS", str(tmp_path / "nowhere"))
    with pytest.raises(UserError, match="nowhere"):
        transfer(clean.folder, out, replace(PARAMS, method="one_scale"), seed=1)
    assert [path.name for path in out.iterdir()] == ["before.png"]
