import itertools
import os

import pytest

from sketch2color.config.params import TrainCyclegan
from sketch2color.cyclegan.processes import Processes, read_processes
from sketch2color.cyclegan.runtime import launch
from sketch2color.errors import UserError

MASTER = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"}
SECOND = {"RANK": "1", "WORLD_SIZE": "2", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2", **MASTER}
STRAY = {
    "SLURM_NTASKS": "4",
    "SLURM_JOB_NAME": "train",
    "SLURM_PROCID": "three",
    "SLURM_NTASKS_PER_NODE": "4",
    "OMPI_COMM_WORLD_SIZE": "2",
    "PMI_RANK": "1",
    "JSM_NAMESPACE_RANK": "",
    "NODE_RANK": "7",
    "GROUP_RANK": "-1",
    "LT_DEVICES": "4",
    "LT_STRATEGY": "none",
    "TORCHELASTIC_RUN_ID": "1",
    "TORCHELASTIC_USE_AGENT_STORE": "True",
    "STANDALONE_PORT": "x",
    "MASTER_ADDR": "",
    "MASTER_PORT": "-5",
}


@pytest.fixture
def variables(monkeypatch):
    """Call it with the variables that the process finds; what it changes is undone."""

    def set_only(values):
        for name in [*SECOND, *STRAY]:
            monkeypatch.setenv(name, "")  # or a variable that is first set inside of the test would remain
            monkeypatch.delenv(name)
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_only


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({}, Processes()),
        ({"RANK": "0", "WORLD_SIZE": "1"}, Processes()),
        (SECOND, Processes(1, 2, 1, 2)),
        ({name: value for name, value in SECOND.items() if name != "RANK"}, Processes(1, 2, 1, 2)),
        (SECOND | {"RANK": "3", "WORLD_SIZE": "4"}, Processes(3, 4, 1, 2)),
    ],
    ids=["nothing", "one process", "torchrun", "Fabric", "second machine"],
)
def test_a_process_knows_its_place(variables, values, place):
    variables(STRAY | values)
    assert read_processes() == place
    assert read_processes() == place


@pytest.mark.parametrize("value", ["", "0", "1", "-1", "two", "9" * 5000, "1.0", "\udcff\n"])
@pytest.mark.parametrize("name", ["RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"])
def test_a_variable_alone_means_one_process_or_is_refused_in_one_line(variables, name, value):
    variables({name: value})
    if value == ("1" if "SIZE" in name else "0"):
        assert read_processes() == Processes()
        return
    with pytest.raises(UserError, match=f"{name}=.*unset {name}, which") as error:
        read_processes()
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("count", range(1, 6))
def test_an_incomplete_set_of_variables_is_refused(variables, count):
    for names in itertools.combinations(SECOND, count):
        given = {name: SECOND[name] for name in names}
        if not set(given) - set(MASTER) or names == tuple(SECOND)[1:]:
            continue  # as if started alone; all that Fabric's own processes need
        variables(given)
        with pytest.raises(UserError, match="start with torchrun"):
            read_processes()


@pytest.mark.parametrize(
    "wrong",
    [
        {"RANK": "2"},
        {"RANK": "0"},
        {"LOCAL_RANK": "2"},
        {"WORLD_SIZE": "3"},
        {"WORLD_SIZE": "1"},
        {"LOCAL_WORLD_SIZE": "0"},
        {"LOCAL_WORLD_SIZE": "1"},
        {"LOCAL_WORLD_SIZE": "4"},
        {"MASTER_PORT": "port"},
        {"MASTER_PORT": "0"},
        {"MASTER_ADDR": ""},
    ],
    ids=str,
)
def test_variables_that_contradict_each_other_are_refused(variables, wrong):
    variables(SECOND | wrong)
    with pytest.raises(UserError, match="does not name a process of a training"):
        read_processes()


def test_a_training_started_alone_takes_nothing_from_other_jobs(variables):
    variables(STRAY)
    fabric = launch(TrainCyclegan(threads=1, precision="fp32"))
    assert (fabric.world_size, fabric.global_rank, fabric.node_rank, fabric.is_global_zero) == (1, 0, 0, True)
    assert not {"NODE_RANK", "SLURM_PROCID", "LT_DEVICES", "MASTER_PORT"} & os.environ.keys()
