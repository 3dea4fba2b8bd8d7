"""The command `sketch2color studio`."""

import pytest

from sketch2color import cli
from sketch2color.studio import command
from sketch2color.studio.server import StudioServer
from sketch2color.studio.site import SiteFile


def interrupted(server):
    raise KeyboardInterrupt


@pytest.fixture
def opened(monkeypatch):
    """The addresses that were opened in a browser."""
    addresses = []
    monkeypatch.setattr(command, "read_site", lambda model: {"index.html": SiteFile("index.html", b"")})
    monkeypatch.setattr(command.webbrowser, "open", addresses.append)
    monkeypatch.setattr(StudioServer, "serve_forever", interrupted)
    return addresses


def test_the_page_opens_and_an_interrupt_ends_it_quietly(opened, capsys):
    assert cli.main(["studio", "--port", "0"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == (f"The studio: {opened[0]} (Ctrl+C ends it)\n", "")
    assert opened[0].startswith("http://127.0.0.1:")


def test_no_browser_opens_where_none_is_wanted(opened):
    assert cli.main(["studio", "--port", "0", "--no-browser"]) == 0
    assert opened == []


def test_export_writes_the_site_and_serves_nothing(opened, tmp_path, capsys):
    assert cli.main(["studio", "--export", str(tmp_path / "site")]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'site'}: 1 files\n"
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["index.html"]
