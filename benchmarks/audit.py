"""Measure audit and trace on a finished pipeline of noise images, with cache and record.

    python benchmarks/audit.py FOLDER [--images 292 20000]

FOLDER is for temporary files; 20,000 images take 5 GB of it. No stage runs: outputs of realistic sizes are
written, hashed and committed by DVC, and recorded by the code that records stages. The table compares the two
commands with hashing the same bytes sequentially in the same run.
"""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import yaml
from dvc.repo import Repo

from cli import argument_parser
from sketch2color import manifest
from sketch2color.manifest import CleanImageRow, ImageRow, Split
from sketch2color.provenance.audit.audit import audit
from sketch2color.provenance.record.dvc_hashes import hash_stage
from sketch2color.provenance.record.run import recording
from sketch2color.provenance.record.store import local_uri
from sketch2color.provenance.trace import trace

ROOT = Path(__file__).parents[1]
RAW, CLEAN = 60_000, 45_000
"""Bytes of a raw image, and of a clean one of 256×256 pixels."""
SPLITS: Sequence[Split] = ("train",) * 8 + ("val", "test")
RESULTS = 24


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, nargs="+", default=[292, 20000])
    options = parser.parse_args()
    os.environ.pop("MLFLOW_TRACKING_URI", None)
    print("images  files      GB         sequentially    audit  ratio    trace")
    for images in options.images:
        root = options.folder.resolve() / f"audit-{images}"
        make(root, images)
        os.chdir(root)
        measure(root, images)
        os.chdir(ROOT)
        shutil.rmtree(root)


def measure(root: Path, images: int) -> None:
    """Print a row; the files were just written and are in the page cache for all three."""
    files = list(content(root))
    sequential = timed(lambda: [hashlib.md5(file.read_bytes()).hexdigest() for file in files])
    audited = timed(lambda: check(root))
    image = next((root / "results" / "cyclegan").iterdir())
    traced = timed(lambda: trace(root, str(image)))
    size = sum(file.stat().st_size for file in files) / 1e9
    print(
        f"{images:8}  {len(files):5}  {size:6.2f}  {sequential:17.1f} s  {audited:5.1f} s  "
        f"{audited / sequential:5.2f}  {traced:5.1f} s"
    )


def check(root: Path) -> None:
    found = audit(root).findings
    if found:
        sys.exit(f"unexpected finding: {found[0]}")


def timed(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def content(root: Path) -> Iterator[Path]:
    """List all files of outputs and cache."""
    for folder in ("data/raw", "data/clean", "models", "reports", "results", ".dvc/cache/files"):
        yield from (path for path in (root / folder).rglob("*") if path.is_file())


def make(root: Path, images: int) -> None:
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(root)], check=True)
    params = yaml.safe_load((root / "params.yaml").read_text())
    (root / "params.yaml").write_text(yaml.safe_dump({**params, "dataset": "noise"}))
    source = root / "data" / "sources" / "noise"
    source.mkdir(parents=True)
    (source / "source.yaml").write_text("type: folder\npath: images\nlicense: CC0-1.0\n")
    (root / "dvc.lock").unlink(missing_ok=True)
    commit(root, "noise")
    os.chdir(root)
    for name, outputs in written(root, images).items():
        before = hash_stage(name, root)
        for path, write in outputs.items():
            (root / path).mkdir(parents=True)
            write(root / path)
        with recording(name, local_uri(root), root, {}, before) as logger:
            logger.metrics({"images": images})
            logger.files(*[root / path for path in outputs if path.startswith("reports/")])
            logger.hashes("output", hash_stage(name, root).outputs)
        with Repo(str(root)) as repo:
            repo.commit(name, force=True)
    commit(root, "results")


def commit(root: Path, message: str) -> None:
    identity = ["-c", "user.name=benchmark", "-c", "user.email=benchmark@localhost"]
    for command in (["add", "-A"], [*identity, "commit", "-qm", message]):
        subprocess.run(["git", "-C", str(root), *command], check=True)


def written(root: Path, images: int) -> dict[str, dict[str, Callable[[Path], None]]]:
    """Return the outputs of each stage, with the function that writes each."""
    noise = random.Random(0)
    rows = [row(number, noise) for number in range(images)]

    def raw(folder: Path) -> None:
        (folder / "images").mkdir()
        for each in rows:
            (folder / "images" / f"{each.id}.png").write_bytes(noise.randbytes(RAW))
        manifest.write(folder / "manifest.csv", rows, ImageRow)
        (folder / "source.json").write_text('{"license": "CC0-1.0"}\n')

    def clean(folder: Path) -> None:
        for each in rows:
            file = folder / each.split / each.domain / f"{each.id}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(noise.randbytes(CLEAN))
        cleaned = [
            CleanImageRow(**vars(each), marks="", mark_area=0.0, confidence=1.0, action="none")
            for each in rows
        ]
        manifest.write(folder / "manifest.csv", cleaned, CleanImageRow)

    def model(folder: Path) -> None:
        (folder / "sketch_to_color.safetensors").write_bytes(noise.randbytes(20_000_000))

    def results(folder: Path) -> None:
        for each in [each for each in rows if each.split == "test"][:RESULTS]:
            (folder / f"{each.id}.png").write_bytes(noise.randbytes(CLEAN))

    def report(folder: Path) -> None:
        (folder / "metrics.json").write_text(json.dumps({"images": images}))
        (folder / "report.html").write_bytes(noise.randbytes(2_000_000))

    return {
        "ingest": {"data/raw/noise": raw, "reports/ingest": report},
        "clean": {"data/clean/noise": clean, "reports/clean": report},
        "train_cyclegan": {"models/cyclegan": model, "reports/train_cyclegan": report},
        "transfer_style": {"results/style_transfer": results},
        "evaluate": {"results/cyclegan": results, "reports/evaluate": report},
    }


def row(number: int, noise: random.Random) -> ImageRow:
    name = noise.randbytes(32).hex()
    return ImageRow(
        id=name[:16],
        domain="color" if number % 2 else "sketch",
        split=SPLITS[number // 2 % len(SPLITS)],
        group=str(number),
        pair="",
        source=f"images/{number}.png",
        license="CC0-1.0",
        sha256=name,
        width=512,
        height=512,
    )


if __name__ == "__main__":
    main()
