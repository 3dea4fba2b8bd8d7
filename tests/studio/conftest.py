"""The studio as designers have it: the built page, served, in a Chromium that reaches nothing else."""

import hashlib
import json
import os
import shutil
import threading
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

from sketch2color.studio.server import StudioServer
from sketch2color.studio.site import BUNDLED, DESCRIPTION, FORMAT, GENERATOR, read_site

ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


@contextmanager
def serve(files, host="127.0.0.1", port=0):
    """Serve ``files`` in a thread; yields the server."""
    with StudioServer(files, host, port) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def write_model(folder, content=b"a generator"):
    """Write a folder that the server takes for a generator's."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GENERATOR).write_bytes(content)
    description = {"format": FORMAT, "sha256": hashlib.sha256(content).hexdigest()}
    (folder / DESCRIPTION).write_text(json.dumps(description))
    return folder


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """The address of the built studio."""
    comes_along = (BUNDLED / GENERATOR).exists()
    with serve(
        read_site(BUNDLED if comes_along else write_model(tmp_path_factory.mktemp("model")))
    ) as server:
        yield server.address


@pytest.fixture(scope="session")
def chromium():
    """A Chromium: the one that CHROMIUM names, or else the one that is installed."""
    named = os.environ.get("CHROMIUM")
    names = [named] if named else ["chromium", "chromium-browser", "google-chrome"]
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        assert not named, f"CHROMIUM names no program: {named}"
        pytest.skip("no Chromium found")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, studio):
    """Call it with options of a browser context for an empty page; `studio` is its base URL.

    A console message, an error that nothing caught and a request to any other server fail the test.
    """
    contexts, complaints = [], []

    def open_page(**options):
        context = chromium.new_context(base_url=studio, **options)
        contexts.append(context)
        context.on("console", lambda message: complaints.append(f"console: {message.text}"))
        context.on("weberror", lambda error: complaints.append(f"error: {error.error}"))
        context.on("request", lambda request: complaints.extend(_foreign(request.url, studio)))
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _foreign(url, studio):
    return [] if url.startswith((studio, f"blob:{studio}", "data:")) else [f"request: {url}"]


@pytest.fixture
def page(new_page):
    """The studio, opened."""
    page = new_page()
    page.goto("/")
    return page
