"""Two checkouts, one DVC remote, one MLflow server: each can audit the results of the other."""

import contextlib
import shutil
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mlflow
import pytest
import requests
import yaml
from tests.integration import servers, sshd
from tests.provenance import history

from sketch2color.provenance.record.store import EXPERIMENT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of an MLflow server with its own database and artifact store."""
    folder = tmp_path_factory.mktemp("server")
    port = servers.free_port()
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
        "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'server.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
    ]  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    with servers.started(command, folder, lambda: is_healthy(address)):
        yield address


def is_healthy(address):
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{address}/health", timeout=5).ok


@pytest.fixture(scope="module")
def shared(reproduced, tmp_path_factory, run, server):
    """A checkout that has pushed its results and synced its runs."""
    root = history.copy_project(reproduced, tmp_path_factory.mktemp("team") / "first")
    expect(run("dvc", "remote", "add", "-d", "shared", str(root.parent / "remote"), cwd=root))
    expect(run("dvc", "push", cwd=root))
    history.commit(root, "results and the remote")
    done = expect(run("sketch2color", "sync", cwd=root, MLFLOW_TRACKING_URI=server))
    assert f"{stage_count(root)} runs" in done.stdout
    return root


@pytest.fixture(scope="module")
def colleague(shared, run):
    """Another checkout of the same commit, with what the first pushed."""
    root = shared.parent / "second"
    subprocess.run(["git", "clone", "-q", str(shared), str(root)], check=True)
    expect(run("dvc", "pull", cwd=root))
    return root


def expect(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def stage_count(root):
    return len(yaml.safe_load((root / "dvc.yaml").read_text())["stages"])


def expect_audit_passes(run, root, **variables):
    done = expect(run("sketch2color", "audit", cwd=root, **variables))
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["ok"] * stage_count(root)


def test_nothing_is_synced_twice(shared, run, server):
    assert "0 runs" in expect(run("sketch2color", "sync", cwd=shared, MLFLOW_TRACKING_URI=server)).stdout


def test_a_colleague_can_audit_pulled_results(colleague, run, server):
    expect_audit_passes(run, colleague, MLFLOW_TRACKING_URI=server)


def test_without_the_server_the_audit_names_the_variable(colleague, run):
    done = run("sketch2color", "audit", cwd=colleague)
    assert done.returncode == 1
    assert "MLFLOW_TRACKING_URI" in done.stdout + done.stderr


def test_a_colleagues_training_is_byte_identical(colleague, run, server):
    expect(
        run("sketch2color", "audit", "--rerun", "train_cyclegan", cwd=colleague, MLFLOW_TRACKING_URI=server)
    )


def test_a_colleague_can_trace_an_image(colleague, run, server):
    image = min((colleague / "results/cyclegan").glob("*.png")).relative_to(colleague)
    done = expect(run("sketch2color", "trace", str(image), cwd=colleague, MLFLOW_TRACKING_URI=server))
    assert "license: CC0-1.0" in done.stdout


def test_the_server_has_the_generator(server, colleague, monkeypatch):
    for variable in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.setenv(variable, server)
    (version,) = mlflow.MlflowClient(server, server).search_model_versions("name = 'sketch2color'")
    folder = mlflow.artifacts.download_artifacts(f"models:/{version.name}/{version.version}")
    weights = Path(folder) / "artifacts" / "generator" / "sketch_to_color.safetensors"
    assert weights.read_bytes() == (colleague / "models/cyclegan/sketch_to_color.safetensors").read_bytes()


@pytest.mark.parametrize("kind", ["asyncssh", "openssh"])
def test_a_remote_behind_ssh_works_alike(kind, shared, server, run, tmp_path):
    with sshd.serve(kind, tmp_path) as (port, home):
        variables = {"HOME": str(home), "MLFLOW_TRACKING_URI": server}
        expect(run("dvc", "remote", "add", kind, f"ssh://127.0.0.1:{port}{tmp_path}/remote", cwd=shared))
        expect(run("dvc", "push", "-r", kind, cwd=shared, **variables))
        third = tmp_path / "third"
        subprocess.run(["git", "clone", "-q", str(shared), str(third)], check=True)
        shutil.copy(shared / ".dvc/config", third / ".dvc/config")
        expect(run("dvc", "pull", "-r", kind, cwd=third, **variables))
    expect_audit_passes(run, third, **variables)


def test_two_concurrent_pipelines_do_not_interfere(shared, colleague, run, server):
    checkouts = (shared, colleague)
    locks = [(root / "dvc.lock").read_bytes() for root in checkouts]
    client = mlflow.MlflowClient(server)
    experiment = client.get_experiment_by_name(EXPERIMENT).experiment_id
    before = {each.info.run_id for each in client.search_runs([experiment])}

    def reproduce(root):
        expect(run("dvc", "repro", "--force", "clean", cwd=root, MLFLOW_TRACKING_URI=server))

    with ThreadPoolExecutor() as pool:
        list(pool.map(reproduce, checkouts))
    made = [each for each in client.search_runs([experiment]) if each.info.run_id not in before]
    pipelines = Counter(each.data.tags["pipeline"] for each in made)
    assert {each.info.status for each in made} == {"FINISHED"}
    assert sorted(pipelines.values()) == [2, 2]
    assert [(root / "dvc.lock").read_bytes() for root in checkouts] == locks
    for root in checkouts:
        expect_audit_passes(run, root, MLFLOW_TRACKING_URI=server)
