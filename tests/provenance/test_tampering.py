"""Each kind of change to a finished project is found, and named; nothing else is."""

import hashlib
import json
import os
import shutil

import mlflow
import pytest
import yaml
from dvc.repo import Repo
from mlflow.entities import Dataset, DatasetInput, InputTag
from tests.provenance import history

from sketch2color.provenance.audit.audit import audit
from sketch2color.provenance.record.git import OWN_COMMAND

pytestmark = pytest.mark.slow


def overwrite(path, text="tampered"):
    path.chmod(0o644)
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # DVC itself would believe the time


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    overwrite(path, text.replace(old, new, 1))


def clean_image(root):
    return sorted((root / "data/clean/boxes/train").rglob("*.png"))[0]


def locked(root):
    return yaml.safe_load((root / "dvc.lock").read_text())["stages"]


def entry(stages, stage, path, kind="outs"):
    return next(each for each in stages[stage][kind] if each["path"] == path)


def cached(root, md5):
    return root / ".dvc/cache/files/md5" / md5[:2] / md5[2:]


def cached_weights(root):
    tree = json.loads(
        cached(root, entry(locked(root), "train_cyclegan", "models/cyclegan")["md5"]).read_text()
    )
    md5 = next(each["md5"] for each in tree if each["relpath"].endswith("safetensors"))
    return cached(root, md5)


def run_of(root, stage):
    client = mlflow.MlflowClient(f"sqlite:///{root / 'mlflow.db'}")
    (experiment,) = (each for each in client.search_experiments() if each.name == "sketch2color")
    chosen = f"tags.stage = '{stage}' and params.dataset = 'boxes'"
    return client, client.search_runs([experiment.experiment_id], chosen)[0].info


def change_image(root):
    overwrite(clean_image(root))


def add_image(root):
    shutil.copy(clean_image(root), root / "data/clean/boxes/train/added.png")


def remove_image(root):
    clean_image(root).unlink()


def remove_output(root):
    shutil.rmtree(root / "results/cyclegan")


def change_row(root):
    replace(root / "data/raw/boxes/manifest.csv", ",train,", ",test,")


def change_weight(root):
    overwrite(root / "models/cyclegan/sketch_to_color.safetensors")


def change_config(root):
    replace(root / "models/cyclegan/config.json", "24", "25")


def change_parameter(root):
    replace(root / "params.yaml", "fit: pad", "fit: crop")


def change_command(root):
    replace(root / "dvc.yaml", "python pipeline/clean.py", "python -O pipeline/clean.py")


def drop_dependency(root):
    replace(root / "dvc.yaml", "deps: ['data/raw/${dataset}', pipeline/clean.py, src]", "deps: [src]")


def drop_stage(root):
    stages = locked(root)
    del stages["transfer_style"]
    overwrite(root / "dvc.lock", yaml.safe_dump({"schema": "2.0", "stages": stages}))
    history.commit(root, "fewer")


def change_locked_hash(root):
    stages = locked(root)
    entry(stages, "train_cyclegan", "reports/train_cyclegan")["md5"] = "0" * 32 + ".dir"
    overwrite(root / "dvc.lock", yaml.safe_dump({"schema": "2.0", "stages": stages}))


def change_locked_parameter(root):
    replace(root / "dvc.lock", "fit: pad", "fit: crop")


def change_code(root):
    overwrite(root / "pipeline/evaluate.py", "pass\n")


def change_code_in_folder(root):
    replace(root / "src/work.py", "import csv", "import csv  # new")
    history.commit(root, "new code, no new results")


def change_source_image(root):
    overwrite(root / "data/sources/boxes/images/color/boxes1.png")


def change_count(root):
    replace(root / "reports/evaluate/metrics.json", '"n": 2', '"n": 200')


def change_value(root):
    file = root / "reports/evaluate/metrics.json"
    content = json.loads(file.read_text())
    content["cyclegan"]["kid"]["value"] = -1.0
    overwrite(file, json.dumps(content))


def change_point_in_mlflow(root):
    _, run = run_of(root, "train_cyclegan")
    with history.store(root) as tables:
        query = "UPDATE metrics SET value = 7 WHERE run_uuid = ? AND key = 'gan' AND step = 1"
        assert tables.execute(query, (run.run_id,)).rowcount == 1


def remove_points_in_mlflow(root):
    _, run = run_of(root, "train_cyclegan")
    with history.store(root) as tables:
        tables.execute(
            "DELETE FROM metrics WHERE run_uuid = ? AND key = 'gan' AND step IN (1, 2)", (run.run_id,)
        )


def change_metric_in_mlflow(root):
    client, run = run_of(root, "evaluate")
    client.log_metric(run.run_id, "cyclegan/kid", -1.0)


def change_parameter_in_mlflow(root):
    _, run = run_of(root, "clean")
    with history.store(root) as tables:
        tables.execute(
            "UPDATE params SET value = 'squash' WHERE run_uuid = ? AND key = 'clean.fit'", [run.run_id]
        )


def change_input_in_mlflow(root):
    client, run = run_of(root, "clean")
    client.set_tag(run.run_id, "dvc.input.data/raw/boxes", "0" * 32 + ".dir")


def artifact(root, stage, name):
    _, run = run_of(root, stage)
    return root / "mlruns" / run.run_id / "artifacts" / name


def change_artifact(root):
    overwrite(artifact(root, "evaluate", "evaluate/report.html"))


def remove_artifact(root):
    artifact(root, "clean", "manifest.csv").unlink()


def change_lineage(root):
    replace(artifact(root, "clean", "lineage.json"), '"fit": "pad"', '"fit": "crop"')


def break_lineage(root):
    file = artifact(root, "clean", "lineage.json")
    overwrite(file, json.dumps(json.loads(file.read_text()) | {"git": ["no mapping"]}))


def list_numbers_in_lineage(root):
    file = artifact(root, "clean", "lineage.json")
    content = json.loads(file.read_text())
    content["git"]["unknown_modules"], content["run"]["tags"] = [5], 5
    overwrite(file, json.dumps(content))


def remove_lineage(root):
    artifact(root, "clean", "lineage.json").unlink()


def change_artifact_and_lineage(root):
    overwrite(artifact(root, "evaluate", "evaluate/report.html"))
    file = artifact(root, "evaluate", "lineage.json")
    content = json.loads(file.read_text())
    content["artifacts"]["evaluate/report.html"] = hashlib.md5(b"tampered").hexdigest()
    overwrite(file, json.dumps(content))


def registered(root):
    client, run = run_of(root, "train_cyclegan")
    (version,) = client.search_model_versions(f"run_id = '{run.run_id}'")
    return client, version


def change_registered_weights(root):
    client, version = registered(root)
    place = client.get_logged_model(version.source.removeprefix("models:/")).artifact_location
    overwrite(root / place.split(f"{root.name}/", 1)[1] / "artifacts/generator/sketch_to_color.safetensors")


def change_registered_tag(root):
    client, version = registered(root)
    client.set_model_version_tag(version.name, version.version, "md5.config.json", "0" * 32)


def delete_run(root):
    client, run = run_of(root, "train_cyclegan")
    client.delete_run(run.run_id)


def delete_store(root):
    (root / "mlflow.db").unlink()


def corrupt_object(root):
    overwrite(cached_weights(root))


def delete_object(root):
    cached_weights(root).unlink()


def corrupt_folder_object(root):
    overwrite(cached(root, entry(locked(root), "train_cyclegan", "models/cyclegan")["md5"]))


def hide_with_dvcignore(root):
    add_image(root)
    (root / ".dvcignore").write_text("added.png\n")
    history.commit(root, "ignores images")


def hide_with_nested_dvcignore(root):
    (root / "models/cyclegan/.dvcignore").write_text("*\n")


def link_folder(root):
    (root / "data/clean/boxes/train/more").symlink_to(root / "data/raw/boxes")


MODULES = (
    "pipeline/csv.pyc",
    "pipeline/evil-1.dist-info/entry_points.txt",
    "pipeline/json",
    "pipeline/numpy.so",
    "pipeline/torch-9.EGG-INFO",
    "pipeline/torch/a.py",
    "src/site.pyc",
)


def shadow_libraries(root):
    for name in MODULES:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).touch()
    (root / "pipeline/json").unlink()
    (root / "pipeline/json").symlink_to(root / "src")
    (root / "pipeline/notes.txt").touch()
    (root / "pipeline/sketch2color.egg-info").mkdir()  # left by an installation of the checkout
    (root / "pipeline/sketch2color.egg-info/PKG-INFO").touch()
    (root / "pipeline/sketch2color.egg-info/entry_points.txt").write_bytes(OWN_COMMAND)
    history.git(root, "init", "-q", "pipeline/torch")
    (root / ".git/info/exclude").write_text("/pipeline/*\n/src/*\n")


def register_a_plugin(root):
    shadow = root / "pipeline/sketch2color.egg-info/entry_points.txt"
    shadow.parent.mkdir()
    shadow.write_bytes(OWN_COMMAND + b"[torch.backends]\nevil = os:abort\n")


def change_package(root):
    """Change code that every stage imports and none declares."""
    (root / "pipeline/__init__.py").write_text("")
    history.commit(root, "a package")
    history.git(root, "update-index", "--assume-unchanged", "pipeline/__init__.py")
    (root / "pipeline/__init__.py").write_text("print('evil')\n")


def hide_changes_from_git(root):
    history.git(root, "update-index", "--assume-unchanged", ".dvcignore")
    history.git(root, "update-index", "--skip-worktree", ".gitignore")
    history.git(root, "config", "filter.old.clean", "git show HEAD:dvc.yaml")
    (root / ".git/info/attributes").write_text("dvc.yaml filter=old\n")
    replace(root / "dvc.yaml", "# The real", "# An other")  # of the same size: git would not ask the filter
    for name in (".dvcignore", ".gitignore"):
        overwrite(root / name, (root / name).read_text() + "# more\n")
    assert history.git(root, "status", "--porcelain") == ""


def replace_commit(root):
    before = history.git(root, "rev-parse", "HEAD")
    overwrite(root / "dvc.yaml", (root / "dvc.yaml").read_text() + "# more\n")
    history.commit(root, "more")
    history.git(root, "replace", before, "HEAD")
    history.git(root, "reset", "-q", "--soft", before)
    assert history.git(root, "status", "--porcelain") == ""


def graft_history(root):
    before = history.git(root, "rev-parse", "HEAD")
    rewrite_history(root)
    history.git(root, "replace", "--graft", "HEAD", before)


def change_lock_file(root):
    (root / "requirements.lock").write_text("torch==0\n")
    history.commit(root, "other libraries")


def add_to_run(root):
    client, run = run_of(root, "clean")
    client.log_text(run.run_id, "good", "note.txt")
    client.set_tag(run.run_id, "approved", "yes")
    client.log_metric(run.run_id, "iou", 1.0)
    client.log_param(run.run_id, "clean.care", "much")


def add_earlier_points(root):
    """Each metric keeps its value, which is that of the highest step."""
    for stage, name, step in (("train_cyclegan", "gan", 0), ("evaluate", "cyclegan/kid", -1)):
        client, run = run_of(root, stage)
        client.log_metric(run.run_id, name, 12345.0, timestamp=1, step=step)


def add_data_sets(root):
    client, run = run_of(root, "clean")
    for name in ("data/raw/boxes", "data/raw/more"):
        dataset = Dataset(name=name, digest="0", source_type="local", source="{}")
        client.log_inputs(run.run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "input")])])


def register_again(root):
    client, version = registered(root)
    client.create_model_version(version.name, version.source, version.run_id)


def swap_models(root):
    """Put the weights of another experiment in place, in dvc.lock as well, and commit it all."""
    other = yaml.safe_load(history.git(root, "show", "HEAD~2:dvc.lock"))["stages"]
    stages = locked(root)
    for stage, kind in (("train_cyclegan", "outs"), ("evaluate", "deps")):
        entry(stages, stage, "models/cyclegan", kind).update(
            entry(other, "train_cyclegan", "models/cyclegan")
        )
    overwrite(root / "dvc.lock", yaml.safe_dump({"schema": "2.0", "stages": stages}))
    with Repo(str(root)) as repo:
        repo.checkout(force=True)
    history.commit(root, "swapped")


def commit_tampered_results(root):
    """Commit the changed report to DVC and git: only the record shows it."""
    change_value(root)
    os.utime(root / "reports/evaluate/metrics.json")
    with Repo(str(root)) as repo:
        repo.commit("evaluate", force=True)
    history.commit(root, "better than it was")


def rewrite_history(root):
    history.git(root, "checkout", "-q", "--orphan", "other")
    history.commit(root, "history begins here")
    history.git(root, "branch", "-D", "main")


def lose_history(root):
    rewrite_history(root)
    history.git(root, "reflog", "expire", "--expire=now", "--all")
    history.git(root, "gc", "-q", "--prune=now")


def change_line_ends(root):
    file = root / "dvc.lock"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))


def go_back_in_lock(root):
    overwrite(root / "dvc.lock", history.git(root, "show", "HEAD~2:dvc.lock") + "\n")


EVERY = ("clean", "evaluate", "ingest", "train_cyclegan", "transfer_style")
TAMPERING = [
    (change_image, {("clean", "output", "data/clean/boxes")}, "changed: train/"),
    (add_image, {("clean", "output", "data/clean/boxes")}, "added: train/added.png"),
    (remove_image, {("clean", "output", "data/clean/boxes")}, "missing: train/"),
    (remove_output, {("evaluate", "output", "results/cyclegan")}, "does not exist"),
    (change_row, {("ingest", "output", "data/raw/boxes")}, "changed: manifest.csv"),
    (change_weight, {("train_cyclegan", "output", "models/cyclegan")}, "sketch_to_color.safetensors"),
    (change_config, {("train_cyclegan", "output", "models/cyclegan")}, "changed: config.json"),
    (change_parameter, {("clean", "parameters", "params.yaml")}, "clean.fit is crop, in dvc.lock pad"),
    (
        change_command,
        {("clean", "pipeline", "dvc.yaml")},
        "command is PYTHONPATH=. python -O pipeline/clean.py, in",
    ),
    (
        drop_dependency,
        {("clean", "pipeline", "dvc.yaml")},
        "no longer declares the dependency data/raw/boxes",
    ),
    (drop_stage, {("transfer_style", "pipeline", "dvc.lock")}, "has no such stage, dvc.yaml does"),
    (
        change_locked_hash,
        {
            ("train_cyclegan", "output", "reports/train_cyclegan"),
            ("train_cyclegan", "cache", "reports/train_cyclegan"),
            ("train_cyclegan", "run", None),
            ("", "git", "dvc.lock"),
        },
        "with other reports/train_cyclegan",
    ),
    (
        change_locked_parameter,
        {
            ("clean", "parameters", "params.yaml"),
            ("clean", "artifact", "lineage.json"),
            ("clean", "artifact", "clean.fit"),
            ("", "git", "dvc.lock"),
        },
        "is not that of the last commit",
    ),
    (change_code, {("evaluate", "input", "pipeline/evaluate.py")}, "differs from dvc.lock"),
    (change_code_in_folder, {(stage, "input", "src") for stage in EVERY}, "differs from dvc.lock: work.py"),
    (
        change_source_image,
        {("ingest", "input", "data/sources/boxes")},
        "differs from dvc.lock: images/color/boxes1.png",
    ),
    (change_count, {("evaluate", "output", "reports/evaluate")}, "changed: metrics.json"),
    (
        change_value,
        {
            ("evaluate", "output", "reports/evaluate"),
            ("evaluate", "metric", "reports/evaluate/metrics.json"),
        },
        "cyclegan/kid is -1.0, run ",
    ),
    (
        change_metric_in_mlflow,
        {
            ("evaluate", "metric", "reports/evaluate/metrics.json"),
            ("evaluate", "artifact", "cyclegan/kid"),
        },
        "curve cyclegan/kid is 2 points to -1.0 (",
    ),
    (
        change_point_in_mlflow,
        {
            ("train_cyclegan", "metric", "reports/train_cyclegan/losses.csv"),
            ("train_cyclegan", "artifact", "gan"),
        },
        "gan at step 1 is 0.",
    ),
    (
        remove_points_in_mlflow,
        {
            ("train_cyclegan", "metric", "reports/train_cyclegan/losses.csv"),
            ("train_cyclegan", "artifact", "gan"),
        },
        "has None; 2 step(s) differ",
    ),
    (change_parameter_in_mlflow, {("clean", "artifact", "clean.fit")}, "is squash, in dvc.lock pad"),
    (change_input_in_mlflow, {("clean", "run", None)}, "with other data/raw/boxes"),
    (change_artifact, {("evaluate", "artifact", "evaluate/report.html")}, "its lineage.json says"),
    (remove_artifact, {("clean", "artifact", "manifest.csv")}, "is missing"),
    (change_lineage, {("clean", "artifact", "lineage.json")}, "other params.params.yaml.clean.fit than in"),
    (break_lineage, {("clean", "artifact", "lineage.json")}, "is missing or no JSON"),
    (list_numbers_in_lineage, {("clean", "artifact", "lineage.json")}, "is missing or no JSON"),
    (remove_lineage, {("clean", "artifact", "lineage.json")}, "is missing or no JSON"),
    (
        change_artifact_and_lineage,
        {("evaluate", "artifact", "evaluate/report.html")},
        "is not the output of that name in dvc.lock",
    ),
    (
        change_registered_weights,
        {("train_cyclegan", "artifact", "model sketch2color version 3")},
        "sketch_to_color.safetensors is missing or changed, its tag says",
    ),
    (
        change_registered_tag,
        {("train_cyclegan", "artifact", "model sketch2color version 3")},
        "config.json is not the output of that name in dvc.lock",
    ),
    (delete_run, {("train_cyclegan", "run", None)}, "the run that made this was deleted"),
    (delete_store, {(stage, "run", None) for stage in EVERY}, "has no run of ingest"),
    (
        corrupt_object,
        {("train_cyclegan", "cache", "models/cyclegan")},
        "corrupt in the cache: sketch_to_color.safetensors (",
    ),
    (
        delete_object,
        {("train_cyclegan", "cache", "models/cyclegan")},
        "missing in the cache: sketch_to_color.safetensors (",
    ),
    (corrupt_folder_object, {("train_cyclegan", "cache", "models/cyclegan")}, ".dir"),
    (hide_with_dvcignore, {("clean", "output", "data/clean/boxes")}, "added: train/added.png"),
    (
        hide_with_nested_dvcignore,
        {("train_cyclegan", "output", "models/cyclegan")},
        "added: .dvcignore",
    ),
    (link_folder, {("clean", "output", "data/clean/boxes")}, "added: train/more"),
    (
        shadow_libraries,
        {("", "git", name) for name in ("src", *MODULES)},
        "is not in the last commit, and Python takes it before any library",
    ),
    (
        register_a_plugin,
        {("", "git", "pipeline/sketch2color.egg-info/entry_points.txt")},
        "Python takes it before any library",
    ),
    (change_package, {("", "git", "pipeline/__init__.py")}, "is not that of the last commit"),
    (
        hide_changes_from_git,
        {("", "git", name) for name in (".dvcignore", ".gitignore", "dvc.yaml")},
        "is not that of the last commit",
    ),
    (replace_commit, {("", "git", "dvc.yaml")}, "is not that of the last commit"),
    (
        graft_history,
        {(stage, "git", None) for stage in EVERY},
        "which no branch, tag or experiment leads to",
    ),
    (
        change_lock_file,
        {(stage, "run", "requirements.lock") for stage in EVERY},
        "the run had missing",
    ),
    (
        add_to_run,
        {("clean", "artifact", name) for name in ("note.txt", "approved", "iou", "clean.care")},
        "tag approved is yes, at the run's end missing",
    ),
    (
        add_earlier_points,
        {("train_cyclegan", "artifact", "gan"), ("evaluate", "artifact", "cyclegan/kid")},
        "at the run's end 1 points to 0.",
    ),
    (
        add_data_sets,
        {("clean", "artifact", name) for name in ("data/raw/boxes", "data/raw/more")},
        "dataset data/raw/more is input 0, at the run's end missing",
    ),
    (
        register_again,
        {("train_cyclegan", "artifact", "model sketch2color version 4")},
        "has no hash of its files as a tag",
    ),
    (
        swap_models,
        {("train_cyclegan", "run", None), ("evaluate", "run", None)},
        "no run made exactly this; nearest is",
    ),
    (commit_tampered_results, {("evaluate", "run", None)}, "with other reports/evaluate"),
    (
        rewrite_history,
        {(stage, "git", None) for stage in EVERY},
        "which no branch, tag or experiment leads to",
    ),
    (lose_history, {(stage, "git", None) for stage in EVERY}, "which does not exist here"),
    (change_line_ends, {("", "git", "dvc.lock")}, "is not that of the last commit"),
    (
        go_back_in_lock,
        {
            ("", "git", "dvc.lock"),
            ("train_cyclegan", "parameters", "params.yaml"),
            ("train_cyclegan", "output", "models/cyclegan"),
            ("train_cyclegan", "output", "reports/train_cyclegan"),
            ("evaluate", "output", "results/cyclegan"),
            ("evaluate", "output", "reports/evaluate"),
            ("train_cyclegan", "metric", "reports/train_cyclegan/metrics.json"),
            ("train_cyclegan", "metric", "reports/train_cyclegan/losses.csv"),
            ("evaluate", "metric", "reports/evaluate/metrics.json"),
        },
        "train_cyclegan.learning_rate is 0.25, in dvc.lock",
    ),
]


@pytest.mark.parametrize(
    ("tamper", "found", "text"), TAMPERING, ids=[tamper.__name__ for tamper, *_ in TAMPERING]
)
def test_tampering_is_found_and_named(project, tamper, found, text):
    tamper(project)
    findings = audit(project).findings
    named = {(each.stage, each.kind, each.where) for each in findings}
    places = {(stage, kind) for stage, kind, where in found if where is None}
    assert {each for each in named if each[:2] not in places} == {
        each for each in found if each[2] is not None
    }
    assert {each[:2] for each in named if each[:2] in places} == places
    assert any(text in each.differs for each in findings), [each.differs for each in findings]
    assert all(each.remedy for each in findings)


def test_tampering_is_not_seen_by_dvc_alone(project):
    """Why the audit reads everything itself: DVC believes size and time."""
    weights = project / "models/cyclegan/sketch_to_color.safetensors"
    with Repo(str(project)) as repo:
        assert repo.status() == {}
        overwrite(weights, "f" * weights.stat().st_size)
        assert repo.status() == {}
    assert [each.where for each in audit(project).findings] == ["models/cyclegan"]


def test_hard_links_to_the_cache_are_no_finding(project):
    file = project / "models/cyclegan/sketch_to_color.safetensors"
    file.unlink()
    os.link(cached_weights(project), file)
    assert audit(project).ok
