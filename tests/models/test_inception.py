"""InceptionV3 from a file of the same form as the published one, which is too large to be fetched here."""

import io

import numpy as np
import pytest
import torch
from torch_fidelity import feature_extractor_inceptionv3
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from sketch2color.errors import UserError
from sketch2color.manifest import sha256
from sketch2color.metrics import features
from sketch2color.models import weights


class Untrained(FeatureExtractorInceptionV3):
    """Keeps the weights that it was born with."""

    def load_state_dict(self, state_dict):
        """Take nothing."""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """An untrained network, and the file and the address of its weights, named as the published ones are."""
    empty = io.BytesIO()
    torch.save({}, empty)
    empty.seek(0)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        network = Untrained("inception", ["2048"], feature_extractor_weights_path=empty)
    folder = tmp_path_factory.mktemp("weights")
    torch.save(network.state_dict(), folder / "new.pth")
    name = f"weights-inception-2015-12-05-{sha256((folder / 'new.pth').read_bytes())[:8]}.pth"
    (folder / "new.pth").rename(folder / name)
    return network, folder / name, f"https://example.org/{name}"


@pytest.fixture
def address(published, monkeypatch):
    monkeypatch.setattr(feature_extractor_inceptionv3, "URL_INCEPTION_V3", published[2])
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(published[1].parent))


@pytest.mark.slow
def test_its_features_are_torch_fidelitys_to_the_last_bit(published, address):
    before = torch.random.get_rng_state()
    net = features.load("inception_v3")
    assert (torch.random.get_rng_state() == before).all()
    image = np.random.default_rng(3).integers(0, 256, (48, 64, 3), np.uint8)
    (expected,) = published[0](torch.from_numpy(image.transpose(2, 0, 1)[None].copy()))
    found = features.extract_features(net, image)
    assert found.shape == (2048,)
    assert (found == expected[0].double().numpy()).all()
    assert features.label(net) == f"inception_v3-{published[1].stem[-8:]}-2048"


def test_a_missing_file_is_one_line_that_says_what_to_put_where(monkeypatch, tmp_path):
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(
        feature_extractor_inceptionv3, "URL_INCEPTION_V3", "http://127.0.0.1:9/weights-inception-6726825d.pth"
    )
    with pytest.raises(UserError) as raised:
        features.load("inception_v3")
    message = str(raised.value)
    assert f"put http://127.0.0.1:9/weights-inception-6726825d.pth at {tmp_path}/weights-inception" in message
    assert "evaluate.extractor: vgg19" in message
    assert "\n" not in message


def test_other_bytes_are_refused(address, published, monkeypatch, tmp_path):
    monkeypatch.setenv(weights.FOLDER_VARIABLE, str(tmp_path))
    (tmp_path / published[1].name).write_bytes(published[1].read_bytes()[:1000])
    with pytest.raises(UserError, match="SHA-256"):
        features.load("inception_v3")
