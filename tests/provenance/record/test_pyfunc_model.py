import base64
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import torch

from sketch2color import imaging
from sketch2color.colorize.analysis import Analysis
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.layers import composite
from sketch2color.colorize.request import Request, parse_palette
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.provenance.record.pyfunc_model import BadRequestError, ServedColorizer
from sketch2color.provenance.record.register_model import SIGNATURE


@pytest.fixture(scope="module")
def served():
    model = ServedColorizer()
    torch.manual_seed(0)
    model.colorizer = Colorizer(MultiplyGenerator(8).eval(), torch.rand(5, 11), 64)
    return model


def draw() -> np.ndarray:
    image = np.full((60, 80, 3), 255, np.uint8)
    image[10:50, 20] = image[10:50, 60] = image[10, 20:60] = image[50, 20:61] = 0
    return image


SKETCH = imaging.encode_png(draw())


def strokes(height=60, width=80, alpha=0):
    pixels = np.zeros((height, width, 4), np.uint8)
    pixels[..., 3] = alpha
    pixels[28:32, 30:50] = 255, 0, 0, 255
    return pixels


def png(pixels):
    return base64.b64encode(imaging.encode_png(pixels)).decode()


def ask(served, sketches=(SKETCH,), **params):
    answer = served.predict(None, pd.DataFrame({"sketch": sketches}), params)
    return [imaging.read(base64.b64decode(each)) for each in answer["image"]]


def test_the_signature_has_what_a_request_may_ask_for():
    assert SIGNATURE.inputs.input_names() == ["sketch"]
    assert {each.name: each.default for each in SIGNATURE.params.params} == {
        "palette": "",
        "variant": 0,
        "fill": "",
        "paint": "",
    }


@pytest.mark.parametrize("params", [{}, {"palette": "", "variant": 2}, {"palette": None, "variant": None}])
def test_without_a_request_all_is_left_to_the_model(served, params):
    (image,) = ask(served, **params)
    assert (image == served.colorizer.colorize(draw(), params.get("variant") or 0)).all()


def test_a_request_is_answered_as_the_command_answers_it(served):
    expected = Request(parse_palette("blue,#ff8000"), strokes(), strokes()[::-1].copy(), 1)
    params = {
        "palette": "blue,#ff8000",
        "fill": png(expected.fill),
        "paint": png(expected.paint),
        "variant": 1,
    }
    for image in ask(served, [SKETCH, SKETCH], **params):
        assert (image == composite(Analysis.of(draw(), served.colorizer).layers(expected))).all()


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"palette": "blau"}, "'blau' is no colour"),
        ({"palette": "blue,,red"}, "empty entry"),
        ({"palette": ",".join(["red"] * 40)}, "at most 6 colours"),
        ({"variant": -1}, "a variant is a number from 0"),
        ({"fill": png(strokes(8, 8))}, "8 × 8 pixels and the sketch 80 × 60"),
        ({"paint": png(strokes(alpha=255))}, "cover the whole sketch"),
        ({"fill": png(strokes()[..., :3])}, "fill: strokes cannot be read: has no transparency"),
        ({"fill": "aGVsbG8="}, "fill: strokes cannot be read: not an image"),
        ({"paint": "abc"}, "paint: strokes cannot be read: Incorrect padding"),
        ({"paint": "größe"}, "paint: strokes cannot be read: "),
        ({"sketches": [b"hello"]}, "not an image"),
        ({"sketches": [SKETCH, b""]}, "empty file"),
    ],
)
def test_a_broken_request_is_the_clients_error_in_one_line(served, params, message):
    with pytest.raises(BadRequestError, match=message) as refused:
        ask(served, **params)
    assert refused.value.get_http_status_code() == 400
    refused.value.message = "Failed to predict data '\n0 b'\\x89PNG'"  # as MLflow's server does
    body = json.loads(refused.value.serialize_as_json())
    assert message in body["message"]
    assert "\n" not in body["message"]
    assert set(body) == {"error_code", "message"}


def test_answers_of_many_clients_at_once_belong_to_their_requests(served):
    palettes = ["red", "lime", "blue", "gold", "teal,red", "grey", "", "black,white"]
    alone = {palette: ask(served, palette=palette)[0] for palette in palettes}
    with ThreadPoolExecutor(8) as clients:
        together = list(clients.map(lambda palette: ask(served, palette=palette)[0], palettes))
    assert all((image == alone[each]).all() for image, each in zip(together, palettes, strict=True))
    assert len({image.tobytes() for image in together}) == 8
