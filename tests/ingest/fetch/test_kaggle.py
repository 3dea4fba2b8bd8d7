import base64
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sketch2color.config.source import Kaggle
from sketch2color.errors import UserError
from sketch2color.ingest.fetch import kaggle, kaggle_download

SOURCES = Path(__file__).parents[3] / "src"
TOKEN = "KGAT_0123456789abcdef"
SECRETS = ("KAGGLE_API_TOKEN", "KAGGLE_USERNAME", "KAGGLE_KEY", "KAGGLE_CONFIG_DIR", "KAGGLEHUB_CACHE")
DOMAINS = {"sketch": "s/*", "color": "c/*"}
PAIRS = "jane/some-pairs"


def zipped(names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, hashlib.sha512(name.encode()).digest() * 2000)
    return file.getvalue()


NAMES = ["data/train/1.png", "data/train/2.png", "data/val/3.png", "data/colorgram/1.json"]
ANIME = zipped(NAMES)


@dataclass
class Site:
    """Kaggle's data set interface and the store that it sends downloads to, as kagglehub sees them."""

    address: str
    content: bytes = ANIME
    newest: int = 3
    status: int = 200
    """Of the answer to any question about the data set."""
    wants: str | None = None
    """The Authorization header that is needed."""
    hashed: bool = True
    ranges: bool = True
    ignores_range: bool = False
    """The store promises ranges, and sends the whole all the same."""
    cuts: list[int | None] = field(default_factory=list)
    """After so many bytes one transfer after the other breaks off; kagglehub begins each with the whole."""
    stalls_at: int | None = None
    stalled: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    waited_in_vain: bool = False
    html: bool = False
    asked: list[str] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_POST(self):
        site = self.site
        name = self.path.rsplit("/")[-1]
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        site.asked.append(name)
        site.agents.add(self.headers["User-Agent"].split("/")[0])
        known = f"{request['ownerSlug']}/{request['datasetSlug']}" == PAIRS
        status = site.status if known else 404
        if site.wants is not None and self.headers.get("Authorization") != site.wants:
            status = 403
        if site.html:
            self.answer(200, b"<html>Please sign in to this network</html>", {"Content-Type": "text/html"})
        elif status != 200:
            self.say(status, {"code": status, "message": "no\nway"})
        elif name == "GetDataset":
            self.say(200, {"ref": PAIRS, "currentVersionNumber": site.newest})
        else:
            site.versions.append(request["datasetVersionNumber"])
            self.answer(302, b"", {"Location": f"{site.address}/store/pairs.zip?signature=abc"})

    def do_GET(self):
        site = self.site
        site.asked.append(f"store {self.headers.get('Range') or 'whole'}")
        site.agents.add(self.headers["User-Agent"].split("/")[0])
        start = 0 if site.ignores_range else int((self.headers.get("Range") or "bytes=0-")[6:-1])
        headers = {"Accept-Ranges": "bytes"} if site.ranges else {}
        if site.hashed:
            digest = base64.b64encode(hashlib.md5(site.content).digest()).decode()
            headers["x-goog-hash"] = f"crc32c=AAAAAA==,md5={digest}"
        self.answer(206 if start else 200, site.content[start:], headers)

    def say(self, status, content):
        self.answer(status, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def answer(self, status, body, headers):
        site = self.site
        # before the headers, which the next transfer waits for: two in the air would take each other's
        sent = site.cuts.pop(0) if self.command == "GET" and site.cuts else None
        self.close_connection = True
        self.send_response(status)
        self.send_header("Connection", "close")
        for name, value in {
            **headers,
            "Content-Length": str(len(body)),
            "X-Kaggle-HubVersion": "99.0",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET" and site.stalls_at is not None:
            self.wfile.write(body[: site.stalls_at])
            site.stalled.set()
            site.waited_in_vain |= not site.go_on.wait(30)
            return
        self.wfile.write(body[:sent])

    def log_message(self, *_):
        pass


@pytest.fixture
def site(monkeypatch, tmp_path):
    """A local Kaggle that is the only one which can be reached, and a home without credentials."""
    from kagglesdk import kaggle_env

    for name in os.environ:
        if name in SECRETS or name.lower().endswith("_proxy") or name.startswith("KAGGLE_"):
            monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr("kagglehub.config.DEFAULT_KAGGLE_CREDENTIALS_FOLDER", str(home / ".kaggle"))
    monkeypatch.setattr(kaggle_download, "PAUSE", 0)
    monkeypatch.setattr("kagglehub.clients.search_lib_in_call_stack", lambda _: None)  # slow below pytest
    monkeypatch.setattr("kagglehub.clients.CHUNK_SIZE", 10_000)  # what arrives is written in these steps
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Handler.site = Site(address=f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, Handler.site.address)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Handler.site
        Handler.site.go_on.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def downloads(tmp_path):
    return tmp_path / "downloads"


@pytest.fixture
def origin(tmp_path):
    return Kaggle(dataset=PAIRS, path=tmp_path / "archive.zip", domains=DOMAINS)


def list_files(origin, downloads):
    return kaggle.fetch(origin, downloads).list_files()


def refused(origin, downloads):
    """The one line that a failed arrival leaves, and nothing that counts as whole."""
    with pytest.raises(UserError) as caught:
        kaggle.locate(origin, downloads)
    assert not list(downloads.rglob("*.archive"))
    line = str(caught.value)
    assert "\n" not in line
    assert f"put the archive at {origin.path}" in line
    assert TOKEN not in line
    return line


@pytest.mark.parametrize("form", ["zip", "folder"])
def test_what_the_user_has_put_there_is_not_fetched(site, origin, downloads, form):
    if form == "zip":
        origin.path.write_bytes(ANIME)
    else:
        zipfile.ZipFile(io.BytesIO(ANIME)).extractall(origin.path)
    located = kaggle.locate(origin, downloads)
    assert located == (origin.path, "")
    names = [file.path for file in list_files(origin, downloads) if not file.problem]
    assert sorted(names) == [
        "data/colorgram/1.json",
        "data/train/1.png",
        "data/train/2.png",
        "data/val/3.png",
    ]
    assert site.asked == []
    assert not downloads.exists()


def test_a_data_set_is_fetched_once_and_its_version_is_known(site, origin, downloads):
    located = kaggle.locate(origin, downloads)
    assert located[1] == f"{PAIRS}/versions/3"
    assert located[0].read_bytes() == ANIME
    assert site.asked == ["GetDataset", "DownloadDataset", "store whole"]
    assert site.versions == [3]
    assert site.agents == {"kagglehub"}
    site.newest = 4
    site.asked.clear()
    assert kaggle.locate(origin, downloads) == located
    contents = {file.path: file.read() for file in list_files(origin, downloads)}
    assert len(contents) == 4
    assert contents["data/val/3.png"] == hashlib.sha512(b"data/val/3.png").digest() * 2000
    assert site.asked == []
    assert [path.name for path in downloads.rglob("*") if path.is_file()] == ["3.archive"]


def test_a_version_that_is_named_is_the_one_that_comes(site, origin, downloads):
    kaggle.locate(origin, downloads)
    site.content = zipped(["data/train/9.png"])
    pinned = Kaggle(dataset=f"{PAIRS}/versions/12", path=None, domains=DOMAINS)
    assert [file.path for file in list_files(pinned, downloads)] == ["data/train/9.png"]
    assert kaggle.locate(pinned, downloads)[1] == f"{PAIRS}/versions/12"
    assert site.versions == [3, 12]
    assert kaggle.locate(origin, downloads)[1] == f"{PAIRS}/versions/12"  # the newest at hand
    older = Kaggle(dataset=f"{PAIRS}/versions/3", path=None, domains=DOMAINS)
    assert len(list(list_files(older, downloads))) == 4
    assert site.versions == [3, 12]


def test_other_data_sets_lie_apart(site, origin, downloads):
    kaggle.locate(origin, downloads)
    other = Kaggle(dataset="jane/other-pairs", path=origin.path, domains=DOMAINS)
    with pytest.raises(UserError, match="other-pairs is not known to Kaggle: check dataset in"):
        kaggle.locate(other, downloads)


def test_a_tar_archive_will_do(site, origin, downloads):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("data/train/1.png"))
    site.content = file.getvalue()
    assert [file.path for file in list_files(origin, downloads)] == ["data/train/1.png"]


@pytest.mark.parametrize("way", ["token", "token file", "name and key", "kaggle.json", "access_token"])
def test_credentials_come_from_the_environment_or_home(site, origin, downloads, monkeypatch, way):
    home = Path(os.environ["HOME"]) / ".kaggle"
    home.mkdir()
    site.wants = f"Bearer {TOKEN}"
    if way == "token":
        monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
    elif way == "token file":
        (home / "mine").write_text(f"{TOKEN}\n")
        monkeypatch.setenv("KAGGLE_API_TOKEN", str(home / "mine"))
    elif way == "access_token":
        (home / "access_token").write_text(TOKEN)
    else:
        site.wants = f"Basic {base64.b64encode(f'jane:{TOKEN}'.encode()).decode()}"
        if way == "kaggle.json":
            (home / "kaggle.json").write_text(json.dumps({"username": "jane", "key": TOKEN}))
        else:
            monkeypatch.setenv("KAGGLE_USERNAME", "jane")
            monkeypatch.setenv("KAGGLE_KEY", TOKEN)
    assert kaggle.locate(origin, downloads)[0].read_bytes() == ANIME


def test_without_credentials_the_line_says_how_to_give_them(site, origin, downloads):
    site.wants = f"Bearer {TOKEN}"
    assert "is refused by Kaggle (403): set KAGGLE_API_TOKEN, or" in refused(origin, downloads)


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_do_not_serve_are_not_asked_for_again(site, origin, downloads, monkeypatch, status):
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)
    site.status = status
    line = refused(origin, downloads)
    assert f"({status}): check KAGGLE_API_TOKEN, accept the data set's terms on its page, or" in line


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "Invalid Kaggle credentials file"), ("{}", "missing 'username' key"), ("\xff", "")],
)
def test_a_broken_credentials_file_is_named(site, origin, downloads, content, message):
    file = Path(os.environ["HOME"]) / ".kaggle" / "kaggle.json"
    file.parent.mkdir()
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(UserError, match=f"{message}.*.*: correct the file, or set KAGGLE_API_TOKEN"):
        kaggle.locate(origin, downloads)
    assert site.asked == []


def test_a_token_that_is_none_stays_secret(site, origin, downloads, monkeypatch):
    monkeypatch.setenv("KAGGLE_API_TOKEN", f"{TOKEN}\n{TOKEN}é")
    assert "check the connection and KAGGLE_API_TOKEN, or" in refused(origin, downloads)


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_a_refusal_says_what_to_do(site, origin, downloads, status):
    site.status = status
    line = refused(origin, downloads)
    assert ("check dataset in source.yaml" if status == 404 else f"Kaggle answers {status}: try") in line
    assert site.asked == ["GetDataset"]


def test_no_network_is_said_to_be_none(site, origin, downloads, monkeypatch):
    from kagglesdk import kaggle_env

    monkeypatch.setitem(kaggle_env._env_to_endpoint, kaggle_env.KaggleEnv.PROD, "http://127.0.0.1:1")
    assert "cannot be downloaded from Kaggle (ConnectionError): try again, or" in refused(origin, downloads)


def test_the_page_of_another_network_is_no_answer(site, origin, downloads):
    site.html = True
    assert "has an unknown format" in refused(origin, downloads)


def test_a_data_set_without_a_version_is_no_answer(site, origin, downloads):
    site.newest = 0
    assert "has an unknown format" in refused(origin, downloads)
    assert site.asked == ["GetDataset"]


@pytest.mark.parametrize("hashed", [True, False])
def test_a_broken_transfer_goes_on_where_it_broke(site, origin, downloads, hashed):
    site.hashed, site.cuts = hashed, [100_000, None, 50_000]
    assert kaggle.locate(origin, downloads)[0].read_bytes() == ANIME
    ranges = [asked for asked in site.asked if asked.startswith("store bytes")]
    assert ranges == ["store bytes=100000-", "store bytes=150000-"]


def test_a_store_without_ranges_is_asked_for_the_whole_again(site, origin, downloads):
    site.ranges, site.cuts = False, [100_000]
    assert kaggle.locate(origin, downloads)[0].read_bytes() == ANIME
    assert [asked for asked in site.asked if "store" in asked] == ["store whole"] * 2


@pytest.mark.parametrize("hashed", [True, False])
def test_a_store_that_ignores_ranges_leaves_no_mixture(site, origin, downloads, hashed):
    site.hashed, site.ignores_range, site.cuts = hashed, True, [100_000]
    assert "arrived damaged from Kaggle: try again, or" in refused(origin, downloads)
    assert not [path for path in downloads.rglob("*") if path.is_file()]
    site.cuts = []
    assert kaggle.locate(origin, downloads)[0].read_bytes() == ANIME


def test_a_transfer_that_always_breaks_is_given_up_and_taken_up_later(site, origin, downloads):
    site.cuts = [20_000, None, 20_000, None, 20_000]
    assert "cannot be downloaded from Kaggle" in refused(origin, downloads)
    assert site.cuts == []
    assert kaggle.locate(origin, downloads)[0].read_bytes() == ANIME
    assert site.asked[-1] == "store bytes=60000-"


def test_what_is_no_archive_is_damaged(site, origin, downloads):
    site.content = b"<html>no archive</html>"
    assert "arrived damaged from Kaggle" in refused(origin, downloads)
    site.content = ANIME
    assert kaggle.locate(origin, downloads)[0].read_bytes() == ANIME


def test_a_store_that_falls_silent_is_not_waited_for(site, origin, downloads, monkeypatch):
    monkeypatch.setattr(kaggle_download, "TIMEOUTS", (5, 0.2))
    monkeypatch.setattr("kagglehub.clients.DEFAULT_READ_TIMEOUT", 0.2)
    site.stalls_at = 1000
    assert "cannot be downloaded from Kaggle" in refused(origin, downloads)
    assert not site.waited_in_vain


def start(site, downloads):
    """Fetch the data set in a process of its own."""
    program = (
        "import sys; from pathlib import Path; from kagglehub import clients;"
        "from kagglesdk import kaggle_env; from sketch2color.ingest.fetch import kaggle;"
        "from sketch2color.config.source import Kaggle;"
        "kaggle_env._env_to_endpoint[kaggle_env.KaggleEnv.PROD] = sys.argv[1]; clients.CHUNK_SIZE = 10_000;"
        "pairs = Kaggle(dataset=sys.argv[2], path=None, domains={'sketch': 's', 'color': 'c'});"
        "kaggle.locate(pairs, Path(sys.argv[3]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, site.address, f"{PAIRS}/versions/3", str(downloads)],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


@pytest.mark.slow
def test_neither_a_bar_nor_a_request_for_an_update_goes_to_a_log(site, downloads, monkeypatch):
    monkeypatch.setenv("KAGGLE_API_TOKEN", TOKEN)  # only then it looks at the version it is told
    process = start(site, downloads)
    assert process.communicate() == (b"", None)
    assert process.returncode == 0
    assert site.asked == ["DownloadDataset", "store whole"]


def test_a_kill_in_the_middle_leaves_nothing_that_counts_as_whole(site, origin, downloads):
    site.stalls_at = 120_000
    process = start(site, downloads)
    assert site.stalled.wait(30)
    part = downloads / "kaggle" / PAIRS / "3.archive.part"
    while not (part.exists() and part.stat().st_size):
        assert process.poll() is None
        site.stalled.wait(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not list(downloads.rglob("*.archive"))
    site.stalls_at, begun = None, part.stat().st_size
    assert kaggle.locate(origin, downloads)[0].read_bytes() == ANIME
    assert site.asked[-1] == f"store bytes={begun}-"


def test_a_full_disk_is_said_to_be_full(site, origin, downloads):
    downloads.write_text("in the way")
    with pytest.raises(UserError, match=r"cannot be written to .* \(Not a directory\): free some space, or"):
        kaggle.locate(origin, downloads)


@pytest.mark.slow
def test_kagglehub_is_imported_only_when_something_is_fetched():
    program = (
        "import sys, sketch2color.ingest.fetch.kaggle; print({'kagglehub', 'requests'} & {*sys.modules})"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.stdout == "set()\n"
