"""Requests that are sent outside of Scrapy's callbacks."""

from typing import Any

from scrapy import Request
from scrapy.http.request import NO_CALLBACK

from sketch2color.ingest.fetch import addresses
from sketch2color.ingest.fetch.crawl.reasons import Refused


def request(address: str, /, **meta: Any) -> Request:
    """Return a request for ``address``.

    Raises:
        Refused: Scrapy cannot make an address of it that can be sent.
    """
    try:
        return Request(address, callback=NO_CALLBACK, meta=meta)
    except ValueError:
        raise Refused("no http(s) address") from None


class Fingerprinter:
    """Tells Scrapy which requests are the same: those whose answers are kept under the same name.

    Its own would take addresses for one that differ in the order of their parameters.
    """

    def fingerprint(self, request: Request) -> bytes:
        """Return the name of the image that is asked for, wherever redirects have led."""
        return bytes.fromhex(addresses.key(request.meta.get("address", request.url)))
