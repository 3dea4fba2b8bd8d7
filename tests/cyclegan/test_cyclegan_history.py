import pytest
import torch

from sketch2color.cyclegan.history import MOST_ROWS, History
from sketch2color.errors import UserError


def terms(value: float, identity: bool = True) -> dict[str, torch.Tensor]:
    names = ["gan", "cycle", "discriminator"] + ["identity"] * identity
    return {name: torch.tensor(value) for name in names}


def test_rows_are_means_over_windows_and_the_rest():
    history = History(steps=5, identity_every=2)
    told = [history.add(step, terms(float(step), identity=step % 2 == 0)) for step in range(5)]
    assert [losses is not None for losses in told] == [False, True, False, True, True]
    assert [row["step"] for row in history.rows] == [2, 4, 5]
    assert [row["gan"] for row in history.rows] == [0.5, 2.5, 4.0]
    assert [row["identity"] for row in history.rows] == [0.0, 2.0, 4.0]


@pytest.mark.parametrize(("steps", "every"), [(1, 4), (1600, 4), (22_001, 1), (299, 3)])
def test_long_runs_give_few_rows(steps, every):
    history = History(steps, every)
    for step in range(steps):
        history.add(step, terms(1.0))
    assert 0 < len(history.rows) <= MOST_ROWS
    assert history.rows[-1]["step"] == steps
    assert history.window % every == 0


def test_the_table_has_four_curves(tmp_path):
    history = History(2, 1)
    for step in range(2):
        history.add(step, terms(step + 0.123456789))
    history.write(tmp_path / "losses.csv")
    lines = (tmp_path / "losses.csv").read_text().splitlines()
    assert lines[0] == "step,identity,gan,cycle,discriminator"
    assert lines[1] == "1,0.123457,0.123457,0.123457,0.123457"
    assert len(lines) == 3


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_loss_that_is_not_finite_is_named_with_its_step(value):
    history = History(3000, 1)
    window = [terms(1.0) for _ in range(history.window)]
    window[6]["cycle"] = torch.tensor(value)
    with pytest.raises(UserError, match=r"step 7 of 3000: the cycle loss is (nan|inf)"):
        for step, losses in enumerate(window):
            history.add(step, losses)
