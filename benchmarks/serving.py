"""Measure ``mlflow models serve`` with a trained model: clients at once, each with palettes of its own.

    python benchmarks/serving.py models/cyclegan data/clean/products/test/sketch --seconds 60

Every answer is checked: the hue that most of its chroma has is that of the main colour asked for. Memory is
the resident set of the server's processes, after each client's first answer and at the end.
"""

import base64
import colorsys
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import mlflow
import numpy as np
import psutil
import requests
from skimage.color import rgb2lab

from cli import argument_parser, markdown_table
from sketch2color import imaging
from sketch2color.colorize.request import Color, to_hex
from sketch2color.models.generators.registry import CONFIG, WEIGHTS
from sketch2color.provenance.record.register_model import NAME, GeneratorFiles, register

CLIENTS = 8
PORT = 8971
URL = f"http://127.0.0.1:{PORT}"
PATIENCE = 120
"""Seconds for the server to start."""
NEAR = 15
"""Degrees of hue within which an answer is the one asked for; the clients' colours lie 45 apart in HSV."""


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("sketches", type=Path, help="a folder of PNG files")
    parser.add_argument("--seconds", type=float, default=60)
    chosen = parser.parse_args()
    sketches = [path.read_bytes() for path in sorted(chosen.sketches.glob("*.png"))]
    with tempfile.TemporaryDirectory() as folder, serve(chosen.model, sketches[0], Path(folder)) as server:
        with ThreadPoolExecutor(CLIENTS) as clients:
            list(clients.map(lambda client: ask(client, 0, sketches), range(CLIENTS)))
            before, end = memory(server), time.monotonic() + chosen.seconds
            answers = clients.map(lambda client: list(ask_until(end, client, sketches)), range(CLIENTS))
            results = [result for each in answers for result in each]
        seconds, after = time.monotonic() - end + chosen.seconds, memory(server)
    times, right = np.array([time for time, _ in results]), sum(right for _, right in results)
    rows = [
        ("answers, of the main colour asked for", f"{len(results)}, {right}"),
        ("requests a second", f"{len(results) / seconds:.1f}"),
        ("median, 95th percentile, s", ", ".join(f"{np.percentile(times, q):.2f}" for q in (50, 95))),
        ("memory at start and end, MB", f"{before:.0f}, {after:.0f}"),
    ]
    print(markdown_table((f"{CLIENTS} clients, {seconds:.0f} s", ""), rows))
    sys.exit(0 if right == len(results) else 1)


@contextmanager
def serve(model: Path, example: bytes, folder: Path) -> Iterator[int]:
    """Yield the process id of a server of ``model``, recorded in a store of its own in ``folder``."""
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder / 'mlflow.db'}"
    mlflow.create_experiment(NAME, artifact_location=folder.as_uri())
    mlflow.set_experiment(NAME)
    with mlflow.start_run():
        register(GeneratorFiles(model, [CONFIG, WEIGHTS], example))
    command = f"{sys.executable} -m mlflow models serve --env-manager local -m models:/{NAME}/1 -p {PORT}"
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command.split(), stdout=log, stderr=log)
    try:
        for _ in range(PATIENCE):
            try:
                requests.get(f"{URL}/ping", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(1)
        else:
            sys.exit((folder / "log").read_text()[-2000:])
        yield server.pid
    finally:
        server.terminate()
        server.wait()


def ask_until(end: float, client: int, sketches: list[bytes]) -> Iterator[tuple[float, bool]]:
    for number in count(1):
        if time.monotonic() >= end:
            return
        yield ask(client, number, sketches)


def ask(client: int, number: int, sketches: list[bytes]) -> tuple[float, bool]:
    """Return how long an answer took, in seconds, and whether it is the one to this request."""
    turn = (client / CLIENTS + number / (3 * CLIENTS)) % 1.0
    red, green, blue = (round(255 * level) for level in colorsys.hsv_to_rgb(turn, 0.9, 0.8))
    sketch = base64.b64encode(sketches[(client + number) % len(sketches)]).decode()
    params = {"palette": f"{to_hex((red, green, blue))},dimgrey"}
    content = {"dataframe_records": [{"sketch": sketch}], "params": params}
    start = time.monotonic()
    answer = requests.post(f"{URL}/invocations", json=content, timeout=600)
    seconds = time.monotonic() - start
    answer.raise_for_status()
    return seconds, is_mainly(answer.json()["predictions"][0]["image"], (red, green, blue))


def is_mainly(image: str, color: Color) -> bool:
    """Return whether the mean hue of an image, PNG in base64, weighted by chroma, is that of a colour."""
    pixels = rgb2lab(imaging.read(base64.b64decode(image)) / 255.0)[..., 1:].sum((0, 1))
    asked = rgb2lab(np.array(color) / 255.0)[1:]
    away = np.degrees(np.arctan2(pixels[1], pixels[0]) - np.arctan2(asked[1], asked[0]))
    return bool(abs((away + 180) % 360 - 180) <= NEAR)


def memory(server: int) -> float:
    """Return the resident memory of a process and those it started, in MB."""
    parent = psutil.Process(server)
    return float(sum(each.memory_info().rss for each in (parent, *parent.children(recursive=True))) / 1e6)


if __name__ == "__main__":
    main()
