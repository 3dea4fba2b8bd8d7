"""What holds requests back: the limits of source.yaml, what a host asks for, and hosts that had enough."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from sketch2color.config.source_types import Manners
from sketch2color.ingest.fetch.crawl.reasons import Refused

LONGEST = 300.0
"""Seconds that a host may ask us to wait; one that wants more is not asked again in this run."""


class Gate:
    """Lets requests to a host through as ``manners`` allow, and none while the host is paused.

    Scrapy's own limits do not hold exactly: without a delay it starts what is due at one moment all at
    once, over ``connections``, and it forgets its delay for a host that it has not asked for a while.
    """

    def __init__(self, manners: Manners) -> None:
        self._interval = 1 / manners.requests_per_second if manners.requests_per_second else 0.0
        self._connections = defaultdict[str, asyncio.Semaphore](
            lambda: asyncio.Semaphore(manners.connections)
        )
        self._slower: dict[str, float] = {}
        self._free: dict[str, float] = {}
        self._closed: dict[str, str] = {}

    @asynccontextmanager
    async def passed(self, host: str) -> AsyncIterator[None]:
        """Wait until ``host`` may be asked, and count as one of its connections for as long as it takes.

        Raises:
            Refused: it is not asked any more.
        """
        async with self._connections[host]:
            await self._turn(host)
            yield

    async def _turn(self, host: str) -> None:
        while True:
            if host in self._closed:
                raise Refused(self._closed[host])
            wait = self._free.get(host, 0.0) - monotonic()
            if wait <= 0:
                break
            await asyncio.sleep(wait)
        if interval := max(self._interval, self._slower.get(host, 0.0)):
            self._free[host] = monotonic() + interval

    def pause(self, host: str, seconds: float) -> None:
        """Ask nothing more of ``host`` for so many seconds."""
        self._free[host] = max(self._free.get(host, 0.0), monotonic() + seconds)

    def slow_down(self, host: str, interval: float) -> None:
        """Keep requests to ``host`` so many seconds apart."""
        self._slower[host] = interval

    def close(self, host: str, reason: str) -> None:
        """Ask nothing more of ``host`` at all; everything that waits for it gets ``reason``."""
        self._closed[host] = reason
