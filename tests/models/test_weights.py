"""Where weights are looked for, that they are what their name says, and their absence explained."""

import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sketch2color.errors import UserError
from sketch2color.manifest import sha256
from sketch2color.models import weights
from sketch2color.models.weights import fingerprint, pretrained

CONTENT = bytes(range(256)) * 10
NAME = f"network-v2-{sha256(CONTENT)[:8]}.pth"


class Server(http.server.ThreadingHTTPServer):
    """Answers every request with ``content``, with a status and a length that may lie."""

    content = CONTENT
    status = 200
    missing_bytes = 0
    asked: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        """Where the weights are."""
        return f"http://127.0.0.1:{self.server_port}/models/{NAME}"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += (self.path,)
        self.send_response(self.server.status)
        content = self.server.content if self.server.status == 200 else b""
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) - self.server.missing_bytes])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("SKETCH2COLOR_WEIGHTS", raising=False)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    return tmp_path / "torch" / "hub" / "checkpoints"


@pytest.fixture
def folder(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "mine"
    folder.mkdir()
    monkeypatch.setenv("SKETCH2COLOR_WEIGHTS", str(folder))
    return folder


def put(folder: Path, content: bytes = CONTENT) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / NAME).write_bytes(content)
    return folder / NAME


def test_the_cache_is_used_without_asking(server: Server, cache: Path) -> None:
    put(cache)
    assert pretrained(server.url, "") == cache / NAME
    assert server.asked == ()


def test_the_users_folder_comes_first(server: Server, cache: Path, folder: Path) -> None:
    put(cache)
    put(folder)
    assert pretrained(server.url, "") == folder / NAME
    assert server.asked == ()


def test_what_the_users_folder_lacks_comes_from_the_cache(server: Server, cache: Path, folder: Path) -> None:
    put(cache)
    assert pretrained(server.url, "") == cache / NAME


def test_a_download_goes_into_the_cache_once(server: Server, cache: Path, folder: Path) -> None:
    assert pretrained(server.url, "") == pretrained(server.url, "") == cache / NAME
    assert (cache / NAME).read_bytes() == CONTENT
    assert server.asked == (f"/models/{NAME}",)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "missing_bytes", "content"),
    [(404, 0, CONTENT), (200, 100, CONTENT), (200, 0, b"another file")],
)
@pytest.mark.parametrize("has_folder", [True, False])
def test_a_failed_download_says_what_to_put_where(
    server: Server,
    cache: Path,
    status: int,
    missing_bytes: int,
    content: bytes,
    has_folder: bool,
    request: pytest.FixtureRequest,
) -> None:
    wanted = request.getfixturevalue("folder") if has_folder else cache
    server.status, server.missing_bytes, server.content = status, missing_bytes, content
    with pytest.raises(UserError) as failure:
        pretrained(server.url, "do without")
    assert str(failure.value).endswith(f"put {server.url} at {wanted / NAME}, or do without")
    assert "\n" not in str(failure.value)
    assert list(cache.glob("*")) == []


def test_without_a_network_it_says_the_same(server: Server, cache: Path) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(UserError, match=f"cannot be downloaded .*: put {server.url} at .*, or do without"):
        pretrained(server.url, "do without")


@pytest.mark.parametrize("where", ["cache", "folder"])
def test_a_changed_file_is_refused_not_replaced(
    server: Server, where: str, request: pytest.FixtureRequest
) -> None:
    path = put(request.getfixturevalue(where), CONTENT[:-1])
    with pytest.raises(
        UserError, match=f"{path}: its SHA-256 is not that in its name: download {server.url} again"
    ):
        pretrained(server.url, "")
    assert path.read_bytes() == CONTENT[:-1]
    assert server.asked == ()


def test_a_folder_that_does_not_exist_is_named(server: Server, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(UserError, match=f"SKETCH2COLOR_WEIGHTS names {folder}, which is no folder"):
        pretrained(server.url, "")
    assert server.asked == ()


def test_the_fingerprint_is_the_end_of_the_name() -> None:
    assert fingerprint(Path("some-where/network-v2-0123abcd.pth")) == "0123abcd"


def test_a_silent_server_is_given_up(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(UserError, match="timed out"):
        pretrained(f"http://127.0.0.1:{silent.getsockname()[1]}/{NAME}", "do without")
    assert socket.getdefaulttimeout() is None
