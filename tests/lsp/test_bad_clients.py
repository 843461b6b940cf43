"""Whatever a client sends, or if it dies: the server answers or ends, and leaves no process."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from mtvgen.lsp.protocol.framing import MAX_BODY
from tests.checks.seed_project import write_project
from tests.support.language_client import PATIENCE, Client


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A server in a directory without a project, so that it starts fast."""
    return Client(tmp_path)


def code_of(client: Client, number: int | None) -> int:
    return client.answer(number)["error"]["code"]


def test_wrong_messages_are_answered_with_errors_and_the_server_goes_on(client):
    assert code_of(client, client.ask("textDocument/hover", {})) == -32002  # before initialize
    client.notify("textDocument/didOpen", {"anything": 1})
    client.send_bytes(b"Content-Length: 3\r\n\r\n{{{")
    assert code_of(client, None) == -32700
    client.messages.clear()
    for wrong in ([], 1, None, {"id": {}, "method": "initialize"}, {"id": 7, "method": 7}):
        client.messages.clear()
        client.send(wrong)
        assert code_of(client, None) == -32600

    client.start()
    assert code_of(client, client.ask("initialize", {})) == -32600  # a second time
    assert code_of(client, client.ask("no/such", {})) == -32601
    assert code_of(client, client.ask("no/such", [1])) == -32601
    client.notify("$/setTrace", {"value": "off"})
    client.notify("textDocument/didChange", {"textDocument": 3})
    client.notify("textDocument/didOpen", None)
    client.send({"jsonrpc": "2.0", "id": "mtvgen-1", "result": None})  # to a question nobody asked
    deep = b"[" * 100_000
    client.send_bytes(b"Content-Length: %d\r\n\r\n%s" % (len(deep), deep))
    client.messages.clear()
    assert code_of(client, None) == -32700

    client.request("shutdown", None)
    assert code_of(client, client.ask("textDocument/hover", {})) == -32600
    client.notify("exit", None)
    assert client.end() == 0


def test_a_wrong_edit_leaves_the_text_as_it_was(client):
    client.start()
    uri = client.open(client.directory / "page.html", "{% block one %}{% endblock %}")
    item = {"uri": uri, "version": 2}
    beyond = {"line": 10**9, "character": 10**12}
    for wrong in (
        {"text": 5},
        {"text": "x", "range": {"start": 5, "end": beyond}},
        {"text": "", "range": {"start": {"line": 1.5, "character": 0}, "end": beyond}},
        {"range": {"start": beyond, "end": beyond}},
        "x",
    ):
        changes = {"textDocument": item, "contentChanges": [wrong]}
        client.notify("textDocument/didChange", changes)
    for right in (
        {"text": "", "range": {"start": beyond, "end": beyond}},
        {"text": "", "range": None},
    ):
        changes = {"textDocument": item, "contentChanges": [right]}
        client.notify("textDocument/didChange", changes)
    assert client.stop() == 0
    assert "Traceback" not in client.errors
    assert client.errors.count("mtvgen lsp: textDocument/didChange: params.") == 5


def test_a_request_that_was_taken_back_is_answered_so(client):
    client.start()
    number = client._numbers + 1
    asked = {"jsonrpc": "2.0", "id": number, "method": "shutdown", "params": None}
    taken_back = {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": number}}
    data = b""
    for message in (asked, taken_back):
        body = repr(message).replace("'", '"').replace("None", "null").encode()
        data += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    client.send_bytes(data)
    assert code_of(client, number) == -32800
    client._numbers += 1
    assert client.stop() == 0


@pytest.mark.parametrize(
    "garbage",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\0" * 10_000,
        b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: 9" + b"9" * 3000 + b"\r\n\r\n",
        b"X: y\r\n\r\n{}",
    ],
    ids=["HTTP", "zeros", "huge", "negative", "digits", "no-length"],
)
def test_what_is_not_the_protocol_ends_the_server_with_a_sentence(client, garbage):
    client.send_bytes(garbage)
    client.settle(PATIENCE)
    assert client.end() == 1
    assert client.errors.startswith("mtvgen lsp: the client has sent ")
    assert "Traceback" not in client.errors


def test_a_client_that_closes_its_ear_or_stops_in_a_message_ends_the_server(client):
    client.start()
    assert client.process.stdout is not None
    client.process.stdout.close()
    for _ in range(3):  # answers that nobody can get
        client.send({"jsonrpc": "2.0", "id": 1, "method": "no/such"})
        if client.process.poll() is not None:
            break
    client.send_bytes(b"Content-Length: 500\r\n\r\n{") if client.process.poll() is None else None
    assert client.end() == 1
    assert client.errors == ""


def test_a_client_that_goes_ends_the_server_and_the_import_under_way(tmp_path):
    write_project(tmp_path)
    trace = tmp_path / "child"
    wsgi = tmp_path / "wsgi.py"
    hang = f"import os, time\nopen({str(trace)!r}, 'w').write(str(os.getpid()))\ntime.sleep(300)\n"
    wsgi.write_text(hang + wsgi.read_text())
    client = Client(tmp_path)
    client.start()
    client.open(tmp_path / "templates/home.html")
    deadline = time.monotonic() + PATIENCE
    while not (trace.exists() and trace.read_text()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert client.end() == 1  # without shutdown
    assert client.errors == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(trace.read_text()), 0)


def test_a_client_that_was_killed_is_missed_by_its_number(client, tmp_path):
    dead = os.fork()
    if dead == 0:
        os._exit(0)
    os.waitpid(dead, 0)
    clients = {dead: client, 10**12: Client(tmp_path)}  # a number that no process can have
    for number, one in clients.items():
        one.request("initialize", {"processId": number, "rootUri": None, "capabilities": {}})
    for one in clients.values():
        assert one.process.wait(PATIENCE) == 1  # its pipes are open still
        one.end()
        assert one.errors == ""


def test_a_signal_ends_it_without_a_traceback(client):
    client.start()
    client.process.send_signal(signal.SIGTERM)
    assert client.end() == 128 + signal.SIGTERM
    assert client.errors == ""
