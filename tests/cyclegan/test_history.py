import pytest
import torch

from sketch2color.cyclegan.curves import write_curves
from sketch2color.cyclegan.history import MOST_ROWS, History, NotFiniteError
from sketch2color.cyclegan.losses import TERMS


def begun(steps: int, every: int) -> History:
    return History(steps, every, lambda values: values)


def terms(value: float, identity: bool = True) -> dict[str, torch.Tensor]:
    names = ["gan", "cycle", "discriminator"] + ["identity"] * identity
    return {name: torch.tensor(value) for name in names}


def test_rows_are_means_over_windows_and_the_rest():
    history = begun(5, 2)
    told = [history.add(step, terms(float(step), identity=step % 2 == 0)) for step in range(5)]
    assert [losses is not None for losses in told] == [False, True, False, True, True]
    assert [row["step"] for row in history.rows] == [2, 4, 5]
    assert [row["gan"] for row in history.rows] == [0.5, 2.5, 4.0]
    assert [row["identity"] for row in history.rows] == [0.0, 2.0, 4.0]


@pytest.mark.parametrize(("steps", "every"), [(1, 4), (1600, 4), (22_001, 1), (299, 3)])
def test_long_runs_give_few_rows(steps, every):
    history = begun(steps, every)
    for step in range(steps):
        history.add(step, terms(1.0))
    assert 0 < len(history.rows) <= MOST_ROWS
    assert history.rows[-1]["step"] == steps
    assert history.window % every == 0


def test_the_table_has_a_curve_for_each_term(tmp_path):
    history = begun(2, 1)
    for step in range(2):
        history.add(step, terms(step + 0.123456789))
    write_curves(tmp_path / "losses.csv", TERMS, history.rows)
    lines = (tmp_path / "losses.csv").read_text().splitlines()
    assert lines[0] == "step,identity,gan,cycle,paper,discriminator"
    assert lines[1] == "1,0.123457,0.123457,0.123457,0,0.123457"
    assert len(lines) == 3


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_is_named_with_its_step(value):
    history = begun(3000, 1)
    window = [terms(1.0) for _ in range(history.window)]
    window[6]["cycle"] = torch.tensor(value)
    with pytest.raises(NotFiniteError, match=r"step 7: the cycle loss is (nan|inf)"):
        for step, losses in enumerate(window):
            history.add(step, losses)


def test_a_window_goes_on_over_a_checkpoint():
    whole, first, second = begun(4, 4), begun(4, 4), begun(4, 4)
    for step in range(4):
        whole.add(step, terms(step + 0.1))
    for step in range(3):
        first.add(step, terms(step + 0.1))
    first.read(3)
    second.load_state_dict(first.state_dict())
    second.add(3, terms(3.1))
    assert second.rows == whole.rows


def test_rows_are_means_over_processes():
    history = History(2, 1, lambda values: values / 2)
    assert history.add(0, terms(3.0))["cycle"] == 1.5


def test_a_loss_that_is_not_finite_is_found_before_a_checkpoint_is_kept():
    history = begun(3000, 1)
    history.add(0, terms(1.0))
    history.add(1, terms(float("nan")))
    with pytest.raises(NotFiniteError, match="step 2: the gan loss is nan"):
        history.read(2)
