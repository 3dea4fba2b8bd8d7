"""Addresses of web pages and images: which are addresses at all, and which hosts must not be asked.

A page or a list from elsewhere can name ``http://127.0.0.1/`` or a host whose name leads into the local
network. Nobody on the outside may have this machine ask there, unless source.yaml allows the host by name.
"""

import hashlib
import ipaddress
import re
import socket
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urldefrag, urlsplit

from w3lib.url import safe_url_string

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NO_HOST = re.compile(r"""[\x00-\x20\x7f"<>\\^`{|}%]|\.\.|^\.""")
_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=4096)  # it is asked for several times on the way of one image
def key(address: str) -> str:
    """Return the name under which the answer of ``address`` is kept: 64 hex digits.

    It is the same for all ways to write what is sent to the host; a fragment is not sent.

    >>> key("https://example.org/ä.png#top") == key("https://example.org/%C3%A4.png")
    True
    """
    try:
        sent = safe_url_string(urldefrag(address).url)
    except ValueError:
        sent = address  # nobody can send it
    return hashlib.sha256(sent.encode("utf-8", "backslashreplace")).hexdigest()


def problem(address: str) -> str:
    """Say why ``address`` cannot be asked for; empty where it can.

    >>> problem("ftp://example.org/a.png")
    'no http(s) address'
    >>> problem("https://example.org/a.png")
    ''
    """
    try:
        host(address)
    except ValueError as error:
        return str(error)
    return ""


def host(address: str) -> tuple[str, int]:
    """Return the host of an http(s) address, in lower case and without brackets, and its port.

    Raises:
        ValueError: it cannot be asked for; the message is the reason, fit for a table.
    """
    try:
        parts = urlsplit(address)
        name, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("no http(s) address") from None
    if parts.scheme not in _PORTS or not name or port == 0 or _NO_HOST.search(name):
        raise ValueError("no http(s) address")
    if "@" in parts.netloc:
        # Programs do not agree on what the host is then, and a password would be written into the manifest.
        raise ValueError("an address with a user name: not allowed")
    return name, port or _PORTS[parts.scheme]


def is_literal(name: str) -> bool:
    """Tell whether a host is given as an IP address instead of by a name.

    >>> is_literal("127.0.0.1"), is_literal("::1"), is_literal("example.org")
    (True, True, False)
    """
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_public(literal: str) -> bool:
    """Tell whether an IP address belongs to the open internet.

    Private, loopback, link-local, multicast, reserved, shared (carrier-grade NAT) and unspecified ones do
    not. An IPv6 address that stands for an IPv4 address is judged as that.

    >>> is_public("93.184.215.14"), is_public("10.0.0.1"), is_public("::ffff:127.0.0.1")
    (True, False, False)
    """
    address = ipaddress.ip_address(literal)
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def is_allowed(name: str, port: int, allowed: Collection[str]) -> bool:
    """Tell whether source.yaml names this host, as ``host`` or ``host:port``.

    >>> is_allowed("localhost", 8000, ["localhost:8000"]), is_allowed("::1", 80, ["[::1]:80"])
    (True, True)
    >>> is_allowed("localhost", 22, ["localhost:8000"])
    False
    """
    shown = f"[{name}]" if ":" in name else name
    return not {name, shown, f"{shown}:{port}"}.isdisjoint(entry.lower() for entry in allowed)


def refusal(name: str, literal: str) -> str:
    """Say that the host ``name`` is not asked because it has the address ``literal``.

    >>> refusal("intranet", "10.0.0.1")
    'intranet is 10.0.0.1, a private address: not allowed'
    """
    return f"{'' if name == literal else f'{name} is '}{literal}, a private address: not allowed"


def private_address(name: str, port: int) -> str:
    """Look a host up and return the first of its addresses that is not public; empty where all are.

    A host that cannot be looked up has none: whoever connects will find out.
    """
    try:
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ""
    literals = (str(place[0]).partition("%")[0] for *_, place in found)
    return next((literal for literal in literals if not is_public(literal)), "")
