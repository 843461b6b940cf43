"""Ctrl-C and its kin as one exception, raised once, and not while the last step runs."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


class Signalled(BaseException):
    """A signal asked the process to end; no `except Exception` on the way catches it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def name(self) -> str:
        """How the user knows it: `Ctrl-C`, `SIGTERM`."""
        return "Ctrl-C" if self.number == signal.SIGINT else signal.Signals(self.number).name


class Signals:
    """The signals that may still end the work; the second one never cuts the cleaning short."""

    def __init__(self) -> None:
        self._is_held = False

    def hold(self) -> None:
        """From here on the work is finished, signals or not: it takes no more than a moment."""
        self._is_held = True

    def receive(self, number: int, frame: FrameType | None) -> None:
        """Handle a signal."""
        if not self._is_held:
            self._is_held = True
            raise Signalled(number)


@contextlib.contextmanager
def raised_signals() -> Iterator[Signals]:
    """Within the block SIGINT, SIGTERM and SIGHUP raise `Signalled`, so that `finally` runs.

    Only the main thread can ask for that; elsewhere the block runs as it would without.
    A signal that is ignored (`nohup`) stays so.
    """
    signals = Signals()
    previous = {}
    if threading.current_thread() is threading.main_thread():
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) not in {signal.SIG_IGN, None}:
                previous[number] = signal.signal(number, signals.receive)
    try:
        yield signals
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
