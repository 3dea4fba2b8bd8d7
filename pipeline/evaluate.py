"""Stage evaluate: both methods and the untouched sketch are judged on the test sketches."""

import json
from pathlib import Path

from sketch2color.evaluation.evaluate import evaluate
from sketch2color.stage import Stage, run_stage


def work(stage: Stage) -> None:
    """Read test pictures, the generator and the style results, write the scores and the report."""
    cleaned = Path("data/clean") / stage.params.dataset
    model, style = Path("models/cyclegan"), Path("results/style_transfer")
    results, report = Path("results/cyclegan"), Path("reports/evaluate")
    losses = Path("reports/train_cyclegan/losses.csv")
    source = json.loads((Path("data/raw") / stage.params.dataset / "source.json").read_text())
    about = {
        "data set": stage.params.dataset,
        **{key: source[key] for key in ("attribution", "license", "homepage") if key in source},
        "preset": stage.params.preset,
        "seed": str(stage.params.seed),
        "clean data (DVC)": stage.inputs[str(cleaned)],
        "model (DVC)": stage.inputs[str(model)],
    }
    params, seed = stage.params.evaluate, stage.params.seed
    stage.record.metrics(evaluate(cleaned, model, style, results, report, losses, params, seed, about))
    stage.record.files(results, report)


if __name__ == "__main__":
    run_stage("evaluate", work)
