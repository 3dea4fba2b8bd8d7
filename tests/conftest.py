import io
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import mlflow
import pytest
import torch
from filelock import FileLock
from mlflow.tracking._tracking_service.utils import _artifact_repos_cache
from threadpoolctl import threadpool_limits

from sketch2color.models import bfloat16
from sketch2color.provenance.record.store import EXPERIMENT

ROOT = Path(__file__).parents[1]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Start with the files that have slow tests, so that no process runs one alone at the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_make_parametrize_id(val):
    """Bound the names of tests: each is sent between the test processes and set as a variable many times."""
    return ascii(val[:60]) if isinstance(val, str | bytes) and len(val) > 60 else None


@pytest.fixture(scope="session")
def build_once(tmp_path_factory):
    """Call it with a name and a function to fill a directory once for all test processes of the session.

    Tests must not change the directory that it returns.
    """
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent  # which the processes share

    def build(name, fill):
        complete = base / f"{name}.complete"
        with FileLock(base / f"{name}.lock"):
            if not complete.exists():
                shutil.rmtree(base / name, ignore_errors=True)
                (base / name).mkdir()
                fill(base / name)
                complete.touch()
        return base / name

    return build


@pytest.fixture
def with_bf16(monkeypatch):
    """Enable bf16, emulated where the processor lacks it."""
    monkeypatch.setattr(bfloat16, "processor_has_bf16", lambda: True)


@pytest.fixture(autouse=True, scope="module")
def one_blas_thread():
    """Limit each test process to one thread, as there is a process for each core.

    Once a module, as finding the libraries takes longer than many a test.
    """
    with threadpool_limits(1, user_api="blas"):
        yield


@pytest.fixture(autouse=True)
def one_torch_thread():
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def no_store(monkeypatch):
    """Forget the MLflow store of earlier tests, which MLflow keeps in the process and its environment."""
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)
    _artifact_repos_cache.clear()  # it knows runs by id alone: a copied store would write to its origin
    for variable in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(scope="session")
def empty_store(build_once):
    """An empty MLflow store: creating its tables takes seconds, copying the file does not."""

    def fill(folder):
        mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
        mlflow.search_experiments()

    return build_once("store", fill) / "mlflow.db"


@pytest.fixture
def store(empty_store, tmp_path, monkeypatch):
    """A client of a fresh MLflow store that MLFLOW_TRACKING_URI names."""
    path = tmp_path / "store" / "mlflow.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(empty_store)) as made, closing(sqlite3.connect(path)) as fresh:
        made.backup(fresh)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{path}")
    return mlflow.MlflowClient(f"sqlite:///{path}")


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A small DVC repository, as current directory, whose one stage is called ingest."""
    from dvc.repo import Repo

    root = tmp_path / "checkout"
    source = root / "data" / "sources" / "products"
    source.mkdir(parents=True)
    (source / "source.yaml").write_text("type: folder\n")
    (root / "code.py").write_text("pass\n")
    shutil.copy(ROOT / "params.yaml", root)
    (root / "dvc.yaml").write_text(
        "stages:\n  ingest:\n    cmd: cp -r data/sources/products out\n    params: [seed]\n"
        "    deps: [code.py, 'data/sources/${dataset}']\n    outs: [out]\n"
    )
    Repo.init(str(root), no_scm=True).close()
    monkeypatch.chdir(root)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    return root


@pytest.fixture
def runs(store):
    """Call it for the runs in the store, newest first."""
    return lambda: store.search_runs([store.get_experiment_by_name(EXPERIMENT).experiment_id])


@pytest.fixture(scope="session")
def squeezenet_weights():
    """A weights file in torchvision's format, with random weights."""
    import torch
    from torchvision.models import squeezenet1_1

    with torch.random.fork_rng():
        torch.manual_seed(1)
        state = squeezenet1_1(weights=None).state_dict()
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()
