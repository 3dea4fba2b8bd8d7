"""Making the connection: only to hosts that may be asked, and only when they may be."""

from collections.abc import Collection, Sequence
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError
from scrapy.http import Response
from scrapy.resolver import CachingHostnameResolver
from scrapy.utils.httpobj import urlparse_cached
from twisted.internet.interfaces import IAddress, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from sketch2color.ingest.fetch import addresses
from sketch2color.ingest.fetch.crawl import reasons


class Handler(HTTP11DownloadHandler):
    """Scrapy's own, which waits at the gate before and puts failures into words after."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        # Twisted would ask again at once, past the gate, where a kept connection turns out to be closed.
        self._pool.retryAutomatically = False

    async def download_request(self, request: Request) -> Response:
        """Fetch ``request``; every exception is one of :mod:`reasons`."""
        spider: Any = self._crawler.spider
        host = urlparse_cached(request).hostname or ""
        try:
            async with spider.gate.passed(host):
                return await super().download_request(request)
        except reasons.Refused:
            raise
        except CannotResolveHostError as error:
            if literal := Resolver.refused.get(host):
                raise reasons.AddressRefused(addresses.refusal(host, literal)) from None
            raise reasons.of(error, spider.manners) from error
        except Exception as error:
            raise reasons.of(error, spider.manners) from error


class Resolver(CachingHostnameResolver):
    """Looks hosts up and keeps their private addresses to itself, unless the host is allowed by name.

    It is asked at the moment of connecting, so a name cannot lead elsewhere after it was checked.
    """

    refused: dict[str, str] = {}  # noqa: RUF012  # hosts with private addresses alone, and one of these

    def __init__(self, reactor: Any, allowed: Collection[str]) -> None:
        super().__init__(reactor, cache_size=10_000)
        self._allowed = allowed

    def resolveHostName(  # noqa: N802  # Twisted's name
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        """Look a host up, as Twisted asks for it."""
        if not addresses.is_allowed(hostName.lower(), portNumber, self._allowed):
            resolutionReceiver = _PublicOnly(resolutionReceiver, hostName.lower())
        return super().resolveHostName(
            resolutionReceiver, hostName, portNumber, addressTypes, transportSemantics
        )


@implementer(IResolutionReceiver)
class _PublicOnly:
    def __init__(self, receiver: Any, host: str) -> None:
        self._receiver = receiver
        self._host = host

    def resolutionBegan(self, resolution: IHostResolution) -> None:  # noqa: N802
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: Any) -> None:  # noqa: N802
        if addresses.is_public(address.host):
            self._receiver.addressResolved(address)
        else:
            Resolver.refused[self._host] = address.host

    def resolutionComplete(self) -> None:  # noqa: N802
        self._receiver.resolutionComplete()
