"""Download, or say why not: one short line for rejected.csv."""

from http import HTTPStatus
from typing import Any

from OpenSSL import SSL
from scrapy import Request, exceptions
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError
from twisted.web.client import ResponseFailed

from sketch2color.config.source import CrawlPolicy
from sketch2color.text import describe_error

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


async def download(crawler: Any, url: str, **fields: Any) -> Response:
    """Return the response to a request with these ``fields``, whatever its status.

    Raises:
        FetchError: there is none; the message is the reason.
        OSError: the cache cannot be read or written, which is no site's fault.
    """
    try:
        request = Request(url, callback=NO_CALLBACK, **fields)
        response: Response = await crawler.engine.download_async(request)
    except Exception as error:
        if isinstance(error, OSError) and error.filename:  # errors of connections have none
            raise
        raise FetchError(describe(error, crawler.settings["CRAWL_POLICY"])) from error
    return response


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
    if type(error).__module__ in ("backports.zstd", "brotli", "brotlicffi", "gzip", "zlib"):
        return "its compression is damaged"
    cause: Any = error.__cause__ or error
    if isinstance(cause, ResponseFailed) and cause.reasons:
        first = cause.reasons[0]
        cause = first.value if isinstance(first, Failure) else first
    found = (text for raised in (error, cause) for kind, text in _REASONS.items() if isinstance(raised, kind))
    return next(found, describe_error(cause))
