import pytest

from sketch2color.globs import matches


@pytest.mark.parametrize(
    ("glob", "matching", "others"),
    [
        ("A/*", ["A/1.jpg", "A/", "A/\n"], ["A/old/1.jpg", "B/A/1.jpg", "a/1.jpg"]),
        ("**/*.png", ["c.png", "a/b/c.png", "a/.png"], ["c.png.jpg", "a/c_png"]),
        ("a**", ["a", "ab/c"], ["b/a"]),
        ("**a*b", ["a/ab", "aab", "x/a/xaxb"], ["a/b", "ab/"]),
        ("sketch?.png", ["sketch1.png"], ["sketch.png", "sketch/.png", "sketch12.png"]),
        ("[a](b)+.png", ["[a](b)+.png"], ["a.png"]),
        ("x/**/y", ["x/y", "x/1/y", "x/1/2/y"], ["xy", "x/1y"]),
        ("***", ["", "a/b"], []),
        ("", [""], ["a"]),
    ],
)
def test_a_glob_matches_the_whole_path(glob, matching, others):
    assert [path for path in [*matching, *others] if matches(path, glob)] == matching


@pytest.mark.parametrize("part", ["*a", "**a", "**/", "?*", "a*", "**/a*"])
def test_a_glob_of_many_stars_takes_linear_time(part):
    """A regular expression with backtracking would not end in anybody's life."""
    assert not matches("a" * 300 + "/a" * 100, part * 60 + "b")
    assert matches("a" * 300, part.replace("/", "") * 60 + "*")
