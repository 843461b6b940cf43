"""When garbage is collected: a little at a time, so that nobody waits for it.

What the checks know of a large site is more than half a million objects, and Python would look at
all of them at once, for some tenths of a second, while somebody types. Nearly all of it goes when
nothing refers to it any more. So Python collects nothing by itself here: what is new is looked at
between two steps of the work, and then put out of the collector's sight (`gc.freeze()`). What was
put there in a cycle is found when nothing was done for a while, if there is much of it.
"""

from __future__ import annotations

import gc
import time

IDLE_SECONDS = 10.0  # without anything to do, before all is looked at
MOST_NEW = 20_000  # objects that are looked at at once: about 5 ms
_MOST_MORE = 1.25  # times as many objects as after the last look at all of them, before the next


class Garbage:
    """Collects it; Python's own collector is turned off.

    Attributes:
        all_at: When to look at everything, by the clock of `time.monotonic()`.
    """

    def __init__(self) -> None:
        gc.disable()
        self.all_at = float("inf")
        self._known = 0

    def collect_new(self) -> None:
        """Look at what was made since the last time, if that is enough."""
        if gc.get_count()[0] > MOST_NEW:
            gc.collect(0)
            gc.freeze()

    def note_work(self) -> None:
        """Note that something was done just now."""
        self.collect_new()
        self.all_at = time.monotonic() + IDLE_SECONDS

    def collect_when_idle(self) -> None:
        """Look at everything if nothing was done for a while, and there is much more than before.

        This takes about a second where there are 500 templates.
        """
        if self.all_at > time.monotonic():
            return
        self.all_at = float("inf")
        gc.freeze()
        if self._known and gc.get_freeze_count() > self._known * _MOST_MORE:
            gc.unfreeze()
            gc.collect()
            gc.freeze()
            self._known = 0
        self._known = self._known or gc.get_freeze_count()
