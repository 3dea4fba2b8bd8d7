import socket

import pytest

from sketch2color.ingest.fetch import url_checks

PRIVATE = [
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.8.8.8",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "233.252.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:192.168.0.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "93.184.215.14",
    "172.32.0.1",
    "2606:4700::1111",
    "::ffff:1.1.1.1",
    "64:ff9b::1.1.1.1",
    "2002:101:101::",
]


@pytest.mark.parametrize(("literals", "expected"), [(PRIVATE, False), (PUBLIC, True)])
def test_only_addresses_of_the_open_internet_are_public(literals, expected):
    assert {literal: url_checks.is_public(literal) for literal in literals} == dict.fromkeys(
        literals, expected
    )


@pytest.mark.parametrize(
    "address",
    ["", "a.png", "//example.org/a", "ftp://example.org/a", "file:///etc/passwd", "http://", "http:///a",
     "http://[::1/a", "http://example.org:0/a", "http://example.org:99999/a", "http://example.org:x/a",
     "javascript:alert(1)", "data:image/png;base64,AA", "http://a b/", "http://a..b/", "http://a\\b/",
     "http://a%00b/"],
)  # fmt: skip
def test_what_cannot_be_asked_for_has_a_problem(address):
    assert url_checks.problem(address) == "no http(s) URL"


@pytest.mark.parametrize("user", ["me", "127.0.0.1:80", "127.0.0.1\\"])
def test_an_address_in_which_the_host_is_open_to_doubt_has_a_problem(user):
    assert url_checks.problem(f"http://{user}@example.org/") == "a URL with a user name: not allowed"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://Example.ORG/a", ("example.org", 80)),
        ("https://bücher.example/a", ("bücher.example", 443)),
        ("http://[::1]:81/", ("::1", 81)),
    ],
)
def test_the_host_is_found(address, host):
    assert url_checks.host_and_port(address) == host


def test_a_host_is_allowed_by_name_and_by_port_alone():
    allowed = ("Files.Lan", "127.0.0.1:8000")
    assert url_checks.is_allowed("files.lan", 443, allowed)
    assert url_checks.is_allowed("127.0.0.1", 8000, allowed)
    assert not url_checks.is_allowed("127.0.0.1", 8001, allowed)
    assert not url_checks.is_allowed("lan", 443, allowed)


def test_the_private_one_of_several_addresses_is_found(monkeypatch):
    found = [(0, 0, 0, "", ("1.1.1.1", 80)), (0, 0, 0, "", ("fe80::1%eth0", 80, 0, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert url_checks.private_address("example.org", 80) == "fe80::1"
    assert url_checks.private_host("example.org", "fe80::1").startswith("example.org is fe80::1, a private")


def test_a_host_that_cannot_be_looked_up_is_not_private(monkeypatch):
    def fail(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert url_checks.private_address("example.org", 80) == ""
