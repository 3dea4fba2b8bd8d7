import unicodedata

import numpy as np
import pytest

from sketch2color.errors import UserError
from sketch2color.files import write_bytes
from sketch2color.imaging import encode_png, read
from sketch2color.imaging.batch import describe_failure, plan_outputs
from sketch2color.imaging.signed_png import origin_of, sign_png


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
        ("in/a.png", "in/notes.txt", "notes.txt is a file"),
        ("in", "in/notes.txt/out", "notes.txt is a file"),
        ("in/deep", "in", "in/deep/b.png would be written among the images of"),
    ],
)
def test_a_wrong_path_is_one_line(folder, tmp_path, source, out, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to(folder)
    if (source, out) == ("in/deep", "in"):
        (folder / "deep" / "deep").mkdir()
        (folder / "deep" / "deep" / "b.png").touch()
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


@pytest.mark.parametrize("suffix", [".png", ""])
@pytest.mark.parametrize(
    "names",
    [
        ["a.png", "a.jpg", "a.png.jpg", "a.png.png", "a.jpg.png"],
        ["a.png", "A.png", "A.PNG", "a.2.png", "A.png.2.png"],
        ["e\u0301.png", "\u00e9.png", "\u00c9.PNG"],
        ["stra\u00dfe.png", "STRASSE.png", "\u017ftrasse.png"],
        ["a\u200b.png", "a.png", "a\ufe0f.jpg"],
        ["deep/a.png", "Deep/a.png", "deep./a.png", "deep /A.png"],
        ["a.png/b.jpg", "a.jpg", "A.png.d/b.png"],
        ["x" * 251 + ".jpg", "x" * 251 + ".png", "X" * 251 + ".jpg"],
        ["\u00e9" * 125 + ".png", "e\u0301" * 83 + ".jpg", "\u00e9" * 125 + ".tif"],
        [".a.png", "..a.jpg", ".a.jpg", "a..png", "a .png"],
    ],
)
def test_no_two_images_have_one_result_on_any_file_system(tmp_path, suffix, names):
    for name in names:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    given = planned(tmp_path / "in", tmp_path / "out", suffix)
    assert set(given) == set(names)
    folded = {unicodedata.normalize("NFD", name).casefold() for name in given.values()}
    stripped = {"/".join(part.rstrip(". ") for part in name.split("/")) for name in folded}
    assert len(stripped) == len(names)
    assert all(len(name.split("/")[-1].encode()) <= 255 for name in given.values())
    for name in given.values():  # each can be written beside the others
        write_bytes(tmp_path / "out" / name, b"")


@pytest.mark.parametrize(
    "names",
    [
        ["a.png", "a-layers/x.png", "a-layers/2 flat.png"],
        ["a.png", "A-LAYERS/x.png", "a.png-layers/x.png"],
        ["a.png", "a.json/b.png", "a.png.png"],
        ["a.png", "a-1.png/b.png", "a-1.png.jpg", "a-1.jpg"],
        ["x" * 250 + ".png", "x" * 249 + ".jpg", "x" * 240 + ".tif"],
        ["a.png", "a-1.png", "a-1-1.png", "a.jpg", "a-1.jpg"],
    ],
)
def test_no_two_images_have_one_file_beside_their_results(tmp_path, names):
    ends = ["-1.png", "-1.json", "-1-layers", "-100.png", ".png", ".json", "-layers"]
    for name in names:
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).touch()
    targets = [target for _, target in plan_outputs(tmp_path / "in", tmp_path / "out", ".png", ends)]
    written = [target.parent / (target.stem + end) for target in targets for end in ends]
    for path in written:
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists()
        if path.name.endswith("-layers"):
            path.mkdir()
        else:
            path.write_bytes(b"")
    assert len({str(path).casefold() for path in written}) == len(names) * len(ends)


def test_a_long_name_of_one_image_is_shortened_and_a_given_one_refused(tmp_path):
    image = tmp_path / ("x" * 250 + ".png")
    image.touch()
    for ends, expected in (([], "x" * 250 + ".png"), (["-1.png"], "x" * 235 + ".2.png")):
        ((_, target),) = plan_outputs(image, tmp_path / "out", ".png", ends)
        assert target.name == expected
    with pytest.raises(UserError, match="the name is too long for what is written"):
        plan_outputs(image, tmp_path / ("y" * 250 + ".png"), ".png", ["-1.png"])


def test_links_that_join_two_folders_of_results_join_no_results(tmp_path):
    for name in ("one", "two"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "a.png").touch()
    (tmp_path / "out" / "one").mkdir(parents=True)
    (tmp_path / "out" / "two").symlink_to(tmp_path / "out" / "one")
    assert set(planned(tmp_path / "in", tmp_path / "out").values()) == {"one/a.png", "two/a.2.png"}


def test_the_reason_for_which_an_image_failed_is_one_line():
    assert describe_failure(OSError("no\nway")) == "no way"
    assert describe_failure(ValueError("bad")) == "ValueError: bad"


def test_a_signed_png_says_what_it_was_made_of_unless_it_was_changed():
    png = encode_png(np.full((2, 3, 3), 7, np.uint8))
    signed = sign_png(png, "one two")
    assert origin_of(signed) == "one two"
    assert (read(signed) == 7).all()
    for other in (png, b"", signed + b"x", signed[:-1], signed.replace(b"one", b"own"), signed[:40]):
        assert origin_of(other) is None
