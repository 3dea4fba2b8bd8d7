import io
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def image_bytes(number: int, format: str = "PNG") -> bytes:
    """A small image, another one for every number."""
    rng = np.random.default_rng(number)
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (64, 72, 3), dtype=np.uint8)).save(buffer, format)
    return buffer.getvalue()


@pytest.fixture(name="image_bytes")
def image_bytes_fixture():
    return image_bytes


@pytest.fixture
def smooth_image():
    """Give soft shapes in colour, PNG; another image for every number."""

    def make(number: int) -> bytes:
        small = np.random.default_rng(number).integers(0, 256, (9, 9, 3), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(small).resize((128, 128), Image.Resampling.BICUBIC).save(buffer, "PNG")
        return buffer.getvalue()

    return make


@pytest.fixture
def define(tmp_path: Path):
    """Write a source.yaml into a fresh folder and return the folder."""

    def write(text: str) -> Path:
        source = tmp_path / "source"
        source.mkdir(exist_ok=True)
        (source / "source.yaml").write_text(text, encoding="utf-8")
        return source

    return write


@pytest.fixture
def folder_source(tmp_path: Path, define):
    """Make a folder source of the given files (path to bytes)."""

    def make(files: dict[str, bytes], more: str = "") -> Path:
        for name, content in files.items():
            path = tmp_path / "source" / "files" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return define(
            f"type: folder\npath: files\ndomains: {{sketch: sketch/*, color: color/*}}\nlicense: CC0\n{more}"
        )

    return make


@dataclass
class Server:
    """A web server whose answers the test decides; it notes the Range header of every request."""

    address: str
    content: bytes = b""
    content_type: str = "application/zip"
    status: int = 200
    cut_first: int | None = None
    """The first answer breaks off after so many bytes."""
    cut_always: bool = False
    chunked: bool = False
    length: str | None = None
    """What the server says instead of the true length."""
    ranges: list[str | None] = field(default_factory=list)


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            state.ranges.append(asked)
            self.close_connection = True
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked else 0
            body = state.content[start:]
            cut = state.cut_first if state.cut_always or len(state.ranges) == 1 else None
            sent = body if cut is None else body[:cut]
            self.send_response(206 if asked and state.status == 200 else state.status)
            self.send_header("Content-Type", state.content_type)
            if state.chunked:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(f"{len(sent):x}\r\n".encode() + sent + b"\r\n")
                self.wfile.write(b"0\r\n\r\n" if cut is None else b"")
            else:
                self.send_header("Content-Length", state.length or str(len(body)))
                self.end_headers()
                self.wfile.write(sent)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        state = Server(address=f"http://127.0.0.1:{httpd.server_port}")
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield state
        httpd.shutdown()
        thread.join()
