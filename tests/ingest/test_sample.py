"""The bundled data set keeps its promises."""

import zipfile
from pathlib import Path, PurePosixPath

import numpy as np
import pytest

from sketch2color import imaging
from sketch2color.manifest import DOMAINS

SAMPLE = Path(__file__).parents[2] / "data" / "sources" / "sample"


@pytest.fixture(scope="module")
def sample():
    with zipfile.ZipFile(SAMPLE / "sample.zip") as packed:
        yield packed


def stems(sample, folder):
    return {
        PurePosixPath(name).stem for name in sample.namelist() if PurePosixPath(name).parent == Path(folder)
    }


def test_it_is_small_and_bears_its_licence(sample):
    assert (SAMPLE / "sample.zip").stat().st_size <= 8_000_000
    for name in ("LICENSE", "ATTRIBUTION.md"):
        assert sample.read(name) == (SAMPLE / name).read_bytes()


def test_its_bytes_hold_no_clock_time_and_no_order_of_chance(sample):
    assert sample.namelist() == sorted(sample.namelist())
    assert {info.date_time for info in sample.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_every_object_is_there_twice_and_about_half_are_marked(sample):
    assert stems(sample, "sketch") == stems(sample, "color")
    assert len(stems(sample, "sketch")) >= 240
    for domain in DOMAINS:
        marked = stems(sample, f"truth/mask/{domain}")
        assert marked == stems(sample, f"truth/clean/{domain}")
        assert 0.4 < len(marked) / len(stems(sample, domain)) < 0.6


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_truth_differs_from_the_image_under_the_mask_only(sample, domain):
    for stem in sorted(stems(sample, f"truth/mask/{domain}"))[::12]:
        shown = imaging.read(sample.read(f"{domain}/{stem}.png"))
        clean = imaging.read(sample.read(f"truth/clean/{domain}/{stem}.png"))
        mask = imaging.read(sample.read(f"truth/mask/{domain}/{stem}.png"))
        assert shown.shape == (512, 512, 3)
        assert set(np.unique(mask)) == {0, 255}
        np.testing.assert_array_equal(shown[mask == 0], clean[mask == 0])
        assert (shown != clean).any()
