import numpy as np
import pytest
import torch

from sketch2color import imaging
from sketch2color.cyclegan.data import Batch, Batches, ImagePool, load, load_training
from sketch2color.errors import UserError
from sketch2color.files import write_bytes


def flat(level: int, height: int = 32, width: int = 32) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def images() -> dict:
    return {
        "sketch": [flat(level) for level in (10, 20, 30)],
        "color": [flat(100 + level) for level in range(5)],
    }


def tensors(batch: Batch) -> list[torch.Tensor]:
    return [batch.sketch, batch.color]


def levels(batches: Batches, steps: range, domain: int) -> list[int]:
    return [
        round((float(image.mean()) + 1) * 127.5) for step in steps for image in tensors(batches[step])[domain]
    ]


@pytest.mark.parametrize("augmentation", ["crop", "move"])
def test_a_step_gives_the_same_batch_whenever_it_is_asked(augmentation):
    random = np.random.default_rng(0)
    noise = {
        d: [random.integers(0, 256, (32, 48, 3), np.uint8) for _ in range(4)] for d in ("sketch", "color")
    }
    forwards, backwards = (Batches(noise, 2, augmentation, seed=7) for _ in range(2))
    taken = [forwards[step] for step in range(6)]
    for step in reversed(range(6)):
        assert taken[step].sketch.shape == taken[step].color.shape == (2, 3, 32, 48)
        assert all(map(torch.equal, tensors(taken[step]), tensors(backwards[step])))
    other = Batches(noise, 2, augmentation, seed=8)
    assert not any(map(torch.equal, tensors(taken[0]), tensors(other[0])))


def test_every_image_comes_once_a_round_and_rounds_differ_in_order():
    batches = Batches(images(), 1, "crop", seed=0)
    rounds = [levels(batches, range(5 * number, 5 * number + 5), 1) for number in range(6)]
    assert all(sorted(taken) == [100, 101, 102, 103, 104] for taken in rounds)
    assert len({tuple(taken) for taken in rounds}) > 1


def test_domains_are_drawn_independently():
    same = {"sketch": images()["color"], "color": images()["color"]}
    batches = Batches(same, 1, "crop", seed=0)
    assert levels(batches, range(20), 0) != levels(batches, range(20), 1)


def test_moving_keeps_the_paper_colour_to_the_edge():
    batches = Batches({"sketch": [flat(200)], "color": [flat(250)]}, 1, "move", seed=0)
    assert all(float(batches[step].sketch.min()) == float(batches[step].sketch.max()) for step in range(10))


def write(folder, split, domain, name, image):
    imaging.write_png(folder / split / domain / f"{name}.png", image)


def test_images_are_read_in_the_order_of_their_names(tmp_path):
    for name, level in (("b", 2), ("a", 1), ("c", 3)):
        write(tmp_path, "val", "color", name, flat(level))
    assert [int(image[0, 0, 0]) for image in load(tmp_path, "val", "color")] == [1, 2, 3]
    assert load(tmp_path, "val", "sketch") == []


def test_ground_truth_beside_the_images_is_not_read(tmp_path):
    for domain in ("sketch", "color"):
        for name in "ab":
            write(tmp_path, "train", domain, name, flat(7))
    for name in ("a.parts.png", "details.csv"):
        write_bytes(tmp_path / "truth" / name, b"unreadable")
    found = load_training(tmp_path, stride=4, min_size=32)
    assert {domain: len(images) for domain, images in found.items()} == {"sketch": 2, "color": 2}


def test_an_empty_domain_is_refused(tmp_path):
    for name in "ab":
        write(tmp_path, "train", "sketch", name, flat(0))
    with pytest.raises(UserError, match=r"train/color has no image"):
        load_training(tmp_path, stride=4, min_size=32)
    write(tmp_path, "train", "color", "a", flat(0))
    with pytest.raises(UserError, match=r"train/color has 1 image: CycleGAN needs 2 at least"):
        load_training(tmp_path, stride=4, min_size=32)


def test_unequal_sizes_are_refused(tmp_path):
    for name in "ab":
        write(tmp_path, "train", "sketch", name, flat(0, 64, 32))
        write(tmp_path, "train", "color", name, flat(0, 64, 64))
    with pytest.raises(UserError, match=r"images of 32x64 and 64x64 pixels"):
        load_training(tmp_path, stride=4, min_size=32)


@pytest.mark.parametrize(("size", "stride"), [((1, 1), 4), ((100, 96), 32), ((32, 32), 32)])
def test_a_size_that_networks_cannot_take_is_refused(tmp_path, size, stride):
    for domain in ("sketch", "color"):
        for name in "ab":
            write(tmp_path, "train", domain, name, flat(0, *size))
    with pytest.raises(UserError, match=f"multiples of {stride}, at least"):
        load_training(tmp_path, stride, min_size=33)


def test_processes_share_each_batch_among_them():
    whole = Batches(images(), 4, "move", seed=3)
    shares = [Batches(images(), 4, "move", seed=3, rank=rank, world=2) for rank in range(2)]
    for step in range(3):
        for rank, share in enumerate(shares):
            of_whole = [tensor[rank::2] for tensor in tensors(whole[step])]
            assert all(map(torch.equal, of_whole, tensors(share[step])))


@pytest.mark.parametrize("pinned", [False, True])
@pytest.mark.parametrize(("start", "stop"), [(0, 7), (5, 7), (6, 7), (7, 7)])
def test_batches_made_ahead_are_the_same(start, stop, pinned, monkeypatch):
    monkeypatch.setattr(Batch, "pin", lambda batch: batch)  # asks for a GPU
    batches = Batches(images(), 2, "move", seed=3)
    ahead = list(Batches(images(), 2, "move", seed=3).between(start, stop, pinned))
    assert len(ahead) == stop - start
    for step, batch in enumerate(ahead, start):
        assert all(map(torch.equal, tensors(batch), tensors(batches[step])))


def numbered(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(-1, 1, 1, 1)


def values(batch: torch.Tensor) -> list[float]:
    return batch.flatten().tolist()


def pool(size: int, seed: int = 0) -> ImagePool:
    return ImagePool(size, torch.Generator().manual_seed(seed))


def test_a_pool_fills_up_first():
    assert values(pool(3).query(numbered(1, 2, 3))) == [1, 2, 3]


def test_a_full_pool_hands_out_old_images_about_half_of_the_time():
    full = pool(50)
    given = [float(number) for number in range(2050)]
    taken = values(full.query(numbered(*given)))
    late = list(zip(given[50:], taken[50:], strict=True))
    assert 0.45 < sum(new == out for new, out in late) / len(late) < 0.55
    assert all(out <= new for new, out in late)
    handed_out, kept = set(taken[50:]), {float(image) for image in full.images}
    assert not handed_out & kept
    assert len(kept) == 50


def test_a_pool_follows_from_its_seed():
    batch = numbered(*range(40))
    assert values(pool(5, 1).query(batch)) == values(pool(5, 1).query(batch))
    assert values(pool(5, 1).query(batch)) != values(pool(5, 2).query(batch))


def test_no_pool_passes_images_through_detached():
    batch = numbered(1.0, 2.0).requires_grad_()
    assert values(pool(0).query(batch)) == [1, 2]
    assert not pool(0).query(batch).requires_grad
    assert not pool(4).query(batch).requires_grad
