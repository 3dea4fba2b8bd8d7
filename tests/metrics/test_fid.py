import numpy as np
import pytest
import scipy.linalg

from sketch2color.metrics.fid import fid


def sample_of(mean, covariance, n, seed):
    """Return n points whose sample mean and covariance are exactly the given ones."""
    rng = np.random.default_rng(seed)
    white = rng.normal(0, 1, (n, len(mean)))
    white -= white.mean(axis=0)
    white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T))).T
    return white @ np.linalg.cholesky(covariance).T + mean


def test_fid_of_independent_gaussians_is_their_closed_form():
    a = sample_of(np.array([0.0, 1.0, 2.0]), np.diag([1.0, 4.0, 9.0]), 40, seed=1)
    b = sample_of(np.array([1.0, 1.0, 0.0]), np.diag([4.0, 1.0, 25.0]), 25, seed=2)
    assert fid(a, b) == pytest.approx((1 + 0 + 4) + (1 + 1 + 4), abs=1e-9)


def test_fid_of_correlated_gaussians_is_that_with_the_root_of_the_product():
    rng = np.random.default_rng(3)
    covariances = [m @ m.T + np.eye(5) for m in rng.normal(0, 1, (2, 5, 5))]
    means = rng.normal(0, 1, (2, 5))
    a, b = (sample_of(m, c, n, seed=n) for m, c, n in zip(means, covariances, (30, 50), strict=True))
    root = scipy.linalg.sqrtm(covariances[0] @ covariances[1]).real
    expected = np.square(means[0] - means[1]).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert fid(a, b) == pytest.approx(expected, rel=1e-9)


def test_fid_of_fewer_images_than_features_is_real_and_zero_for_the_same_set():
    a = np.random.default_rng(4).normal(0, 1, (9, 64))
    assert fid(a, a[::-1]) == pytest.approx(0, abs=1e-9)
    assert fid(a, a[:4]) > 1


def test_fid_is_symmetric_and_grows_with_the_distance():
    rng = np.random.default_rng(5)
    a, b = rng.normal(0, 1, (20, 6)), rng.normal(0, 2, (33, 6))
    assert fid(a, b) == pytest.approx(fid(b, a))
    scores = [fid(a, b + shift) for shift in (0, 1, 2, 4)]
    assert scores == sorted(scores)


def test_fid_of_one_image_is_no_number():
    assert fid(np.ones((1, 4)), np.ones((9, 4))) is None
    assert fid(np.empty((0, 0)), np.ones((9, 4))) is None
