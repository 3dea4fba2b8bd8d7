"""Scrapy's download handler and DNS resolver, restricted to hosts that may get requests."""

from collections.abc import Sequence
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.interfaces import IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from sketch2color.ingest.fetch import url_checks
from sketch2color.ingest.fetch.crawl.errors import FetchError


class Handler(HTTP11DownloadHandler):
    """Scrapy's handler, which every request passes last, redirects included."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # If a reused connection is closed, Twisted would repeat the request at once, without the delay.
        self._pool.retryAutomatically = False
        self._allowed = crawler.settings["ALLOW_PRIVATE"]
        self._closed: dict[str, str] = crawler.settings["CLOSED_HOSTS"]

    async def download_request(self, request: Request) -> Response:
        """Download ``request``.

        Raises:
            FetchError: it must not be sent.
        """
        try:
            host, port = url_checks.host_and_port(request.url)
        except ValueError as error:
            raise FetchError(str(error)) from None
        if host in self._closed:
            raise FetchError(self._closed[host])
        if not url_checks.is_public(host) and not url_checks.is_allowed(host, port, self._allowed):
            raise FetchError(url_checks.private_host(host, host))
        try:
            return await super().download_request(request)
        except CannotResolveHostError:
            if address := PublicResolver.private.get(host):
                raise FetchError(url_checks.private_host(host, address)) from None
            raise


class PublicResolver(CachingHostnameResolver):
    """Resolve hosts to their public IP addresses only, unless the host is allowed by name.

    It is called when a connection is made, so a name cannot resolve to another address after a check.
    """

    private: dict[str, str] = {}  # noqa: RUF012  # a private address of each host that has one
    allowed: Sequence[str] = ()

    def resolveHostName(  # noqa: N802  # Twisted's name
        self, resolutionReceiver: Any, hostName: str, portNumber: int = 0, *args: Any, **options: Any
    ) -> IHostResolution:
        """Resolve a host name."""
        if not url_checks.is_allowed(hostName.lower(), portNumber, self.allowed):
            resolutionReceiver = _PublicOnly(resolutionReceiver, hostName.lower())
        return super().resolveHostName(resolutionReceiver, hostName, portNumber, *args, **options)


@implementer(IResolutionReceiver)
class _PublicOnly:
    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if url_checks.is_public(address.host):
            self._receiver.addressResolved(address)
        else:
            PublicResolver.private[self._host] = address.host
