import json

import cv2
import numpy as np
import pytest
import torch

from sketch2color import imaging
from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.evaluation import on_demand
from sketch2color.evaluation.on_demand import Measured, measure, summarize
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.generators.resnet import ResnetGenerator
from sketch2color.models.palette import PALETTE
from sketch2color.report.scored_images import Case

EDGE = 128


def analysis(shade=1.0):
    """Two squares with an outline, painted in one grey, the right half of each darker by ``shade``."""
    image = np.full((EDGE, EDGE, 3), 255, np.uint8)
    layer = np.ones((EDGE, EDGE, 3), np.float32)
    parts = np.ones((EDGE, EDGE), np.int32)
    for number, left in enumerate((10, 70), 2):
        layer[30:80, left : left + 50] = 0.6
        layer[30:80, left + 25 : left + 50] *= shade
        parts[30:80, left : left + 50] = number
        cv2.rectangle(image, (left, 30), (left + 49, 79), (0, 0, 0), 2)
    return Analysis(image, layer, parts)


def figures(measured):
    found = list(measured)
    return {
        key: [each.value for each in found if each.figure == key] for key in {each.figure for each in found}
    }


def test_flat_parts_have_exactly_the_colours_asked_for():
    found = figures(measure(analysis()))
    assert len(found["color_error"]) == 2 * 28
    assert max(found["color_error"]) < 0.5
    assert min(found["hue_share"]) > 0.99
    assert len(found["hue_share"]) == 24
    assert max(found["grey_chroma"]) < 0.1
    assert len(found["grey_chroma"]) == 4


def test_a_stroke_colours_its_part_and_nothing_else():
    found = figures(measure(analysis()))
    assert len(found["stroke_error"]) == 3
    assert max(found["stroke_error"]) < 0.5
    assert max(found["stroke_leak"]) < 0.01


def test_shade_is_an_error_against_the_flat_colour():
    assert np.mean(figures(measure(analysis(0.7)))["color_error"]) > 2.0


def test_what_the_network_left_paper_is_asked_for_nothing():
    blank = analysis()
    blank = Analysis(blank.image, np.ones_like(blank.layer), blank.parts)
    assert {each.figure for each in measure(blank)} == {"stroke_error", "stroke_leak"}


def test_a_summary_has_the_percentiles():
    found = summarize(Measured("stroke_leak", value / 100) for value in range(101))
    assert found == {"stroke_leak": {"median": 0.5, "p5": 0.05, "p95": 0.95, "n": 101}}


def colorizer(network):
    torch.manual_seed(0)
    return Colorizer(network.eval(), torch.rand(3, PALETTE), 64)


@pytest.mark.slow
def test_the_sheet_and_the_figures_are_written(tmp_path):
    path = tmp_path / "sketch.png"
    imaging.write_png(path, analysis().image)
    cases = [Case("a", path, None), Case("b", tmp_path / "missing.png", None)]
    color_on_demand = on_demand.evaluate(colorizer(MultiplyGenerator(8)), cases, tmp_path, 1)
    assert color_on_demand.ids == ["a"]
    written = json.loads((tmp_path / "on_demand.json").read_text())
    assert {row[0] for row in color_on_demand.rows} == {on_demand.TITLES[key] for key in written}
    assert imaging.read(tmp_path / "palettes.png").shape[1] > 6 * 192


def test_a_generator_without_layers_is_not_measured(tmp_path):
    assert on_demand.evaluate(colorizer(ResnetGenerator(8)), [], tmp_path, 1) is None
    assert not list(tmp_path.iterdir())
