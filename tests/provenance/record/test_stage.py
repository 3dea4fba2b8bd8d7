import json
import resource
import signal
from pathlib import Path

import pytest
import yaml
from dvc.repo import Repo

from sketch2color.errors import UserError
from sketch2color.files import write_bytes
from sketch2color.provenance.record.stage import run_stage


def write_output(stage):
    Path("out").mkdir()
    Path("out/a.txt").write_text(str(stage.params.seed))


def test_a_stage_is_recorded_with_what_it_read_and_wrote(checkout, runs):
    run_stage("ingest", write_output)
    (run,) = runs()
    assert run.data.params["ingest.val"] == "0.1"
    assert run.data.params["dataset"] == "products"
    assert run.data.tags["dvc.input.data/sources/products"].endswith(".dir")
    assert run.data.tags["dvc.output.out"].endswith(".dir")
    assert run.data.metrics["stage.peak_memory_mb"] > 10
    assert run.data.metrics["stage.seconds"] >= 0


def test_a_data_set_is_found_by_the_hash_that_dvc_gives_it(checkout, runs, store):
    stages = {
        "ingest": ["data/sources/products", "data/raw/products"],
        "clean": ["data/raw/products", "data/clean/x"],
    }
    (checkout / "dvc.yaml").write_text(
        yaml.safe_dump(
            {"stages": {n: {"cmd": "-", "deps": [i], "outs": [o]} for n, (i, o) in stages.items()}}
        )
    )

    def work(name):
        def write(stage):
            out = Path(stages[name][1])
            out.mkdir(parents=True)
            (out / "manifest.csv").write_text(name)
            stage.logger.metrics({"images": 7})

        return write

    for name in stages:
        run_stage(name, work(name))
    with Repo(str(checkout)) as repo:
        repo.commit(force=True)
    locked = yaml.safe_load((checkout / "dvc.lock").read_text())["stages"]["ingest"]["outs"][0]
    assert locked["path"] == "data/raw/products"

    experiment = [runs()[0].info.experiment_id]
    by_digest = store.search_runs(experiment, f"dataset.digest = '{locked['md5']}'")
    seen = {
        run.info.run_name: (each.tags[0].value, each.dataset.name, json.loads(each.dataset.profile))
        for run in by_digest
        for each in run.inputs.dataset_inputs
        if each.dataset.digest == locked["md5"]
    }
    # one data set, written once and read once, described as its maker did, without what the making cost
    assert seen == {
        "ingest": ("output", "data/raw/products", {"images": 7}),
        "clean": ("input", "data/raw/products", {"images": 7}),
    }


def test_the_stage_knows_the_hashes_of_its_inputs(checkout, runs):
    seen = {}
    run_stage("ingest", lambda stage: seen.update(stage.inputs))
    assert set(seen) == {"code.py", "data/sources/products"}


def test_an_input_that_changes_under_the_stage_fails_it(checkout, runs):
    with pytest.raises(SystemExit) as stop:
        run_stage("ingest", lambda stage: (checkout / "code.py").write_text("new\n"))
    assert stop.value.code == "ingest: code.py changed while the stage ran: run `dvc repro` again"
    assert runs()[0].info.status == "FAILED"
    assert runs()[0].data.tags["failure"].startswith("code.py changed")


def test_a_users_error_is_one_line_and_a_failed_run(checkout, runs):
    def fail(stage):
        raise UserError("no image in data/sources/products: put some there")

    with pytest.raises(SystemExit) as stop:
        run_stage("ingest", fail)
    assert stop.value.code == "ingest: no image in data/sources/products: put some there"
    assert runs()[0].info.status == "FAILED"


def test_a_stage_that_is_told_to_stop_is_a_killed_run(checkout, runs):
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match="ingest: interrupted; run the same again"):
        run_stage("ingest", lambda stage: signal.raise_signal(signal.SIGTERM))
    assert (runs()[0].info.status, runs()[0].data.tags["failure"]) == ("KILLED", "interrupted")
    assert signal.getsignal(signal.SIGTERM) is before


def test_bad_parameters_stop_the_stage_before_a_run_begins(checkout, runs):
    (checkout / "params.yaml").write_text("dataset: products\npreset: none\nseed: 1\npresets: {}\n")
    with pytest.raises(SystemExit, match="preset must be one of "):
        run_stage("ingest", write_output)
    assert not (checkout / "out").exists()


def test_scratch_outlives_a_failure_and_not_a_success(checkout, runs):
    seen = []

    def work(stage):
        seen.append(stage.scratch)
        stage.scratch.mkdir(parents=True, exist_ok=True)
        if not (stage.scratch / "kept").exists():
            (stage.scratch / "kept").write_text("partial result")
            raise UserError("stopped")

    with pytest.raises(SystemExit):
        run_stage("ingest", work)
    assert (seen[0] / "kept").exists()
    run_stage("ingest", work)
    assert seen[0] == seen[1]
    assert not seen[0].exists()
    (checkout / "code.py").write_text("new\n")
    with pytest.raises(SystemExit):
        run_stage("ingest", work)
    assert seen[2] != seen[0]


def test_other_processes_than_the_first_work_without_a_record(checkout, store):
    worked = []

    def work(stage):
        stage.logger.metrics({"loss": 1.0}, 3)
        stage.logger.files(checkout)
        stage.logger.hashes("input", {"a": "b"})
        worked.append(stage.params.seed)

    run_stage("ingest", work, rank=lambda: 1)
    assert worked == [2020]
    assert store.get_experiment_by_name("sketch2color") is None

    def fail():
        raise UserError("RANK=7")

    with pytest.raises(SystemExit, match="ingest: RANK=7"):
        run_stage("ingest", work, rank=fail)


def test_a_stage_of_one_process_ignores_the_variables_of_another_job(checkout, runs, monkeypatch):
    for name in ("RANK", "LOCAL_RANK", "WORLD_SIZE", "SLURM_NTASKS"):
        monkeypatch.setenv(name, "3")
    run_stage("ingest", write_output)
    assert [run.info.status for run in runs()] == ["FINISHED"]


def test_a_full_disk_is_one_line(checkout, runs):
    def fill(stage):
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
        try:
            write_bytes(Path("large.bin"), bytes(5000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    with pytest.raises(SystemExit) as stop:
        run_stage("ingest", fill)
    assert stop.value.code == ("ingest: large.bin: File too large; free some space, then run the same again")
    assert not Path("large.bin").exists()
