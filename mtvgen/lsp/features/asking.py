"""What every request needs: the document that it is about, and what is known of its project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mtvgen.checks.places import Place
from mtvgen.lsp.actions.edits import LinesOf, plain
from mtvgen.lsp.protocol.rpc import Params
from mtvgen.lsp.workspace.documents import Document, Documents
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.here import Here

_BEGINNING = {"line": 0, "character": 0}


@dataclass
class Asking:
    """What requests are answered from.

    Attributes:
        documents: The open documents.
        engines: Gives all engines.
        engine_of: The engine of a file's project; None where it is in none.
        refresh: Checks a project now, if it was changed since the last time.
        lines_of: The URI, the text and the version of a file.
        stop_if_cancelled: Raises if the client has taken the request back.
        notify: Tells the client something.
        takes_documents: Whether it takes edits that name the document and its version.
        creates_files: Whether the client makes the files that a change tells it to.
        asks_about_edits: Whether it asks about the edits that need the user's confirmation.
    """

    documents: Documents
    engines: Callable[[], Iterator[Engine]]
    engine_of: Callable[[Path], Engine | None]
    refresh: Callable[[Engine], None]
    lines_of: LinesOf
    stop_if_cancelled: Callable[[], None]
    notify: Callable[[str, Any], None]
    takes_documents: bool = False
    creates_files: bool = False
    asks_about_edits: bool = False

    def here(
        self, params: Params, position: dict[str, Any] | None = None
    ) -> tuple[Document, Here] | None:
        """Return the document of a request, and the place in it; None outside any project."""
        document = self.documents.get(params["textDocument"]["uri"])
        engine = self.engine_of(document.path) if document is not None else None
        if document is None or engine is None or engine.cache.sources is None:
            return None
        text = document.text.removeprefix("\ufeff")
        position = position or params.get("position") or _BEGINNING
        return document, Here(engine, document.path, text, document.lines.checks_offset(position))

    def fitted(self, edit: dict[str, Any]) -> dict[str, Any]:
        """Return a WorkspaceEdit as the client takes it."""
        return edit if self.takes_documents else plain(edit)

    @contextmanager
    def working(self, engine: Engine, params: Params, title: str) -> Iterator[None]:
        """While a long request is answered: it can be taken back, and shows that it goes on.

        Progress is shown where the client has given a token for it (LSP 3.17, "Work Done
        Progress").
        """
        token = params.get("workDoneToken")
        if token is not None:
            self._report(token, {"kind": "begin", "title": title, "cancellable": True})
        try:
            with engine.pausing(self.stop_if_cancelled):
                yield
        finally:
            if token is not None:
                self._report(token, {"kind": "end"})

    def _report(self, token: int | str, value: dict[str, Any]) -> None:
        self.notify("$/progress", {"token": token, "value": value})

    def location(self, engine: Engine, place: Place) -> dict[str, Any]:
        """Return a place of a project as the protocol has it."""
        uri, lines, _ = self.lines_of(engine.root / place.file)
        return {"uri": uri, "range": lines.exact_range(place)}
