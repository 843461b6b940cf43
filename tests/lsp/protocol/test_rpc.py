"""Messages over real pipes, without the server: what is answered, and what is left alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from mtvgen.lsp.protocol.connection import Connection
from mtvgen.lsp.protocol.framing import framed
from mtvgen.lsp.protocol.params import fault_of
from mtvgen.lsp.protocol.rpc import Dispatcher, Params


class Wire:
    """A dispatcher, the client's ends of its pipes, and what was called."""

    def __init__(self) -> None:
        reading, self.to_server = os.pipe()
        self.from_server, writing = os.pipe()
        self.connection = Connection(reading, writing)
        self.called: list[str] = []
        names = ("workspace/symbol", "workspace/willRenameFiles", "textDocument/rename", "shutdown")
        methods = {name: self._noting(name) for name in names}
        self.dispatcher = Dispatcher(self.connection, methods, lambda method: None)

    def _noting(self, name: str) -> Any:
        def called(params: Params) -> None:
            self.called.append(name)
            self.dispatcher.stop_if_cancelled()

        return called

    def handle(self, *messages: Any) -> list[dict[str, Any]]:
        """Send messages, have all of them handled; returns the answers."""
        for one in messages:
            data = one if isinstance(one, bytes) else json.dumps(one).encode()
            os.write(self.to_server, b"Content-Length: %d\r\n\r\n%s" % (len(data), data))
        self.finish()
        os.set_blocking(self.from_server, False)
        written = b""
        with suppress(BlockingIOError):
            written = os.read(self.from_server, 1 << 16)
        return [json.loads(one[one.index(b"{") :]) for one in written.split(b"Content-Length")[1:]]

    def finish(self) -> None:
        self.connection.has_input()
        while self.connection.bodies:
            self.dispatcher.handle_next()


@pytest.fixture
def wire() -> Iterator[Wire]:
    wire = Wire()
    yield wire
    for descriptor in (wire.to_server, wire.from_server):
        with suppress(OSError):
            os.close(descriptor)
    os.close(wire.connection.reading)
    os.close(wire.connection.writing)


def request(number: Any, method: str = "workspace/symbol", **params: Any) -> dict[str, Any]:
    params = params or {"query": ""}
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


@pytest.mark.parametrize("number", [None, 1.5, [], {}], ids=str)
def test_a_request_whose_id_is_neither_text_nor_a_number_is_not_met(wire, number):
    (answer,) = wire.handle(request(number, "shutdown"))
    assert (answer["id"], answer["error"]["code"]) == (None, -32600)
    assert wire.called == []


def test_a_cancellation_that_is_broken_is_none(wire):
    good = {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 2}}
    answers = wire.handle(
        request(1),
        request(2),
        {**good, "params": [1]},
        {**good, "params": {"id": {}}},
        b'{"method": "$/cancelRequest"',
        b"[" * 9000 + b'"$/cancelRequest"',
        good,
    )
    results = {one["id"]: one.get("error", {}).get("code") for one in answers if one["id"]}
    assert results == {1: None, 2: -32800}


def test_what_a_client_has_asked_for_before_it_went_is_not_done(wire):
    for message in (*(request(number) for number in range(9)), request(9, "shutdown")):
        os.write(wire.to_server, framed(message))
    os.close(wire.to_server)
    wire.finish()
    assert wire.called == ["shutdown"]  # whether it has said goodbye makes the exit code


@pytest.mark.parametrize(
    ("params", "fault"),
    [
        ({"textDocument": None}, "params.textDocument is not an object"),
        ({"textDocument": {}}, "params.textDocument.uri is missing"),
        ({"textDocument": {"uri": 5}}, "params.textDocument.uri is not a string"),
        ({"textDocument": {"uri": "x"}}, "params.position is missing"),
        (
            {"textDocument": {"uri": "x"}, "position": {"line": "1", "character": 0}},
            "params.position.line is not an integer",
        ),
        (
            {"textDocument": {"uri": "x"}, "position": {"line": 1, "character": 0}, "newName": []},
            "params.newName is not a string",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_parameters_are_named(wire, params, fault):
    (answer,) = wire.handle(request(1, "textDocument/rename", **params))
    assert answer["error"] == {"code": -32602, "message": fault}
    assert wire.called == []


def test_what_a_method_does_not_need_is_right_or_not_there():
    whole = {"textDocument": {"uri": "x"}}
    assert fault_of("textDocument/codeLens", whole) == ""
    fault = fault_of("textDocument/codeLens", {**whole, "position": 5})
    assert fault == "params.position is not an object"


def test_in_a_list_the_wrong_item_is_named(wire):
    (answer,) = wire.handle(
        request(1, "workspace/willRenameFiles", files=[{"oldUri": "x", "newUri": "y"}, 5])
    )
    assert answer["error"]["message"] == "params.files[1] is not an object"
