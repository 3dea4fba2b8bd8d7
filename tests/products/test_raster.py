from dataclasses import replace

import numpy as np
import pytest


def test_the_nearer_triangle_is_seen_and_its_weights_are_those_of_the_pixel():
    from products.raster import rasterize

    flat = np.array([(0, 0), (16, 0), (0, 16), (0, 0), (8, 0), (0, 8)], float)
    hit, weights = rasterize(flat, np.array([1, 1, 1, 2, 2, 2.0]), np.array([[0, 1, 2], [3, 4, 5]]), size=16)
    assert hit[2, 2] == 1
    assert hit[2, 10] == 0
    assert hit[15, 15] == -1
    assert weights[2, 10] @ flat[:3] == pytest.approx((10.5, 2.5))


def test_a_view_shows_the_product_whole_with_its_parts_light_and_shadow(passes):
    rows, columns = np.nonzero(passes.product)
    size = len(passes.part)
    assert 0 < rows.min() < rows.max() < size - 1
    assert 0 < columns.min() < columns.max() < size - 1
    assert set(np.unique(passes.roles())) == {"", "main", "accent", "dark"}
    assert passes.shadow.any()
    assert not (passes.shadow & passes.product).any()
    assert np.linalg.norm(passes.normal[passes.product], axis=1) == pytest.approx(1, abs=1e-4)
    left, right = columns < np.median(columns), columns >= np.median(columns)
    light = passes.light[rows, columns]
    assert light[left].mean() > light[right].mean()  # the light comes from the left


def test_pixels_are_where_the_camera_projects_their_points(passes):
    rows, columns = np.nonzero(passes.product)
    some = slice(None, None, 997)
    at = passes.frame.project(passes.position[rows[some], columns[some]])
    assert at[:, 0] == pytest.approx(columns[some] + 0.5, abs=0.1)
    assert at[:, 1] == pytest.approx(rows[some] + 0.5, abs=0.1)


def test_outlines_follow_the_edge_of_the_product(passes):
    import cv2

    near = cv2.distanceTransform(passes.product.astype(np.uint8), cv2.DIST_L2, 3)
    near += cv2.distanceTransform((~passes.product).astype(np.uint8), cv2.DIST_L2, 3)
    longest = max(passes.lines["contour"], key=len)
    x, y = np.round(longest - 0.5).astype(int).T
    assert np.quantile(near[y, x], 0.9) < 4
    assert sum(len(line) for line in passes.lines["section"]) > 20


def test_saved_passes_are_read_again(passes, tmp_path):
    from products.views import load

    fourth = np.s_[::4, ::4]  # compressing all pixels takes seconds
    images = ("part", "normal", "position", "light", "occlusion", "shadow")
    passes = replace(passes, **{name: getattr(passes, name)[fourth] for name in images})
    passes.save(tmp_path / "view.npz")
    read = load(tmp_path / "view.npz")
    assert (read.part == passes.part).all()
    assert read.labels == passes.labels
    assert [len(lines) for lines in read.lines.values()] == [len(lines) for lines in passes.lines.values()]
    assert read.light == pytest.approx(passes.light, abs=0.003)
