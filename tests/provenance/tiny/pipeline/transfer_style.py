from pathlib import Path

from src.work import blend, image, raw_and_clean, rows, write

from sketch2color.provenance.record.stage import run_stage


def work(stage):
    _, cleaned = raw_and_clean(stage)
    results = Path("results/style_transfer")
    train = [row for row in rows(cleaned) if (row["split"], row["domain"]) == ("train", "color")]
    lines = ["sketch,reference"]
    for row in rows(cleaned):
        if (row["split"], row["domain"]) == ("test", "sketch"):
            lent = train[len(lines) % len(train)]
            sketch, style = image(cleaned, row).read_bytes(), image(cleaned, lent).read_bytes()
            write(results / f"{row['id']}.png", blend(sketch, style, stage.params.transfer_style.steps))
            lines.append(f"{row['id']},{lent['id']}")
    write(results / "references.csv", ("\n".join(lines) + "\n").encode())
    stage.logger.metrics({"images": len(lines) - 1})
    stage.logger.files(results)


if __name__ == "__main__":
    run_stage("transfer_style", work)
