"""Being asked to stop: by SIGTERM, as schedulers do, or by Ctrl-C."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Interruption:
    """``name`` is that of the signal that asked to stop, or empty."""

    name = ""

    def _take(self, number: int, _: FrameType | None) -> None:
        self.name = signal.Signals(number).name


@contextmanager
def listening() -> Iterator[Interruption]:
    """Take note of signals instead of dying of them; what was done about them before is done again after."""
    interruption = Interruption()
    before = {number: signal.signal(number, interruption._take) for number in SIGNALS}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
