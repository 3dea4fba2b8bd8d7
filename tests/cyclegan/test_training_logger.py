import numpy as np
import pytest
import torch

from sketch2color import imaging
from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan import losses as objective
from sketch2color.cyclegan.networks import build
from sketch2color.cyclegan.selection import CheckpointSelector
from sketch2color.cyclegan.training_logger import (
    MAX_ROWS,
    LossHistory,
    NotFiniteError,
    TrainingLogger,
    write_curves,
)
from sketch2color.imaging.contact_sheet import GAP
from sketch2color.models.palette import PALETTE

PARAMS = TrainCyclegan(generator="multiply", generator_width=8, discriminator_width=4)
TERMS = {name: torch.tensor(1.0) for name in ("identity", "gan", "cycle", "discriminator")}
LOSSES = {"identity": 1.0, "gan": 1.0, "cycle": 1.0, "paper": 0.0, "discriminator": 1.0}


class Log:
    def __init__(self):
        self.figures = []
        self.folders = []

    def metrics(self, values, step=None):
        self.figures.append((step, dict(values)))

    def files(self, *paths):
        self.folders += paths


@pytest.fixture(scope="module")
def generators():
    return build(PARAMS, 0).generators


def logger_of(
    tmp_path, steps: int, epoch: int, images: int, log: Log, choose_every: int = 100
) -> TrainingLogger:
    lined = np.full((64, 64, 3), 255, np.uint8)
    lined[20:22, 10:50] = 0
    lines = [np.roll(lined, 3 * place, 0) for place in range(images)]
    history = LossHistory(steps, PARAMS.identity_every, lambda values: values)
    selector = CheckpointSelector(lines, lines, torch.full((2, PALETTE), 0.5), seed=0)
    return TrainingLogger(tmp_path, history, selector, [lines, lines], epoch, choose_every, log)


def test_grids_are_drawn_four_times_at_the_ends_of_epochs(tmp_path, generators):
    log = Log()
    logger = logger_of(tmp_path, steps=20, epoch=2, images=1, log=log)
    for step in range(20):
        logger.add(step, TERMS, generators)
    grids = sorted(path.name for path in (tmp_path / "samples").iterdir())
    assert grids == [f"epoch_{number:04d}.png" for number in (3, 5, 8, 10)]
    assert log.figures == [(step, LOSSES) for step in range(1, 21)]
    assert log.folders == [tmp_path] * 4
    assert len((tmp_path / "losses.csv").read_text().splitlines()) == 21
    assert not (tmp_path / "val.csv").exists()


def test_a_grid_has_both_ways_of_up_to_eight_images(tmp_path, generators):
    for name, images in (("few", 2), ("many", 9)):
        logger_of(tmp_path / name, 2, 1, images, Log(), choose_every=5).add(0, TERMS, generators)
    few, many = (imaging.read(tmp_path / name / "samples/epoch_0001.png") for name in ("few", "many"))
    assert few.shape[1] == many.shape[1]
    assert many.shape[0] - few.shape[0] == 6 * (256 + GAP)


def test_losses_are_logged_as_they_come(tmp_path, generators):
    logger = logger_of(tmp_path, steps=2, epoch=2, images=0, log=Log())
    assert logger.add(0, TERMS, generators) == {"step": 1, **LOSSES}
    assert (tmp_path / "losses.csv").read_text().splitlines()[1:] == ["1,1,1,1,0,1"]


@pytest.mark.slow
def test_val_scores_every_few_epochs_and_at_the_end(tmp_path, generators):
    log = Log()
    logger = logger_of(tmp_path, steps=10, epoch=2, images=4, log=log, choose_every=2)
    for step in range(10):
        logger.add(step, TERMS, generators)
    scored = [step for step, values in log.figures if "val_kid" in values]
    assert scored == [4, 8, 10]
    assert [line.split(",")[0] for line in (tmp_path / "val.csv").read_text().splitlines()] == [
        "step", "4", "8", "10"
    ]  # fmt: skip


@pytest.mark.slow
def test_a_resumed_training_writes_and_logs_again(tmp_path, generators):
    logs = [Log(), Log()]
    first = logger_of(tmp_path / "first", 4, 1, 4, logs[0], choose_every=1)
    for step in range(3):
        first.add(step, TERMS, generators)
    second = logger_of(tmp_path / "second", 4, 1, 4, logs[1], choose_every=1)
    second.load_state_dict(first.state_dict())
    assert sorted(logs[1].figures, key=str) == sorted(logs[0].figures, key=str)
    names = ["losses.csv", "val.csv", *(f"samples/epoch_000{number}.png" for number in (1, 2, 3))]
    for name in names:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def history_of(steps: int, every: int) -> LossHistory:
    return LossHistory(steps, every, lambda values: values)


def losses(value: float, identity: bool = True) -> dict[str, torch.Tensor]:
    names = ["gan", "cycle", "discriminator"] + ["identity"] * identity
    return {name: torch.tensor(value) for name in names}


def test_rows_are_means_over_windows_and_the_rest():
    history = history_of(5, 2)
    rows = [history.add(step, losses(float(step), identity=step % 2 == 0)) for step in range(5)]
    assert [row is not None for row in rows] == [False, True, False, True, True]
    assert [row["step"] for row in history.rows] == [2, 4, 5]
    assert [row["gan"] for row in history.rows] == [0.5, 2.5, 4.0]
    assert [row["identity"] for row in history.rows] == [0.0, 2.0, 4.0]


@pytest.mark.parametrize(("steps", "every"), [(1, 4), (1600, 4), (22_001, 1), (299, 3)])
def test_long_runs_give_few_rows(steps, every):
    history = history_of(steps, every)
    for step in range(steps):
        history.add(step, losses(1.0))
    assert 0 < len(history.rows) <= MAX_ROWS
    assert history.rows[-1]["step"] == steps
    assert history.window % every == 0


def test_the_table_has_a_curve_for_each_term(tmp_path):
    history = history_of(2, 1)
    for step in range(2):
        history.add(step, losses(step + 0.123456789))
    write_curves(tmp_path / "losses.csv", objective.TERMS, history.rows)
    lines = (tmp_path / "losses.csv").read_text().splitlines()
    assert lines[0] == "step,identity,gan,cycle,paper,discriminator"
    assert lines[1] == "1,0.123457,0.123457,0.123457,0,0.123457"
    assert len(lines) == 3


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_is_named_with_its_step(value):
    history = history_of(3000, 1)
    window = [losses(1.0) for _ in range(history.window)]
    window[6]["cycle"] = torch.tensor(value)
    with pytest.raises(NotFiniteError, match=r"step 7: the cycle loss is (nan|inf)"):
        for step, terms in enumerate(window):
            history.add(step, terms)


def test_a_window_continues_over_a_checkpoint():
    whole, first, second = history_of(4, 4), history_of(4, 4), history_of(4, 4)
    for step in range(4):
        whole.add(step, losses(step + 0.1))
    for step in range(3):
        first.add(step, losses(step + 0.1))
    first.read(3)
    second.load_state_dict(first.state_dict())
    second.add(3, losses(3.1))
    assert second.rows == whole.rows


def test_rows_are_means_over_processes():
    history = LossHistory(2, 1, lambda values: values / 2)
    assert history.add(0, losses(3.0))["cycle"] == 1.5


def test_a_loss_that_is_not_finite_is_found_before_a_checkpoint_is_kept():
    history = history_of(3000, 1)
    history.add(0, losses(1.0))
    history.add(1, losses(float("nan")))
    with pytest.raises(NotFiniteError, match="step 2: the gan loss is nan"):
        history.read(2)
