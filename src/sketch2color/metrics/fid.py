"""Fréchet inception distance: how far apart two sets of features are as two Gaussians."""

import numpy as np

from sketch2color.metrics.metric import Features, explained, metric


@metric("Fréchet distance", "FID", direction="lower", digits=1, order=12)
@explained(
    "The same question, answered by comparing means and covariances. With so few images it "
    "is too high for every method: compare it only between equally many images."
)
def fid(features: Features, real_features: Features) -> float | None:
    """Return the squared Fréchet distance of the Gaussians fitted to two sets of features.

    Heusel et al. 2017, "GANs trained by a two time-scale update rule", equation 6:
    |μa - μb|² + Tr(Σa + Σb - 2 (Σa Σb)^½). With fewer images than features it is too high, the more so
    the fewer they are: compare only figures of the same numbers of images.

    With Σa = AᵀA and Σb = BᵀB, the eigenvalues of Σa Σb are those of (ABᵀ)(ABᵀ)ᵀ and zeros, so the trace of
    the root is the sum of the singular values of ABᵀ: real and never negative, where the usual ``sqrtm`` of
    the product turns complex on singular covariances.

    Returns:
        The distance in squared units of the features, 0 or more; None when either set has fewer than 2
        images.
    """
    a, b = features, real_features
    if min(len(a), len(b)) < 2:
        return None
    root_a, root_b = _covariance_root(a), _covariance_root(b)
    shift = float(np.square(a.mean(axis=0) - b.mean(axis=0)).sum())
    spreads = float(np.square(root_a).sum() + np.square(root_b).sum())
    overlap = float(np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum())
    return max(0.0, shift + spreads - 2 * overlap)


def _covariance_root(features: Features) -> Features:
    """Return A, of at most d rows, with AᵀA the sample covariance (divided by n - 1) of the features."""
    centered = (features - features.mean(axis=0)) / np.sqrt(len(features) - 1)
    return centered if len(features) <= features.shape[1] else np.asarray(np.linalg.qr(centered, mode="r"))
