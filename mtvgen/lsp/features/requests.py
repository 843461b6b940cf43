"""The requests of an editor: parameters in, answers of the protocol out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mtvgen.lsp.diagnostics import diagnostic
from mtvgen.lsp.features.actions import Action, actions
from mtvgen.lsp.features.edits import LinesOf, workspace_edit
from mtvgen.lsp.features.python_completion import complete_in_python
from mtvgen.lsp.features.suggestions import items
from mtvgen.lsp.features.template_completion import complete_in_template
from mtvgen.lsp.protocol.rpc import Handler, Params
from mtvgen.lsp.workspace.documents import Document, Documents
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.here import Here


class Requests:
    """Answers requests about documents.

    Args:
        documents: The open documents.
        engine_of: The engine of a file's project; None where it is in none.
        refresh: Checks a project now, if it was changed since the last time.
        lines_of: The URI, the text and the version of a file.

    Attributes:
        may_create_files: Whether the client makes the files that a change tells it to.
    """

    def __init__(
        self,
        documents: Documents,
        engine_of: Callable[[Path], Engine | None],
        refresh: Callable[[Engine], None],
        lines_of: LinesOf,
    ) -> None:
        self._documents = documents
        self._engine_of = engine_of
        self._refresh = refresh
        self._lines_of = lines_of
        self.may_create_files = False

    def methods(self) -> dict[str, Handler]:
        """Return what answers each method."""
        return {
            "textDocument/codeAction": self._code_actions,
            "textDocument/completion": self._complete,
        }

    def capabilities(self) -> dict[str, Any]:
        """Return what the client may ask for."""
        return {
            "codeActionProvider": {"codeActionKinds": ["quickfix"]},
            "completionProvider": {"triggerCharacters": list("\"'.|(,/")},
        }

    def _here(self, params: Params, position: dict[str, Any]) -> tuple[Document, Here] | None:
        document = self._documents.get(params["textDocument"]["uri"])
        engine = self._engine_of(document.path) if document is not None else None
        if document is None or engine is None or engine.cache.sources is None:
            return None
        text = document.text.removeprefix("\ufeff")
        offset = document.lines.checks_offset(position)
        return document, Here(engine, document.path, text, offset)

    def _code_actions(self, params: Params) -> list[dict[str, Any]]:
        wanted = params["context"].get("only")
        if wanted and not any("quickfix".startswith(kind) for kind in wanted):
            return []
        found = self._here(params, params["range"]["start"])
        if found is None:
            return []
        document, here = found
        # An edit is of the text as it is now; nothing is known of one that can't be parsed.
        self._refresh(here.engine)
        if here.engine.texts.half_typed:
            return []
        end = max(here.offset, document.lines.checks_offset(params["range"]["end"]))
        return [
            self._shown(action, document, here)
            for action in actions(here, end)
            if self.may_create_files or not action.changes.created
        ]

    def _complete(self, params: Params) -> dict[str, Any] | None:
        found = self._here(params, params["position"])
        if found is None:
            return None
        document, here = found
        is_python = here.path.suffix == ".py"
        completion = complete_in_python(here) if is_python else complete_in_template(here)
        if completion is None:
            return None
        start = here.offset - len(completion.typed)
        range_of = document.lines.exact_range(here.lines.place(start, here.offset))
        return {"isIncomplete": False, "items": items(completion, here, range_of)}

    def _shown(self, action: Action, document: Document, here: Here) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "title": action.title,
            "kind": "quickfix",
            "edit": workspace_edit(action.changes, here.engine.root, self._lines_of),
        }
        if action.problem is not None:
            shown["diagnostics"] = [diagnostic(action.problem, document.lines)]
        if action.is_preferred:
            shown["isPreferred"] = True
        return shown
