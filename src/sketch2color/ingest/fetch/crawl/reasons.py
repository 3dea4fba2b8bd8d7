"""The one short reason why something could not be fetched."""

from http import HTTPStatus
from typing import Any

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError
from twisted.web.client import ResponseFailed

from sketch2color.config.source_types import Manners
from sketch2color.ingest.fetch.list_files import printable


class Refused(IgnoreRequest):
    """It is given up; the message is the reason, fit for a table."""


class AddressRefused(Refused):
    """The host has an address that may not be asked."""


class BrokenError(Exception):
    """It failed in a way that may pass; the message is the reason."""


def status(code: int) -> str:
    """Return a status with its name.

    >>> status(404), status(599)
    ('404 Not Found', '599')
    """
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def too_large(manners: Manners) -> Refused:
    """Return the refusal of an answer that is over ``manners.megabytes``."""
    return Refused(f"larger than {manners.megabytes:g} MB")


def of(error: Exception, manners: Manners) -> Exception:
    """Put a failed transfer into words; what came too slowly or is too large will be so again."""
    match error:
        case DownloadTimeoutError():
            return Refused(f"took longer than {manners.seconds:g} s")
        case DownloadCancelledError():
            return too_large(manners)
        case ResponseDataLossError():
            return BrokenError("broke off: fewer bytes than announced")
        case DownloadConnectionRefusedError():
            return BrokenError("connection refused")
        case CannotResolveHostError():
            return BrokenError("host not found")
    return _of_cause(error)


def _of_cause(error: Exception) -> BrokenError:
    cause: Any = error.__cause__ or error
    if isinstance(cause, ResponseFailed) and cause.reasons:
        first = cause.reasons[0]
        cause = first.value if isinstance(first, Failure) else first
    match cause:
        case ConnectionLost() | ConnectionDone():
            return BrokenError("the host hung up")
        case ParseError():
            return BrokenError("the host does not speak HTTP")
        case SSL.Error():
            return BrokenError("no trustworthy encrypted connection")
    words = printable(" ".join(str(cause).split()))
    return BrokenError(f"cannot be fetched: {words[:100] or type(cause).__name__}")
