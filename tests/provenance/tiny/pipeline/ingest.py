import hashlib
from pathlib import Path

import yaml
from src.work import raw_and_clean, write, write_json

from sketch2color import manifest
from sketch2color.manifest import ImageRow, Rejected
from sketch2color.provenance.record.stage import run_stage

SPLITS = ("train", "train", "train", "val", "test", "test")


def work(stage):
    source, (raw, _) = Path("data/sources") / stage.params.dataset, raw_and_clean(stage)
    about = yaml.safe_load((source / "source.yaml").read_text())
    images = []
    for file in sorted((source / "images").rglob("*.png")):
        content = file.read_bytes()
        name = hashlib.sha256(content).hexdigest()
        write(raw / "images" / f"{name[:16]}.png", content)
        images.append(
            ImageRow(
                id=name[:16],
                domain=file.parent.name,
                split=SPLITS[int(file.stem[-1]) % len(SPLITS)],
                group=file.stem,
                pair="",
                source=f"{file.parent.name}/{file.name}",
                license=about["license"],
                sha256=name,
                width=1,
                height=1,
                homepage="https://example.org/" + stage.params.dataset,
            )
        )
    manifest.write(raw / "manifest.csv", images, ImageRow)
    manifest.write(raw / "rejected.csv", [], Rejected)
    write_json(raw / "source.json", about)
    figures = {"images": len(images)}
    write_json(Path("reports/ingest/metrics.json"), figures)
    stage.logger.metrics(figures)
    stage.logger.files(source / "source.yaml", raw / "manifest.csv", Path("reports/ingest"))


if __name__ == "__main__":
    run_stage("ingest", work)
