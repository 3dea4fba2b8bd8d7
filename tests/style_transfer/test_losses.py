"""The losses against values worked out by hand, on inputs in which every axis differs."""

import torch

from sketch2color.style_transfer.losses import (
    Losses,
    Weights,
    gram_matrix,
    neighbour_differences,
    relative_error,
    squared_error,
)


def test_gram_matrix_by_hand() -> None:
    features = torch.tensor([[[[1.0, 2.0, 0.0]], [[0.0, -1.0, 4.0]]], [[[0.0, 0.0, 3.0]], [[0.0, 0.0, 6.0]]]])
    expected = torch.tensor([[[5.0, -2.0], [-2.0, 17.0]], [[9.0, 18.0], [18.0, 36.0]]]) / 3
    torch.testing.assert_close(gram_matrix(features), expected)


def test_gram_matrix_forgets_positions_but_not_channels() -> None:
    features = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(2))
    shuffled = features.flatten(2)[..., torch.randperm(20, generator=torch.Generator().manual_seed(3))]
    torch.testing.assert_close(gram_matrix(shuffled.reshape(1, 3, 5, 4)), gram_matrix(features))
    assert not torch.allclose(gram_matrix(features.flip(1)), gram_matrix(features))


def test_gram_matrix_does_not_depend_on_the_size_of_the_image() -> None:
    features = torch.rand(1, 3, 4, 5, generator=torch.Generator().manual_seed(4))
    torch.testing.assert_close(gram_matrix(features.repeat(1, 1, 3, 2)), gram_matrix(features))


def test_gram_matrix_is_exact_for_half_precision_features() -> None:
    features = torch.full((1, 1, 64, 64), 0.1, dtype=torch.bfloat16)
    torch.testing.assert_close(gram_matrix(features), features.float()[:, :, 0, 0].square()[None])


def test_squared_error_is_summed_per_image() -> None:
    value, target = (
        torch.tensor([[[3.0], [0.0]], [[0.0], [2.0]]]),
        torch.tensor([[[3.0], [4.0]], [[1.0], [1.0]]]),
    )
    assert squared_error(value, target).tolist() == [16.0, 2.0]


def test_relative_error_is_relative_to_the_target_and_per_image() -> None:
    value, target = torch.tensor([[3.0, 0.0], [0.0, 2.0]]), torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    torch.testing.assert_close(relative_error(value, target), torch.tensor([16 / 25, 1.0]))
    torch.testing.assert_close(relative_error(target, value), torch.tensor([16 / 9, 0.25]))


def test_relative_error_of_nothing_from_nothing_is_nothing() -> None:
    assert relative_error(torch.zeros(1, 2), torch.zeros(1, 2)).tolist() == [0.0]


def test_neighbour_differences_by_hand() -> None:
    images = torch.tensor([[[[0.0, 1.0, 3.0], [5.0, 5.0, 5.0]]], [[[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]]]])
    down, across = neighbour_differences(images)
    assert down.tolist() == [[5.0, 4.0, 2.0], [0.0, 0.0, -1.0]]
    assert across.tolist() == [[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, -1.0]]


def test_each_loss_has_its_own_weight() -> None:
    losses = Losses(
        content=torch.tensor([1.0, 10.0]),
        style=torch.tensor([2.0, 20.0]),
        variation=torch.tensor([3.0, 30.0]),
    )
    weights = Weights(content=0.5, style=7.0, variation=100.0)
    assert losses.weighted(weights).tolist() == [314.5, 3145.0]
