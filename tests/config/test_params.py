from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sketch2color.config import params
from sketch2color.errors import UserError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path):
    (tmp_path / "data/sources/sample").mkdir(parents=True)
    (tmp_path / "data/sources/sample/source.yaml").touch()
    (tmp_path / "params.yaml").write_text((ROOT / "params.yaml").read_text())
    return tmp_path


def change(root, **values):
    """Set dotted keys of params.yaml, as `ingest__val=2` for ingest.val."""
    content = yaml.safe_load((root / "params.yaml").read_text())
    for key, value in values.items():
        *path, last = key.split("__")
        section = content
        for name in path:
            section = section[name]
        section[last] = value
    (root / "params.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    return root / "params.yaml"


def test_the_real_file_is_valid_for_every_preset(root):
    for preset in yaml.safe_load((ROOT / "params.yaml").read_text())["presets"]:
        assert params.read(change(root, preset=preset)).preset == preset


def test_a_preset_fills_what_the_section_leaves_open(root):
    quick = yaml.safe_load((ROOT / "params.yaml").read_text())["presets"]["quick"]["train_cyclegan"]
    assert params.read(root / "params.yaml").train_cyclegan.epochs == quick["epochs"]


def test_a_value_of_the_section_wins_over_the_preset(root):
    assert params.read(change(root, train_cyclegan__epochs=3)).train_cyclegan.epochs == 3


def test_paper_is_cyclegan_as_published(root):
    paper = params.read(change(root, preset="paper")).train_cyclegan
    assert (paper.generator, paper.epochs, paper.steps_per_epoch, paper.batch_size) == (
        "resnet",
        200,
        None,
        1,
    )
    assert (paper.learning_rate, paper.cycle_weight, paper.identity_weight) == (2e-4, 10.0, 5.0)
    assert (paper.pool_size, paper.identity_every, paper.average_decay) == (50, 1, 0.0)


def test_report_is_the_published_baseline(root):
    report = params.read(change(root, preset="report"))
    paper = params.read(change(root, preset="paper"))
    assert report.train_cyclegan == replace(paper.train_cyclegan, precision="fp32")
    style = report.transfer_style
    assert (style.method, style.steps, style.precision) == ("one_scale", 200, "fp32")
    assert (style.content_weight, style.style_weight, style.variation_weight) == (5e-3, 1.0, 5e-2)


@pytest.mark.parametrize(
    ("written", "read"), [(3, 3), (["0123456789abcdef", "b"], ("0123456789abcdef", "b"))]
)
def test_references_are_a_number_or_a_list_of_ids(root, written, read):
    assert params.read(change(root, transfer_style__references=written)).transfer_style.references == read


def test_a_whole_number_serves_where_a_number_is_wanted(root):
    assert params.read(change(root, train_cyclegan__cycle_weight=8)).train_cyclegan.cycle_weight == 8.0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"clean__fits": "pad"}, "unknown key clean.fits; known here: remove_marks, fit"),
        ({"colour": 1}, "unknown key colour"),
        ({"presets__quick__train_cyclegan__epoch": 1}, "unknown key presets.quick.train_cyclegan.epoch"),
        ({"presets__quick__clean": {}}, "unknown key presets.quick.clean"),
        ({"presets__lite": {"train_cyclegan": {}}}, "presets.lite.transfer_style is missing"),
        ({"train_cyclegan__epochs": "many"}, "train_cyclegan.epochs is 'many': must be a whole number"),
        ({"train_cyclegan__epochs": True}, "train_cyclegan.epochs is True: must be a whole number"),
        ({"train_cyclegan__epochs": 2.5}, "train_cyclegan.epochs is 2.5: must be a whole number"),
        ({"train_cyclegan__learning_rate": "1e-4"}, "write 1.0e-4"),
        ({"train_cyclegan__learning_rate": float("nan")}, "learning_rate is nan: must be between 0 and 1"),
        ({"clean__remove_marks": "yes please"}, "clean.remove_marks is 'yes please': must be true or false"),
        ({"clean__fit": "stretch"}, "clean.fit is 'stretch': must be one of pad, crop, squash"),
        ({"transfer_style__references": 0}, "transfer_style.references is 0: must be between 1 and 100"),
        (
            {"transfer_style__references": []},
            "the length of transfer_style.references is 0: must be between 1 and 100",
        ),
        ({"transfer_style__references": "all"}, "transfer_style.references is 'all': must be a whole number"),
        ({"transfer_style__references": [12]}, "references[0] is 12: must be a name (write it in quotes"),
        ({"transfer_style__references": [["a"]]}, "references[0] is ['a']: must be a name"),
        ({"seed": -1}, "seed is -1: must be between 0 and"),
        ({"seed": None}, "seed is None: must be a whole number"),
        ({"preset": "fast"}, "preset: there is no 'fast'; presets are quick, lite, paper"),
        ({"dataset": "nothing"}, "dataset: data/sources/nothing/source.yaml does not exist"),
        ({"ingest__val": 0.6, "ingest__test": 0.5}, "ingest.val + ingest.test is 1.1: must be below 1"),
        ({"ingest__test": 1.5}, "ingest.test is 1.5: must be between 0 and 1"),
        ({"ingest": "all"}, "ingest is 'all': must be a mapping"),
    ],
)
def test_each_mistake_is_one_line_that_names_the_key(root, changes, message):
    path = change(root, **changes)
    with pytest.raises(UserError) as error:
        params.read(path)
    assert message in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_what_is_no_yaml_is_one_line(root):
    (root / "params.yaml").write_text("dataset: [")
    with pytest.raises(UserError, match="not YAML") as error:
        params.read(root / "params.yaml")
    assert "\n" not in str(error.value)


def test_a_missing_file_says_where_to_stand(tmp_path):
    with pytest.raises(UserError, match="run this in the root of the repository"):
        params.read(tmp_path / "params.yaml")
