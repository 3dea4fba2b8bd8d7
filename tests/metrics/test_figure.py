import json

import pytest

from sketch2color.metrics.figure import Figure, flat, from_json, to_json


def test_what_is_written_is_read():
    metrics = {"sketch": {"kid": Figure(0.25, 9, 0.125, 0.5), "psnr": Figure(14.5, 1)}, "real": {}}
    differences = {"cyclegan - sketch": {"kid": Figure(-0.5, 8, -1.0, 0.0)}}
    assert from_json(to_json(metrics, differences)) == (metrics, differences)


def test_equal_figures_are_equal_bytes_whatever_their_order():
    figures = {"b": Figure(1.0, 2, 0.5, 1.5), "a": Figure(2.0, 2)}
    there = to_json({"y": figures, "x": {}}, {})
    assert there == to_json({"x": {}, "y": dict(reversed(figures.items()))}, {})


def test_numbers_have_six_digits_and_none_is_made_up():
    figures = {"a": Figure(1 / 3, 7, float("nan"), float("inf")), "b": Figure(float("nan"), 7)}
    content = json.loads(to_json({"x": figures}, {}))
    assert content["x"] == {"a": {"n": 7, "value": 0.333333}}
    assert flat({"x": figures}) == {"x/a": 0.333333}


@pytest.mark.parametrize("text", ['{"sketch": {"n": 3}}', "[]", "{", '{"differences": {}, "x": {"n": 3}}'])
def test_other_json_is_refused(text):
    with pytest.raises(ValueError):
        from_json(text)
