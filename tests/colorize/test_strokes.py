from itertools import pairwise

import numpy as np
import pytest

from sketch2color.colorize import strokes
from sketch2color.colorize.strokes import Stroke, rasterize


def stroke(tool, color, *points):
    return Stroke(tool=tool, color=color, points=[list(point) for point in points])


def shape(pixels):
    """Rows of an array as text, # where it is opaque."""
    return ["".join("#" if alpha == 255 else "." for alpha in row) for row in pixels[..., 3]]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ([(-5, 2.5, 2), (20, 2.5, 2)], [".....", "#####", "#####", "#####", "....."]),
        ([(2.5, 2.5, 4)], ["..#..", ".###.", "#####", ".###.", "..#.."]),
        ([(1.95, 0.05, 0.1)], [".#...", *["....."] * 4]),
        ([(0.5, 2.5, 0), (4.5, 2.5, 4)], ["....#", "..###", "#####", "..###", "....#"]),
        ([(0.5, 0.5, 1), (4.5, 0.5, 1), (4.5, 4.5, 1)], ["#####", *["....#"] * 4]),
        ([(-9, -9, 3), (99, -9, 3)], ["....."] * 5),
        ([(2, 2, 0), (2 + 1e-170, 2, 0)], [".....", ".....", "..#..", ".....", "....."]),
    ],
    ids=["stripe", "disc", "thin", "wedge", "corner", "outside", "tiny"],
)
def test_a_stroke_covers_the_pixels_whose_centres_it_contains(points, expected):
    drawn = rasterize([stroke("brush", "#1f4fb0", *points)], 5, 5)
    assert list(drawn) == ["paint"]
    assert shape(drawn["paint"]) == expected
    covered = drawn["paint"][drawn["paint"][..., 3] > 0]
    assert (covered == (0x1F, 0x4F, 0xB0, 255)).all()


def test_strokes_are_drawn_in_order_and_the_eraser_clears_both_arrays():
    drawn = rasterize(
        [
            stroke("eraser", "#000000", (0, 0.5, 9)),  # there is nothing yet
            stroke("brush", "#ff0000", (0, 0.5, 1), (4, 0.5, 1)),
            stroke("fill", "#00ff00", (0, 0.5, 1), (4, 0.5, 1)),
            stroke("eraser", "#000000", (0.5, 0.5, 1), (1.5, 0.5, 1)),
            stroke("brush", "#0000ff", (0.5, 0.5, 1)),
        ],
        4,
        1,
    )
    assert [shape(drawn["paint"]), shape(drawn["fill"])] == [["#.##"], ["..##"]]
    assert drawn["paint"][0, :3].tolist() == [[0, 0, 255, 255], [0, 0, 0, 0], [255, 0, 0, 255]]
    assert rasterize([], 4, 1) == {}


def test_a_long_stroke_has_no_seam_between_cells():
    (pixels,) = rasterize([stroke("fill", "#ff0000", (0, 0, 3), (1500, 1500, 3))], 1500, 1500).values()
    rows, columns = np.indices((1500, 1500)) + 0.5
    assert np.array_equal(pixels[..., 3] > 0, np.abs(rows - columns) <= 1.5 * 2**0.5)


def test_a_broad_stroke_is_the_union_of_its_segments():
    points = np.random.default_rng(0).uniform((-50, -50, 0), (250, 150, 90), (12, 3)).round(1).tolist()
    (whole,) = rasterize([stroke("brush", "#ff0000", *points)], 203, 101).values()
    rows, columns = np.indices((101, 203)) + 0.5
    expected = np.zeros((101, 203), bool)
    for start, end in pairwise(points):
        distance, radius = strokes._measure(start, end, columns, rows)
        expected |= distance <= radius * radius
    assert expected.any() and not expected.all()
    assert np.array_equal(whole[..., 3] > 0, expected)


def test_covered_cells_are_not_compared_with_further_segments(monkeypatch):
    compared, measure = [], strokes._measure

    def count(start, end, x, y):
        compared.append(np.broadcast(x, y).size)
        return measure(start, end, x, y)

    monkeypatch.setattr(strokes, "_measure", count)
    points = [(100 + n % 7, 100 + n % 5, 1000) for n in range(500)]
    (pixels,) = rasterize([stroke("brush", "#ff0000", *points)], 200, 200).values()
    assert (pixels[..., 3] == 255).all()
    assert sum(compared) < 2 * 200 * 200
