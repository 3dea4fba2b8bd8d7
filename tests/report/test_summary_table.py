import pytest

from sketch2color.metrics import registry
from sketch2color.metrics.figure import Figure
from sketch2color.report.report import columns, standing
from sketch2color.report.statements import statements
from sketch2color.report.summary_table import Column, number, row

NOISE, COLOUR, MARKS = (
    next(measure for measure in registry.PER_IMAGE if measure.key == key)
    for key in ("paper_noise", "colorfulness", "mark_area")
)
PSNR = next(measure for measure in registry.PER_IMAGE if measure.key == "psnr")
COLUMNS = columns("real")


def figure(value, spread, n=9):
    return Figure(value, n, value - spread, value + spread) if spread is not None else Figure(value, n)


def leaders(measure, style, gan, real=None, between=None):
    """Who leads, and how surely."""
    figures = {
        "sketch": {},
        "style_transfer": {measure.key: figure(*style)} if style else {},
        "cyclegan": {measure.key: figure(*gan)} if gan else {},
        "real": {measure.key: figure(*real)} if real else {},
    }
    gaps = {"cyclegan - style_transfer": {measure.key: figure(*between)}} if between else {}
    found = row(measure, figures, COLUMNS, "real", gaps)
    return [(cell.column.key, cell.standing) for cell in found.cells if cell.standing]


def test_lower_noise_and_higher_psnr_lead():
    assert leaders(NOISE, (2, 0.1), (1, 0.1)) == [("cyclegan", "surely better")]
    assert leaders(PSNR, (20, 1), (14, 1)) == [("style_transfer", "surely better")]


def test_intervals_that_overlap_leave_it_open_unless_that_of_the_difference_does_not():
    assert leaders(NOISE, (2, 1.5), (1, 1.5)) == [("cyclegan", "better")]
    assert leaders(NOISE, (2, 1.5), (1, 1.5), between=(-1, 0.5)) == [("cyclegan", "surely better")]
    assert leaders(NOISE, (2, 0.1), (1, 0.1), between=(-1, 1.5)) == [("cyclegan", "better")]


def test_nearness_to_real_counts_from_either_side():
    assert leaders(COLOUR, (30, 1), (40, 1), real=(33, 1)) == [("style_transfer", "surely better")]
    # 27 to 35 holds 33 itself; 36 to 44 comes as near as 3: who is nearer may be chance
    assert leaders(COLOUR, (31, 4), (40, 4), real=(33, 1)) == [("style_transfer", "better")]
    # both ends of 30.5 to 36.5 are far from 33, but it holds 33
    assert leaders(COLOUR, (33.5, 3), (33.2, 0.1), real=(33, 1)) == [("cyclegan", "better")]
    # a sure difference says nothing of nearness
    assert leaders(COLOUR, (28, 6), (39, 6), (33, 1), between=(11, 1)) == [("style_transfer", "better")]
    assert leaders(COLOUR, (30, 1), (40, 1)) == []  # nothing to be near to


@pytest.mark.parametrize("style, gan", [((1, 0.1), (1, 0.1)), (None, (1, 0.1)), ((1, 0.1), None)])
def test_nobody_leads_where_both_are_the_same_or_one_is_missing(style, gan):
    assert leaders(NOISE, style, gan) == []


def test_what_stands_for_reference_has_no_leader():
    assert leaders(MARKS, (2, 0.1), (1, 0.1)) == []


def test_without_intervals_nothing_is_sure():
    assert leaders(NOISE, (2, None, 1), (1, None, 1)) == [("cyclegan", "better")]


def test_a_figure_is_shown_with_its_interval_and_number_and_a_missing_one_is_not():
    figures = {"sketch": {}, "style_transfer": {}, "cyclegan": {"paper_noise": figure(1, 0.5)}, "real": {}}
    cells = row(NOISE, figures, COLUMNS, "real", {}).cells
    assert [(cell.text, cell.interval, cell.n) for cell in cells] == [
        ("", "", 0),
        ("", "", 0),
        ("1.00", "0.50 to 1.50", 9),
        ("", "", 0),
    ]


def test_the_standing_counts_leads_and_sure_leads():
    def found(measure, style, gan):
        figures = {"sketch": {}, "real": {}}
        figures |= {"style_transfer": {measure.key: figure(*style)}, "cyclegan": {measure.key: figure(*gan)}}
        return row(measure, figures, COLUMNS, "real", {})

    rows = [found(NOISE, (2, 0.1), (1, 0.1)), found(PSNR, (14, 2), (15, 2)), found(MARKS, (1, 0), (2, 0))]
    assert standing(rows) == (
        "CycleGAN does better on 2 of 2 measures, on 1 of them beyond chance; Style transfer on 0."
    )
    assert standing([]) == "On no measure can the two be told apart."


def said(measure, between, first, second, real=None):
    figures = {"a": {measure.key: figure(*first)}, "b": {measure.key: figure(*second)}, "real": {}}
    if real:
        figures["real"] = {measure.key: figure(*real)}
    gap = {measure.key: figure(*between)}
    (found,) = statements(Column("a", "Monday"), Column("b", "Tuesday"), gap, figures, "real")
    return found.outcome, found.text


def test_differences_are_said_in_words():
    outcome, text = said(NOISE, (-2, 0.5), (1, 1), (3, 1))
    assert outcome == "better"
    assert text == "Monday is lower than Tuesday by 2.00 ΔE (95 %: 1.50 to 2.50; 9 sketches)."
    outcome, text = said(PSNR, (-2, 0.5), (12, 1), (14, 1))
    assert outcome == "worse"
    outcome, text = said(NOISE, (-2, 2.5), (1, 1), (3, 1))
    assert outcome == "open"
    assert text.startswith("Monday is lower than Tuesday by 2.00 ΔE, which may be chance (95 %: −0.50 to")


def test_of_one_sketch_and_of_equals_no_interval_is_made_up():
    assert said(NOISE, (-2, None, 1), (1, None, 1), (3, None, 1)) == (
        "open",
        "Monday is lower than Tuesday by 2.00 ΔE; one sketch says nothing of others.",
    )
    assert said(NOISE, (0, 0), (1, 1), (1, 1)) == ("open", "Monday and Tuesday are equal (over 9 sketches).")


def test_what_is_too_small_to_print_is_not_printed_as_zero():
    assert "lower than Tuesday by less than 0.01 ΔE" in said(NOISE, (-0.001, 0), (1, 1), (1, 1))[1]


def test_nearer_to_real_is_said_where_it_is_sure():
    outcome, text = said(COLOUR, (10, 2), (40, 1), (30, 1), real=(41, 1))
    assert outcome == "better"
    assert "is higher than Tuesday by 10.0, nearer to Real (" in text
    assert said(COLOUR, (10, 2), (40, 1), (30, 1), real=(30, 1))[0] == "worse"
    assert said(COLOUR, (10, 2), (40, 4), (30, 4), real=(34, 1))[0] == "other"


def test_numbers_read_as_printed():
    assert number(-0.0004, 3) == "0.000"
    assert number(-12.34, 1) == "−12.3"
