"""JSON-RPC 2.0: requests are answered in their order, wrong ones with an error, cancelled ones too.

https://www.jsonrpc.org/specification, and LSP 3.17, "Base Protocol".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mtvgen.lsp.protocol.connection import Connection
from mtvgen.lsp.protocol.log import log, log_exception
from mtvgen.lsp.protocol.params import fault_of

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND = -32700, -32600, -32601
INVALID_PARAMS, INTERNAL_ERROR = -32602, -32603
NOT_INITIALIZED, REQUEST_FAILED, REQUEST_CANCELLED = -32002, -32803, -32800

# What counts of a client that has closed its pipe: whether it has said goodbye.
_LAST = frozenset({"shutdown", "exit"})

Params: TypeAlias = Mapping[str, Any]
Handler: TypeAlias = Callable[[Params], Any]


class Cancelled(BaseException):
    """Ends the work on a request that was taken back, through code that survives an Exception."""


class RequestError(Exception):
    """The answer to a request that can't be met: a code of the protocol, and a sentence."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Dispatcher:
    """Calls what a message asks for, and answers requests.

    Args:
        connection: Where messages come from.
        methods: What answers each method; notifications have one too.
        allows: Raises a RequestError where a method may not be called now; for a notification
            that is dropped then.
    """

    def __init__(
        self,
        connection: Connection,
        methods: Mapping[str, Handler],
        allows: Callable[[str], None],
    ) -> None:
        self._connection = connection
        self._methods = methods
        self._allows = allows
        self._running: int | str | None = None
        self._asked = 0

    def handle_next(self) -> None:
        """Handle the oldest message that waits."""
        message = self._parsed(self._connection.bodies.popleft())
        if message is None or "method" not in message:
            return  # an answer of the client's: nothing was asked that has to be known
        if message["method"] == "$/cancelRequest":
            return  # the request has been answered
        if self._connection.is_closed and message["method"] not in _LAST:
            return  # nobody hears an answer
        if "id" in message:
            self._answer(message)
        else:
            self._notice(message)

    def notify(self, method: str, params: Any) -> None:
        """Tell the client something."""
        self._connection.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any) -> None:
        """Ask the client for something whose answer does not matter."""
        self._asked += 1
        number = f"mtvgen-{self._asked}"
        self._connection.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})

    def stop_if_cancelled(self) -> None:
        """Raise if the client has taken back the request that is being answered."""
        self._connection.has_input()
        if self._running is not None and self._is_cancelled(self._running):
            raise Cancelled

    def _parsed(self, body: bytes) -> dict[str, Any] | None:
        try:
            message = json.loads(body)
        except (ValueError, RecursionError):
            self._fail(None, PARSE_ERROR, "this is not JSON")
            return None
        has_method = isinstance(message, dict) and isinstance(message.get("method", ""), str)
        # An answer may be to a message whose id the client could not read.
        number = message.get("id", "") if has_method and "method" in message else ""
        if not has_method or not isinstance(number, int | str):
            self._fail(None, INVALID_REQUEST, "this is not a JSON-RPC message")
            return None
        return dict(message)

    def _answer(self, message: Mapping[str, Any]) -> None:
        number = self._running = message["id"]
        try:
            self.stop_if_cancelled()
            self._allows(message["method"])
            result = self._call(message)
        except Cancelled:
            self._fail(number, REQUEST_CANCELLED, "cancelled")
        except RequestError as error:
            self._fail(number, error.code, str(error))
        else:
            self._connection.send({"jsonrpc": "2.0", "id": number, "result": result})
        finally:
            self._running = None

    def _notice(self, message: Mapping[str, Any]) -> None:
        try:
            self._allows(message["method"])
            self._call(message)
        except RequestError as error:
            # A method whose name begins with $/ may be left alone by whom it says nothing to.
            if not message["method"].startswith("$/"):
                log(f"{message['method']}: {error}")

    def _call(self, message: Mapping[str, Any]) -> Any:
        handler = self._methods.get(message["method"])
        if handler is None:
            raise RequestError(METHOD_NOT_FOUND, f"there is no method {message['method']!r}")
        params = message.get("params") or {}
        if not isinstance(params, Mapping):
            raise RequestError(INVALID_PARAMS, "params must be an object")
        if fault := fault_of(message["method"], params):
            raise RequestError(INVALID_PARAMS, fault)
        try:
            return handler(params)
        except RequestError:
            raise
        except Exception as error:
            log_exception()
            raise RequestError(INTERNAL_ERROR, f"{type(error).__name__}: {error}") from error

    def _fail(self, number: int | str | None, code: int, message: str) -> None:
        error = {"code": code, "message": message}
        self._connection.send({"jsonrpc": "2.0", "id": number, "error": error})

    def _is_cancelled(self, number: int | str) -> bool:
        """Return whether a message that waits cancels a request."""
        return any(
            b"$/cancelRequest" in body and _cancelled(body) == number
            for body in self._connection.bodies
        )


def _cancelled(body: bytes) -> Any:
    """Return the id that a message cancels; None where it is another message, or a broken one."""
    try:
        match json.loads(body):
            case {"method": "$/cancelRequest", "params": {"id": number}}:
                return number
    except (ValueError, RecursionError):
        pass
    return None
