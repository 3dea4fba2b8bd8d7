"""Stage clean: publishers' marks are removed, every image becomes a square of image_size."""

from pathlib import Path

from sketch2color.preprocess.clean import clean
from sketch2color.provenance.record.stage import Stage, run_stage


def work(stage: Stage) -> None:
    """Read raw images, write clean ones and the review sheet."""
    raw = Path("data/raw") / stage.params.dataset
    cleaned = Path("data/clean") / stage.params.dataset
    report = Path("reports/clean")
    stage.logger.metrics(
        clean(raw, cleaned, report, params=stage.params.clean, image_size=stage.params.image_size)
    )
    stage.logger.files(cleaned / "manifest.csv", report)


if __name__ == "__main__":
    run_stage("clean", work)
