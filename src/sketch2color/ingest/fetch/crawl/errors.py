"""Download, or say why not: one short line for rejected.csv."""

from http import HTTPStatus
from typing import Any

from OpenSSL import SSL
from scrapy import Request, exceptions
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.python.failure import Failure
from twisted.web.client import ResponseFailed

from sketch2color.config.source import CrawlPolicy
from sketch2color.errors import UserError
from sketch2color.ingest.fetch import url_checks
from sketch2color.text import describe_error, describe_internal_error

_REASONS: dict[type[Exception], str] = {
    exceptions.ResponseDataLossError: "connection closed early: fewer bytes than announced",
    exceptions.DownloadConnectionRefusedError: "connection refused",
    exceptions.CannotResolveHostError: "host not found",
    ConnectionClosed: "the host closed the connection",
    SSL.Error: "no trustworthy TLS connection",
    exceptions.DownloadFailedError: "the response is not HTTP",
}
"""The reason for each type of exception; the first type that an exception or its cause has decides."""


class FetchError(exceptions.IgnoreRequest):
    """A URL is given up; the message is the reason."""


async def download(crawler: Any, url: str, **fields: Any) -> Response:
    """Return the response to a request with these ``fields``, whatever its status.

    Raises:
        FetchError: there is none; the message is the reason.
        UserError: the cache cannot be written, which is no site's fault.
    """
    if problem := url_checks.problem(url):
        raise FetchError(problem)
    try:
        request = Request(url, callback=NO_CALLBACK, **fields)
    except ValueError:
        raise FetchError("no http(s) URL") from None
    try:
        response: Response = await crawler.engine.download_async(request)
    except UserError:
        raise
    except Exception as error:
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
            return str(error)
    cause: Any = error.__cause__ or error
    if isinstance(cause, ResponseFailed) and cause.reasons:
        first = cause.reasons[0]
        cause = first.value if isinstance(first, Failure) else first
    for kind, text in _REASONS.items():
        if isinstance(error, kind) or isinstance(cause, kind):
            return text
    return (
        describe_error(cause) if isinstance(cause, OSError | ConnectError) else describe_internal_error(error)
    )
