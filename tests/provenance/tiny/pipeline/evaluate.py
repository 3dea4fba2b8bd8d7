from pathlib import Path

from src.work import blend, image, number, raw_and_clean, rows, write, write_json

from sketch2color.provenance.record.stage import run_stage


def work(stage):
    _, cleaned = raw_and_clean(stage)
    results, report = Path("results/cyclegan"), Path("reports/evaluate")
    weights = Path("models/cyclegan/sketch_to_color.safetensors").read_bytes()
    painted = []
    for row in rows(cleaned):
        if (row["split"], row["domain"]) == ("test", "sketch"):
            painted.append(blend(image(cleaned, row).read_bytes(), weights))
            write(results / f"{row['id']}.png", painted[-1])
    value = number(blend(*painted))
    figure = {"value": value, "low": value - 0.5, "high": value + 0.5, "n": len(painted)}
    write_json(report / "metrics.json", {"cyclegan": {"kid": figure}})
    write(report / "report.html", b"<p>" + blend(value) + b"</p>\n")
    stage.logger.metrics(
        {"cyclegan/kid": value, "cyclegan/kid/low": value - 0.5, "cyclegan/kid/high": value + 0.5}
    )
    stage.logger.files(results, report)


if __name__ == "__main__":
    run_stage("evaluate", work)
