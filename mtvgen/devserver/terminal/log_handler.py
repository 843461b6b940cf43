"""Log records of the runtime in the terminal: an exception once, in the lines of its request."""

from __future__ import annotations

import logging

from mtvgen.devserver.terminal.terminal import Terminal


def show_log_in(terminal: Terminal) -> None:
    """Have the terminal show what is logged on `mtvgen` from now on, from warnings upwards."""
    logging.getLogger("mtvgen").addHandler(_Handler(terminal))


class _Handler(logging.Handler):
    def __init__(self, terminal: Terminal) -> None:
        super().__init__(logging.WARNING)
        self._terminal = terminal

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        text = f"{record.levelname.lower()}: {record.getMessage()}"
        if page := getattr(record, "page", None):
            text = f"templates/{page} fails too"
        self._terminal.logged(text, error)
