"""Our figures against those of implementations that others trust, on sets and images that are not alike."""

import numpy as np
import pytest
import torch
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from sketch2color.metrics.color_error import color_error
from sketch2color.metrics.fid import fid
from sketch2color.metrics.kid import kid, kid_spread, squared_mmd
from sketch2color.metrics.precision_recall import precision, recall
from sketch2color.metrics.psnr import psnr
from sketch2color.metrics.ssim import ssim

metric_fid = pytest.importorskip("torch_fidelity.metric_fid")
from torch_fidelity.metric_kid import kid_features_to_metric, mmd2  # noqa: E402
from torch_fidelity.metric_prc import prc_features_to_metric  # noqa: E402


@pytest.fixture
def sets():
    """Features of results and of real images: other numbers, places, spreads and correlations."""
    rng = np.random.default_rng(1)
    mixed = rng.normal(0, 1, (70, 24)) @ rng.normal(0.2, 0.5, (24, 24))
    return mixed, rng.normal(0.4, 1.5, (45, 24))


@pytest.fixture
def images():
    """An image with structure, and a darker, noisy one in other colours, wider than high."""
    rng = np.random.default_rng(1)
    ramp = np.linspace(20, 230, 40)[None, :, None] * np.ones((28, 1, 3)) * np.array([1.0, 0.8, 0.5])
    noisy = (ramp * [0.8, 0.9, 1.1] + rng.normal(0, 12, ramp.shape)).clip(0, 255)
    return noisy.astype(np.uint8), ramp.astype(np.uint8)


def test_fid_is_torch_fidelitys(sets):
    statistics = [metric_fid.fid_features_to_statistics(torch.from_numpy(each)) for each in sets]
    expected = metric_fid.fid_statistics_to_metric(*statistics, verbose=False)
    assert fid(*sets) == pytest.approx(expected["frechet_inception_distance"], rel=1e-4)


def polynomial(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def test_one_subset_of_kid_is_torch_fidelitys(sets):
    a, b = (each[:40] for each in sets)  # theirs takes sets of one size
    expected = mmd2(polynomial(a, a), polynomial(a, b), polynomial(b, b))
    assert squared_mmd(a, b) == pytest.approx(float(expected), rel=1e-4)


def test_kid_is_torch_fidelitys_but_for_the_draw_of_subsets(sets):
    expected = kid_features_to_metric(
        *map(torch.from_numpy, sets), kid_subsets=400, kid_subset_size=22, rng_seed=0, verbose=False
    )
    mean, spread = (expected[f"kernel_inception_distance_{each}"] for each in ("mean", "std"))
    assert kid(*sets, seed=0) == pytest.approx(mean, abs=4 * spread * (1 / 400 + 1 / 100) ** 0.5)
    assert kid_spread(*sets, seed=0) == pytest.approx(spread, rel=0.3)


@pytest.mark.parametrize("swapped", [False, True])
def test_precision_and_recall_are_torch_fidelitys(sets, swapped):
    images, real = sets[::-1] if swapped else sets
    theirs = prc_features_to_metric(
        torch.from_numpy(images), torch.from_numpy(real), prc_neighborhood=3, verbose=False
    )
    assert precision(images, real) == pytest.approx(theirs["precision"], abs=1e-4)
    assert recall(images, real) == pytest.approx(theirs["recall"], abs=1e-4)
    assert precision(images, real) != recall(images, real)


def test_paired_figures_are_scikit_images(images):
    image, truth = images
    assert psnr(image, truth) == pytest.approx(peak_signal_noise_ratio(truth, image), rel=1e-4)
    expected = np.mean(
        [
            structural_similarity(
                truth[..., channel],
                image[..., channel],
                gaussian_weights=True,
                use_sample_covariance=False,
                data_range=255,
            )
            for channel in range(3)
        ]
    )
    assert ssim(image, truth) == pytest.approx(expected, rel=1e-4)
    difference = deltaE_ciede2000(rgb2lab(truth), rgb2lab(image))
    assert color_error(image, truth) == pytest.approx(difference.mean(), rel=1e-4)


def test_ciede2000_of_published_pairs():
    """Sharma et al. 2005, table 1, pairs 1 and 20, through the function that color_error calls."""
    first = np.array([[50.0, 2.6772, -79.7751], [50.0, 2.5, 0.0]])
    second = np.array([[50.0, 0.0, -82.7485], [61.0, -5.0, 29.0]])
    assert deltaE_ciede2000(first, second) == pytest.approx([2.0425, 22.8977], abs=1e-4)
