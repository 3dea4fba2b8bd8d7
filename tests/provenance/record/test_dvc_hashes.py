import os

import pytest
import yaml
from dvc.repo import Repo

from sketch2color.errors import UserError
from sketch2color.provenance.record.dvc_hashes import hash_stage


def test_hashes_are_those_of_dvc_lock(checkout):
    with Repo(str(checkout)) as repo:
        repo.reproduce()
    locked = yaml.safe_load((checkout / "dvc.lock").read_text())["stages"]["ingest"]
    found = hash_stage("ingest", checkout)
    assert found.inputs == {dep["path"]: dep["md5"] for dep in locked["deps"]}
    assert found.outputs == {out["path"]: out["md5"] for out in locked["outs"]}
    assert found.outputs["out"].endswith(".dir")


def test_a_changed_file_changes_its_hash_alone(checkout):
    before = hash_stage("ingest", checkout).inputs
    (checkout / "code.py").write_text("print()\n")
    after = hash_stage("ingest", checkout).inputs
    assert {path for path in before if before[path] != after[path]} == {"code.py"}


def test_outputs_not_made_yet_are_left_out(checkout):
    assert hash_stage("ingest", checkout).outputs == {}


def test_a_missing_dependency_is_named(checkout):
    (checkout / "code.py").unlink()
    with pytest.raises(UserError, match=r"code\.py"):
        hash_stage("ingest", checkout)


def test_an_unknown_stage_is_named(checkout):
    with pytest.raises(UserError, match="stage polish"):
        hash_stage("polish", checkout)


def test_a_name_that_dvc_cannot_read_is_one_line(checkout):
    (checkout / "data/sources/products" / os.fsdecode(b"\xff.png")).touch()
    with pytest.raises(UserError, match="DVC reads only file names in UTF-8: rename"):
        hash_stage("ingest", checkout)
