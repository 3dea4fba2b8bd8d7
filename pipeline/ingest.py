"""Stage ingest: a source of pictures becomes ``data/raw``, one manifest, one list of the rejected."""

from pathlib import Path

from sketch2color.sources.ingest import ingest
from sketch2color.stage import Stage, run_stage


def work(stage: Stage) -> None:
    """Read the data set's folder, write its raw pictures and tables."""
    source = Path("data/sources") / stage.params.dataset
    raw = Path("data/raw") / stage.params.dataset
    stage.record.metrics(ingest(source, raw, stage.params.ingest, stage.params.seed))
    stage.record.files(source / "source.yaml", raw / "manifest.csv", raw / "rejected.csv")


if __name__ == "__main__":
    run_stage("ingest", work)
