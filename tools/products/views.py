"""Cameras that show a product whole, and what a render of one leaves: the passes and the lines."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from products.lines import LINE_SETS
from products.shapes import Array

SIZE = 768
"""Edge of a render in pixels."""
FILL = 0.82
"""Share of the edge that the longer side of the product takes up."""

ASIDE = np.array([0.07, -0.01])
"""How far the product stands left of and above the middle, in image widths: its shadow falls to the right."""


@dataclass(frozen=True)
class Camera:
    """A camera that looks at a product.

    Attributes:
        azimuth: degrees from the front (``-y``) towards the right.
        elevation: degrees above the ground.
        distance: from the product's centre, in its radii: 2.5 is a strong perspective, 40 nearly none.
    """

    azimuth: float
    elevation: float
    distance: float

    def frame(self, points: Array) -> Frame:
        """Return the frame that shows ``points`` (n × 3) whole."""
        center = (points.max(0) + points.min(0)) / 2
        radius = float(np.linalg.norm(points - center, axis=1).max())
        turn, lift = np.radians([self.azimuth, self.elevation])
        toward = np.array([np.sin(turn) * np.cos(lift), -np.cos(turn) * np.cos(lift), np.sin(lift)])
        right = np.array([np.cos(turn), np.sin(turn), 0.0])
        axes = np.stack([right, np.cross(toward, right), toward])
        eye = center + toward * self.distance * radius
        local = (points - eye) @ axes.T
        flat = local[:, :2] / -local[:, 2:]
        low, high = flat.min(0), flat.max(0)
        focal = FILL / float((high - low).max())
        return Frame(axes, eye, focal, (low + high) / 2 * focal + ASIDE)


@dataclass(frozen=True)
class Frame:
    """A placed camera: its right, up and backward axes, its eye, focal length and shift in image widths."""

    axes: Array
    eye: Array
    focal: float
    shift: Array

    def project(self, points: Array) -> Array:
        """Return the pixel coordinates (n × 2) of points."""
        local = (np.asarray(points, float) - self.eye) @ self.axes.T
        flat = local[:, :2] / -local[:, 2:] * self.focal - self.shift
        return np.stack([0.5 + flat[:, 0], 0.5 - flat[:, 1]], 1) * SIZE


@dataclass(frozen=True)
class Passes:
    """One product in one view.

    Attributes:
        part: uint8 ``SIZE`` × ``SIZE``; 0 is the background, i the part ``labels[i - 1]``.
        labels: ``role:part``.
        normal: float32 unit vectors of the surface.
        position: float32 points of the surface.
        light: 0 to 1, the light of the sun that arrives, shadows included.
        occlusion: 0 to 1, 0 in corners.
        shadow: bool, where the product shades the ground beside it.
        lines: polylines in pixels, those of each of ``LINE_SETS``.
        frame: of the camera.
        bounds: 2 × 3, the product's lowest and highest coordinates.
    """

    part: NDArray[np.uint8]
    labels: tuple[str, ...]
    normal: NDArray[np.float32]
    position: NDArray[np.float32]
    light: NDArray[np.float32]
    occlusion: NDArray[np.float32]
    shadow: NDArray[np.bool_]
    lines: dict[str, list[Array]]
    frame: Frame
    bounds: Array

    @property
    def product(self) -> NDArray[np.bool_]:
        """Where the product is."""
        return self.part > 0

    def roles(self) -> NDArray[np.str_]:
        """Return the role of each pixel's part, empty beside the product."""
        return np.array(["", *(label.split(":")[0] for label in self.labels)])[self.part]

    def save(self, path: Path) -> None:
        """Write the passes to a .npz file, whole or not at all."""
        lines = [(index, line) for index, name in enumerate(LINE_SETS) for line in self.lines[name]]
        content: dict[str, Any] = {
            "part": self.part,
            "labels": np.array(self.labels),
            "normal": np.round(self.normal * 127).astype(np.int8),
            "position": self.position.astype(np.float16),
            "light": np.round(self.light * 255).astype(np.uint8),
            "occlusion": np.round(self.occlusion * 255).astype(np.uint8),
            "shadow": self.shadow,
            "points": np.concatenate([np.zeros((0, 2)), *(line for _, line in lines)]).astype(np.float32),
            "lengths": np.array([len(line) for _, line in lines], int),
            "sets": np.array([index for index, _ in lines], np.uint8),
            "axes": self.frame.axes,
            "eye": self.frame.eye,
            "lens": np.array([self.frame.focal, *self.frame.shift]),
            "bounds": self.bounds,
        }
        partial = path.with_suffix(".part.npz")
        np.savez(partial, **content)
        partial.replace(path)


def load(path: Path) -> Passes:
    """Read what ``Passes.save`` wrote."""
    with np.load(path) as file:
        parts = (
            np.split(file["points"].astype(float), np.cumsum(file["lengths"])[:-1])
            if len(file["lengths"])
            else []
        )
        lines: dict[str, list[Array]] = {name: [] for name in LINE_SETS}
        for index, line in zip(file["sets"], parts, strict=True):
            lines[LINE_SETS[index]].append(line)
        normal = file["normal"].astype(np.float32)
        normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-6)
        lens = file["lens"]
        return Passes(
            part=file["part"],
            labels=tuple(str(label) for label in file["labels"]),
            normal=normal,
            position=file["position"].astype(np.float32),
            light=file["light"].astype(np.float32) / 255,
            occlusion=file["occlusion"].astype(np.float32) / 255,
            shadow=file["shadow"],
            lines=lines,
            frame=Frame(file["axes"], file["eye"], float(lens[0]), lens[1:]),
            bounds=file["bounds"],
        )
