import torch

from sketch2color.cyclegan.pool import ImagePool


def images(*values: float) -> torch.Tensor:
    return torch.tensor(values).reshape(-1, 1, 1, 1)


def values(batch: torch.Tensor) -> list[float]:
    return batch.flatten().tolist()


def pool(size: int, seed: int = 0) -> ImagePool:
    return ImagePool(size, torch.Generator().manual_seed(seed))


def test_it_fills_up_first():
    assert values(pool(3).exchange(images(1, 2, 3))) == [1, 2, 3]


def test_a_full_pool_hands_out_old_images_about_half_of_the_time():
    full = pool(50)
    given = [float(number) for number in range(2050)]
    taken = values(full.exchange(images(*given)))
    late = list(zip(given[50:], taken[50:], strict=True))
    assert 0.45 < sum(new == out for new, out in late) / len(late) < 0.55
    assert all(out <= new for new, out in late)
    handed_out, kept = set(taken[50:]), {float(image) for image in full.images}
    assert not handed_out & kept
    assert len(kept) == 50


def test_the_same_seed_gives_the_same_mixture():
    batch = images(*range(40))
    assert values(pool(5, 1).exchange(batch)) == values(pool(5, 1).exchange(batch))
    assert values(pool(5, 1).exchange(batch)) != values(pool(5, 2).exchange(batch))


def test_no_pool_passes_images_through_detached():
    batch = images(1.0, 2.0).requires_grad_()
    assert values(pool(0).exchange(batch)) == [1, 2]
    assert not pool(0).exchange(batch).requires_grad
    assert not pool(4).exchange(batch).requires_grad
