import base64
import sys
from contextlib import suppress

import mlflow
import numpy as np
import pandas as pd
import pytest
import requests
import torch
from tests.integration.servers import free_port, started

from sketch2color import imaging
from sketch2color.colorize.asked import results
from sketch2color.colorize.colorizer import Colorizer
from sketch2color.colorize.request import Request, parse_palette
from sketch2color.models.generators.multiply import MultiplyGenerator
from sketch2color.models.generators.registry import CONFIG, WEIGHTS, save_generator
from sketch2color.provenance.record import store as stores
from sketch2color.provenance.record.dvc_hashes import md5
from sketch2color.provenance.record.register_model import SIGNATURE, GeneratorFiles, register, unpack

FILES = [CONFIG, WEIGHTS]


@pytest.fixture(scope="module")
def generator(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "cyclegan"
    torch.manual_seed(3)
    network, palettes = MultiplyGenerator(4), torch.rand(3, 11)
    save_generator(folder, network, palettes, generator="multiply", width=4, size=64)
    (folder / "sketch_discriminator.safetensors").write_bytes(b"not served")
    sketch = np.full((80, 100, 3), 255, np.uint8)
    sketch[20:60, 30:32] = sketch[20:22, 30:70] = 0
    return GeneratorFiles(folder, FILES, imaging.encode_png(sketch))


@pytest.fixture
def registered(generator, store, tmp_path, capfd):
    """A version of the model, in a store, made without a word."""
    experiment = stores.open_experiment(stores.tracking_uri(tmp_path), tmp_path)
    with mlflow.start_run(experiment_id=experiment):
        register(generator)
    assert "model" not in "".join(capfd.readouterr())
    (version,) = store.search_model_versions(f"name = '{stores.EXPERIMENT}'")
    return version


def test_a_served_generator_paints_what_colorize_paints(registered, generator, store):
    assert registered.tags == {f"md5.{name}": md5(generator.folder / name) for name in FILES}
    model = mlflow.pyfunc.load_model(f"models:/{registered.name}/{registered.version}")
    answer = model.predict(pd.DataFrame({"sketch": [generator.example]}))
    painted = imaging.read(base64.b64decode(answer["image"][0]))
    sketch = imaging.read(generator.example)
    assert np.array_equal(painted, Colorizer.load(generator.folder).colorize(sketch))
    assert not np.array_equal(painted, sketch)
    assert model.metadata.signature == SIGNATURE


@pytest.mark.slow
def test_a_real_server_answers_requests_and_refuses_broken_ones(registered, generator, tmp_path):
    port, sketch = free_port(), base64.b64encode(generator.example).decode()
    url = f"http://127.0.0.1:{port}"
    model = f"models:/{registered.name}/{registered.version}"
    mlflow_program = [sys.executable, "-m", "mlflow"]
    command = [*mlflow_program, "models", "serve", "--env-manager", "local", "-m", model, "-p", str(port)]

    def answers():
        with suppress(requests.ConnectionError):
            return requests.get(f"{url}/ping", timeout=5).ok

    def ask(**params):
        content = {"dataframe_records": [{"sketch": sketch}], "params": params}
        return requests.post(f"{url}/invocations", json=content, timeout=60)

    with started(command, tmp_path, answers):
        for palette in ("", "blue", "red"):
            answer = ask(palette=palette)
            assert answer.status_code == 200
            image = imaging.read(base64.b64decode(answer.json()["predictions"][0]["image"]))
            request = Request(parse_palette(palette) if palette else ())
            colorizer, drawn = Colorizer.load(generator.folder), imaging.decode(generator.example)
            ((expected, _),) = results(colorizer, drawn, [request])
            assert np.array_equal(image, expected)
        refused = ask(palette="blau")
        assert refused.status_code == 400
        assert refused.json()["message"] == "'blau' is no colour: write a name such as dark grey, or #ff8000"
        assert ask(variant="many").status_code == 400


def test_a_generator_can_be_registered_anew_from_what_was_logged(registered, generator, store):
    (logged,) = store.search_logged_models([store.get_experiment_by_name(stores.EXPERIMENT).experiment_id])
    found = unpack(stores.Path(logged.artifact_location.removeprefix("file://")))
    assert (found.files, found.example) == (FILES, generator.example)
    assert [md5(found.folder / name) for name in FILES] == [md5(generator.folder / name) for name in FILES]
