"""Measure the speed of ingest: from a local server, from a zip, and with 50,000 very small images.

    python benchmarks/ingest.py FOLDER [--images 3000] [--rounds 3]

FOLDER is for temporary files. The server is a process of its own that answers from memory. For comparison,
the same URLs are downloaded by img2dataset if it can be installed into a virtual environment of its own,
else by a pool of threads. Rounds are interleaved; the minimum and the median of each are printed, and the
ratio of the medians.

"whole stage" is all that ingest does: download, decode, check, hash, find near-duplicates, split, write, draw
a data card. img2dataset downloads, decodes, shrinks to 256 pixels and writes; "not resized" does not shrink.
"""

import argparse
import csv
import io
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from PIL import Image

from cli import argument_parser
from sketch2color import imaging
from sketch2color.config.params import Ingest
from sketch2color.ingest import ingest as stage
from sketch2color.ingest.read_images import read_images

SIDE = 512
THREADS = 16
SERVER = """
import asyncio, sys
from pathlib import Path

bodies = {f"/{path.name}".encode(): path.read_bytes() for path in Path(sys.argv[1]).iterdir()}
NOT_FOUND = b"HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n"

async def answer(reader, writer):
    try:
        while True:
            path = (await reader.readuntil(b"\\r\\n\\r\\n")).split(b" ", 2)[1]
            body = bodies.get(path)
            head = b"HTTP/1.1 200 OK\\r\\nContent-Type: image/jpeg\\r\\nContent-Length: %d\\r\\n\\r\\n"
            writer.write(NOT_FOUND if body is None else head % len(body) + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()

async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


def make_images(folder: Path, count: int) -> None:
    """Write ``count`` images as JPEG."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        (folder / f"{number:05}.jpg").write_bytes(imaging.encode_jpeg(soft_noise(number, SIDE), quality=90))


def soft_noise(number: int, side: int) -> imaging.ImageArray:
    """Return a smooth random image, a different one for every number."""
    small = np.random.default_rng(number).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    return imaging.resize(small, side, side)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve ``folder`` from memory and yield the URL."""
    command = [sys.executable, "-c", SERVER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.terminate()


def define_urls(source: Path, address: str, count: int) -> None:
    source.mkdir(parents=True, exist_ok=True)
    with (source / "list.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["url", "domain"])
        table.writerows(
            [f"{address}/{number:05}.jpg", ("sketch", "color")[number % 2]] for number in range(count)
        )
    (source / "source.yaml").write_text(
        "type: urls\npath: list.csv\ncontact: benchmark@localhost\nrequests_per_second: 0\n"
        f"connections: {THREADS}\nallow_private: [127.0.0.1]\n"
    )


def define_zip(source: Path, images: Path) -> None:
    source.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(source / "a.zip", "w") as packed:
        for place, path in enumerate(sorted(images.iterdir())):
            packed.write(path, f"{('sketch', 'color')[place % 2]}/{path.name}")
    (source / "source.yaml").write_text(
        "type: archive\npath: a.zip\ndomains: {sketch: sketch/*, color: color/*}\n"
    )


def whole_stage(source: Path, work: Path, count: int) -> None:
    """Run the ingest stage in a process of its own, without earlier downloads."""
    program = (
        "import sys; from pathlib import Path; from sketch2color.config.params import Ingest\n"
        "from sketch2color.ingest.ingest import ingest\n"
        "counts = ingest(Path(sys.argv[1]), Path('raw'), Path('report'), Ingest(), 1)\n"
        "assert counts['sketches'] + counts['colors'] == int(sys.argv[2]), counts\n"
    )
    _run_in(work, [sys.executable, "-c", program, str(source.resolve()), str(count)])


def img2dataset(program: Path, resize: str) -> Callable[[Path, Path, int], None]:
    def run(source: Path, work: Path, count: int) -> None:
        options = {
            "url_list": source.resolve() / "list.csv", "input_format": "csv", "url_col": "url",
            "output_folder": "out", "output_format": "files", "processes_count": os.cpu_count(),
            "thread_count": THREADS, "image_size": 256, "resize_mode": resize, "enable_wandb": False,
        }  # fmt: skip
        _run_in(work, [str(program), *(f"--{key}={value}" for key, value in options.items())])
        count_written = sum(1 for _ in (work / "out").rglob("*.jpg"))
        assert count_written == count, f"{count_written} of {count} images downloaded"

    return run


def threads(source: Path, work: Path, count: int) -> None:
    """Download, decode and write with a pool of threads."""
    work.mkdir(parents=True)
    with (source / "list.csv").open(newline="") as file:
        urls = [row["url"] for row in csv.DictReader(file)]

    def one(url: str) -> None:
        with urllib.request.urlopen(url) as answer:
            content = answer.read()
        imaging.read(content)
        (work / url.rpartition("/")[2]).write_bytes(content)

    with ThreadPoolExecutor(THREADS) as pool:
        assert sum(1 for _ in pool.map(one, urls)) == count


def unzipped(source: Path, work: Path, count: int) -> None:
    """Read, decode and write the images of a zip sequentially."""
    work.mkdir(parents=True)
    with zipfile.ZipFile(source / "a.zip") as packed:
        for name in packed.namelist():
            content = packed.read(name)
            with Image.open(io.BytesIO(content)) as image:
                image.load()
            (work / Path(name).name).write_bytes(content)
    assert len(list(work.iterdir())) == count


def _run_in(work: Path, command: list[str]) -> None:
    work.mkdir(parents=True)
    environment = {key: value for key, value in os.environ.items() if not key.lower().endswith("_proxy")}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[1] / "src")
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def install_img2dataset(folder: Path) -> Path | None:
    """Return the program, installed into a virtual environment in ``folder``, or None."""
    program = folder / "bin" / "img2dataset"
    if not program.exists():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        command = [str(folder / "bin" / "pip"), "install", "--quiet", "img2dataset"]
        if subprocess.run(command, capture_output=True).returncode != 0:
            return None
    return program


def compare(
    title: str, runs: dict[str, Callable[[Path, Path, int], None]], source: Path, count: int, rounds: int
) -> None:
    """Time ``runs`` alternately and print images per second, relative to the first."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            with tempfile.TemporaryDirectory(dir=source.parent) as work:
                start = time.perf_counter()
                run(source, Path(work) / "work", count)
                seconds[name].append(time.perf_counter() - start)
    reference = statistics.median(next(iter(seconds.values())))
    print(f"\n{title}: {count} images of {SIDE}x{SIDE}, {rounds} rounds")
    for name, times in seconds.items():
        median = statistics.median(times)
        print(
            f"  {name:34} {count / median:6.0f} images/s (best {count / min(times):6.0f}),"
            f" {median / reference:5.2f} of the time of the first"
        )


def many_rows(folder: Path, rows: tuple[int, ...] = (5_000, 50_000)) -> None:
    """Ingest thousands of very small images, each count in a process of its own; print seconds and memory."""
    print("\nmany rows: images of 64x64 from a zip")
    for count in rows:
        source = folder / f"rows-{count}"
        define_tiny(source, count)
        program = [sys.executable, __file__, str(source), "--measure"]
        done = subprocess.run(program, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        print(f"  {count:7,} rows: {done.stdout.strip()}")


def define_tiny(source: Path, count: int) -> None:
    source.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(source / "a.zip", "w") as packed:
        for number in range(count):
            name = f"{('sketch', 'color')[number % 2]}/{number}.png"
            packed.writestr(name, imaging.encode_png(soft_noise(number, 64)))
    (source / "source.yaml").write_text(
        "type: archive\npath: a.zip\ndomains: {sketch: sketch/*, color: color/*}\n"
    )


def measure(source: Path) -> None:
    """Ingest in this process; print the time of decoding and of the rest, and the peak memory."""
    decoding = 0.0

    def timed(*arguments: Any) -> Any:
        nonlocal decoding
        start = time.perf_counter()
        result = read_images(*arguments)
        decoding = time.perf_counter() - start
        return result

    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as work, patch.object(stage, "read_images", timed):
        stage.ingest(source, Path(work) / "raw", Path(work) / "report", Ingest(), seed=1)
        rest = time.perf_counter() - start - decoding
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"decoding and writing {decoding:.1f} s, the rest {rest:.1f} s, peak {peak:.0f} MiB")


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        return measure(arguments.folder)
    folder, count, rounds = arguments.folder.resolve(), arguments.images, arguments.rounds
    images = folder / f"images-{count}"
    if not images.exists():
        make_images(images, count)
    img2dataset_program = install_img2dataset(folder / "img2dataset")
    web: dict[str, Callable[[Path, Path, int], None]] = {"sketch2color, whole stage": whole_stage}
    if img2dataset_program is None:
        print("img2dataset cannot be installed: comparing with a pool of threads")
        web["a pool of threads"] = threads
    else:
        web["img2dataset, to 256x256"] = img2dataset(img2dataset_program, "border")
        web["img2dataset, not resized"] = img2dataset(img2dataset_program, "no")
    with serving(images) as address:
        define_urls(folder / "urls", address, count)
        compare("from a local server", web, folder / "urls", count, rounds)
    define_zip(folder / "zip", images)
    zips: dict[str, Callable[[Path, Path, int], None]] = {
        "sketch2color, whole stage": whole_stage,
        "zipfile and Pillow": unzipped,
    }
    compare("from a zip", zips, folder / "zip", count, rounds)
    many_rows(folder)
    shutil.rmtree(folder / "rows-50000", ignore_errors=True)
    return None


if __name__ == "__main__":
    main()
