"""Stage transfer_style: Gatys style transfer over the test sketches, the baseline."""

from pathlib import Path

from sketch2color.provenance.record.stage import Stage, run_stage
from sketch2color.style_transfer.transfer import transfer


def work(stage: Stage) -> None:
    """Read the clean test sketches and the training images that lend their style, write the results."""
    cleaned = Path("data/clean") / stage.params.dataset
    results = Path("results/style_transfer")
    stage.logger.metrics(transfer(cleaned, results, stage.params.transfer_style, stage.params.seed))
    stage.logger.files(results)


if __name__ == "__main__":
    run_stage("transfer_style", work)
