import numpy as np
import pytest

from sketch2color import imaging
from sketch2color.errors import UserError
from sketch2color.evaluation.score import Scorer
from sketch2color.metrics import features
from sketch2color.models import bfloat16


def test_features_have_unit_size_and_tell_images_apart(tiny_net, drawing):
    a, b = (features.extract_features(tiny_net, p) for p in (drawing.sketch, drawing.color))
    assert a.shape == (12,)
    assert np.square(a).mean() == pytest.approx(1)
    assert np.abs(a - b).max() > 0.01


def test_features_do_not_depend_on_the_images_beside(tiny_net, drawing, tmp_path):
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    imaging.write_png(paths[0], drawing.sketch)
    imaging.write_png(paths[1], drawing.color)
    together, apart, backwards = (
        Scorer(tiny_net, tiny_net, [], threads=2).features(each, "")
        for each in (paths, paths[1:], paths[::-1])
    )
    assert (together[1] == apart[0]).all()
    assert (together[::-1] == backwards).all()


@pytest.mark.parametrize(("has_bf16", "label"), [(True, "-bf16"), (False, "")])
def test_the_label_names_network_weights_layer_and_arithmetic(tiny_net, monkeypatch, has_bf16, label):
    monkeypatch.setattr(bfloat16, "processor_has_bf16", lambda: has_bf16)
    assert features.label(tiny_net) == f"tiny-01234567-relu4_1{label}"


def test_the_default_extractor_gives_512_features():
    net = features.load("vgg19")
    assert features.extract_features(net, np.full((32, 32, 3), 200, np.uint8)).shape == (512,)
    assert features.label(net).startswith("vgg19-")


def test_no_images_are_no_features(tiny_net):
    assert len(Scorer(tiny_net, tiny_net, [], threads=1).features([], "")) == 0


def test_a_missing_image_is_one_clear_line(tiny_net, tmp_path):
    with pytest.raises(UserError, match=r"gone\.png cannot be read"):
        Scorer(tiny_net, tiny_net, [tmp_path / "gone.png"], threads=1)
