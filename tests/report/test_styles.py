from dataclasses import replace

import pytest
from tests.evaluation import contents
from tests.report.test_report import read, section

from sketch2color.report.report import render
from sketch2color.report.scored_images import Case, ScoredImage
from sketch2color.report.styles import StyleScore, by_style


def scored(**values):
    """A method's images of the sketches a, b, c, … with these scores; None for no image."""
    return {
        method: [
            ScoredImage(name, "", fault="" if scores else "not found", scores=scores or {})
            for name, scores in zip("abcd", found, strict=False)
        ]
        for method, found in values.items()
    }


CASES = [
    Case(name, "", None, None, style) for name, style in zip("abc", ("pen", "loose", "pen"), strict=True)
]
SCORED = scored(
    style_transfer=({"part_leak": 0.1}, None, {"part_leak": 0.3}),
    cyclegan=({"part_leak": 0.2, "psnr": 9.0}, {"paper_noise": 1.0}, {}, {"part_leak": 9.0}),
    designer=({"part_leak": 0.0},),
)


def test_means_are_over_the_images_of_a_style_that_have_the_score():
    assert list(by_style(CASES, SCORED)) == [
        StyleScore("loose", "cyclegan", "paper_noise", 1, 1.0),
        StyleScore("pen", "style_transfer", "part_leak", 2, pytest.approx(0.2)),
        StyleScore("pen", "cyclegan", "part_leak", 1, 0.2),
        StyleScore("pen", "designer", "part_leak", 1, 0.0),
        StyleScore("all", "style_transfer", "part_leak", 2, pytest.approx(0.2)),
        StyleScore("all", "cyclegan", "part_leak", 1, 0.2),
        StyleScore("all", "cyclegan", "paper_noise", 1, 1.0),
        StyleScore("all", "designer", "part_leak", 1, 0.0),
    ]


def test_without_styles_there_is_nothing(tmp_path):
    assert list(by_style([replace(case, style="") for case in CASES], SCORED)) == []
    assert "By drawing style" not in render(contents.make(tmp_path))


def test_the_report_has_a_row_a_style(tmp_path):
    content = contents.make(tmp_path)
    styles = ("<pen>", "loose", "<pen>")
    sketches = [replace(case, style=style) for case, style in zip(content.sketches, styles, strict=True)]
    scores = list(by_style(sketches, {**content.scored, "designer": content.scored["sketch"]}))
    page = render(replace(content, sketches=sketches, styles=scores))
    read(page)
    found = section(page, "styles")
    assert [
        found.count(f'<th scope="row">{row}</th>') for row in ("&lt;pen&gt; (2)", "loose (1)", "all (3)")
    ] == [1] * 3
    assert ">2.12<" in found  # style transfer on the two of <pen>, which have 1.25 and 3.0
    assert "data-sketch" not in found
