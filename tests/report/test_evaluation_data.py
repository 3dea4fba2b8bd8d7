import json

import pytest
from tests.evaluation import contents

from sketch2color.pages.page import data_uri
from sketch2color.report import evaluation_data
from sketch2color.report.report import render


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return contents.make(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def embedded(content):
    return evaluation_data.from_page(render(content))


def test_a_report_embeds_what_was_found(content, embedded):
    assert embedded.about == content.about
    assert embedded.order == ("cc33", "bb22", "aa11")
    assert embedded.faults["style_transfer"] == {"bb22": "not found"}
    assert embedded.scores["cyclegan"]["aa11"] == content.scored["cyclegan"][0].scores
    assert embedded.losses == content.curves
    assert [credit.attribution for credit in embedded.credits] == ["", "Ana & Co", "Bo", "Cy"]
    assert embedded.estimates.keys() == content.estimates.keys()
    for method, estimates in content.estimates.items():
        for key, estimate in estimates.items():
            found = embedded.estimates[method][key]
            assert (found.value, found.n) == (pytest.approx(estimate.value), estimate.n)
            assert (found.low, found.high) == (pytest.approx(estimate.low), pytest.approx(estimate.high))


def test_a_report_embeds_its_images_byte_for_byte(content, embedded):
    for method in ("sketch", "cyclegan"):
        for result in content.scored[method]:
            assert embedded.images[result.id][method] == data_uri(result.path.read_bytes())
    assert "style_transfer" not in embedded.images["bb22"]
    assert "real" in embedded.images["aa11"]
    assert "real" not in embedded.images["cc33"]


def test_text_that_looks_like_a_page_stays_text(tmp_path):
    content = contents.make(tmp_path)
    hostile = "</script><script>alert(1)</script><!--'\""
    content.about.parameters["preset"] = hostile
    text = render(content)
    assert "<script>alert" not in text
    assert evaluation_data.from_page(text).about.parameters["preset"] == hostile


@pytest.mark.parametrize(
    "page",
    ["", "<p>no report</p>", "<script data-evaluation>{}</script>", "<script data-evaluation>[1]</script>"],
)
def test_what_is_no_report_is_refused(page):
    with pytest.raises(ValueError, match=r"\w"):
        evaluation_data.from_page(page)


@pytest.mark.parametrize("data", ["[]", "{}", "[" * 3000, "9" * 5000, '{"about": 1}', ""])
def test_a_page_that_embeds_something_else_is_a_value_error(data):
    with pytest.raises(ValueError, match=r"\S"):
        evaluation_data.from_page(f"<script data-evaluation>{data}</script>")


@pytest.mark.parametrize("key", ["about", "estimates", "scores", "faults", "order", "losses", "credits"])
@pytest.mark.parametrize("value", [[1], 5, "x", None, {"a": {"b": [[]]}}], ids=str)
def test_a_value_of_another_type_is_a_value_error(content, embedded, key, value):
    data = json.dumps(evaluation_data.to_json(embedded) | {key: value})
    with pytest.raises(ValueError, match=r"\S"):
        evaluation_data.from_page(f"<script data-evaluation>{data}</script>")
