"""What the server answers, and to whom; attacks on it."""

import gzip
import socket
from http.client import HTTPConnection

import pytest
from tests.studio.conftest import serve

from sketch2color.errors import UserError
from sketch2color.studio.server import HEADERS, StudioServer
from sketch2color.studio.site import SiteFile

SCRIPT = b"let a = 1;\n" * 99
FILES = {
    "index.html": SiteFile("index.html", b"<!doctype html>"),
    "page.js": SiteFile("page.js", SCRIPT),
    "ort.wasm": SiteFile("ort.wasm", b"\0asm"),
    "help/index.html": SiteFile("help/index.html", b"<p>"),
}


@pytest.fixture(scope="module")
def server():
    with serve(FILES) as running:
        yield running


@pytest.fixture
def ask(server):
    """Call it with a path, headers and a method for status, headers and content."""
    connection = HTTPConnection(*server.server_address, timeout=5)

    def request(path, headers=None, method="GET"):
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    yield request
    connection.close()


def send(server, data):
    """Send bytes as they are; return the whole answer."""
    with socket.create_connection(server.server_address, timeout=5) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(2**16), b""))


@pytest.mark.parametrize(
    ("path", "content", "kind"),
    [
        ("/", b"<!doctype html>", "text/html; charset=utf-8"),
        ("/?from=mail", b"<!doctype html>", "text/html; charset=utf-8"),
        ("/index.html", b"<!doctype html>", "text/html; charset=utf-8"),
        ("/page.js", SCRIPT, "text/javascript; charset=utf-8"),
        ("/ort.wasm", b"\0asm", "application/wasm"),
        ("/help/index.html", b"<p>", "text/html; charset=utf-8"),
    ],
)
def test_files_have_their_type_and_the_headers(ask, path, content, kind):
    status, headers, answer = ask(path)
    assert (status, answer, headers["Content-Type"]) == (200, content, kind)
    assert {name: headers[name] for name in HEADERS} == HEADERS


def test_a_head_has_the_length_without_the_content(ask):
    status, headers, content = ask("/page.js", method="HEAD")
    assert (status, headers["Content-Length"], content) == (200, str(len(SCRIPT)), b"")
    assert ask("/page.js")[2] == SCRIPT  # on the same connection


def test_content_is_compressed_where_it_may_be_and_that_saves_bytes(ask):
    _, headers, content = ask("/page.js", {"Accept-Encoding": "br, gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(content) == SCRIPT
    assert ask("/ort.wasm", {"Accept-Encoding": "gzip"})[1]["Content-Encoding"] is None


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_what_a_browser_has_is_not_sent_again(ask, encoding):
    tag = ask("/page.js", {"Accept-Encoding": encoding})[1]["ETag"]
    status, headers, content = ask("/page.js", {"Accept-Encoding": encoding, "If-None-Match": f'"x", {tag}'})
    assert (status, content, headers["ETag"]) == (304, b"", tag)
    assert ask("/page.js", {"Accept-Encoding": encoding, "If-None-Match": '"x"'})[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/help/../../../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/%252e%252e%252fetc%252fpasswd",
        "/..\\..\\etc\\passwd",
        "/..%5c..%5cetc%5cpasswd",
        "//etc/passwd",
        "///etc/passwd",
        "/page.js/",
        "/page.js%00.html",
        "/help/",
        "/./page.js",
        "file:///etc/passwd",
        "http://127.0.0.1/page.js",
        "/<script>alert(1)</script>",
        "*",
    ],
)
def test_only_the_names_of_files_lead_to_files(server, path):
    answer = send(server, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.endswith(b"\r\n\r\n404 no such file\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST:1", "127.0.0.1:8765", "[::1]:9"])
def test_own_names_are_answered(ask, host):
    assert ask("/", {"Host": host})[0] == 200
    assert ask("/", {"Host": host, "Origin": f"http://{host}"})[0] == 200


@pytest.mark.parametrize(
    "host", ["", "evil.example", "evil.example:8765", "127.0.0.1.evil.example", "8.8.8.8", "x@y", "[", "a,b"]
)
def test_a_foreign_host_is_refused(ask, host):
    status, headers, content = ask("/page.js", {"Host": host})
    assert (status, content) == (403, b"403 the Host header names another server\n")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert {name: headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://[", "http://localhost:1", "file://"]
)
def test_a_foreign_origin_is_refused(ask, origin):
    status, headers, content = ask("/page.js", {"Host": "localhost:8765", "Origin": origin})
    assert (status, content) == (403, b"403 requests from other sites are refused\n")
    assert headers["Access-Control-Allow-Origin"] is None


def test_to_all_addresses_a_server_answers_by_address_and_own_name():
    with serve(FILES, host="0.0.0.0") as server:
        assert server.is_own("192.168.1.7:8765")
        assert server.is_own(socket.gethostname().upper())
        assert not server.is_own("evil.example")


@pytest.mark.parametrize(
    "method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "get", "X"]
)
def test_other_methods_are_not_allowed(ask, method):
    status, headers, content = ask("/", method=method)
    assert (status, headers["Allow"], content) == (405, "GET, HEAD", b"405 Method Not Allowed\n")


HOST = b"Host: localhost\r\n"


IMPROPER = {
    "long path": (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n", b"414"),
    "long header": (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 70_000 + b"\r\n\r\n", b"431"),
    "many headers": (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 200 + b"\r\n", b"431"),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", b"403"),
    "content": (
        b"GET / HTTP/1.1\r\n" + HOST + b"Content-Length: 30\r\n\r\nGET /page.js HTTP/1.1\r\n\r\n",
        b"400",
    ),
    "chunks": (b"GET / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
    "version": (b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", b"505"),
    "HTML": (b"<script>alert(1)</script>\r\n\r\n", b"400"),
    "version with HTML": (b"GET / HTTP/x<script>\r\n\r\n", b"400"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
}


@pytest.mark.parametrize(("request_bytes", "status"), IMPROPER.values(), ids=IMPROPER)
def test_what_is_no_proper_request_is_refused_without_quoting_it(server, ask, request_bytes, status):
    answer = send(server, request_bytes)
    assert answer.split(maxsplit=2)[1] == status
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"script>" not in answer
    assert ask("/")[0] == 200


def test_clients_that_send_slowly_or_leave_do_not_stop_the_others(server, ask):
    slow = [socket.create_connection(server.server_address) for _ in range(100)]
    for client in slow:
        client.sendall(b"GET / HTTP/1.1\r\nHost: loc")
    try:
        assert ask("/")[0] == 200
    finally:
        for client in slow:
            client.close()
    assert ask("/page.js")[0] == 200


@pytest.mark.parametrize("port", ["taken", 99_999, -1])
def test_a_port_that_cannot_be_listened_on_is_named(server, port):
    number = server.server_address[1] if port == "taken" else port
    with pytest.raises(UserError, match=rf"cannot listen on port {number} of 127\.0\.0\.1 .*--port"):
        StudioServer(FILES, "127.0.0.1", number)
