"""A run that is killed anywhere and started again gives what an undisturbed one gives."""

import csv
import hashlib
import os
import random
import subprocess
import time
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import numpy as np
import pytest
import yaml
from tests.ingest import forked
from tests.ingest import site as sites

from sketch2color import imaging
from sketch2color.config.params import Ingest
from sketch2color.ingest.fetch import scrapy_process
from sketch2color.ingest.ingest import ingest

pytestmark = pytest.mark.slow
KILLS = 8
IMAGES = 80


def run(source, folder, environment):
    """Ingest ``source`` in ``folder``, as a process of its own would."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    scrapy_process.subprocess = SimpleNamespace(Popen=forked.Crawl, PIPE=subprocess.PIPE)
    ingest(source, Path("raw"), Path("report"), Ingest(val=0.2, test=0.2), seed=1)


def content(path):
    """An image, another for every path; some are large enough to be killed while they are written."""
    side = 320 if path.endswith("7.png") else 64
    pixels = random.Random(path).randbytes(side * side * 3)
    return imaging.encode_png(np.frombuffer(pixels, np.uint8).reshape(side, side, 3))


def build(site):
    """Eight pages of ten images, with a page for each fault that will be the same next time."""
    for domain in ("sketch", "color"):
        for number in range(IMAGES // 20):
            paths = [f"/{domain}/{number}-{place}.png" for place in range(10)]
            for path in paths:
                site.add(path, sites.body(content(path)))
            shown = "".join(f'<img src="{path}">' for path in paths)
            site.add(
                f"/{domain}{number or ''}",
                sites.page(
                    f'{shown}<img src="/bad{number}.png"><a class="next" href="/{domain}{number + 1}">'
                ),
            )
    site.add("/bad1.png", sites.body(b"<html>no image</html>", "image/png"))
    site.add("/bad2.png", sites.status(403))
    site.add("/robots.txt", sites.body(b"User-agent: *\nDisallow: /bad3", "text/plain"))


def start(site, folder):
    """Start an ingest in ``folder``, which gets its output too."""
    source = folder / "source"
    source.mkdir(exist_ok=True)
    definition = {
        "type": "gallery",
        "start": {"sketch": f"{site.address}/sketch", "color": f"{site.address}/color"},
        "image": "img",
        "next": "a.next",
        "contact": "a@example.org",
        "requests_per_second": 200,
        "seconds": 5,
        "megabytes": 1,
        "allow_private": [site.address.removeprefix("http://")],
    }
    (source / "source.yaml").write_text(yaml.safe_dump(definition))
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return forked.start(run, source, folder, environment)


def succeed(process):
    """Wait for the end of an ingest that nobody kills."""
    process.join()
    assert process.exitcode == 0


def written(folder):
    """The files of the output so far."""
    outputs = (folder / "raw", folder / "report")
    return sorted(path for output in outputs for path in output.rglob("*") if path.is_file())


def result_of(folder):
    """The bytes of the whole output."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in written(folder)}


@pytest.fixture(scope="module")
def site():
    with sites.serve() as site:
        build(site)
        yield site


@pytest.fixture(scope="module")
def undisturbed(site, tmp_path_factory):
    """The result of a run that nobody kills, and what it asked for."""
    folder = tmp_path_factory.mktemp("undisturbed")
    succeed(start(site, folder))
    return result_of(folder), site.times()


def stored(folder):
    """The images that lie in ``folder`` whole, as hashes of their bytes."""
    files = (folder / ".scratch" / "downloads" / "web" / "images").glob("*/*")
    return {hashlib.sha256(file.read_bytes()).hexdigest() for file in files if not file.name.startswith(".")}


def test_the_undisturbed_run_is_what_it_should_be(undisturbed):
    result, _ = undisturbed
    rows = list(csv.DictReader(result["raw/manifest.csv"].decode().splitlines()))
    assert len(rows) == IMAGES
    for row in rows:
        assert row["license"] == "unknown"
        assert result[f"raw/images/{row['id']}.png"] == content(urlsplit(row["source"]).path)
    rejected = csv.DictReader(result["raw/rejected.csv"].decode().splitlines())
    assert {row["source"].rpartition("/")[2]: row["reason"] for row in rejected} == {
        "bad0.png": "404 Not Found",
        "bad1.png": "a web page, not an image (called image/png)",
        "bad2.png": "403 Forbidden",
        "bad3.png": "robots.txt forbids it",
        "sketch4": "404 Not Found",
        "color4": "404 Not Found",
    }


def test_killed_runs_give_identical_results(site, undisturbed, tmp_path):
    result, asked = undisturbed
    paths = {hashlib.sha256(content(path)).hexdigest(): path for path in site.answers if "-" in path}
    rng = random.Random(20)
    killed = 0
    for number in range(KILLS):
        folder = tmp_path / str(number)
        folder.mkdir()
        # Spread over the run by what was asked for and written, not by the clock: as fast as the machine is.
        moment = (number + rng.random()) / KILLS * (asked.total() + len(result))
        site.log.clear()
        run = start(site, folder)
        while len(site.log) + len(written(folder)) < moment and run.is_alive():
            time.sleep(0.002)
        time.sleep(rng.random() * 0.01)
        killed += run.is_alive()
        run.kill()
        run.join()
        arrived = {paths[digest] for digest in stored(folder)}  # KeyError: half an image
        before = len(site.log)
        succeed(start(site, folder))
        assert result_of(folder) == result
        assert not arrived & {request.path for request in site.log[before:]}
        # Only what was under way at the moment of the kill can be asked for twice.
        assert site.times().total() <= asked.total() + 4
    assert killed >= KILLS - 2
