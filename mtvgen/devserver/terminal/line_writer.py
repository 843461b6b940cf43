"""The lines of requests: printed by a thread of its own, many at once when many come.

Each write gives the interpreter's lock away, and a request that has given it away waits behind all
others: among 16 busy connections a write for each costs a quarter of all requests a second. And a
terminal that is paused (Ctrl-S) holds up no request.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

_PAUSE = 0.01  # seconds between two writes; nobody reads faster
_ENDS_WITHIN = 1.0  # seconds, also if the terminal stands still


class Lines:
    """Texts on their way to the terminal.

    Args:
        say: Prints one or more whole lines.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._waiting: SimpleQueue[str | threading.Event] = SimpleQueue()
        self._beginning = threading.Lock()
        self._has_begun = False

    def add(self, text: str) -> None:
        """Have a text printed soon, behind those that were added before."""
        self._waiting.put(text)
        if not self._has_begun:
            self._begin()

    def flush(self) -> None:
        """Wait until all that was added is printed."""
        if self._has_begun:
            printed = threading.Event()
            self._waiting.put(printed)
            printed.wait(_ENDS_WITHIN)

    def _begin(self) -> None:
        with self._beginning:
            if not self._has_begun:
                self._has_begun = True
                threading.Thread(target=self._print_all, daemon=True).start()

    def _print_all(self) -> None:
        while True:
            taken = [self._waiting.get()]
            while not self._waiting.empty():
                taken.append(self._waiting.get())
            texts = [item for item in taken if isinstance(item, str)]
            if texts:
                self._say("\n".join(texts))
            for item in taken:
                if isinstance(item, threading.Event):
                    item.set()
            time.sleep(_PAUSE)
