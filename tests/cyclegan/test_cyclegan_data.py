import numpy as np
import pytest
import torch

from sketch2color import images
from sketch2color.cyclegan.data import Batches, load, load_training
from sketch2color.errors import UserError


def flat(level: int, height: int = 32, width: int = 32) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def pictures() -> dict:
    return {
        "sketch": [flat(level) for level in (10, 20, 30)],
        "color": [flat(100 + level) for level in range(5)],
    }


def levels(batches: Batches, steps: range, domain: int) -> list[int]:
    return [round((float(picture.mean()) + 1) * 127.5) for step in steps for picture in batches[step][domain]]


@pytest.mark.parametrize("augmentation", ["crop", "move"])
def test_a_step_gives_the_same_batch_whenever_it_is_asked(augmentation):
    random = np.random.default_rng(0)
    noise = {
        d: [random.integers(0, 256, (32, 48, 3), np.uint8) for _ in range(4)] for d in ("sketch", "color")
    }
    forwards, backwards = (Batches(noise, 2, augmentation, seed=7) for _ in range(2))
    taken = [forwards[step] for step in range(6)]
    for step in reversed(range(6)):
        for first, again in zip(taken[step], backwards[step], strict=True):
            assert first.shape == (2, 3, 32, 48)
            assert torch.equal(first, again)
    other = Batches(noise, 2, augmentation, seed=8)
    assert not torch.equal(taken[0][0], other[0][0])


def test_every_picture_comes_once_a_round_and_rounds_differ_in_order():
    batches = Batches(pictures(), 1, "crop", seed=0)
    rounds = [levels(batches, range(5 * number, 5 * number + 5), 1) for number in range(6)]
    assert all(sorted(taken) == [100, 101, 102, 103, 104] for taken in rounds)
    assert len({tuple(taken) for taken in rounds}) > 1


def test_domains_are_drawn_independently():
    same = {"sketch": pictures()["color"], "color": pictures()["color"]}
    batches = Batches(same, 1, "crop", seed=0)
    assert levels(batches, range(20), 0) != levels(batches, range(20), 1)


def test_moving_keeps_the_paper_colour_to_the_edge():
    batches = Batches({"sketch": [flat(200)], "color": [flat(250)]}, 1, "move", seed=0)
    assert all(float(batches[step][0].min()) == float(batches[step][0].max()) for step in range(10))


def write(folder, split, domain, name, picture):
    images.write_png(folder / split / domain / f"{name}.png", picture)


def test_pictures_are_read_in_the_order_of_their_names(tmp_path):
    for name, level in (("b", 2), ("a", 1), ("c", 3)):
        write(tmp_path, "val", "color", name, flat(level))
    assert [int(picture[0, 0, 0]) for picture in load(tmp_path, "val", "color")] == [1, 2, 3]
    assert load(tmp_path, "val", "sketch") == []


def test_an_empty_domain_is_said(tmp_path):
    write(tmp_path, "train", "sketch", "a", flat(0))
    with pytest.raises(UserError, match=r"train/color has no picture"):
        load_training(tmp_path, stride=4, least=32)


def test_unequal_sizes_are_said(tmp_path):
    write(tmp_path, "train", "sketch", "a", flat(0, 64, 32))
    write(tmp_path, "train", "color", "b", flat(0, 64, 64))
    with pytest.raises(UserError, match=r"pictures of 32x64 and 64x64 pixels"):
        load_training(tmp_path, stride=4, least=32)


@pytest.mark.parametrize(("size", "stride"), [((1, 1), 4), ((100, 96), 32), ((32, 32), 32)])
def test_a_size_that_networks_cannot_take_is_said(tmp_path, size, stride):
    for domain in ("sketch", "color"):
        write(tmp_path, "train", domain, "a", flat(0, *size))
    with pytest.raises(UserError, match=f"multiples of {stride}, at least"):
        load_training(tmp_path, stride, least=33)
