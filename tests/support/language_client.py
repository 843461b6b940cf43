"""A client of `mtvgen lsp` or of another server: what an editor sends, and what it is sent."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PATIENCE = 40.0  # seconds; the machine may be busy


class Client:
    """One server process, and what it has said.

    Attributes:
        process: The server.
        diagnostics: The last ones of each file, by its URI.
        messages: Everything that was received, in order.
    """

    def __init__(
        self,
        directory: Path,
        *,
        environment: dict[str, str] | None = None,
        command: Sequence[str] = (sys.executable, "-P", "-m", "mtvgen", "lsp"),
    ) -> None:
        self.process = subprocess.Popen(
            command,
            cwd=directory,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
        )
        self.directory = directory
        self.capabilities: dict[str, Any] = {}
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.messages: list[dict[str, Any]] = []
        self._buffer = b""
        self._numbers = 0
        self._versions: dict[str, int] = {}
        self.texts: dict[str, str] = {}

    def start(
        self, *folders: Path, encodings: tuple[str, ...] = ("utf-8",), asks: bool = True
    ) -> dict[str, Any]:
        """Go through the handshake; returns the server's capabilities.

        Args:
            folders: The folders of the workspace.
            encodings: What columns may be counted in.
            asks: Whether the user is asked about edits that need it.
        """
        edits = {
            "resourceOperations": ["create"],
            **({"changeAnnotationSupport": {}} if asks else {}),
        }
        answer = self.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": None,
                "capabilities": {
                    "general": {"positionEncodings": list(encodings)},
                    "workspace": {"workspaceEdit": edits},
                },
                "workspaceFolders": [
                    {"uri": folder.as_uri(), "name": folder.name}
                    for folder in folders or (self.directory,)
                ],
            },
        )
        self.notify("initialized", {})
        self.capabilities = answer["capabilities"]
        return self.capabilities

    # Documents

    def open(self, path: Path, text: str | None = None, language: str = "html") -> str:
        """Open a file, with its text or another one; returns its URI."""
        uri = path.as_uri()
        text = path.read_bytes().decode() if text is None else text
        self.texts[uri] = text
        self._versions[uri] = 1
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, *changes: dict[str, Any]) -> int:
        """Send changes; returns the version."""
        self._versions[uri] = self._versions.get(uri, 1) + 1
        item = {"uri": uri, "version": self._versions[uri]}
        params = {"textDocument": item, "contentChanges": list(changes)}
        self.notify("textDocument/didChange", params)
        return self._versions[uri]

    def write(self, uri: str, text: str) -> int:
        """Replace all of a document."""
        self.texts[uri] = text
        return self.change(uri, {"text": text})

    def replace(self, uri: str, old: str, new: str) -> int:
        """Replace a piece of a document, the first time that it occurs."""
        assert old in self.texts[uri]
        return self.write(uri, self.texts[uri].replace(old, new, 1))

    def position(self, uri: str, piece: str) -> dict[str, int]:
        """Where a piece of a document begins, in UTF-8."""
        assert piece in self.texts[uri], f"{piece!r} is not in {self.texts[uri]}"
        before = self.texts[uri].partition(piece)[0]
        character = len(before.rpartition("\n")[2].encode())
        return {"line": before.count("\n"), "character": character}

    def code_actions(
        self, uri: str, piece: str, end: dict[str, int] | None = None
    ) -> dict[str, dict[str, Any]]:
        """The code actions from where a piece of a document begins, by their titles."""
        position = self.position(uri, piece)
        params = {
            "textDocument": {"uri": uri},
            "range": {"start": position, "end": end or position},
            "context": {"diagnostics": []},
        }
        return {one["title"]: one for one in self.request("textDocument/codeAction", params)}

    def apply(self, edit: dict[str, Any]) -> None:
        """Make a WorkspaceEdit, as an editor does: files are made, and every text is opened."""
        for change in edit["documentChanges"]:
            if change.get("kind") == "create":
                path = Path(change["uri"].removeprefix("file://"))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.touch()
                continue
            uri = change["textDocument"]["uri"]
            if uri not in self.texts:
                self.open(Path(uri.removeprefix("file://")))
            self.write(uri, edited(self.texts[uri], change["edits"]))

    def save(self, uri: str) -> None:
        """Write a document to the disk."""
        path = Path(uri.removeprefix("file://"))
        path.write_bytes(self.texts[uri].encode())
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def close_document(self, uri: str) -> None:
        del self.texts[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    # What is said

    def problems(self) -> list[str]:
        """`file:line:column id` of all that is shown, sorted; columns count from 0 as sent."""
        lines = []
        for uri, diagnostics in self.diagnostics.items():
            file = os.path.relpath(uri.removeprefix("file://"), self.directory)
            for one in diagnostics:
                start = one["range"]["start"]
                lines.append(f"{file}:{start['line']}:{start['character']} {one['code']}")
        return sorted(lines)

    def wait_for_problems(self, *expected: str) -> None:
        """Read until these are what is shown."""
        self.wait_until(lambda shown: shown == sorted(expected), f"{sorted(expected)}")

    def wait_until(self, condition: Callable[[list[str]], bool], what: str) -> None:
        """Read until a condition holds for what is shown."""
        deadline = time.monotonic() + PATIENCE
        while not condition(self.problems()):
            left = deadline - time.monotonic()
            if left <= 0 or not self._read_more(left):
                raise AssertionError(f"{self.problems()} are shown, and not {what}")

    def request(self, method: str, params: Any) -> Any:
        """Ask, and wait for the answer."""
        answer = self.answer(self.ask(method, params))
        assert "error" not in answer, answer
        return answer["result"]

    def ask(self, method: str, params: Any) -> int:
        """Ask, and don't wait; returns the request's number."""
        self._numbers += 1
        self.send({"jsonrpc": "2.0", "id": self._numbers, "method": method, "params": params})
        return self._numbers

    def answer(self, number: int | None) -> dict[str, Any]:
        """Read until there is an answer to a request."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for message in self.messages:
                if message.get("id") == number and "method" not in message:
                    return message
            assert self._read_more(deadline - time.monotonic()), f"no answer to {number}"

    def notify(self, method: str, params: Any) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def send(self, message: Any) -> None:
        body = json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def send_bytes(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def settle(self, seconds: float = 0.5) -> None:
        """Read until the server has said nothing for a while."""
        while self._read_more(seconds):
            pass

    def _read_more(self, patience: float) -> bool:
        """Read what comes next; False where nothing does."""
        stdout = self.process.stdout
        assert stdout is not None
        if not select.select([stdout], [], [], max(0.0, patience))[0]:
            return False
        data = os.read(stdout.fileno(), 1 << 16)
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            length = int(self._buffer[:end].rpartition(b":")[2])
            if len(self._buffer) < end + 4 + length:
                break
            self._take(json.loads(self._buffer[end + 4 : end + 4 + length]))
            self._buffer = self._buffer[end + 4 + length :]
        return bool(data)

    def _take(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]

    # The end

    def stop(self) -> int:
        """Shut the server down; returns its exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.end()

    def end(self) -> int:
        """Close the pipes, and wait for the process; returns its exit code."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                with suppress(BrokenPipeError):
                    stream.close()
        code = self.process.wait(PATIENCE)
        assert self.process.stderr is not None
        self.errors = self.process.stderr.read().decode()
        self.process.stderr.close()
        return code


def edited(text: str, edits: list[dict[str, Any]]) -> str:
    """A text after TextEdits, whose columns count the bytes of UTF-8."""
    lines = text.encode().splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]

    def offset(position: dict[str, int]) -> int:
        return starts[position["line"]] + position["character"]

    data = text.encode()
    for edit in sorted(edits, key=lambda one: offset(one["range"]["start"]), reverse=True):
        start, end = offset(edit["range"]["start"]), offset(edit["range"]["end"])
        data = data[:start] + edit["newText"].encode() + data[end:]
    return data.decode()
