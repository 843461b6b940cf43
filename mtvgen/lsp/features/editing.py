"""Requests that lead to an edit: completion and code actions."""

from __future__ import annotations

from functools import partial
from typing import Any

from mtvgen.lsp.actions.actions import Action, actions
from mtvgen.lsp.actions.edits import workspace_edit
from mtvgen.lsp.completion.python_completion import complete_in_python
from mtvgen.lsp.completion.suggestions import items
from mtvgen.lsp.completion.template_completion import complete_in_template
from mtvgen.lsp.diagnostics import diagnostic
from mtvgen.lsp.features.asking import Asking
from mtvgen.lsp.protocol.rpc import Handler, Params
from mtvgen.lsp.workspace.documents import Document
from mtvgen.lsp.workspace.here import Here


class EditingRequests:
    """Answers them.

    Args:
        asking: What they are answered from.
    """

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

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

    def _code_actions(self, params: Params) -> list[dict[str, Any]]:
        wanted = params["context"].get("only")
        if wanted and not any("quickfix".startswith(kind) for kind in wanted):
            return []
        found = self._asking.here(params, params["range"]["start"])
        if found is None:
            return []
        document, here = found
        # An edit is of the text as it is now; nothing is known of one that can't be parsed.
        self._asking.refresh(here.engine)
        if here.engine.texts.half_typed:
            return []
        end = max(here.offset, document.lines.checks_offset(params["range"]["end"]))
        return [
            self._shown(action, document, here)
            for action in actions(here, end)
            if self._asking.creates_files or not action.changes.created
        ]

    def _shown(self, action: Action, document: Document, here: Here) -> dict[str, Any]:
        edit = workspace_edit(action.changes, here.engine.root, self._asking.lines_of)
        edit = self._asking.fitted(edit)
        shown: dict[str, Any] = {"title": action.title, "kind": "quickfix", "edit": edit}
        if action.problem is not None:
            location = partial(self._asking.location, here.engine)
            shown["diagnostics"] = [diagnostic(action.problem, document.lines, location)]
        if action.is_preferred:
            shown["isPreferred"] = True
        return shown

    def _complete(self, params: Params) -> dict[str, Any] | None:
        found = self._asking.here(params)
        if found is None:
            return None
        document, here = found
        is_python = here.path.suffix == ".py"
        completion = complete_in_python(here) if is_python else complete_in_template(here)
        if completion is None:
            return None
        start = here.offset - len(completion.typed)
        range_of = document.lines.exact_range(here.lines.place(start, here.offset))
        return {"isIncomplete": False, "items": items(completion, range_of)}
