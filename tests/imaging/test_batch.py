import pytest

from sketch2color.errors import UserError
from sketch2color.imaging.batch import plan_outputs


@pytest.fixture
def folder(tmp_path):
    for name in ("a.png", "a.jpg", "scan.TIF", "deep/a.png", "notes.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path / "in"


def planned(source, out, suffix=""):
    """What becomes what, by the paths below the folder of the test."""
    jobs = plan_outputs(source, out, suffix)
    return {str(one.relative_to(source)): str(target.relative_to(out)) for one, target in jobs}


def test_results_keep_the_folder_structure_and_names(folder, tmp_path):
    names = ["a.jpg", "a.png", "deep/a.png", "scan.TIF"]
    assert planned(folder, tmp_path / "out") == {name: name for name in names}
    assert [str(one.relative_to(folder)) for one, _ in plan_outputs(folder, tmp_path / "out")] == names


def test_images_of_equal_stem_get_different_outputs(folder, tmp_path):
    assert planned(folder, tmp_path / "out", ".png") == {
        "a.jpg": "a.jpg.png",
        "a.png": "a.png.png",
        "deep/a.png": "deep/a.png",
        "scan.TIF": "scan.png",
    }


def test_earlier_results_inside_the_folder_are_skipped(folder):
    (folder / "out").mkdir()
    (folder / "out" / "a.png").write_bytes(b"earlier")
    for out in (folder / "out", folder / "deep" / ".." / "out"):
        assert folder / "out" / "a.png" not in [one for one, _ in plan_outputs(folder, out)]
        assert len(plan_outputs(folder, out)) == 4


def test_a_source_inside_the_output_folder_is_not_skipped(folder):
    assert len(plan_outputs(folder / "deep", folder / "deep" / "..", ".png")) == 1


def test_one_image_is_written_to_a_file_or_into_a_folder(folder, tmp_path):
    scan = folder / "scan.TIF"
    assert plan_outputs(scan, tmp_path / "mine.tif") == [(scan, tmp_path / "mine.tif")]
    assert plan_outputs(scan, tmp_path / "out") == [(scan, tmp_path / "out" / "scan.TIF")]
    assert plan_outputs(scan, tmp_path / "mine.png", ".png") == [(scan, tmp_path / "mine.png")]
    (tmp_path / "odd.tif").mkdir()
    assert plan_outputs(scan, tmp_path / "odd.tif") == [(scan, tmp_path / "odd.tif" / "scan.TIF")]


@pytest.mark.parametrize(
    ("source", "out", "message"),
    [
        ("nowhere", "out", "nowhere does not exist"),
        ("empty", "out", "has no images"),
        ("in", "in/a.png", "is a file"),
        ("in", "in", "would be overwritten"),
        ("in", "link", "would be overwritten"),
        ("in/a.png", "in", "would be overwritten"),
        ("in/a.png", "in/deep/../a.png", "would be overwritten"),
        ("in/a.png", "out.jpg", r"must end in \.png"),
    ],
)
def test_a_wrong_path_is_one_line(folder, tmp_path, source, out, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(folder)
    with pytest.raises(UserError, match=message):
        plan_outputs(tmp_path / source, tmp_path / out)


def test_images_that_cannot_be_read_are_planned_to_be_reported(tmp_path):
    for name in ("a.avif", "b.HEIC", "c.heif", "d.jxl", "e.txt"):
        (tmp_path / name).write_bytes(b"")
    assert [image.name for image, _ in plan_outputs(tmp_path, tmp_path / "out")] == [
        "a.avif",
        "b.HEIC",
        "c.heif",
        "d.jxl",
    ]
