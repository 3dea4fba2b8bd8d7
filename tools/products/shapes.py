"""Forms of product parts as polygon meshes: lofted and turned bodies, panels cut into them, detail on them.

Lengths are in the product's own units, a product being about one unit long. ``x`` points to the right, ``y``
away from the viewer, ``z`` up; most products are symmetric about the plane ``y = 0``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

Array = NDArray[np.float64]
Field = Callable[[Array], Array]
"""Maps n × 3 points to n values, positive inside a region."""


@dataclass(frozen=True)
class Mesh:
    """Points (n × 3), polygons of point indices, and a label ``role:part`` for each polygon."""

    points: Array
    faces: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]

    def __add__(self, other: Mesh) -> Mesh:
        shift = len(self.points)
        moved = tuple(tuple(index + shift for index in face) for face in other.faces)
        return Mesh(
            np.concatenate([self.points, other.points]), self.faces + moved, self.labels + other.labels
        )

    def move(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Mesh:
        """Return the mesh translated."""
        return Mesh(self.points + np.array([x, y, z]), self.faces, self.labels)

    def turn(self, axis: str, degrees: float, about: Sequence[float] = (0, 0, 0)) -> Mesh:
        """Return the mesh rotated about an axis, counter-clockwise as seen from the axis' end."""
        first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        matrix = np.eye(3)
        matrix[[first, first, second, second], [first, second, first, second]] = cos, -sin, sin, cos
        return Mesh((self.points - about) @ matrix.T + about, self.faces, self.labels)

    def point_to(self, direction: ArrayLike, origin: ArrayLike) -> Mesh:
        """Return the mesh with its z axis along ``direction`` and its origin at ``origin``."""
        up = np.asarray(direction, float) / np.linalg.norm(direction)
        helper = np.array([0.0, 1, 0]) if abs(up[1]) < 0.9 else np.array([1.0, 0, 0])
        right = np.cross(helper, up)
        right /= np.linalg.norm(right)
        basis = np.stack([right, np.cross(up, right), up])
        return Mesh(self.points @ basis + np.asarray(origin, float), self.faces, self.labels)

    def mirror(self) -> Mesh:
        """Return the mesh reflected in the plane ``y = 0``."""
        return Mesh(self.points * (1, -1, 1), tuple(face[::-1] for face in self.faces), self.labels)

    def relabel(self, label: str) -> Mesh:
        """Return the mesh with one label for all its faces."""
        return Mesh(self.points, self.faces, (label,) * len(self.faces))

    @cached_property
    def triangles(self) -> NDArray[np.int64]:
        """The faces as triangles (t × 3)."""
        return np.array([(face[0], *pair) for face in self.faces for pair in pairwise(face[1:])])

    def normals(self) -> Array:
        """Return the unit normal at each point, weighted by area."""
        corners = self.points[self.triangles]
        across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        total = np.zeros_like(self.points)
        for corner in range(3):
            np.add.at(total, self.triangles[:, corner], across)
        return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12))


def join(*meshes: Mesh) -> Mesh:
    """Return one mesh of several."""
    total = meshes[0]
    for mesh in meshes[1:]:
        total = total + mesh
    return total


def rounded(corners: ArrayLike, radius: float = 9.0, *, closed: bool = False, steps: int = 8) -> Array:
    """Return a polyline (n × d) with each corner replaced by a quadratic Bézier curve.

    Args:
        corners: k × d points.
        radius: how far from a corner its curve starts, at most half an edge; large: a curve all the way.
        closed: whether the last corner is joined to the first.
        steps: points of a curve.
    """
    points = np.asarray(corners, float)
    before, after = np.roll(points, 1, 0), np.roll(points, -1, 0)
    parts = []
    t = np.linspace(0, 1, steps)[:, None]
    for index, (left, corner, right) in enumerate(zip(before, points, after, strict=True)):
        if not closed and index in (0, len(points) - 1):
            parts.append(corner[None])
            continue
        reach = [min(radius, float(np.linalg.norm(end - corner)) / 2) for end in (left, right)]
        start, stop = (
            corner + (end - corner) * (r / max(float(np.linalg.norm(end - corner)), 1e-9))
            for end, r in zip((left, right), reach, strict=True)
        )
        parts.append((1 - t) ** 2 * start + 2 * t * (1 - t) * corner + t**2 * stop)
    return np.concatenate(parts)


def resample(line: Array, count: int, *, closed: bool = False) -> Array:
    """Return ``count`` points spread evenly along a polyline."""
    if closed:
        line = np.concatenate([line, line[:1]])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0, length[-1], count, endpoint=not closed)
    return np.stack([np.interp(at, length, line[:, axis]) for axis in range(line.shape[1])], 1)


def superellipse(power: float, around: int) -> Array:
    """Return an outline (``around`` × 2) in ±1: 2 an ellipse, 4 and more a rounded rectangle."""
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    cos, sin = np.cos(angle), np.sin(angle)
    radius = (np.abs(cos) ** power + np.abs(sin) ** power) ** (-1 / power)
    return np.stack([cos * radius, sin * radius], 1)


def skin(rings: Array, label: str, *, wrap: bool = False) -> Mesh:
    """Return the surface through rings of points (k × m × 3), its ends closed unless the rings wrap."""
    count, around = rings.shape[:2]
    faces: list[tuple[int, ...]] = []
    for ring in range(count if wrap else count - 1):
        a, b = ring * around, (ring + 1) % count * around
        faces += [(a + i, a + (i + 1) % around, b + (i + 1) % around, b + i) for i in range(around)]
    points = rings.reshape(-1, 3)
    if not wrap:
        first, last, base = len(points), len(points) + 1, (count - 1) * around
        points = np.concatenate([points, rings[0].mean(0, keepdims=True), rings[-1].mean(0, keepdims=True)])
        faces += [(first, (i + 1) % around, i) for i in range(around)]
        faces += [(last, base + i, base + (i + 1) % around) for i in range(around)]
    return Mesh(points, tuple(faces), (label,) * len(faces))


def loft(
    path: ArrayLike,
    width: ArrayLike,
    height: ArrayLike,
    label: str,
    *,
    power: ArrayLike = 2.0,
    low: ArrayLike = 1.0,
    caps: tuple[float, float] = (0.0, 0.0),
    side: Sequence[float] = (0, 1, 0),
    wrap: bool = False,
    smooth: bool = True,
    along: int = 40,
    around: int = 56,
) -> Mesh:
    """Return a body whose section, a superellipse, changes along a path.

    Args:
        path: k × 3 points of the section's centre; ``width``, ``height``, ``power``, ``low`` have one value
            each or k values.
        width: half extent along ``side``.
        height: half extent across, to the left of the path as seen from the tip of ``side``.
        label: of the faces.
        power: of the superellipse.
        low: the lower half's share of ``height``: 0.2 gives a flat belly.
        caps: radius by which the two ends are rounded, beyond the path; as large as the section: a dome.
        side: a direction that stays in the sections, at right angles to the path.
        wrap: whether the path is closed.
        smooth: whether the path is a curve through its points, not a polyline.
        along: sections.
        around: points of a section.
    """
    centers = np.asarray(path, float)
    if wrap:
        centers = np.concatenate([centers, centers[:1]])
    knots = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(centers, axis=0), axis=1))])
    at = np.linspace(0, knots[-1], along, endpoint=not wrap)

    def spread(values: ArrayLike) -> Array:
        control = np.broadcast_to(np.asarray(values, float), len(knots) - wrap).copy()
        if wrap:
            control = np.append(control, control[0])
        return np.asarray(PchipInterpolator(knots, control)(at))

    if smooth and len(centers) > 2:
        track = _through(centers, wrap, along) if wrap else resample(_through(centers, wrap), along)
    else:
        track = np.stack([np.interp(at, knots, centers[:, axis]) for axis in range(3)], 1)
    across, tall, powers, lows = spread(width), spread(height), spread(power), spread(low)
    tangent = np.roll(track, -1, 0) - np.roll(track, 1, 0) if wrap else np.gradient(track, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-12)
    lateral = np.asarray(side, float)
    sides = lateral - tangent * (tangent @ lateral)[:, None]
    sides /= np.linalg.norm(sides, axis=1, keepdims=True)
    ups = np.cross(tangent, sides)

    def ring(i: int, inset: float = 0.0, beyond: float = 0.0) -> Array:
        outline = superellipse(powers[i], around)
        outline[:, 1] = np.where(outline[:, 1] < 0, outline[:, 1] * lows[i], outline[:, 1])
        horizontal, vertical = max(across[i] - inset, 1e-4), max(tall[i] - inset, 1e-4)
        center = track[i] + tangent[i] * beyond
        return np.asarray(
            center + outline[:, :1] * horizontal * sides[i] + outline[:, 1:] * vertical * ups[i]
        )

    rings = [ring(i) for i in range(along)]
    if not wrap:
        rings = _cap(ring, 0, caps[0], min(across[0], tall[0]))[::-1] + rings
        rings += _cap(ring, along - 1, caps[1], min(across[-1], tall[-1]))
    return skin(np.stack(rings), label, wrap=wrap)


def _through(points: Array, closed: bool, count: int = 160) -> Array:
    """Return a curve through the points, which passes them without corners (centripetal spacing)."""
    knots = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1) ** 0.7)])
    spline = CubicSpline(knots, points, bc_type="periodic" if closed else "natural")
    return np.asarray(spline(np.linspace(0, knots[-1], count, endpoint=not closed)))


def _cap(ring: Callable[[int, float, float], Array], index: int, radius: float, room: float) -> list[Array]:
    """Return the rings from the last section to the middle of an end, rounded by ``radius``."""
    sign = -1.0 if index == 0 else 1.0
    radius = min(radius, room)
    angles = np.radians(np.linspace(0, 90, 6)[1:]) if radius > 0 else np.empty(0)
    curve = [ring(index, radius * (1 - np.cos(a)), sign * radius * np.sin(a)) for a in angles]
    rest = [ring(index, radius + (room - radius) * share, sign * radius) for share in (0.03, 0.3, 0.6, 0.85)]
    return curve + (rest if radius < 0.98 * room else [])


def lathe(profile: ArrayLike, label: str, *, radius: float = 0.02, around: int = 72, steps: int = 5) -> Mesh:
    """Return a body turned about the z axis.

    Args:
        profile: k × 2 of radius and height, from the bottom outside upwards.
        label: of the faces.
        radius: of the rounded corners, as in ``rounded``.
        around: points of a ring.
        steps: points of a corner.
    """
    line = rounded(profile, radius, steps=steps)
    fine = [line[:1]]
    for start, stop in pairwise(line):
        parts = max(1, int(np.linalg.norm(stop - start) / 0.06))
        fine.append(start + (stop - start) * (np.arange(1, parts + 1) / parts)[:, None])
    line = np.concatenate(fine)
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    reach = np.maximum(line[:, 0], 1e-4)
    rings = np.stack(
        [reach[:, None] * np.cos(angle), reach[:, None] * np.sin(angle), np.repeat(line[:, 1:], around, 1)],
        -1,
    )
    return skin(rings, label)


def slab(
    outline: ArrayLike,
    thickness: float,
    label: str,
    *,
    bevel: float = 0.02,
    crown: float = 0.0,
    around: int = 96,
) -> Mesh:
    """Return a plate: an outline in x and y (closed, seen whole from its centre), upwards from ``z = 0``.

    Args:
        outline: k × 2 corners, counter-clockwise.
        thickness: along z.
        label: of the faces.
        bevel: radius of the rounded edges.
        crown: by how much the middle of the upper face is higher than its edge.
        around: points of the outline.
    """
    line = resample(np.asarray(outline, float), around, closed=True)
    center = (line.max(0) + line.min(0)) / 2
    half = (line.max(0) - line.min(0)) / 2
    bevel = min(bevel, thickness / 2, half.min() * 0.9)

    def ring(inset: float, z: float, share: float = 1.0) -> Array:
        flat = center + (line - center) * ((half - inset) / half) * share
        return np.concatenate([flat, np.full((around, 1), z)], 1)

    angles = np.radians(np.linspace(0, 90, 6))
    edge = [ring(bevel * (1 - np.sin(a)), bevel * (1 - np.cos(a))) for a in angles]
    top = [ring(bevel * (1 - np.cos(a)), thickness - bevel * (1 - np.sin(a))) for a in angles]
    inner = [ring(bevel, 0.0, share) for share in (0.25, 0.5, 0.75, 0.97)]
    dome = [ring(bevel, thickness + crown * (1 - s**2), s) for s in (0.9, 0.75, 0.6, 0.45, 0.3, 0.15)]
    levels = [
        ring(0.0, bevel + (thickness - 2 * bevel) * share)
        for share in np.linspace(0, 1, max(2, int(thickness / 0.05)) + 1)[1:-1]
    ]
    return skin(np.stack(inner + edge + levels + top + dome), label)


def box(width: float, depth: float, radius: float) -> Array:
    """Return the outline of a rounded rectangle, centred at the origin."""
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, depth / 2)
    return rounded(corners, radius, closed=True, steps=12)


def inside(outline: ArrayLike, axes: tuple[int, int] = (0, 2)) -> Field:
    """Return the signed distance to a closed outline, as seen along the third axis; positive inside."""
    line = np.asarray(outline, float)
    starts, stops = line, np.roll(line, -1, 0)

    def field(points: Array) -> Array:
        at = points[:, axes][:, None]
        edge = stops - starts
        share = ((at - starts) * edge).sum(-1) / np.maximum((edge**2).sum(-1), 1e-12)
        distance = np.linalg.norm(at - starts - edge * np.clip(share, 0, 1)[..., None], axis=-1).min(1)
        upward = (starts[:, 1] <= at[..., 1]) != (stops[:, 1] <= at[..., 1])
        rise = np.where(edge[:, 1] == 0, 1e-12, edge[:, 1])
        crossing = starts[:, 0] + (at[..., 1] - starts[:, 1]) / rise * edge[:, 0]
        odd = (upward & (at[..., 0] < crossing)).sum(1) % 2 == 1
        return np.asarray(np.where(odd, distance, -distance))

    return field


def both(*fields: Field) -> Field:
    """Return the field of a region that lies in all the fields' regions."""
    return lambda points: np.min([field(points) for field in fields], axis=0)


def above(axis: int, value: float, sign: float = 1.0) -> Field:
    """Return the field of a half space: coordinate ``axis`` above ``value``, or below if ``sign`` is -1."""
    return lambda points: sign * (points[:, axis] - value)


def panel(mesh: Mesh, field: Field, label: str, *, depth: float = 0.0, on: str = "") -> Mesh:
    """Cut a region out of a surface, so that it becomes a part of its own.

    Args:
        mesh: of one body.
        field: the region.
        label: of the region's faces.
        depth: by how much the region is raised, along the normals; negative: sunk.
        on: only faces whose label starts so are cut.
    """
    values = field(mesh.points)
    values = np.where(np.abs(values) < 1e-7, 1e-7, values)
    points = list(mesh.points)
    crossings: dict[tuple[int, int], int] = {}
    eligible = [name.startswith(on) for name in mesh.labels]
    for face, wanted in zip(mesh.faces, eligible, strict=True):
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            key = (min(a, b), max(a, b))
            if wanted and values[a] * values[b] < 0 and key not in crossings:
                share = values[key[0]] / (values[key[0]] - values[key[1]])
                crossings[key] = len(points)
                points.append(points[key[0]] + share * (points[key[1]] - points[key[0]]))
    faces: list[tuple[int, ...]] = []
    labels: list[str] = []
    for face, wanted, name in zip(mesh.faces, eligible, mesh.labels, strict=True):
        sides: dict[bool, list[int]] = {True: [], False: []}
        whole: list[int] = []
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            whole.append(a)
            sides[bool(values[a] > 0)].append(a)
            cut = crossings.get((min(a, b), max(a, b)))
            if cut is not None:
                whole.append(cut)
                sides[True].append(cut)
                sides[False].append(cut)
        if not wanted:
            faces.append(tuple(whole))
            labels.append(name)
            continue
        for positive, corners in sides.items():
            if len(corners) > 2:
                faces.append(tuple(corners))
                labels.append(label if positive else name)
    cut_mesh = Mesh(np.array(points), tuple(faces), tuple(labels))
    return _raise(cut_mesh, label, depth) if depth else cut_mesh


def _raise(mesh: Mesh, label: str, depth: float) -> Mesh:
    """Move the faces of a label along their normals, and close the gap with a wall."""
    own = [face for face, name in zip(mesh.faces, mesh.labels, strict=True) if name == label]
    edges = {(a, b) for face in own for a, b in zip(face, face[1:] + face[:1], strict=True)}
    border = [(a, b) for a, b in sorted(edges) if (b, a) not in edges]
    used = sorted({index for face in own for index in face})
    moved = {index: len(mesh.points) + order for order, index in enumerate(used)}
    normals = Mesh(mesh.points, tuple(own), (label,) * len(own)).normals()
    points = np.concatenate([mesh.points, mesh.points[used] + depth * normals[used]])
    faces = [
        tuple(moved[i] for i in face) if name == label else face
        for face, name in zip(mesh.faces, mesh.labels, strict=True)
    ]
    walls: list[tuple[int, ...]] = [(a, b, moved[b], moved[a]) for a, b in border]
    return Mesh(points, tuple(faces + walls), mesh.labels + (label,) * len(walls))


def drape(mesh: Mesh, at: ArrayLike, axis: int = 1, sign: float = -1.0) -> tuple[Array, Array]:
    """Return the points (n × 3) where lines along ``axis`` first meet a surface, and the normals there.

    Args:
        mesh: the surface.
        at: n × 2, the other two coordinates in their order.
        axis: of the lines.
        sign: of the side from which the lines come: -1 for the side at small coordinates.
    """
    others = [i for i in range(3) if i != axis]
    corners = mesh.points[mesh.triangles]
    flat = corners[:, :, others]
    first, second = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    area = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    area = np.where(np.abs(area) < 1e-12, np.nan, area)
    spots, normals = [], []
    for target in np.atleast_2d(np.asarray(at, float)):
        offset = target - flat[:, 0]
        u = (offset[:, 0] * second[:, 1] - offset[:, 1] * second[:, 0]) / area
        v = (first[:, 0] * offset[:, 1] - first[:, 1] * offset[:, 0]) / area
        height = corners[:, 0, axis] + u * (corners[:, 1, axis] - corners[:, 0, axis])
        height = height + v * (corners[:, 2, axis] - corners[:, 0, axis])
        hit = (u >= -1e-6) & (v >= -1e-6) & (u + v <= 1 + 1e-6)
        if not hit.any():  # beside the surface: the nearest of its points
            gap = np.linalg.norm(mesh.points[:, others] - target, axis=1)
            best = int(np.argmin(gap))
            spots.append(mesh.points[best])
            normals.append(np.eye(3)[axis] * sign)
            continue
        best = int(np.argmax(np.where(hit, height * sign, -np.inf)))
        spot = np.empty(3)
        spot[others], spot[axis] = target, height[best]
        normal = np.cross(corners[best, 1] - corners[best, 0], corners[best, 2] - corners[best, 0])
        spots.append(spot)
        normals.append(normal / np.linalg.norm(normal))
    return np.array(spots), np.array(normals)


def pill(points: ArrayLike, radius: float, label: str, *, along: int = 8, around: int = 8) -> Mesh:
    """Return a rod with round ends along a path: a slit, a rib, a cable."""
    path = np.asarray(points, float)
    direction = path[-1] - path[0]
    axis = np.eye(3)[int(np.argmin(np.abs(direction)))]
    return loft(
        path, radius, radius, label, caps=(radius, radius), side=tuple(axis), along=along, around=around
    )


def on_surface(
    mesh: Mesh, part: Mesh, at: ArrayLike, axis: int = 1, sign: float = -1.0, sink: float = 0.0
) -> Mesh:
    """Return a part that stands on a surface, its z axis along the normal there."""
    spot, normal = drape(mesh, np.array([at], float), axis, sign)
    return part.point_to(normal[0], spot[0] - sink * normal[0])


def slits(
    mesh: Mesh,
    starts: ArrayLike,
    stops: ArrayLike,
    radius: float,
    label: str,
    axis: int = 1,
    sign: float = -1.0,
) -> Mesh:
    """Return pills draped on a surface, one for each start and stop (n × 2): vents, ribs, grooves."""
    share = np.linspace(0, 1, 6)[:, None]
    lines = [
        drape(mesh, np.asarray(a, float) * (1 - share) + np.asarray(b, float) * share, axis, sign)[0]
        for a, b in zip(np.asarray(starts), np.asarray(stops), strict=True)
    ]
    return join(*(pill(line, radius, label) for line in lines))
