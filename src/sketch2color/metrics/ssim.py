"""Structural similarity of a result and its paired image."""

from skimage.metrics import structural_similarity

from sketch2color.imaging import ImageArray
from sketch2color.metrics.metric import explained, metric


@metric("Structure kept", "SSIM", direction="higher", digits=3, order=32)
@explained(
    "Whether lines, shading and areas are where the designer’s coloured image has them. 1 is equality."
)
def ssim(result: ImageArray, truth: ImageArray) -> float:
    """Return the mean structural similarity over pixels and channels.

    Wang et al. 2004, "Image quality assessment: from error visibility to structural similarity", with the
    constants of section III.C: a Gaussian window of 11 × 11 with deviation 1.5, K1 = 0.01, K2 = 0.03. They
    scored grey images; here each channel of RGB is scored and the three averaged, by scikit-image.

    Returns:
        -1 to 1, where 1 is equality. Images are at least 11 pixels wide and high.
    """
    window = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(structural_similarity(result, truth, channel_axis=2, data_range=255, **window))
