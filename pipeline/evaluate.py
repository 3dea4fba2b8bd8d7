"""Stage evaluate: both methods and the untouched sketch are scored on the test sketches."""

import json
from pathlib import Path
from typing import Any

from sketch2color.evaluation.evaluate import evaluate
from sketch2color.provenance.record.stage import Stage, run_stage
from sketch2color.report.evaluation_data import About


def work(stage: Stage) -> None:
    """Read test images, the generator and the style results, write the scores and the report."""
    cleaned = Path("data/clean") / stage.params.dataset
    model, style = Path("models/cyclegan"), Path("results/style_transfer")
    results, report = Path("results/cyclegan"), Path("reports/evaluate")
    losses = Path("reports/train_cyclegan/losses.csv")
    params, seed = stage.params.evaluate, stage.params.seed
    stage.logger.metrics(
        evaluate(cleaned, model, style, results, report, losses, params, seed, _about(stage))
    )
    stage.logger.files(results, report)


def _about(stage: Stage) -> About:
    """Return the images' source, all parameters, and DVC's hashes of the inputs."""
    source = json.loads((Path("data/raw") / stage.params.dataset / "source.json").read_text())
    sections: dict[str, Any] = {
        "ingest": stage.params.ingest,
        "clean": stage.params.clean,
        "train_cyclegan": stage.params.train_cyclegan,
        "transfer_style": stage.params.transfer_style,
        "evaluate": stage.params.evaluate,
    }
    values: dict[str, Any] = {"preset": stage.params.preset, "image_size": stage.params.image_size}
    values["seed"] = stage.params.seed
    for name, section in sections.items():
        values |= {f"{name}.{key}": value for key, value in section.model_dump().items()}
    known = {key: source[key] for key in ("attribution", "license", "homepage") if key in source}
    return About(stage.params.dataset, known, values, stage.inputs)


if __name__ == "__main__":
    run_stage("evaluate", work)
