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
        case exceptions.ResponseDataLossError():
            return "connection closed early: fewer bytes than announced"
        case exceptions.DownloadConnectionRefusedError():
            return "connection refused"
        case exceptions.CannotResolveHostError():
            return "host not found"
    if type(error).__module__ in ("brotli", "brotlicffi", "gzip", "zlib", "zstandard"):
        return "its compression is damaged"
    cause: Any = error.__cause__ or error
    if isinstance(cause, ResponseFailed) and cause.reasons:
        first = cause.reasons[0]
        cause = first.value if isinstance(first, Failure) else first
    match cause:
        case ConnectionLost() | ConnectionDone():
            return "the host closed the connection"
        case ParseError():
            return "the response is not HTTP"
        case SSL.Error():
            return "no trustworthy TLS connection"
    return f"cannot be fetched: {describe_error(cause)}"
