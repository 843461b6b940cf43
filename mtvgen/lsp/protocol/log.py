"""What the server has to say about itself: on stderr, which editors keep as its log."""

from __future__ import annotations

import sys
import traceback
from contextlib import suppress

from mtvgen.errors import printable


def log(message: str) -> None:
    """Write a line; the client may have closed the other end."""
    with suppress(OSError, ValueError):
        sys.stderr.write(f"mtvgen lsp: {printable(message)}\n")
        sys.stderr.flush()


def log_exception() -> None:
    """Write the exception that is being handled, with its traceback: it is a bug of ours."""
    with suppress(OSError, ValueError):
        traceback.print_exc()
