"""A local web server without state: it answers GET and HEAD of a fixed table of files held in memory."""

import ipaddress
import socket
import socketserver
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from sketch2color.errors import UserError
from sketch2color.studio.site import SiteFile

POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'"
)
"""What the page may load and run: its own files alone. ``index.html`` has it as well, for static servers."""
HEADERS = {
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",  # which no page can say of itself
    "Cross-Origin-Opener-Policy": "same-origin",  # this and the next allow WebAssembly threads
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # ask each time; the answer is 304 while the file is the same
    "Vary": "Accept-Encoding",
}
_WILDCARDS = ("0.0.0.0", "::")
_PIECE = 2**18
"""Bytes that are sent at a time: the time limit holds for each, however slow the line."""


class StudioServer(socketserver.ThreadingTCPServer):
    """Serves the files until it is shut down, one thread for each connection."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, files: Mapping[str, SiteFile], host: str, port: int) -> None:
        """Listen on ``host`` and ``port``; 0 is any free port.

        Raises:
            UserError: the address cannot be listened on.
        """
        self.files = {f"/{name}": file for name, file in files.items()} | {"/": files["index.html"]}
        self.host = host
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "no port"
            raise UserError(
                f"cannot listen on port {port} of {host} ({reason}): end what uses it, or name another --port"
            ) from None

    @property
    def address(self) -> str:
        """The page's address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.server_address[1]}/"

    def is_own(self, host: str) -> bool:
        """Return whether a Host header names this server.

        A foreign page whose name was made to resolve to this machine (DNS rebinding) sends its own name. The
        port may be any: it is another one behind a tunnel.
        """
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in (self.host.lower(), "localhost", "127.0.0.1", "::1"):
            return True
        return self.host in _WILDCARDS and (name == socket.gethostname().lower() or _is_address(name))

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that leave in the middle of an answer."""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class _Handler(BaseHTTPRequestHandler):
    server: StudioServer
    protocol_version = "HTTP/1.1"
    default_request_version = "HTTP/1.0"  # answers have headers also where the request is no proper one
    server_version = "sketch2color"
    sys_version = ""
    timeout = 20  # seconds until a silent client is cut off

    def do_GET(self) -> None:
        """Answer with a file."""
        if not self.server.is_own(self.headers.get("Host", "")):
            self._refuse(HTTPStatus.FORBIDDEN, "the Host header names another server")
        elif (origin := self.headers.get("Origin")) and origin.partition("://")[2] != self.headers["Host"]:
            self._refuse(HTTPStatus.FORBIDDEN, "requests from other sites are refused")
        elif "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self._refuse(HTTPStatus.BAD_REQUEST, "requests have no content")
        elif file := self.server.files.get(self.path.partition("?")[0]):
            self._send(file)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "no such file")

    do_HEAD = do_GET  # noqa: N815

    def _send(self, file: SiteFile) -> None:
        packed = file.gzipped if "gzip" in self.headers.get("Accept-Encoding", "") else None
        etag = file.etag if packed is None else f'{file.etag[:-1]}-gzip"'
        if etag in self.headers.get("If-None-Match", ""):
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.send_header("ETag", etag)
            self._end_headers()
            return
        content = file.content if packed is None else packed
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", file.type)
        self.send_header("Content-Length", str(len(content)))
        if packed is not None:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("ETag", etag)
        self._end_headers()
        if self.command != "HEAD":
            for start in range(0, len(content), _PIECE):
                self.wfile.write(content[start : start + _PIECE])

    def _end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what the base class cannot read; its message, which quotes the request, is not sent."""
        unknown = code == HTTPStatus.NOT_IMPLEMENTED  # a method
        self._refuse(HTTPStatus.METHOD_NOT_ALLOWED if unknown else HTTPStatus(code))

    def _refuse(self, status: HTTPStatus, reason: str = "") -> None:
        """Answer with one line and close the connection, as what follows on it may be unread content."""
        text = f"{status.value} {reason or status.phrase}\n".encode()
        self.close_connection = True
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        if status == HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self._end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    def log_message(self, format: str, *arguments: object) -> None:
        """Write no log."""
