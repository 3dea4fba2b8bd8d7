from pathlib import Path

from src.work import blend, image, raw_and_clean, rows, write, write_json

from sketch2color import manifest
from sketch2color.manifest import CleanImageRow, ImageRow
from sketch2color.provenance.record.stage import run_stage


def work(stage):
    raw, cleaned = raw_and_clean(stage)
    nothing = {"marks": "", "mark_area": 0.0, "confidence": 1.0, "action": "none"}
    table = [CleanImageRow(**vars(row), **nothing) for row in manifest.read(raw / "manifest.csv", ImageRow)]
    manifest.write(cleaned / "manifest.csv", table, CleanImageRow)
    for row in rows(cleaned):
        content = (raw / "images" / f"{row['id']}.png").read_bytes()
        write(image(cleaned, row), blend(content, stage.params.clean.fit))
    figures = {"images": len(table), "removed": 0}
    write_json(Path("reports/clean/metrics.json"), figures)
    stage.logger.metrics(figures)
    stage.logger.files(cleaned / "manifest.csv", Path("reports/clean"))


if __name__ == "__main__":
    run_stage("clean", work)
