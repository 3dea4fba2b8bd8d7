from pathlib import Path

from src.work import blend, image, number, raw_and_clean, rows, write, write_json

from sketch2color.provenance.record.stage import run_stage


def work(stage):
    _, cleaned = raw_and_clean(stage)
    params, models = stage.params.train_cyclegan, Path("models/cyclegan")
    train = [image(cleaned, row).read_bytes() for row in rows(cleaned) if row["split"] == "train"]
    weights = blend(*train, stage.params.seed, params.learning_rate, params.epochs)
    write(models / "sketch_to_color.safetensors", weights)
    write_json(models / "config.json", {"width": params.generator_width})
    losses = {step: number(weights) / step for step in range(1, 4)}
    for step, loss in losses.items():
        stage.logger.metrics({"gan": loss}, step)
    table = "".join(f"{step},{loss:.6g}\n" for step, loss in losses.items())
    write(Path("reports/train_cyclegan/losses.csv"), f"step,gan\n{table}".encode())
    figures = {"val_kid_chosen": number(weights), "steps": params.epochs, "gan": losses[3]}
    write_json(Path("reports/train_cyclegan/metrics.json"), figures)
    stage.logger.metrics(figures)
    stage.logger.files(models / "config.json", Path("reports/train_cyclegan"))
    stage.logger.model(models, ["config.json", "sketch_to_color.safetensors"], b"a sketch")


if __name__ == "__main__":
    run_stage("train_cyclegan", work)
