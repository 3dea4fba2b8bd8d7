"""Reasons of failed downloads: one short line for rejected.csv."""

from http import HTTPStatus
from typing import Any

from OpenSSL import SSL
from scrapy import exceptions
from scrapy.http import Response
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError
from twisted.web.client import ResponseFailed

from sketch2color.config.source import CrawlPolicy
from sketch2color.imaging.errors import describe_error

_REASONS: dict[type[Exception], str] = {
    exceptions.ResponseDataLossError: "connection closed early: fewer bytes than announced",
    exceptions.DownloadConnectionRefusedError: "connection refused",
    exceptions.CannotResolveHostError: "host not found",
    ConnectionLost: "the host closed the connection",
    ConnectionDone: "the host closed the connection",
    ParseError: "the response is not HTTP",
    SSL.Error: "no trustworthy TLS connection",
}


class FetchError(exceptions.IgnoreRequest):
    """A URL is given up; the message is the reason."""


def describe_status(response: Response) -> str:
    """Return the status of a response with its name, as in ``404 Not Found``."""
    try:
        return f"{response.status} {HTTPStatus(response.status).phrase}"
    except ValueError:
        return str(response.status)


def describe(error: Exception, policy: CrawlPolicy) -> str:
    """Return the reason that an exception stands for."""
    too_large = f"larger than {policy.megabytes:g} MB"
    match error:
        case exceptions.DownloadTimeoutError():
            return f"took longer than {policy.seconds:g} s"
        case exceptions.DownloadCancelledError():
            return too_large
        case exceptions.IgnoreRequest():
            return too_large if "DOWNLOAD_MAXSIZE" in str(error) else str(error)
    if type(error).__module__ in ("brotli", "brotlicffi", "gzip", "zlib", "zstandard"):
        return "its compression is damaged"
    cause: Any = error.__cause__ or error
    if isinstance(cause, ResponseFailed) and cause.reasons:
        first = cause.reasons[0]
        cause = first.value if isinstance(first, Failure) else first
    found = (text for raised in (error, cause) for kind, text in _REASONS.items() if isinstance(raised, kind))
    return next(found, f"cannot be fetched: {describe_error(cause)}")
