"""Log records in production: with a request's id, and as JSON (docs/logging.md).

Both are pieces for the standard library's `logging.config.dictConfig()`; see docs/logging.md.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from mtvgen.runtime.settings.masking import MASK, is_secret_name, without_secrets

# A context is a thread's own, or a greenlet's, so no request sees the id of another.
current_request_id: ContextVar[str | None] = ContextVar("mtvgen.request_id", default=None)


def request_id() -> str | None:
    """Return the id of the request that is being answered here, as `access_log()` has set it.

    None outside a request, and in threads that a view starts itself.
    """
    return current_request_id.get()


class RequestIdFilter(logging.Filter):
    """Gives every record a `request_id`, and lets all of them pass.

    It belongs to a handler: a logger's own filters see nothing of what its children log.
    Outside a request it is `-`.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add what is missing; always True."""
        if not hasattr(record, "request_id"):
            record.request_id = current_request_id.get() or "-"
        return True


# What every record has (logging.LogRecord); all else was added by `extra=` or by a filter.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_WRITTEN = _STANDARD | {"time", "level", "logger"}
# One encoder for all: json.dumps() with arguments would make a new one each time.
_encode = json.JSONEncoder(default=str).encode


class JSONFormatter(logging.Formatter):
    """One JSON object (RFC 8259) on one line for each record.

    It holds `time` (RFC 3339, UTC), `level`, `logger`, `message`, whatever the record was given
    besides these (`extra=`), and `exception` with the traceback if there is one. A value that
    JSON does not know is written as its text. A value named like a secret is masked, and the
    secret values of the settings are, wherever they are.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= _by_name(
            {name: value for name, value in vars(record).items() if name not in _WRITTEN}
        )
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return without_secrets(_encode(line))


def _by_name(values: dict[Any, Any]) -> dict[Any, Any]:
    """Values without those that are named like a secret, at any depth."""
    masked = {}
    for name, value in values.items():
        if is_secret_name(str(name)):
            masked[name] = MASK
        else:  # nearly all are numbers and texts, and each line of a log has eight
            masked[name] = _masked(value) if isinstance(value, _COLLECTIONS) else value
    return masked


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return _by_name(value)
    return [_masked(item) for item in value] if isinstance(value, _COLLECTIONS) else value


_COLLECTIONS = (dict, list, tuple)


def hide_secrets(record: logging.LogRecord) -> bool:
    """Take the secret values of the settings out of a record; as a filter it lets all pass.

    A text without them stays as it is: formatters format it as they like.
    """
    message = record.getMessage()
    shown = without_secrets(message)
    if shown != message:
        record.msg, record.args = shown, ()
    if record.exc_info and not record.exc_text:
        text = _traceback.formatException(record.exc_info)
        shown = without_secrets(text)
        if shown != text:
            record.exc_text = shown  # which a Formatter takes in place of its own
    return True


_traceback = logging.Formatter()
