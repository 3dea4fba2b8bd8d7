"""Sketches, requests and what Python makes of them, as files that the studio's engine is tested against."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

import cv2
import numpy as np
import torch

from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.layers import composite
from sketch2color.colorize.like_sketch import layers_like
from sketch2color.colorize.request import Request
from sketch2color.colorize.request_file import read_request
from sketch2color.colorize.strokes import rasterize
from sketch2color.imaging import Decoded, flatten_on_white
from sketch2color.models.sketch_lines import flatten_illumination, max_channel

RED, BLUE, WHITE, OCHRE = (214, 40, 40), (29, 78, 216), (255, 255, 255), (202, 138, 4)
LAYERED = ("line art", "transparent", "light on dark")
"""Cases of which each layer is written, too."""
PALETTE = (BLUE, OCHRE, (40, 40, 48))


@dataclass(frozen=True)
class Case:
    """A sketch, uint8 H × W × 3 or 4, and requests by name."""

    sketch: np.ndarray
    requests: Mapping[str, Request] = field(default_factory=lambda: {"palette": Request(PALETTE)})


def cases() -> Iterator[tuple[str, Case]]:
    """Yield cases by name."""
    line_art = draw(256, 256)
    yield "line art", Case(line_art, all_requests(line_art))
    wide = draw(700, 500)
    yield "wide", Case(wide, all_requests(wide))
    yield "transparent", Case(transparent(draw(400, 300)), all_requests(draw(400, 300)))
    dark = 255 - draw(320, 300)
    yield "light on dark", Case(dark, all_requests(dark))
    page = np.full((1100, 1500, 3), 255, np.uint8)
    page[300:560, 500:820] = draw(320, 260)
    yield "small on a large page", Case(page, {"fill": Request(PALETTE, fill=stroke(page, RED, 0.43, 0.42))})
    yield "photograph", Case(photograph(draw(640, 480)))
    yield "coloured pencil", Case(np.where(draw(300, 300) < 128, (200, 60, 40), 255).astype(np.uint8))
    yield "hatched", Case(hatch(draw(400, 300)))
    gaps = draw_gaps()
    yield "gaps", Case(gaps, {"fill": Request(PALETTE[:1], fill=gap_strokes(gaps))})
    yield "one pixel wide", Case(np.ascontiguousarray(line_art[:, 128:129]))
    yield "blank", Case(np.full((160, 200, 3), 250, np.uint8))


def all_requests(sketch: np.ndarray) -> dict[str, Request]:
    """Return a request of each kind."""
    fill = stroke(sketch, RED, 0.35, 0.4) + stroke(sketch, OCHRE, 0.7, 0.75)
    return {
        "model": Request(),
        "palette": Request(PALETTE),
        "variant": Request(PALETTE, variant=3),
        "variant of more groups": Request(PALETTE[:2], variant=3),
        "fill": Request(PALETTE, fill=fill),
        "fill alone": Request(fill=fill),
        "click": Request(PALETTE[:1], fill=click(sketch)),
        "white": Request(PALETTE, fill=stroke(sketch, WHITE, 0.35, 0.4)),
        "paint": Request(PALETTE, fill=fill, paint=stroke(sketch, RED, 0.5, 0.5)),
    }


def draw(width: int, height: int) -> np.ndarray:
    """Draw a bottle-like product with a grip, buttons and shading lines, in dark lines on white."""
    image = np.full((height, width, 3), 255, np.uint8)
    thick = max(1, round(max(width, height) / 180))

    def at(x: float, y: float) -> tuple[int, int]:
        return round(x * width), round(y * height)

    cv2.rectangle(image, at(0.2, 0.25), at(0.6, 0.85), (20, 20, 20), thick, cv2.LINE_AA)
    cv2.ellipse(image, at(0.4, 0.25), at(0.2, 0.08), 0, 0, 360, (30, 30, 30), thick, cv2.LINE_AA)
    cv2.circle(image, at(0.7, 0.6), round(0.2 * min(width, height)), (10, 10, 10), thick, cv2.LINE_AA)
    cv2.circle(image, at(0.7, 0.6), round(0.07 * min(width, height)), (60, 60, 60), thick, cv2.LINE_AA)
    for step in range(6):
        cv2.line(
            image, at(0.24 + 0.02 * step, 0.7), at(0.26 + 0.02 * step, 0.8), (90, 90, 90), 1, cv2.LINE_AA
        )
    return image


def hatch(sketch: np.ndarray) -> np.ndarray:
    """Shade a sketch by short strokes, light to dark, which leave hundreds of small places blank."""
    random, (height, width) = np.random.default_rng(7), sketch.shape[:2]
    hatched = sketch.copy()
    for x, y in random.uniform((0.2, 0.25), (0.9, 0.85), (400, 2)) * (width, height):
        end = x + random.uniform(8, 24), y - random.uniform(4, 14)
        level = int(random.uniform(40, 190))
        cv2.line(hatched, (round(x), round(y)), (round(end[0]), round(end[1])), (level,) * 3, 1, cv2.LINE_AA)
    return hatched


def draw_gaps() -> np.ndarray:
    """Draw boxes whose outlines have gaps of 2 to 16 pixels, 1024 × 1024."""
    image = np.full((1024, 1024, 3), 255, np.uint8)
    for number, gap in enumerate((2, 4, 8, 12, 16)):
        left = 40 + 195 * number
        cv2.rectangle(image, (left, 300), (left + 150, 700), (0, 0, 0), 3)
        image[298:303, left + 70 : left + 70 + gap] = 255
    return image


def gap_strokes(image: np.ndarray) -> np.ndarray:
    """Return a stroke in each box, in two colours."""
    drawn = np.zeros((*image.shape[:2], 4), np.uint8)
    for number in range(5):
        left = 80 + 195 * number
        drawn[480:490, left : left + 60] = (*(RED if number % 2 else OCHRE), 255)
    return drawn


def stroke(sketch: np.ndarray, color: tuple[int, int, int], x: float, y: float) -> np.ndarray:
    """Return strokes, H × W × 4, with one slanted line around a place given in shares of the edges."""
    height, width = sketch.shape[:2]
    drawn = np.zeros((height, width), np.uint8)
    reach = max(1, min(width, height) // 20)
    middle = round(x * width), round(y * height)
    ends = [(middle[0] + way * reach, middle[1] + way * reach // 2) for way in (-1, 1)]
    cv2.line(drawn, *ends, 255, max(1, reach // 3))
    return np.concatenate([np.where(drawn[..., None] > 0, color, 0), drawn[..., None]], 2).astype(np.uint8)


def click(sketch: np.ndarray) -> np.ndarray:
    """Return strokes, H × W × 4: a broad one, and one of two pixels, less than a thousandth of it."""
    height, width = sketch.shape[:2]
    drawn = np.zeros((height, width, 4), np.uint8)
    drawn[height // 3 : 3 * height // 4, width // 4 : width // 2] = (*RED, 255)
    drawn[round(0.6 * height), round(0.7 * width) : round(0.7 * width) + 2] = (*OCHRE, 255)
    return drawn


def transparent(sketch: np.ndarray) -> np.ndarray:
    """Return a sketch, H × W × 4, whose paper is transparent."""
    alpha = 255 - sketch.min(2, keepdims=True)
    return np.concatenate([np.zeros_like(sketch), alpha], 2)


def photograph(sketch: np.ndarray) -> np.ndarray:
    """Return a sketch as if photographed: warm, unevenly lit and grainy paper, and a table around it."""
    height, width = sketch.shape[:2]
    light = np.linspace(0.75, 1.0, width)[None, :, None] * np.linspace(1.0, 0.9, height)[:, None, None]
    grain = np.random.default_rng(5).normal(0, 2, (height, width, 1))
    photo = sketch * light * (0.97, 0.94, 0.88) + grain
    photo[: height // 16], photo[:, : width // 12] = 42, 40
    return photo.clip(0, 255).astype(np.uint8)


def write_cases(folder: Path) -> None:
    """Write each case into a folder of its own: arrays in rows, and ``case.json``."""
    colorizer = Colorizer.load()
    for name, case in cases():
        (place := folder / name.replace(" ", "_")).mkdir()
        alpha = case.sketch[..., 3] if case.sketch.shape[2] == 4 else None
        sketch = Decoded(flatten_on_white(case.sketch), ".png", alpha)
        analysis, seen = _analyse(colorizer, sketch.image)
        arrays = {"sketch": _rgba(case.sketch), "parts": analysis.parts, **seen}
        for number, request in enumerate(case.requests.values()):
            stack = layers_like(sketch, analysis.layers(request))
            arrays[f"owners {number}"] = analysis._owners(request)[0].astype(np.uint8)
            arrays[f"composite {number}"] = _rgba(composite(stack))
            for layer in stack if name in LAYERED else []:
                arrays[f"{layer.name} {number}"] = _rgba(layer.pixels)
            for kind in ("fill", "paint"):
                if (strokes := getattr(request, kind)) is not None:
                    arrays[f"{kind} {number}"] = strokes
        for kind, values in arrays.items():
            values.tofile(place / kind)
        facts = {
            "width": case.sketch.shape[1],
            "height": case.sketch.shape[0],
            "size": colorizer.size,
            "palettes": colorizer.palettes.tolist(),
            "parts": analysis.parts.shape[::-1],
            "requests": [
                {
                    "name": title,
                    "palette": request.palette,
                    "variant": request.variant,
                    "layers": [layer.name for layer in layers_like(sketch, analysis.layers(request))],
                    "hasLayers": name in LAYERED,
                }
                for title, request in case.requests.items()
            ],
        }
        (place / "case.json").write_text(json.dumps(facts))


def write_strokes(folder: Path) -> None:
    """Write a work file of random strokes, ``work.json``, and the arrays ``fill`` and ``paint`` of them."""
    random = np.random.default_rng(3)
    width, height = 257, 181
    strokes = []
    for number in range(150):
        points = random.uniform((-20, -20, 0), (width + 20, height + 20, 12), (random.integers(1, 6), 3))
        if number % 3:  # as the page rounds them, and on borders of pixels
            points = points.round(2 if number % 3 == 1 else 0)
        points[:, :2] = points[0, :2] + (points[:, :2] - points[0, :2]) / (1 + number % 5)
        tool = ("fill", "brush", "brush", "fill", "eraser")[random.integers(5)]
        strokes.append({"tool": tool, "color": f"#{random.integers(1 << 24):06x}", "points": points.tolist()})
    facts = {"format": 1, "width": width, "height": height, "palette": ["#1f4fb0"], "variant": 2}
    (folder / "work.json").write_text(json.dumps(facts | {"strokes": strokes}))
    request = read_request(folder / "work.json")
    for kind, pixels in rasterize(request.strokes, width, height).items():
        pixels.tofile(folder / kind)


def _analyse(colorizer: Colorizer, image: np.ndarray) -> tuple[Analysis, dict[str, np.ndarray]]:
    """Return the analysis of a sketch, and the network's inputs and output: none if it is blank."""
    network, seen = colorizer.network, {}
    color_layer = network.color_layer

    def record(sketch: torch.Tensor, palette: torch.Tensor, fine: torch.Tensor) -> torch.Tensor:
        layer = color_layer(sketch, palette, fine)
        scale = fine.shape[-1] // sketch.shape[-1]
        inks = (
            flatten_illumination(max_channel(each), 16 * by + 1) for each, by in ((sketch, 1), (fine, scale))
        )
        for kind, values in zip(("ink", "fine", "palette", "layer"), (*inks, palette, layer), strict=True):
            seen[kind] = values.numpy()
        return layer

    with mock.patch.object(network, "color_layer", record):
        return Analysis.of(image, colorizer), seen


def _rgba(image: np.ndarray) -> np.ndarray:
    if image.shape[2] == 4:
        return image
    return np.concatenate([image, np.full_like(image[..., :1], 255)], 2)
