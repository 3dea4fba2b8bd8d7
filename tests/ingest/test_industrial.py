"""The real data set beside the repository, where there is one: its near-duplicates are the known ones."""

from pathlib import Path

import pytest

from sketch2color import imaging, manifest
from sketch2color.config import source
from sketch2color.config.params import Ingest
from sketch2color.ingest.dedupe import deduplicate
from sketch2color.ingest.ingest import ingest
from sketch2color.ingest.perceptual_hash import clusters, distance, fingerprint
from sketch2color.ingest.read_images import SourceImage
from sketch2color.manifest import ImageRow, Rejected, sha256

DATASET = Path(__file__).parents[3] / "shared" / "industrial" / "Dataset"
THRESHOLD = Ingest().duplicate_distance
SOURCE = Path(__file__).parents[2] / "data" / "sources" / "industrial"
KNOWN = [{"A/17", "A/18"}, {"A/33", "A/54"}, {"A/34", "A/56"}, {"B/34", "B/35"}]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not DATASET.is_dir(), reason=f"{DATASET} is not there"),
]


@pytest.fixture(scope="module")
def found():
    images = []
    for path in sorted(DATASET.glob("[AB]/*")):
        if path.stem != "123":
            content = path.read_bytes()
            image = imaging.read(content)
            images.append(
                SourceImage(
                    path=f"{path.parent.name}/{path.stem}",
                    domain="sketch" if path.parent.name == "A" else "color",
                    sha256=sha256(content),
                    suffix=".jpg",
                    width=image.shape[1],
                    height=image.shape[0],
                    fingerprint=fingerprint(image),
                    facts={},
                    split=None,
                )
            )
    return images


def test_the_file_that_is_no_image_is_refused():
    (path,) = DATASET.glob("B/123*")
    with pytest.raises(imaging.ImageError, match=r"^empty file$"):
        imaging.read(path)


@pytest.mark.parametrize("step", [-12, 0, 60], ids=["lower", "default", "higher"])
def test_near_duplicates_are_the_known_ones_with_margin(found, step):
    threshold = THRESHOLD + step
    groups = clusters([image.fingerprint for image in found], threshold)
    assert [{found[place].path for place in places} for places in groups] == KNOWN


def test_of_each_one_stays(found):
    result = deduplicate(found, None, "drop", THRESHOLD)
    assert [{image.path for image in cluster.members} for cluster in result.clusters] == KNOWN
    assert sorted(row.source for row in result.rejected) == ["A/18", "A/54", "A/56", "B/35"]
    assert len(set(result.groups.values())) == len(result.kept) == len(found) - 4


def test_what_hashes_cannot_tell_is_told_by_the_data_set(found):
    """A/42 is the line drawing under B/34, B/61 a panel of B/42; unrelated images are no farther apart."""
    by_path = {image.path: image for image in found}
    assert distance(by_path["A/42"].fingerprint, by_path["B/34"].fingerprint)[0] > 172
    same = [
        [glob.rpartition("Dataset/")[2].removesuffix(".jpg") for glob in globs]
        for globs in source.read(SOURCE).same
    ]
    groups = deduplicate(found, None, "drop", THRESHOLD, same).groups
    for one, other in (("A/42", "B/34"), ("B/61", "B/42")):
        assert groups[by_path[one].id] == groups[by_path[other].id]


@pytest.mark.parametrize("duplicates", ["drop", "group"])
def test_nothing_like_a_test_image_trains(tmp_path, duplicates):
    text = (SOURCE / "source.yaml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith(("url:", "sha256:", "type:"))]
    source = tmp_path / "industrial"
    source.mkdir()
    (source / "source.yaml").write_text("\n".join(["type: folder", f"path: {DATASET.parent.parent}", *lines]))
    known = [*KNOWN, {"A/42", "B/34"}, {"B/61", "B/42"}]
    ingest(source, tmp_path / "raw", tmp_path / "report", Ingest(duplicates=duplicates), seed=2020)
    rows = manifest.read(tmp_path / "raw" / "manifest.csv", ImageRow)
    splits = {row.source.split("Dataset/")[1].removesuffix(".jpg"): row.split for row in rows}
    for names in known:
        assert len({splits[name] for name in names if name in splits}) <= 1
    rejected = manifest.read(tmp_path / "raw" / "rejected.csv", Rejected)
    assert ("industrial/Dataset/B/123", "empty file") in {(row.source, row.reason) for row in rejected}
