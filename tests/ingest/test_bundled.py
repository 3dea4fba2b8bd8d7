"""The bundled data sets, ``products`` and ``openmoji``, hold what they promise."""

import csv
import io
import zipfile
from collections import Counter
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from PIL import Image

from sketch2color import imaging
from sketch2color.config import params, source
from sketch2color.config.params import Ingest
from sketch2color.ingest.dedupe import deduplicate
from sketch2color.ingest.fetch.registry import fetch
from sketch2color.ingest.read_images import read_images
from sketch2color.manifest import DOMAINS

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "data" / "sources"
NOISE = {"openmoji": 0, "products": 3}
"""Mean difference, in levels, between a marked image and its truth outside of the mark: WebP is lossy."""


@pytest.fixture(scope="module")
def archives():
    with (
        zipfile.ZipFile(SOURCES / "products/products.zip") as products,
        zipfile.ZipFile(SOURCES / "openmoji/openmoji.zip") as openmoji,
    ):
        yield {"products": products, "openmoji": openmoji}


@pytest.fixture
def openmoji(archives):
    return archives["openmoji"]


@pytest.fixture
def products(archives):
    return archives["products"]


def files(archive, folder):
    """Return the archive's files below a folder, by stem."""
    found = [path for path in map(PurePosixPath, archive.namelist()) if path.is_relative_to(folder)]
    assert len({path.stem for path in found}) == len(found)
    return {path.stem: str(path) for path in found}


def families(names):
    return {name.rpartition("-")[0] for name in names}


def test_products_are_the_default():
    assert params.read(ROOT / "params.yaml").dataset == "products"


@pytest.mark.parametrize("name", NOISE)
def test_an_archive_is_small_and_equal_whenever_it_is_built(archives, name):
    archive = archives[name]
    assert (SOURCES / name / f"{name}.zip").stat().st_size <= 8_000_000
    assert archive.namelist() == sorted(archive.namelist())
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("domain", DOMAINS)
@pytest.mark.parametrize("name", NOISE)
def test_about_half_are_marked_and_have_a_mask_and_the_clean_image(archives, name, domain):
    archive = archives[name]
    images, masks, clean = (files(archive, f"{each}{domain}") for each in ("", "truth/mask/", "truth/clean/"))
    assert masks.keys() == clean.keys() <= images.keys()
    assert 0.4 < len(masks) / len(images) < 0.6
    for stem in sorted(masks)[::20]:
        shown, true, mask = (imaging.read(archive.read(each[stem])) for each in (images, clean, masks))
        assert shown.shape == true.shape == mask.shape == (512, 512, 3)
        assert set(np.unique(mask)) == {0, 255}
        change = np.abs(shown.astype(int) - true).max(2)
        assert change[mask[..., 0] == 0].mean() <= NOISE[name] < 10 < change[mask[..., 0] > 0].mean()


def test_openmoji_has_each_object_twice_and_bears_its_licence(openmoji):
    assert files(openmoji, "sketch").keys() == files(openmoji, "color").keys()
    assert len(files(openmoji, "sketch")) == 244
    for licence in ("LICENSE", "ATTRIBUTION.md"):
        assert openmoji.read(licence) == (SOURCES / "openmoji" / licence).read_bytes()


def test_products_of_sketch_and_color_differ_in_training_and_are_pairs_in_val_and_test(products):
    stems = {
        (domain, split): files(products, f"{domain}/{split}").keys()
        for domain in DOMAINS
        for split in ("train", "val", "test")
    }
    assert [len(stems["sketch", split]) for split in ("train", "val", "test")] == [100, 20, 24]
    assert len(stems["color", "train"]) == 100
    assert not stems["sketch", "train"] & stems["color", "train"]
    for split in ("val", "test"):
        assert stems["sketch", split] == stems["color", split]
    trained = families(stems["sketch", "train"])
    assert trained == families(stems["color", "train"]) >= families(stems["sketch", "val"])
    assert len(trained) == 16
    assert len(families(stems["sketch", "test"]) - trained) == len(families(stems["sketch", "test"])) == 5


@pytest.mark.parametrize("domain", DOMAINS)
def test_products_of_val_and_test_have_the_role_of_each_pixel(products, domain):
    parts = files(products, f"truth/parts/{domain}")
    assert parts.keys() == files(products, f"{domain}/val").keys() | files(products, f"{domain}/test").keys()
    for path in parts.values():
        roles = np.array(Image.open(io.BytesIO(products.read(path))))
        assert roles.shape == (512, 512)
        assert {0} < set(np.unique(roles)) <= set(range(8))


def test_details_describe_every_product(products):
    with (SOURCES / "products" / "details.csv").open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table))
    described = [
        f"{domain}/{row['split']}/{row['name']}.webp" for row in rows for domain in row["domains"].split("+")
    ]
    held = [path for domain in DOMAINS for path in files(products, domain).values()]
    assert sorted(described) == sorted(held)
    assert all(families([row["name"]]) == {row["family"]} for row in rows)


@pytest.mark.slow
def test_ingest_takes_every_product(tmp_path):
    definition = source.read(SOURCES / "products")
    fetched, limits = fetch(definition, tmp_path / "downloads"), Ingest()
    found, rejected = read_images(fetched.list_files(), definition, limits.min_side, tmp_path / "images")
    unique = deduplicate(found, definition.pairs, "drop", limits.duplicate_distance, definition.same)
    assert (rejected, unique.rejected) == ([], [])
    assert Counter((image.domain, image.split) for image in unique.kept) == {
        (domain, split): count
        for domain in DOMAINS
        for split, count in (("train", 100), ("val", 20), ("test", 24))
    }
    assert definition.about["license"] == "CC0-1.0"
