import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from sketch2color import imaging
from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.runtime import launch
from sketch2color.errors import UserError
from sketch2color.models import bfloat16

RUNS = ("one", "two", "launched", "threads")
SCRIPT = """
import sys
from pathlib import Path

from sketch2color.cyclegan.train import train
from sketch2color.models import bfloat16
from sketch2color.config.params import TrainCyclegan


class Quiet:
    def metrics(self, values, step=None): pass
    def files(self, *paths): pass


out, processes, threads = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
params = TrainCyclegan(
    generator="multiply", generator_width=8, discriminator_width=4, pool_size=5, epochs=5, steps_per_epoch=10,
    average_decay=0.9, choose_every=5, batch_size=2, identity_every=2, threads=threads, processes=processes,
    learning_rate=1e-4,
)
train(Path("clean"), out / "models", out / "report", out / "scratch", params, 5, Quiet())
"""


@pytest.fixture
def clean(tmp_path):
    random = np.random.default_rng(0)
    for split in ("train", "val"):
        for domain in ("sketch", "color"):
            for number in range(5):
                drawn = np.full((64, 64, 3), 255, np.uint8)
                top, left = random.integers(4, 24, 2)
                drawn[top : top + 30, left : left + 30] = 0
                fill = random.integers(0, 255, 3) if domain == "color" else 255
                drawn[top + 2 : top + 28, left + 2 : left + 28] = fill
                imaging.write_png(tmp_path / f"clean/{split}/{domain}/{number}.png", drawn)
    (tmp_path / "script.py").write_text(SCRIPT)
    return tmp_path


def run(folder: Path, *command: str) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]


def distance(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> float:
    return float(torch.stack([(a[name] - b[name]).norm() for name in a]).norm())


@pytest.mark.slow
def test_two_processes_and_one_agree_over_fifty_steps(clean):
    run(clean, "script.py", "one", "1", "1")
    run(clean, "script.py", "two", "2", "1")  # starts the second process itself
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    run(clean, *torchrun, "script.py", "launched", "1", "1")
    run(clean, "script.py", "threads", "1", "2")
    for name in (
        "raw/sketch_to_color",
        "final/color_to_sketch",
        "color_discriminator",
        "sketch_discriminator",
    ):
        weights = {each: load_file(clean / each / f"models/{name}.safetensors") for each in RUNS}
        assert all(map(torch.equal, weights["two"].values(), weights["launched"].values())), name
        # Adam blows up last digits where weights hardly matter: another number of threads tells how far.
        rounding = distance(weights["one"], weights["threads"])
        assert 0 < distance(weights["one"], weights["two"]) < 3 * rounding, name
    losses = [
        np.loadtxt(clean / each / "report/losses.csv", delimiter=",", skiprows=1) for each in ("one", "two")
    ]
    assert losses[0].shape == (25, 6)
    assert np.allclose(*losses, rtol=1e-2)


def test_a_batch_that_cannot_be_split_is_refused():
    with pytest.raises(
        UserError, match=r"batch_size 3 cannot be split among 2 processes: set it to a multiple"
    ):
        launch(TrainCyclegan(batch_size=3, processes=2))


def test_without_bf16_it_says_so_and_trains_in_fp32(monkeypatch, capsys):
    monkeypatch.setattr(bfloat16, "has_bf16", lambda: False)
    fabric = launch(TrainCyclegan(precision="bf16", threads=1))
    assert "no bf16 arithmetic here: calculating in fp32" in capsys.readouterr().out
    with fabric.autocast():
        product = torch.ones(2, 2) @ torch.ones(2, 2)
    assert product.dtype == torch.float32
