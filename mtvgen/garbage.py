"""The garbage collector rests while much is made that lives."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def garbage_left_alone() -> Iterator[None]:
    """Collect no garbage within the block: where all that is made lives, a look for it finds none.

    Over imports, and over the trees and values of the checks, these looks take a tenth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def keep_for_good() -> None:
    """Have the collector never look again at what there is now.

    For a process that is about to end: its last looks, as it ends, take a tenth of the time of a
    large `mtvgen check`, and find nothing.
    """
    gc.freeze()
