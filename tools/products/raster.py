"""Render the passes of a product: a depth buffer of its triangles, a shadow map, and occlusion in corners."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from products.lines import find_lines
from products.shapes import Array, Mesh
from products.views import SIZE, Camera, Frame, Passes

Float = NDArray[np.float32]
SHARP = 32.0
"""Degrees between two faces from which on their edge is not smooth."""
SUN = (-0.42, 0.85, 0.5)
"""Direction towards the light: to the right, up and backward of the camera."""
BATCH = 3_000_000
"""Candidate pixels that are tested at a time."""
BIAS = 0.012
"""Lifts a point off its surface, so that it does not shade itself, in product units."""


def render(mesh: Mesh, camera: Camera) -> Passes:
    """Return the passes of a product in one view, a sample through the middle of each pixel."""
    labels = tuple(dict.fromkeys(mesh.labels))
    frame = camera.frame(mesh.points)
    bounds = np.stack([mesh.points.min(0), mesh.points.max(0)])
    depth = -((mesh.points - frame.eye) @ frame.axes[2])
    hit, weights = rasterize(frame.project(mesh.points), 1 / depth, mesh.triangles)
    seen = hit >= 0
    triangle = hit[seen]
    bary = weights[seen] / depth[mesh.triangles[triangle]]  # in perspective
    bary /= bary.sum(1, keepdims=True)
    points = np.einsum("pc,pcd->pd", bary, mesh.points[mesh.triangles[triangle]])
    normals = np.einsum("pc,pcd->pd", bary, corner_normals(mesh)[triangle])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    normals *= np.where(((frame.eye - points) * normals).sum(1) < 0, -1, 1)[:, None]
    order = {label: index for index, label in enumerate(labels, 1)}
    of_triangle = np.array(
        [order[label] for label, face in zip(mesh.labels, mesh.faces, strict=True) for _ in face[2:]]
    )
    sun = np.array(SUN) @ frame.axes
    sun[2] = max(sun[2], 0.7)
    sun /= np.linalg.norm(sun)
    shades = _shadow_map(mesh, sun)
    part = _image(seen, of_triangle[triangle]).astype(np.uint8)
    position, normal = _image(seen, points), _image(seen, normals)
    ground, floor = _ground(frame, float(bounds[0, 2]), ~seen)
    return Passes(
        part=part,
        labels=labels,
        normal=normal,
        position=position,
        light=_image(seen, np.clip(normals @ sun, 0, 1) * ~shades(points + BIAS * normals)),
        occlusion=_occlusion(position, normal, seen),
        shadow=_image(ground, shades(floor)) > 0,
        lines=find_lines(part, normal, position, bounds),
        frame=frame,
        bounds=bounds,
    )


def _image(where: NDArray[np.bool_], values: NDArray[Any]) -> Float:
    """Return an image with values at the pixels of a mask, and 0 elsewhere."""
    image = np.zeros((*where.shape, *values.shape[1:]), np.float32)
    image[where] = values
    return image


def rasterize(
    flat: Array, nearness: Array, triangles: NDArray[np.int64], size: int = SIZE
) -> tuple[NDArray[np.int64], Array]:
    """Return the nearest triangle at each pixel (-1: none) and the weights of its corners on the image plane.

    Args:
        flat: n × 2, the points in pixels.
        nearness: of the points, linear on the image plane: larger is nearer.
        triangles: t × 3 indices of points.
        size: of the image, in pixels.

    Returns:
        ``size`` × ``size`` indices, and ``size`` × ``size`` × 3 weights.
    """
    nearest = np.full(size * size, -np.inf)
    winner = np.full(size * size, -1)
    share = np.zeros((size * size, 3))
    corners = flat[triangles]
    low = np.clip(np.ceil(corners.min(1) - 0.5).astype(int), 0, size)
    span = np.clip(np.floor(corners.max(1) - 0.5).astype(int) + 1, 0, size) - low
    edge = np.maximum(span.max(1), 0)
    edge[(span <= 0).any(1)] = 0
    limits = [0, 1, 2, 3, 4, 6, 8, 11, 15, 20, 27, 36, 50, 80, 140, 300, size]
    for smallest, largest in pairwise(limits):
        members = np.flatnonzero((edge > smallest) & (edge <= largest))
        step = max(1, BATCH // largest**2)
        for start in range(0, len(members), step):
            some = members[start : start + step]
            tall, wide = np.mgrid[0:largest, 0:largest].reshape(2, -1)
            x, y = low[some, :1] + wide, low[some, 1:] + tall
            weights = _weights(corners[some], x + 0.5, y + 0.5)
            inside = (weights >= 0).all(2) & (x < size) & (y < size)
            which, _ = np.nonzero(inside)
            weights, spot = weights[inside], (y * size + x)[inside]
            near = (weights * nearness[triangles[some[which]]]).sum(1)
            np.maximum.at(nearest, spot, near)
            won = near >= nearest[spot]
            winner[spot[won]], share[spot[won]] = some[which[won]], weights[won]
    return winner.reshape(size, size), share.reshape(size, size, 3)


def _weights(corners: Array, x: Array, y: Array) -> Array:
    """Return the barycentric weights (t × p × 3) of p points for t triangles; -1 where one has no area."""
    a, b, c = (corners[:, i, :, None] for i in range(3))
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    safe = np.where(np.abs(area) < 1e-9, 1.0, area)
    first = ((b[:, 0] - x) * (c[:, 1] - y) - (b[:, 1] - y) * (c[:, 0] - x)) / safe
    second = ((c[:, 0] - x) * (a[:, 1] - y) - (c[:, 1] - y) * (a[:, 0] - x)) / safe
    weights = np.stack([first, second, 1 - first - second], 2)
    return np.where(np.abs(area)[..., None] < 1e-9, -1.0, weights)


def corner_normals(mesh: Mesh) -> Array:
    """Return the unit normals at the corners of each triangle (t × 3 × 3), smooth but across sharp edges."""
    triangles = mesh.triangles
    points = mesh.points[triangles]
    across = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    units = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-12)
    owners = triangles.reshape(-1)
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], np.arange(len(mesh.points) + 1))
    degree = np.diff(starts)
    total = np.zeros((len(owners), 3))
    for turn in range(int(degree.max())):  # the corner's own neighbour number `turn` around its point
        has = degree[owners] > turn
        other = order[starts[owners[has]] + turn] // 3
        own = np.flatnonzero(has) // 3
        smooth = (units[own] * units[other]).sum(1) > np.cos(np.radians(SHARP))
        total[has] += across[other] * smooth[:, None]
    total = np.where(np.linalg.norm(total, axis=1, keepdims=True) < 1e-12, np.repeat(units, 3, 0), total)
    total /= np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    return total.reshape(-1, 3, 3)


def _shadow_map(mesh: Mesh, sun: Array, size: int = 600) -> Callable[[Array], NDArray[np.bool_]]:
    """Return a function that says of points (n × 3) whether the product lies between the sun and them."""
    helper = np.array([0.0, 0, 1]) if abs(sun[2]) < 0.9 else np.array([1.0, 0, 0])
    right = np.cross(helper, sun)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(sun, right), sun])
    local = mesh.points @ axes.T
    low = local[:, :2].min(0)
    scale = (size - 4) / float(np.ptp(local[:, :2], axis=0).max())
    hit, weights = rasterize((local[:, :2] - low) * scale + 2, local[:, 2], mesh.triangles, size)
    height = np.where(hit >= 0, (weights * local[mesh.triangles[np.maximum(hit, 0)], 2]).sum(2), -np.inf)

    def shades(points: Array) -> NDArray[np.bool_]:
        at = points @ axes.T
        x, y = np.clip((at[:, :2] - low) * scale + 2, 0, size - 1).astype(int).T
        return np.asarray(height[y, x] > at[:, 2] + 0.01)

    return shades


def _ground(frame: Frame, level: float, wanted: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Array]:
    """Return which wanted pixels show the ground, and its points (n × 3) there."""
    y, x = np.nonzero(wanted)
    across, down = (x + 0.5) / SIZE - 0.5 + frame.shift[0], 0.5 - (y + 0.5) / SIZE + frame.shift[1]
    way = np.stack([across / frame.focal, down / frame.focal, -np.ones_like(across)], 1) @ frame.axes
    fall = level - frame.eye[2]
    meets = way[:, 2] * fall > 1e-6 * abs(fall)
    ground = np.zeros(wanted.shape, bool)
    ground[y[meets], x[meets]] = True
    return ground, frame.eye + way[meets] * (fall / way[meets, 2])[:, None]


def _occlusion(position: Float, normal: Float, seen: NDArray[np.bool_]) -> Float:
    """Return the share of open sky around each point, 0 to 1, from what its neighbours in the image hide."""
    step = 3
    points, normals = position[::step, ::step], normal[::step, ::step]
    here = seen[::step, ::step]
    hidden = np.zeros(here.shape, np.float32)
    count = 0
    for radius in (2, 5, 9, 15):
        for angle in np.arange(8) * np.pi / 4 + radius:
            dx, dy = round(float(np.cos(angle)) * radius), round(float(np.sin(angle)) * radius)
            way = np.roll(points, (dy, dx), (0, 1)) - points
            distance = np.linalg.norm(way, axis=2) + 1e-6
            rise = (way * normals).sum(2) / distance - 0.1
            hidden += (
                np.clip(rise, 0, 1) * np.clip(1 - distance / 0.35, 0, 1) * np.roll(here, (dy, dx), (0, 1))
            )
            count += 1
    open_sky = gaussian_filter(np.clip(1 - 3.2 * hidden / count, 0, 1), 1.0)
    return np.asarray(cv2.resize(open_sky, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR), np.float32)
