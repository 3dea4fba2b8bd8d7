"""A real local web site with faults, which notes what it was asked for."""

import socket
import struct
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


@dataclass
class Asked:
    """One request: when it came, for what, with which headers, and how many bytes of a body were sent."""

    time: float
    path: str
    headers: dict[str, str]
    sent: int = 0


Answer = Callable[["Handler"], None]


@dataclass
class Site:
    """Give ``answers`` by path (not quoted); what is not among them is not found."""

    address: str
    answers: dict[str, Answer] = field(default_factory=dict)
    log: list[Asked] = field(default_factory=list)
    busiest: int = 0
    """The most requests that were under way at one moment."""
    under_way: int = 0

    @property
    def host(self) -> str:
        return self.address.removeprefix("http://")

    def times(self) -> Counter[str]:
        """How many times each path was asked for."""
        return Counter(asked.path for asked in self.log)

    def add(self, path: str, answer: Answer) -> str:
        """Answer ``path`` so; return its address."""
        self.answers[path] = answer
        return self.address + path


class Handler(BaseHTTPRequestHandler):
    """Looks the answer up."""

    protocol_version = "HTTP/1.1"
    site: Site
    lock: threading.Lock
    asked: Asked

    def do_GET(self) -> None:
        path = unquote(self.path)
        self.asked = Asked(time.monotonic(), path, dict(self.headers))
        with self.lock:
            self.site.log.append(self.asked)
            self.site.under_way += 1
            self.site.busiest = max(self.site.busiest, self.site.under_way)
        try:
            self.site.answers.get(path, status(404))(self)
        except OSError:
            self.close_connection = True
        with self.lock:
            self.site.under_way -= 1

    def send(self, code: int, headers: dict[str, str], body: bytes) -> None:
        # One write: an answer that leaves in two waits 40 ms for the first to be acknowledged.
        lines = [f"HTTP/1.1 {code} Whatever", *(f"{name}: {value}" for name, value in headers.items())]
        self.wfile.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.asked.sent += len(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serve() -> Iterator[Site]:
    """Run a site on a free port of 127.0.0.1."""

    class Bound(Handler):
        lock = threading.Lock()

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            pass

    with Server(("127.0.0.1", 0), Bound) as server:
        Bound.site = Site(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Bound.site
        finally:
            server.shutdown()
            thread.join()


def body(content: bytes, kind: str = "image/png", **headers: str) -> Answer:
    """Answer with ``content``, properly."""

    def answer(handler: Handler) -> None:
        given = {"Content-Type": kind, "Content-Length": str(len(content))}
        handler.send(200, given | {name.replace("_", "-"): value for name, value in headers.items()}, content)

    return answer


def page(content: str) -> Answer:
    return body(f"<!DOCTYPE html><title>Page</title>{content}".encode(), "text/html; charset=utf-8")


def status(code: int, **headers: str) -> Answer:
    """Answer with a status and nothing else."""

    def answer(handler: Handler) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        handler.send(code, {"Content-Length": "0"} | given, b"")

    return answer


def redirect(to: str) -> Answer:
    return status(302, Location=to)


def in_turn(*answers: Answer) -> Answer:
    """Give the first answer, then the second and so on; the last one for ever."""
    given: dict[str, int] = defaultdict(int)

    def answer(handler: Handler) -> None:
        turn = given[handler.path]
        given[handler.path] += 1
        answers[min(turn, len(answers) - 1)](handler)

    return answer


def truncated(content: bytes, announced: int) -> Answer:
    """Announce ``announced`` bytes, send ``content`` and hang up."""

    def answer(handler: Handler) -> None:
        handler.send(200, {"Content-Type": "image/png", "Content-Length": str(announced)}, content)
        handler.close_connection = True

    return answer


def dripping(content: bytes, pause: float) -> Answer:
    """Send one byte after the other, with pauses."""

    def answer(handler: Handler) -> None:
        handler.send(200, {"Content-Type": "image/png", "Content-Length": str(len(content))}, b"")
        for place in range(len(content)):
            handler.wfile.write(content[place : place + 1])
            handler.asked.sent += 1
            time.sleep(pause)

    return answer


def huge(size: int, announced: bool) -> Answer:
    """Send ``size`` zero bytes, as long as somebody takes them."""

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        length = {"Content-Length": str(size)} if announced else {}
        handler.send(200, {"Content-Type": "image/png", "Connection": "close"} | length, b"")
        block = bytes(1 << 16)
        with suppress(OSError):
            while handler.asked.sent < size:
                handler.wfile.write(block)
                handler.asked.sent += len(block)

    return answer


def raw(content: bytes) -> Answer:
    """Send these bytes, whether or not they are HTTP, and hang up."""

    def answer(handler: Handler) -> None:
        handler.wfile.write(content)
        handler.close_connection = True

    return answer


def reset(content: bytes) -> Answer:
    """Send these bytes, then reset the connection."""

    def answer(handler: Handler) -> None:
        raw(content)(handler)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    return answer


def hang_up(handler: Handler) -> None:
    """Say nothing."""
    handler.close_connection = True
