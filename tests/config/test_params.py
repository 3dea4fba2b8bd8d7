from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from sketch2color.config import params
from sketch2color.errors import UserError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def root(tmp_path):
    (tmp_path / "data/sources/products").mkdir(parents=True)
    (tmp_path / "data/sources/products/source.yaml").touch()
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
    assert report.train_cyclegan == paper.train_cyclegan.model_copy(update={"precision": "fp32"})
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
        ({"clean__fits": "pad"}, "unknown key clean.fits; did you mean fit?"),
        ({"colour": 1}, "unknown key colour; known: dataset, preset, seed"),
        ({"clean": {7: 1}}, "unknown key clean.7; known: remove_marks, mark_threshold"),
        ({"clean": {"a\nb": 1}}, "unknown key clean.'a\\nb'; known"),
        (
            {"presets__quick__train_cyclegan__epoch": 1},
            "quick.train_cyclegan.epoch; did you mean epochs?",
        ),
        ({"presets__quick__clean": {}}, "unknown key presets.quick.clean"),
        (
            {"presets__lite": {"train_cyclegan": {}}},
            "presets.lite.transfer_style is missing: must be",
        ),
        (
            {"presets__lite__train_cyclegan__critic_width": 8},
            "presets.lite.train_cyclegan.critic_width is now called discriminator_width",
        ),
        ({"train_cyclegan__critic_shrink": 2}, "critic_shrink is now called discriminator_shrink"),
        (
            {"train_cyclegan__epochs": "ten"},
            "train_cyclegan.epochs must be an integer from 1 to 100000 (got 'ten')",
        ),
        ({"train_cyclegan__epochs": True}, "train_cyclegan.epochs must be an integer"),
        (
            {"train_cyclegan__epochs": 2.5},
            "must be an integer from 1 to 100000 (got 2.5)",
        ),
        ({"train_cyclegan__epochs": 0}, "must be an integer from 1 to 100000 (got 0)"),
        ({"train_cyclegan__epochs": 10**400}, "must be an integer from 1 to 100000 (got 1000"),
        (
            {"train_cyclegan__steps_per_epoch": "all"},
            "from 1 to 1000000, or null (got 'all')",
        ),
        ({"train_cyclegan__learning_rate": "1e-4"}, "(got '1e-4'; write 1.0e-4"),
        ({"train_cyclegan__learning_rate": True}, "learning_rate must be a number from 0 to 1 (got True)"),
        ({"train_cyclegan__learning_rate": float("nan")}, "must be a number from 0 to 1 (got nan)"),
        ({"transfer_style__style_weight": float("inf")}, "(got inf)"),
        ({"ingest__min_side": 0}, "ingest.min_side must be an integer from 1 to 100000, in pixels (got 0)"),
        (
            {"clean__remove_marks": "yes please"},
            "remove_marks must be true or false (got 'yes please')",
        ),
        ({"clean__fit": "stretch"}, "clean.fit must be one of pad, crop, squash (got 'stretch')"),
        (
            {"train_cyclegan__generator": "unet"},
            "train_cyclegan.generator must be one of resnet, multiply (got 'unet')",
        ),
        ({"transfer_style__references": 0}, "references must be an integer from 1 to 100, or a list"),
        ({"transfer_style__references": []}, "references must be an integer from 1 to 100, or a list"),
        (
            {"transfer_style__references": ["a"] * 101},
            "references must be an integer from 1 to 100, or a list",
        ),
        ({"transfer_style__references": "all"}, "references must be an integer from 1 to 100, or a list"),
        ({"transfer_style__references": [12]}, "references[0] must be a text (got 12; write it in quotes"),
        ({"transfer_style__references": [["a"]]}, "references[0] must be a text (got ['a'])"),
        ({"image_size": 100}, "image_size must be an integer from 64 to 2048, a multiple of 32, in pixels"),
        ({"image_size": 32}, "image_size must be an integer from 64 to 2048"),
        ({"seed": -1}, "seed must be an integer from 0 to 4294967295 (got -1)"),
        ({"seed": None}, "seed must be an integer from 0 to 4294967295 (got None)"),
        ({"preset": "fast"}, "preset must be one of quick, lite, paper, report (got 'fast')"),
        (
            {"dataset": "nothing"},
            "dataset must be a folder with a source.yaml below",
        ),
        (
            {"dataset": 2020},
            "dataset must be one plain folder name",
        ),
        ({"dataset": "x" * 5000}, "(got 'xxx"),
        ({"ingest__val": 0.6, "ingest__test": 0.5}, "ingest.val + ingest.test must be below 1 (got 1.1)"),
        ({"ingest__test": 1.5}, "ingest.test must be a number from 0 to 1 (got 1.5)"),
        ({"ingest": "all"}, "ingest must be a mapping of keys to values (got 'all')"),
    ],
)
def test_each_mistake_is_one_line_that_names_the_key(root, changes, message):
    path = change(root, **changes)
    with pytest.raises(UserError) as error:
        params.read(path)
    assert message in str(error.value)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < len(str(path)) + 300


@pytest.mark.parametrize("key", ["dataset", "preset"])
@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            ".",
            "..",
            "products/",
            "products/.",
            "../sources/products",
            "x/../products",
            "/tmp",
            "a\\b",
            "a\n",
            "~",
        ),
        *(
            "products ",
            " products",
            "-products",
            "~root",
            "products\0",
            "a:b",
            "a*",
            "$x",
            "\u202ea",
            "．．",
            "a\u2215b",
        ),
        "x" * 101,
    ],
)
def test_a_name_that_would_become_another_path_is_refused(root, key, name):
    with pytest.raises(UserError, match=f"{key} must be one plain"):
        params.read(change(root, **{key: name}))


@pytest.mark.parametrize("name", ["products.", "CON", "nul.txt", "com1", "Lpt9 .a", "e\u0301", "速" * 34])
def test_a_data_set_that_another_system_would_call_otherwise_is_refused(root, name):
    with pytest.raises(UserError, match="dataset must be one plain"):
        params.read(change(root, dataset=name))


@pytest.mark.parametrize("name", ["console", "com10", "my set.v2", "_x-", "速写", "é", "x" * 100])
def test_a_plain_name_is_a_folder_below_data_sources(root, name):
    (root / "data/sources" / name).mkdir()
    (root / "data/sources" / name / "source.yaml").touch()
    assert params.read(change(root, dataset=name)).dataset == name


def test_a_section_without_lines_has_the_defaults(root):
    assert params.read(change(root, clean=None)).clean == params.Clean()


def test_parameters_cannot_be_changed(root):
    with pytest.raises(ValidationError, match="frozen"):
        params.read(root / "params.yaml").clean.fit = "crop"


def test_a_key_that_is_written_twice_is_refused(root):
    text = (root / "params.yaml").read_text()
    (root / "params.yaml").write_text(text.replace("  fit: pad", "  fit: pad\n  fit: crop"))
    with pytest.raises(UserError, match="duplicate key 'fit', again in line"):
        params.read(root / "params.yaml")


def test_what_is_no_yaml_is_one_line(root):
    (root / "params.yaml").write_text("dataset: [")
    with pytest.raises(UserError, match="not YAML") as error:
        params.read(root / "params.yaml")
    assert "\n" not in str(error.value)


def test_a_missing_file_says_where_to_stand(tmp_path):
    with pytest.raises(UserError, match="run this in the root of the repository"):
        params.read(tmp_path / "params.yaml")
