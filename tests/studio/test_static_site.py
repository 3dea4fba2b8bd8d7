"""The static site in a browser, on a web server that knows nothing of the studio."""

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect
from tests.studio.designer import LOADING, Designer

from sketch2color.studio.site import BUNDLED, read_site, write_site

pytestmark = pytest.mark.slow


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and writes no log."""

    def log_message(self, format, *arguments):
        pass


@pytest.fixture
def served(tmp_path):
    """The site's folder and address, below a sub-path."""
    site = tmp_path / "www" / "tools" / "studio"
    write_site(read_site(BUNDLED), site)
    handler = partial(Quiet, directory=tmp_path / "www")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        yield site, f"http://127.0.0.1:{server.server_port}/tools/studio/"
        server.shutdown()
        thread.join()


def test_it_colours_below_a_sub_path_and_refuses_a_tampered_model(chromium, served, tmp_path):
    site, address = served
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(address)
        assert not page.evaluate("crossOriginIsolated")  # one thread
        page.click("[data-sample=vacuum]")
        designer = Designer(page, tmp_path)
        designer.wait()
        image = designer.image().astype(int)
        assert (image.max(2) - image.min(2)).max() > 30  # colour
    network = site / "model" / "generator.onnx"
    content = network.read_bytes()
    network.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with chromium.new_context() as context:  # with nothing cached
        page = context.new_page()
        page.goto(address)
        damaged = "The model does not fit this page or is damaged"
        expect(page.locator("#notice")).to_contain_text(damaged, timeout=LOADING)
        page.click("[data-sample=vacuum]")
        expect(page.locator("#stage")).to_have_attribute("aria-busy", "false", timeout=LOADING)
        expect(page.locator("#notice")).to_contain_text(damaged)
        expect(page.locator("#variants button")).to_have_count(0)
