import pytest

from sketch2color.evaluation import curves


def write(path, lines):
    path.write_text("step,identity,gan,cycle,discriminator\n" + "".join(f"{line}\n" for line in lines))
    return path


def test_empty_and_broken_cells_are_left_out(tmp_path):
    table = write(tmp_path / "l.csv", ["1,0.5,1,2,", "2,,nan,2,", "3,,3,inf,", "4,0.7,x,2,"])
    found = {curve.name: curve.points for curve in curves.read(table)}
    assert found == {
        "Identity": ((1, 0.5), (4, 0.7)),
        "GAN": ((1, 1), (3, 3)),
        "Cycle": ((1, 2), (2, 2), (4, 2)),
    }


def test_long_curves_are_thinned_to_means(tmp_path):
    table = write(tmp_path / "l.csv", [f"{step},1,{step},1,1" for step in range(1, 2401)])
    gan = next(curve for curve in curves.read(table) if curve.name == "GAN")
    assert len(gan.points) == curves.POINTS
    assert gan.points[0] == (5.5, 5.5)
    assert gan.smooth[100] == pytest.approx((1005.5, 1005.5))


def test_path_puts_zero_at_the_bottom_and_larger_losses_higher():
    curve = curves.Curve("GAN", ((0, 0.0), (10, 1.0)), ((0, 0.0), (10, 1.0)))
    assert curve.path(curve.points, 100, 115) == "M0.0 115.0 L100.0 15.0"


def test_a_single_step_can_be_drawn(tmp_path):
    curve = curves.read(write(tmp_path / "l.csv", ["1,0,0,0,0"]))[0]
    assert curve.path(curve.points, 100, 100) == "M0.0 100.0"


def test_no_table_gives_no_curves(tmp_path):
    assert curves.read(tmp_path / "none.csv") == []
