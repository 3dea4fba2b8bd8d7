import numpy as np
import pytest


def volume(mesh):
    a, b, c = (mesh.points[mesh.triangles[:, i]] for i in range(3))
    return float((a * np.cross(b, c)).sum() / 6)


def is_closed(mesh):
    edges = [(a, b) for face in mesh.faces for a, b in zip(face, face[1:] + face[:1], strict=True)]
    return len(edges) == len(set(edges)) and {(b, a) for a, b in edges} == set(edges)


def test_a_turned_cylinder_is_closed_and_has_its_volume():
    from products.shapes import lathe

    mesh = lathe([(0, 0), (0.5, 0), (0.5, 2), (0, 2)], "main:body", radius=0.0, around=120)
    assert is_closed(mesh)
    assert volume(mesh) == pytest.approx(np.pi * 0.25 * 2, rel=0.01)


def test_a_loft_with_domes_at_its_ends_has_the_volume_of_a_capsule():
    from products.shapes import loft

    mesh = loft([(0, 0, 0), (1, 0, 0)], 0.3, 0.3, "main:body", caps=(0.3, 0.3))
    assert is_closed(mesh)
    assert volume(mesh) == pytest.approx(np.pi * 0.09 + 4 / 3 * np.pi * 0.027, rel=0.03)


@pytest.mark.parametrize("depth", [0.0, 0.02, -0.02])
def test_a_panel_keeps_the_surface_closed_and_its_area_is_cut_at_the_border(depth):
    from products.shapes import above, lathe, panel

    mesh = lathe([(0, 0), (0.5, 0), (0.5, 1), (0, 1)], "main:body", radius=0.0)
    cut = panel(mesh, above(2, 0.377), "dark:top", depth=depth)
    assert is_closed(cut)
    on_wall = [
        i for face, label in zip(cut.faces, cut.labels, strict=True) if label == "dark:top" for i in face
    ]
    assert cut.points[on_wall, 2].min() == pytest.approx(0.377, abs=0.03)
    assert volume(cut) - volume(mesh) == pytest.approx(depth * (np.pi * 0.623 + np.pi * 0.25), abs=0.008)


def test_the_field_of_an_outline_is_its_signed_distance():
    from products.shapes import inside

    field = inside([(0, 0), (2, 0), (2, 1), (0, 1)])
    points = np.array([(1, 5, 0.5), (3, 5, 0.5), (1, 5, -2), (1.9, 5, 0.5)])
    assert field(points) == pytest.approx([0.5, -1, -2, 0.1])


def test_draped_points_lie_on_the_side_that_is_seen():
    from products.shapes import drape, lathe

    mesh = lathe([(0, 0), (0.5, 0), (0.5, 1), (0, 1)], "main:body", radius=0.0, around=120)
    spots, normals = drape(mesh, [(0, 0.5), (0.3, 0.5)])
    assert spots == pytest.approx(np.array([(0, -0.5, 0.5), (0.3, -0.4, 0.5)]), abs=0.005)
    assert normals[0] == pytest.approx((0, -1, 0), abs=0.05)


def test_every_family_builds_parts_of_known_roles_the_same_twice():
    from products.draw import Draw
    from products.families import HELD_OUT, TRAINING
    from products.sheets import ROLES

    assert len(TRAINING) >= 16
    assert not set(TRAINING) & set(HELD_OUT)
    mesh, again = TRAINING["lamp"](Draw(1)), TRAINING["lamp"](Draw(1))
    assert mesh.points.tobytes() == again.points.tobytes()
    assert {label.split(":")[0] for label in mesh.labels} <= set(ROLES[1:-1])
