import hashlib
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sketch2color.errors import UserError
from sketch2color.ingest.fetch import download, url_checks

CONTENT = b"PK" + bytes(range(256)) * 400
HASH = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0.0)
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("chunked", [False, True])
def test_a_file_is_fetched_once(server, tmp_path, chunked):
    server.content, server.chunked = CONTENT, chunked
    for _ in range(2):
        path = download.download_file(f"{server.address}/a.zip", HASH, tmp_path / "downloads")
        assert path == tmp_path / "downloads" / HASH
        assert path.read_bytes() == CONTENT
    assert server.ranges == [None]
    assert list(path.parent.iterdir()) == [path]


def test_without_a_hash_the_address_names_the_file(server, tmp_path):
    server.content = CONTENT
    first = download.download_file(f"{server.address}/a.zip", None, tmp_path)
    second = download.download_file(f"{server.address}/b.zip", None, tmp_path)
    assert first != second
    assert first.read_bytes() == CONTENT


def test_another_content_is_refused_and_not_kept(server, tmp_path):
    server.content = CONTENT
    with pytest.raises(UserError, match=f"has the SHA-256 {HASH}, not {'0' * 64}"):
        download.download_file(f"{server.address}/a.zip", "0" * 64, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_missing_page_is_told_at_once(server, tmp_path):
    server.status = 404
    with pytest.raises(UserError, match="answers 404 Not Found: check url"):
        download.download_file(f"{server.address}/a.zip", HASH, tmp_path)
    assert len(server.ranges) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_server_in_trouble_is_asked_again(server, tmp_path):
    server.status = 503
    with pytest.raises(UserError, match="answers 503 Service Unavailable, 3 times"):
        download.download_file(f"{server.address}/a.zip", None, tmp_path)
    assert len(server.ranges) == download.ATTEMPTS


def test_a_web_page_is_no_archive(server, tmp_path):
    server.content, server.content_type = b"\n<!DOCTYPE html><title>Sign in</title>", "text/html"
    with pytest.raises(UserError, match="returns a web page, not an archive"):
        download.download_file(f"{server.address}/a.zip", None, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_answer_is_no_archive(server, tmp_path):
    with pytest.raises(UserError, match="returns an empty file"):
        download.download_file(f"{server.address}/a.zip", None, tmp_path)


def test_a_broken_transfer_goes_on_where_it_broke(server, tmp_path):
    server.content, server.cut_first = CONTENT, 1000
    assert download.download_file(f"{server.address}/a.zip", HASH, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, "bytes=1000-"]


@pytest.mark.parametrize("chunked", [False, True])
def test_without_a_hash_a_broken_transfer_begins_again(server, tmp_path, chunked):
    server.content, server.cut_first, server.chunked = CONTENT, 1000, chunked
    assert download.download_file(f"{server.address}/a.zip", None, tmp_path).read_bytes() == CONTENT
    assert server.ranges == [None, None]


def test_a_transfer_that_always_breaks_is_a_user_error(server, tmp_path):
    server.content, server.cut_first, server.cut_always = CONTENT, 1000, True
    with pytest.raises(UserError, match=r"broke off .*, 3 times"):
        download.download_file(f"{server.address}/a.zip", None, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_nobody_answers_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match="cannot be reached"):
        download.download_file("http://127.0.0.1:9/a.zip", None, tmp_path)


@pytest.mark.parametrize("length", ["abc", "8, 8", "9" * 5000])
def test_a_length_that_is_none_is_a_user_error(server, tmp_path, length):
    server.content, server.length = CONTENT, length
    with pytest.raises(UserError, match=r"broke off .*, 3 times") as refused:
        download.download_file(f"{server.address}/a.zip", None, tmp_path)
    assert len(str(refused.value)) < 400
    assert list(tmp_path.iterdir()) == []


def test_a_first_request_is_in_no_range(server, tmp_path):
    server.status = 416
    with pytest.raises(UserError, match="answers 416"):
        download.download_file(f"{server.address}/a.zip", HASH, tmp_path)


def test_an_address_may_have_letters_of_any_language(server, tmp_path):
    server.content = CONTENT
    assert download.download_file(f"{server.address}/entwürfe.zip", None, tmp_path).read_bytes() == CONTENT


@pytest.fixture
def led_on():
    """A server that redirects to what comes after ``/``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/"))
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()
        thread.join()


def test_a_host_of_the_local_network_may_lead_on_within_it(server, led_on, tmp_path):
    server.content = CONTENT
    path = download.download_file(f"{led_on}/{server.address}/a.zip", HASH, tmp_path)
    assert path.read_bytes() == CONTENT


def test_nobody_on_the_outside_leads_into_the_local_network(server, led_on, tmp_path, monkeypatch):
    outside, look = url_checks.host_and_port(led_on), url_checks.private_address
    monkeypatch.setattr(url_checks, "private_address", lambda *host: "" if host == outside else look(*host))
    with pytest.raises(
        UserError, match=r"redirects to 127\.0\.0\.1, a private address: not allowed: check url"
    ):
        download.download_file(f"{led_on}/{server.address}/a.zip", HASH, tmp_path)
    assert server.ranges == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("to", ["ftp://example.org/a.zip", "http://u:p@example.org/a.zip", "http://[bad/"])
def test_a_redirect_to_what_is_no_address_is_a_user_error(led_on, tmp_path, to):
    with pytest.raises(UserError, match=r"redirects to|not allowed|broke off"):
        download.download_file(f"{led_on}/{to}", HASH, tmp_path)


def test_an_address_with_a_password_is_a_user_error(tmp_path):
    with pytest.raises(UserError, match="a URL with a user name: not allowed: check url"):
        download.download_file("http://u:p@127.0.0.1/a.zip", HASH, tmp_path)
