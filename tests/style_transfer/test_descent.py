"""Descent against PyTorch's own Adam, its limits, and its independence of other images."""

import torch

from sketch2color.style_transfer.descent import descend

LIMIT = torch.tensor(1.0)


def bowl(images: torch.Tensor) -> torch.Tensor:
    """Return the squared distance from 0.7 and, far steeper, of the second row from −0.2."""
    return (images[:, 0] - 0.7).square().sum(1) + 50 * (images[:, 1] + 0.2).square().sum(1)


def test_steps_are_adams_at_the_given_rates() -> None:
    start = torch.rand(1, 2, 3, generator=torch.Generator().manual_seed(1)) - 0.5
    theirs = start.clone().requires_grad_()
    adam = torch.optim.Adam([theirs], lr=0.1, betas=(0.9, 0.9))
    for rate in (0.1, 0.1, 0.01):
        adam.param_groups[0]["lr"] = rate
        adam.zero_grad()
        bowl(theirs).sum().backward()
        adam.step()
    ours = descend(bowl, start, [0.1, 0.1, 0.01], LIMIT, beta2=0.9)
    torch.testing.assert_close(ours, theirs.detach())
    assert not ours.requires_grad


def test_the_minimum_is_found_and_the_start_left_alone() -> None:
    start = torch.zeros(1, 2, 3)
    found = descend(bowl, start, [0.05] * 100 + [0.005] * 50, LIMIT, beta2=0.99)
    torch.testing.assert_close(found, torch.tensor([[[0.7] * 3, [-0.2] * 3]]), rtol=0, atol=0.01)
    assert start.abs().max() == 0


def test_no_value_leaves_its_own_limit() -> None:
    limit = torch.tensor([0.3, 0.1]).reshape(1, 2, 1)
    found = descend(bowl, torch.zeros(1, 2, 3), [0.2] * 30, limit, beta2=0.99)
    torch.testing.assert_close(found, torch.tensor([[[0.3] * 3, [-0.1] * 3]]))


def test_images_of_a_batch_do_not_touch_each_other() -> None:
    start = torch.rand(2, 2, 3, generator=torch.Generator().manual_seed(1)) - 0.5
    alone = descend(bowl, start[1:], [0.1] * 9, LIMIT, beta2=0.99)
    start[0, 0, 0] = torch.nan
    together = descend(bowl, start, [0.1] * 9, LIMIT, beta2=0.99)
    torch.testing.assert_close(together[1:], alone)
    assert together[0].isnan().any()
