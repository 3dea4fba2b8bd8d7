"""PSNR and SSIM, checked against other ways to compute them."""

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio

from sketch2color.metrics.psnr import psnr
from sketch2color.metrics.ssim import ssim


@pytest.fixture
def asymmetric():
    """An image with structure and a darker, noisy version of it, wider than high."""
    rng = np.random.default_rng(1)
    ramp = np.linspace(20, 230, 40)[None, :, None] * np.ones((28, 1, 3)) * np.array([1.0, 0.8, 0.5])
    noisy = (ramp * 0.8 + rng.normal(0, 12, ramp.shape)).clip(0, 255)
    return noisy.astype(np.uint8), ramp.astype(np.uint8)


def ssim_written_out(x, y):
    """Equation 13 of Wang et al. 2004 at every place the whole 11 × 11 window fits, for one channel."""
    offsets = np.arange(-5, 6)
    weights = np.exp(-(offsets[:, None] ** 2 + offsets[None] ** 2) / (2 * 1.5**2))
    weights /= weights.sum()
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2

    def at(i, j):
        p, q = x[i - 5 : i + 6, j - 5 : j + 6], y[i - 5 : i + 6, j - 5 : j + 6]
        mx, my = (weights * p).sum(), (weights * q).sum()
        sxx, syy = (weights * (p - mx) ** 2).sum(), (weights * (q - my) ** 2).sum()
        sxy = (weights * (p - mx) * (q - my)).sum()
        return (2 * mx * my + c1) * (2 * sxy + c2) / ((mx**2 + my**2 + c1) * (sxx + syy + c2))

    height, width = x.shape
    return np.mean([at(i, j) for i in range(5, height - 5) for j in range(5, width - 5)])


def test_psnr_agrees_with_scikit_image(asymmetric):
    image, truth = asymmetric
    assert psnr(image, truth) == pytest.approx(
        peak_signal_noise_ratio(truth, image, data_range=255), abs=1e-4
    )


def test_ssim_agrees_with_the_paper_written_out(asymmetric):
    image, truth = (p.astype(np.float64) for p in asymmetric)
    expected = np.mean([ssim_written_out(image[..., c], truth[..., c]) for c in range(3)])
    assert ssim(*asymmetric) == pytest.approx(expected, abs=1e-4)
    assert 0.05 < expected < 0.95


def test_equal_images_score_best(asymmetric):
    _, truth = asymmetric
    assert psnr(truth, truth) == 100
    assert ssim(truth, truth) == pytest.approx(1)


def test_unsigned_levels_do_not_wrap_round():
    dark, light = np.full((16, 16, 3), 10, np.uint8), np.full((16, 16, 3), 20, np.uint8)
    assert psnr(dark, light) == psnr(light, dark) == pytest.approx(28.13, abs=0.01)
