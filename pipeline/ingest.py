"""Stage ingest: a source of pictures becomes raw pictures, a manifest, a list of the rejected and a card."""

from pathlib import Path

from sketch2color.sources.ingest import ingest
from sketch2color.stage import Stage, run_stage


def work(stage: Stage) -> None:
    """Read the data set's folder, write its raw pictures, its tables and its card."""
    source = Path("data/sources") / stage.params.dataset
    raw = Path("data/raw") / stage.params.dataset
    report = Path("reports/ingest")
    stage.record.metrics(ingest(source, raw, report, stage.params.ingest, stage.params.seed))
    stage.record.files(source / "source.yaml", raw / "manifest.csv", raw / "rejected.csv", report)


if __name__ == "__main__":
    run_stage("ingest", work)
