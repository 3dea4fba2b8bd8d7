import os
import subprocess
import sys

import psutil

from sketch2color.provenance.record import processes

NAME = (
    "from sketch2color.provenance.record.processes import identity, pipeline; print(identity(), pipeline())"
)


def names(**environment):
    """Return what a process started by a shell, as DVC starts stages, calls itself and its pipeline."""
    command = f"{sys.executable} -c '{NAME}'; {sys.executable} -c '{NAME}'"
    variables = {key: value for key, value in os.environ.items() if key != processes.STAGE} | environment
    done = subprocess.run(["sh", "-c", command], env=variables, capture_output=True, text=True, check=True)
    return [line.split() for line in done.stdout.splitlines()]


def test_stages_of_one_reproduction_belong_to_one_pipeline(monkeypatch):
    monkeypatch.delenv(processes.STAGE, raising=False)
    (first, its_pipeline), (second, the_same) = names(**{processes.STAGE: "clean"})
    assert its_pipeline == the_same == processes.identity()
    assert first != second


def test_a_stage_run_by_hand_is_a_pipeline_of_its_own():
    for own, pipeline in names():
        assert own == pipeline


def test_a_process_that_ended_has_ended_and_so_is_one_whose_number_was_given_again():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        name = processes.identity(psutil.Process(child.pid))
        assert not processes.has_ended(name)
        host, number, began = name.rsplit(":", 2)
        assert processes.has_ended(f"{host}:{number}:{float(began) - 60:.2f}")
        child.kill()
    assert processes.has_ended(name)
