import pytest
from tests.evaluation import contents

from sketch2color.pages.page import data_uri
from sketch2color.report import evaluation_data
from sketch2color.report.report import render


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return contents.make(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def carried(content):
    return evaluation_data.from_page(render(content))


def test_a_report_carries_what_was_found(content, carried):
    assert carried.about == content.about
    assert carried.order == ("cc33", "bb22", "aa11")
    assert carried.faults["style_transfer"] == {"bb22": "none was made"}
    assert carried.scores["cyclegan"]["aa11"] == content.judged["cyclegan"].results[0].scores
    assert carried.losses == content.curves
    assert [credit.attribution for credit in carried.credits] == ["", "Ana & Co", "Bo", "Cy"]
    assert carried.figures.keys() == content.metrics.keys()
    for method, figures in content.metrics.items():
        for key, figure in figures.items():
            found = carried.figures[method][key]
            assert (found.value, found.n) == (pytest.approx(figure.value), figure.n)
            assert (found.low, found.high) == (pytest.approx(figure.low), pytest.approx(figure.high))


def test_a_report_carries_its_images_byte_for_byte(content, carried):
    for method in ("sketch", "cyclegan"):
        for result in content.judged[method].results:
            assert carried.images[result.id][method] == data_uri(result.path.read_bytes())
    assert "style_transfer" not in carried.images["bb22"]
    assert "truth" in carried.images["aa11"]
    assert "truth" not in carried.images["cc33"]


def test_text_that_looks_like_a_page_stays_text(tmp_path):
    content = contents.make(tmp_path)
    hostile = "</script><script>alert(1)</script><!--'\""
    content.about.parameters["preset"] = hostile
    text = render(content)
    assert "<script>alert" not in text
    assert evaluation_data.from_page(text).about.parameters["preset"] == hostile


@pytest.mark.parametrize(
    "page",
    ["", "<p>no report</p>", "<script data-judgement>{}</script>", "<script data-judgement>[1]</script>"],
)
def test_what_is_no_report_is_refused(page):
    with pytest.raises(ValueError, match=r"\w"):
        evaluation_data.from_page(page)
