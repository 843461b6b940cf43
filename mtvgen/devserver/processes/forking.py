"""A fork of this process, which does one thing and ends."""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Callable


def fork(become: Callable[[], object]) -> int:
    """Fork; return the child's process id. The child does what it is given, and ends with it."""
    sys.stdout.flush()
    gc.freeze()  # neither's collector shall write into the pages that both share
    child = os.fork()
    if child:
        return child
    try:
        become()
    except BaseException:
        traceback.print_exc()  # it is reported nowhere else
    finally:
        os._exit(1)  # nothing of the parent's stack may run in the child
