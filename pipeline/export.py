"""Stage export: the trained generator in a form that browsers run."""

from pathlib import Path

from sketch2color.colorize.onnx_parity import export_and_compare
from sketch2color.provenance.record.stage import Stage, run_stage


def work(stage: Stage) -> None:
    """Read the generator and the clean validation sketches, write the ONNX file and how well it agrees."""
    cleaned = Path("data/clean") / stage.params.dataset
    onnx, report = Path("models/onnx"), Path("reports/export")
    stage.logger.metrics(export_and_compare(Path("models/cyclegan"), cleaned, onnx, report))
    stage.logger.files(onnx, report)


if __name__ == "__main__":
    run_stage("export", work)
