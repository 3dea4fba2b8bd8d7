"""What dvc.yaml declares is what the stages use: DVC sees neither imports nor reads of parameters."""

import ast
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
import yaml

from sketch2color.config import params

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "sketch2color"
PIPELINE = yaml.safe_load((ROOT / "dvc.yaml").read_text())
STAGES = sorted(PIPELINE["stages"])


@pytest.fixture(scope="session")
def imports():
    graph = grimp.build_graph("sketch2color", cache_dir=None)
    for metric in graph.find_children("sketch2color.metrics"):  # the registry imports them by name
        graph.add_import(importer="sketch2color.metrics.discovery", imported=metric)
    return graph


def closure(graph, script):
    """Every module of the package that running the script can import."""
    tree = ast.parse(script.read_text())
    named = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    direct = {module for module in named if module and module.startswith("sketch2color")}
    modules = set(direct)
    for module in direct:
        modules |= graph.find_upstream_modules(module)
    return modules


def parents(module):
    names = module.split(".")
    return {".".join(names[:end]) for end in range(1, len(names))}


def source_file(module):
    path = ROOT / "src" / Path(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def used(graph, stage):
    """Every file of the package that the stage can import, and files of data beside one that are named."""
    imported = closure(graph, ROOT / "pipeline" / f"{stage}.py")
    packages = {parent for module in imported for parent in parents(module)}  # imported before it
    modules = {source_file(module) for module in imported | packages}
    sources = [module.read_text() for module in modules]
    folders = {module.parent for module in modules}
    data = (path for folder in folders for path in folder.glob("*.*") if path.suffix not in (".py", ".pyc"))
    return modules | {path for path in data if any(f'"{path.name}"' in source for source in sources)}


def covers(dep, file):
    return file == dep or dep in file.parents


@pytest.mark.parametrize("stage", STAGES)
def test_deps_cover_the_import_closure(stage, imports):
    deps = [ROOT / dep for dep in PIPELINE["stages"][stage]["deps"] if "${" not in dep]
    missing = sorted(file for file in used(imports, stage) if not any(covers(dep, file) for dep in deps))
    assert missing == []


@pytest.mark.parametrize("stage", STAGES)
def test_every_code_dep_is_used(stage, imports):
    files = used(imports, stage)
    code = [ROOT / dep for dep in PIPELINE["stages"][stage]["deps"] if dep.startswith("src/")]
    assert [dep for dep in code if not any(covers(dep, file) for file in files)] == []


UNRELATED = (
    "metrics/new.py",
    "provenance/checks/new.py",
    "provenance/new_command.py",
    "report/new.html",
    "cli.py",
)


def test_adding_a_metric_check_command_or_report_section_leaves_training_up_to_date(imports):
    deps = [ROOT / dep for dep in PIPELINE["stages"]["train_cyclegan"]["deps"]]
    assert [name for name in UNRELATED if any(covers(dep, PACKAGE / name) for dep in deps)] == []
    files = {str(file.relative_to(PACKAGE)) for file in used(imports, "train_cyclegan")}
    metrics = {name for name in files if name.startswith("metrics/")} - {"metrics/__init__.py"}
    assert metrics == {"metrics/features.py", "metrics/kid.py", "metrics/metric.py"}
    assert not {
        name for name in files if name.startswith(("report/", "evaluation/", "cli.py", "provenance/checks"))
    }


def parameters_read(script):
    """Every `<something>.params.<name>` in the script."""
    tree = ast.parse(script.read_text())
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "params"
    }


@pytest.mark.parametrize("stage", STAGES)
def test_declared_parameters_are_those_read(stage):
    wanted = parameters_read(ROOT / "pipeline" / f"{stage}.py")
    wanted |= {f"presets.${{preset}}.{name}" for name in wanted & set(params.PRESET_SECTIONS)}
    assert set(PIPELINE["stages"][stage]["params"]) == wanted


def test_a_stage_is_a_script_of_its_name():
    assert sorted(path.stem for path in (ROOT / "pipeline").glob("*.py")) == STAGES
    for name, stage in PIPELINE["stages"].items():
        assert stage["cmd"].endswith(f"python pipeline/{name}.py")


def test_stage_scripts_stay_a_page():
    assert all(len(path.read_text().splitlines()) <= 45 for path in (ROOT / "pipeline").glob("*.py"))


def test_no_plot_is_a_folder_of_an_output():
    """DVC would look into it before it keeps an experiment, and fail where the cache does not have it."""
    assert all(isinstance(props["y"], dict) for plot in PIPELINE["plots"] for props in plot.values())


@pytest.mark.parametrize("stage", ["train_cyclegan", "transfer_style"])
def test_what_is_known_of_images_for_scoring_is_not_read_by_training(stage, imports):
    assert [file for file in used(imports, stage) if b'/ "truth"' in file.read_bytes()] == []
    assert any(b'/ "truth"' in file.read_bytes() for file in used(imports, "evaluate"))


@pytest.mark.slow
def test_stages_start_without_torchvision():
    """It imports PyTorch's compiler, which takes longer than all that a stage itself imports."""
    packages = "preprocess.clean", "style_transfer.transfer", "cyclegan.train", "evaluation.evaluate"
    names = ", ".join(f"sketch2color.{name}" for name in packages)
    code = f"import sys, {names}; sys.exit('torchvision' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
