import hashlib
import io
import resource

import pytest
import torch

from sketch2color.cyclegan.checkpoint import Checkpoints
from sketch2color.errors import UserError

NAMES = {"seed": "1", "generator_width": "8"}


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path / "kept", NAMES)


def state(value: float) -> dict:
    return {"weights": {"a": torch.full((3, 5), value)}, "rows": [{"step": 2.0}], "best": None}


def test_what_is_kept_comes_back(checkpoints):
    assert checkpoints.newest() is None
    checkpoints.save(7, state(1.5))
    done, kept = checkpoints.newest()
    assert done == 7
    assert torch.equal(kept["weights"]["a"], torch.full((3, 5), 1.5))
    assert (kept["rows"], kept["best"]) == ([{"step": 2.0}], None)


def test_the_last_two_are_kept(checkpoints):
    for step in (9, 10, 11):
        checkpoints.save(step, state(step))
    assert sorted(path.name for path in checkpoints.folder.iterdir()) == [
        "step_000000010.ckpt",
        "step_000000011.ckpt",
    ]
    assert checkpoints.last().name == "step_000000011.ckpt"
    checkpoints.last().write_bytes(b"damaged")
    assert checkpoints.last().name == "step_000000010.ckpt"


@pytest.mark.parametrize("damage", ["cut", "flipped", "flipped near the end", "empty", "short"])
def test_a_damaged_one_is_reported_and_the_one_before_used(checkpoints, damage, capsys):
    for step in (1, 2):
        checkpoints.save(step, state(step))
    path = checkpoints.last()
    content = bytearray(path.read_bytes())
    if damage.startswith("flipped"):
        content[-120 if "end" in damage else len(content) // 2] ^= 1  # the archive's directory is at its end
    path.write_bytes(content[: {"cut": len(content) // 2, "empty": 0, "short": 20}.get(damage)])
    done, kept = checkpoints.newest()
    assert (done, float(kept["weights"]["a"][0, 0])) == (1, 1.0)
    assert f"{path}: damaged" in capsys.readouterr().err


def test_that_of_another_training_is_refused_and_the_difference_named(checkpoints):
    checkpoints.save(3, state(1))
    other = Checkpoints(checkpoints.folder, {**NAMES, "generator_width": "16"})
    with pytest.raises(UserError, match=r"another training \(generator_width: 8, here 16\): remove"):
        other.newest()


@pytest.mark.parametrize(
    "content",
    [
        b"no archive",
        [1, 2],
        {"step": 1, "state": {}},
        {"identity": NAMES, "step": "one", "state": {}},
        {"identity": NAMES, "step": 1, "state": 5},
    ],
    ids=str,
)
def test_a_right_hash_of_other_content_is_one_line(checkpoints, content):
    checkpoints.folder.mkdir()
    written = io.BytesIO()
    torch.save(content, written)
    body = content if isinstance(content, bytes) else written.getvalue()
    path = checkpoints.folder / "step_000000001.ckpt"
    path.write_bytes(body + hashlib.sha256(body).digest())
    with pytest.raises(UserError, match=r"step_000000001\.ckpt is no checkpoint \(.*\): remove it"):
        checkpoints.newest()


def test_a_full_disk_is_reported_and_harms_nothing(checkpoints, capsys):
    checkpoints.save(1, state(1))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        checkpoints.save(2, {"large": torch.zeros(100_000)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (
        "step_000000002.ckpt: no checkpoint written: File too large; training continues"
        in capsys.readouterr().err
    )
    assert [path.name for path in checkpoints.folder.iterdir()] == ["step_000000001.ckpt"]
    assert checkpoints.newest()[0] == 1


def test_what_a_killed_process_was_writing_is_removed(checkpoints):
    checkpoints.save(1, state(1))
    (checkpoints.folder / ".step_000000002.ckpt.4711.part").write_bytes(b"half")
    checkpoints.newest()
    assert [path.name for path in checkpoints.folder.iterdir()] == ["step_000000001.ckpt"]
