"""Stage ingest: a source of images becomes raw images, a manifest, a list of the rejected and a card."""

from pathlib import Path

from sketch2color.ingest.ingest import ingest
from sketch2color.provenance.record.stage import Stage, run_stage


def work(stage: Stage) -> None:
    """Read the data set's folder, write its raw images, its tables and its card."""
    source = Path("data/sources") / stage.params.dataset
    raw = Path("data/raw") / stage.params.dataset
    report = Path("reports/ingest")
    params, seed, image_size = stage.params.ingest, stage.params.seed, stage.params.image_size
    stage.logger.metrics(ingest(source, raw, report, params, seed, image_size))
    stage.logger.files(source / "source.yaml", raw / "manifest.csv", raw / "rejected.csv", report)


if __name__ == "__main__":
    run_stage("ingest", work)
