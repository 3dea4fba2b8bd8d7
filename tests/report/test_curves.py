import pytest

from sketch2color.report import curves


def write(path, lines):
    path.write_text("step,identity,gan,cycle,discriminator\n" + "".join(f"{line}\n" for line in lines))
    return path


def test_empty_and_broken_cells_are_left_out(tmp_path):
    table = write(tmp_path / "l.csv", ["1,0.5,1,2,", "2,,nan,2,", "3,,3,inf,", "4,0.7,x,2,"])
    assert curves.read(table) == {
        "identity": ((1, 0.5), (4, 0.7)),
        "gan": ((1, 1), (3, 3)),
        "cycle": ((1, 2), (2, 2), (4, 2)),
    }


def test_long_curves_are_thinned_to_means_and_their_mean_is_smooth(tmp_path):
    table = write(
        tmp_path / "l.csv", [f"{step},1,{step},1,{10 * (step % 20 < 10)}" for step in range(1, 2401)]
    )
    found = curves.read(table)
    assert len(found["gan"]) == curves.POINTS
    assert found["gan"][0] == (5.5, 5.5)
    *_, discriminator = curves.draw([found])
    (line,) = discriminator.lines
    assert line.last == pytest.approx(5, abs=1)
    assert line.smooth != line.raw


def test_zero_is_at_the_bottom_and_larger_losses_are_higher():
    (drawing,) = curves.draw([{"gan": ((0.0, 0.0), (10.0, 2.0))}])  # smooth: 1 all along, so 1.15 is the top
    assert drawing.top == pytest.approx(1.15)
    assert drawing.lines[0].raw == f"M0.0 96.0 L240.0 {96 - 2 * 96 / 1.15:.1f}"
    assert drawing.lines[0].last == 1.0


def test_runs_share_their_axes_and_one_without_a_loss_has_no_line():
    runs = [{"gan": ((0.0, 1.0), (5.0, 1.0))}, {}, {"gan": ((0.0, 2.0), (10.0, 2.0))}]
    (drawing,) = curves.draw(runs)
    first, none, last = drawing.lines
    assert none is None
    assert drawing.steps == (0.0, 10.0)
    assert first.smooth == f"M0.0 {96 - 96 / 2.3:.1f} L120.0 {96 - 96 / 2.3:.1f}"
    assert last.smooth == f"M0.0 {96 - 2 * 96 / 2.3:.1f} L240.0 {96 - 2 * 96 / 2.3:.1f}"


def test_a_single_step_can_be_drawn(tmp_path):
    (drawing, *_) = curves.draw([curves.read(write(tmp_path / "l.csv", ["1,0,0,0,0"]))])
    assert drawing.lines[0].raw == "M0.0 96.0"


def test_no_table_gives_no_curves(tmp_path):
    assert curves.read(tmp_path / "none.csv") == {}
    assert list(curves.draw([{}])) == []
