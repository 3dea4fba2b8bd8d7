import pytest

from sketch2color.confidence_intervals import Estimate
from sketch2color.metrics import discovery
from sketch2color.report.columns import Column, Run, columns
from sketch2color.report.evaluation_data import About, EvaluationData
from sketch2color.report.report import ranking
from sketch2color.report.statements import statements
from sketch2color.report.summary_table import number, row

NOISE, COLOUR, PSNR, MARKS = discovery.describe(["paper_noise", "colorfulness", "psnr", "mark_area"])


def estimate(value, spread, n=9):
    if spread is None:
        return Estimate(value, n)
    return Estimate(value, n, value - spread, value + spread)


def evaluation(estimates):
    return EvaluationData(
        about=About("", {}, {}, {}),
        estimates=estimates,
        scores={},
        faults={},
        order=(),
        losses={},
        images={},
        credits=(),
    )


def summary_row(metric, style, gan, real=None, between=None):
    values = {"style_transfer": style, "cyclegan": gan, "real": real}
    found = {method: {metric.key: estimate(*value)} for method, value in values.items() if value}
    differences = {"cyclegan - style_transfer": {metric.key: estimate(*between)}} if between else {}
    return row(metric, list(columns([Run("", evaluation(found))])), found.get("real", {}), differences)


def leaders(metric, style, gan, real=None, between=None):
    """Which column is best, and whether significantly."""
    cells = summary_row(metric, style, gan, real, between).cells
    return [(cell.column.key, cell.rank) for cell in cells if cell.rank]


def test_lower_noise_and_higher_psnr_lead():
    assert leaders(NOISE, (2, 0.1), (1, 0.1)) == [("cyclegan", "significantly best")]
    assert leaders(PSNR, (20, 1), (14, 1)) == [("style_transfer", "significantly best")]


def test_intervals_that_overlap_leave_it_open_unless_that_of_the_difference_does_not():
    assert leaders(NOISE, (2, 1.5), (1, 1.5)) == [("cyclegan", "best")]
    assert leaders(NOISE, (2, 1.5), (1, 1.5), between=(-1, 0.5)) == [("cyclegan", "significantly best")]
    assert leaders(NOISE, (2, 0.1), (1, 0.1), between=(-1, 1.5)) == [("cyclegan", "best")]


def test_nearness_to_real_counts_from_either_side():
    assert leaders(COLOUR, (30, 1), (40, 1), real=(33, 1)) == [("style_transfer", "significantly best")]
    # 27 to 35 holds 33 itself; 36 to 44 comes as near as 3: who is nearer may be chance
    assert leaders(COLOUR, (31, 4), (40, 4), real=(33, 1)) == [("style_transfer", "best")]
    # both ends of 30.5 to 36.5 are far from 33, but it holds 33
    assert leaders(COLOUR, (33.5, 3), (33.2, 0.1), real=(33, 1)) == [("cyclegan", "best")]
    # a sure difference says nothing of nearness
    assert leaders(COLOUR, (28, 6), (39, 6), (33, 1), between=(11, 1)) == [("style_transfer", "best")]
    assert leaders(COLOUR, (30, 1), (40, 1)) == []  # nothing to be near to


@pytest.mark.parametrize("style, gan", [((1, 0.1), (1, 0.1)), (None, (1, 0.1)), ((1, 0.1), None)])
def test_nobody_leads_where_both_are_the_same_or_one_is_missing(style, gan):
    assert leaders(NOISE, style, gan) == []


def test_what_stands_for_reference_has_no_leader():
    assert leaders(MARKS, (2, 0.1), (1, 0.1)) == []


def test_without_intervals_nothing_is_significant():
    assert leaders(NOISE, (2, None, 1), (1, None, 1)) == [("cyclegan", "best")]


def test_an_estimate_is_shown_with_its_interval_and_number_and_a_missing_one_is_not():
    cells = summary_row(NOISE, None, (1, 0.5)).cells
    assert [(cell.text, cell.interval, cell.n) for cell in cells] == [
        ("", "", 0),
        ("", "", 0),
        ("1.00", "0.50 to 1.50", 9),
        ("", "", 0),
    ]


def test_the_ranking_counts_metrics_and_significant_ones():
    rows = [
        summary_row(NOISE, (2, 0.1), (1, 0.1)),
        summary_row(PSNR, (14, 2), (15, 2)),
        summary_row(MARKS, (1, 0), (2, 0)),
    ]
    assert ranking(rows) == (
        "CycleGAN is better in 2 of 2 metrics, in 1 of them significantly; Style transfer in 0."
    )
    assert ranking([]) == "In no metric is one better than the other."


def text_of(metric, between, first, second, real=None):
    """The outcome and the text on Monday's CycleGAN against Tuesday's."""
    days = [evaluation({"cyclegan": {metric.key: estimate(*value)}}) for value in (first, second)]
    found = [Column(name, "cyclegan", name, day) for name, day in zip(("Mo", "Tu"), days, strict=True)]
    target = {metric.key: estimate(*real)} if real else {}
    (statement,) = statements(*found, {metric.key: estimate(*between)}, target)
    return statement.outcome, statement.text


def test_differences_in_words():
    outcome, text = text_of(NOISE, (-2, 0.5), (1, 1), (3, 1))
    assert outcome == "better"
    assert text == "CycleGAN, Mo is lower than CycleGAN, Tu by 2.00 ΔE (95 %: 1.50 to 2.50; 9 sketches)."
    outcome, text = text_of(PSNR, (-2, 0.5), (12, 1), (14, 1))
    assert outcome == "worse"
    outcome, text = text_of(NOISE, (-2, 2.5), (1, 1), (3, 1))
    assert outcome == "open"
    assert text.startswith(
        "CycleGAN, Mo is lower than CycleGAN, Tu by 2.00 ΔE, not significantly (95 %: −0.50 to"
    )


def test_of_one_sketch_and_of_equals_no_interval_is_made_up():
    assert text_of(NOISE, (-2, None, 1), (1, None, 1), (3, None, 1)) == (
        "open",
        "CycleGAN, Mo is lower than CycleGAN, Tu by 2.00 ΔE; there is no confidence interval "
        "(over 1 sketch).",
    )
    assert text_of(NOISE, (0, 0), (1, 1), (1, 1)) == (
        "open",
        "CycleGAN, Mo and CycleGAN, Tu are equal (over 9 sketches).",
    )


def test_what_is_too_small_to_print_is_not_printed_as_zero():
    assert "lower than CycleGAN, Tu by less than 0.01 ΔE" in text_of(NOISE, (-0.001, 0), (1, 1), (1, 1))[1]


def test_nearer_to_real_is_said_where_it_is_significant():
    outcome, text = text_of(COLOUR, (10, 2), (40, 1), (30, 1), real=(41, 1))
    assert outcome == "better"
    assert "is higher than CycleGAN, Tu by 10.0, nearer to Real (" in text
    assert text_of(COLOUR, (10, 2), (40, 1), (30, 1), real=(30, 1))[0] == "worse"
    assert text_of(COLOUR, (10, 2), (40, 4), (30, 4), real=(34, 1))[0] == "different"


def test_numbers_read_as_printed():
    assert number(-0.0004, 3) == "0.000"
    assert number(-12.34, 1) == "−12.3"


def test_a_metric_without_a_ranking_is_different_and_neither_better_nor_worse():
    outcome, text = text_of(MARKS, (-2, 0.5), (1, 1), (3, 1))
    assert outcome == "different"
    assert text.startswith("CycleGAN, Mo is lower than CycleGAN, Tu by 2")
    assert text_of(MARKS, (-2, 3), (1, 1), (3, 1))[0] == "open"
