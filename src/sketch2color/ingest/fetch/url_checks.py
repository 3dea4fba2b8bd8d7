"""Checks of URLs: private IP addresses get no request (SSRF) unless source.yaml allows the host by name."""

import hashlib
import ipaddress
import re
import socket
from collections.abc import Collection
from functools import lru_cache
from urllib.parse import urldefrag, urlsplit

from w3lib.url import safe_url_string

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # the last 32 bits are an IPv4 address
_NO_HOST = re.compile(r"""[\x00-\x20\x7f"<>\\^`{|}%]|\.\.|^\.""")
_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=4096)  # computed several times for each image
def key(url: str) -> str:
    """Return the SHA-256 of what is sent to the host (the encoded URL without its fragment), 64 hex digits.

    >>> key("https://example.org/ä.png#top") == key("https://example.org/%C3%A4.png")
    True
    """
    try:
        sent = safe_url_string(urldefrag(url).url)
    except ValueError:
        sent = url  # it is not a URL that can be sent
    return hashlib.sha256(sent.encode("utf-8", "backslashreplace")).hexdigest()


def problem(url: str) -> str:
    """Return why ``url`` cannot be requested, or an empty text."""
    try:
        host_and_port(url)
    except ValueError as error:
        return str(error)
    return ""


def host_and_port(url: str) -> tuple[str, int]:
    """Return the host of an http(s) URL, in lower case and without brackets, and its port.

    Raises:
        ValueError: it cannot be requested; the message is the reason for rejected.csv.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
        (host or "").encode("idna")  # as looking it up does; a label can be empty or too long
    except ValueError:
        raise ValueError("no http(s) URL") from None
    if parts.scheme not in _PORTS or not host or port == 0 or _NO_HOST.search(host):
        raise ValueError("no http(s) URL")
    if "@" in parts.netloc:
        # Programs disagree on which part is the host, and a password would end up in the manifest.
        raise ValueError("a URL with a user name: not allowed")
    return host, port or _PORTS[parts.scheme]


def is_public(host: str) -> bool:
    """Return whether an IP address is globally reachable; a host name counts as public.

    Private, loopback, link-local, multicast, reserved, shared and unspecified addresses are not. An IPv4
    address that is embedded in an IPv6 address decides.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def is_allowed(host: str, port: int, allowed: Collection[str]) -> bool:
    """Return whether source.yaml names this host, as ``host`` or ``host:port``."""
    shown = f"[{host}]" if ":" in host else host
    return not {host, shown, f"{shown}:{port}"}.isdisjoint(entry.lower() for entry in allowed)


def private_host(host: str, address: str) -> str:
    """Return the reason why ``host``, which has the private IP ``address``, gets no request."""
    return f"{'' if host == address else f'{host} is '}{address}, a private address: not allowed"


def private_address(host: str, port: int) -> str:
    """Resolve a host and return the first of its IP addresses that is not public, or an empty text.

    A host that cannot be resolved has none; connecting to it fails.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ""
    addresses = (str(place[0]).partition("%")[0] for *_, place in found)
    return next((address for address in addresses if not is_public(address)), "")
