"""Stage train_cyclegan: unpaired sketches and coloured sketches become a generator."""

from pathlib import Path

from sketch2color.cyclegan.processes import read_processes
from sketch2color.models.generators.registry import CONFIG, WEIGHTS
from sketch2color.provenance.record.stage import Stage, run_stage


def work(stage: Stage) -> None:
    """Read the clean training and validation images, write weights, loss curves and sample grids."""
    from sketch2color.cyclegan.train import train  # imports Fabric, which reads the environment at once

    cleaned = Path("data/clean") / stage.params.dataset
    models, report = Path("models/cyclegan"), Path("reports/train_cyclegan")
    params, seed = stage.params.train_cyclegan, stage.params.seed
    stage.logger.metrics(train(cleaned, models, report, stage.scratch, params, seed, stage.logger))
    stage.logger.files(models / CONFIG, report)
    example = min((cleaned / "train" / "sketch").iterdir()).read_bytes()
    stage.logger.model(models, [CONFIG, WEIGHTS], example)


if __name__ == "__main__":
    run_stage("train_cyclegan", work, rank=lambda: read_processes().rank)
