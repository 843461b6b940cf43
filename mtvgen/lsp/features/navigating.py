"""Requests about what a name means: definitions, references, symbols of a document, renaming."""

from __future__ import annotations

from typing import Any

from mtvgen.checks.places import Place
from mtvgen.checks.uses.definitions import definitions, references, symbols
from mtvgen.checks.uses.edits import Refusal, Renaming
from mtvgen.checks.uses.rename import rename, renamed_at
from mtvgen.lsp.actions.edits import Changes, workspace_edit
from mtvgen.lsp.features.asking import Asking
from mtvgen.lsp.features.moved_templates import moved_templates
from mtvgen.lsp.protocol.rpc import REQUEST_FAILED, Handler, Params, RequestError
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.uris import path_of

# SymbolKind of the protocol.
_KINDS = {"block": 3, "macro": 12, "variable": 13, "route": 24}
_UNSURE = "unsure"
_DOUBTFUL = "doubtful"


class NavigatingRequests:
    """Answers them.

    Args:
        asking: What they are answered from.
    """

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def methods(self) -> dict[str, Handler]:
        """Return what answers each method."""
        return {
            "textDocument/definition": self._definition,
            "textDocument/references": self._references,
            "textDocument/documentSymbol": self._symbols,
            "textDocument/prepareRename": self._prepare_rename,
            "textDocument/rename": self._rename,
            "workspace/willRenameFiles": self._rename_files,
        }

    def capabilities(self) -> dict[str, Any]:
        """Return what the client may ask for."""
        return {
            "definitionProvider": True,
            "referencesProvider": {"workDoneProgress": True},
            "documentSymbolProvider": True,
            "renameProvider": {"prepareProvider": True, "workDoneProgress": True},
        }

    def _fresh(self, params: Params) -> Here | None:
        """Return where somebody asks, with all that is known of the texts as they are now."""
        found = self._asking.here(params)
        if found is None:
            return None
        self._asking.refresh(found[1].engine)
        self._asking.stop_if_cancelled()
        return found[1]

    def _definition(self, params: Params) -> list[dict[str, Any]]:
        asked = self._asking.here(params)
        if asked is None:
            return []
        here = asked[1]
        found = definitions(here.engine.index, here.file, *_point(here))
        return [self._asking.location(here.engine, place) for place in found]

    def _references(self, params: Params) -> list[dict[str, Any]]:
        here = self._fresh(params)
        if here is None:
            return []
        with_definitions = (params.get("context") or {}).get("includeDeclaration", True)
        found = []
        with self._asking.working(here.engine, params, "Finding references"):
            for one in references(here.engine.index, here.file, *_point(here)):
                self._asking.stop_if_cancelled()
                if with_definitions or not one.is_definition:
                    found.append(self._asking.location(here.engine, one.place))
        return found

    def _symbols(self, params: Params) -> list[dict[str, Any]]:
        here = self._fresh(params)
        if here is None:
            return []
        found = []
        for symbol in symbols(here.engine.index, here.file):
            range_of = self._range(here, symbol.place)
            found.append(
                {
                    "name": symbol.name,
                    "kind": _KINDS[symbol.kind],
                    "range": range_of,
                    "selectionRange": range_of,
                }
            )
        return found

    def _prepare_rename(self, params: Params) -> dict[str, Any] | None:
        here = self._fresh(params)
        if here is None or here.engine.texts.half_typed:
            return None
        found = renamed_at(here.engine.index, here.file, *_point(here))
        if isinstance(found, Refusal):
            raise RequestError(REQUEST_FAILED, found.reason)
        return {"range": self._range(here, found.place), "placeholder": found.name}

    def _rename(self, params: Params) -> dict[str, Any] | None:
        here = self._fresh(params)
        if here is None:
            return None
        if here.engine.texts.half_typed:
            raise RequestError(REQUEST_FAILED, "A file that is open can't be parsed: fix it first.")
        with self._asking.working(here.engine, params, "Renaming"):
            found = rename(here.engine.index, here.file, *_point(here), params["newName"])
        if isinstance(found, Refusal):
            raise RequestError(REQUEST_FAILED, found.reason)
        if found.doubtful and not self._asking.asks_about_edits:
            raise RequestError(REQUEST_FAILED, _why_not_asked(found))
        return self._asking.fitted(self._renamed(here, found))

    def _renamed(self, here: Here, renaming: Renaming) -> dict[str, Any]:
        """Return the edits; what is not certain needs the user's confirmation."""
        edits = tuple(sorted((*renaming.edits, *renaming.doubtful), key=lambda edit: edit.place))
        changes = Changes(edits, annotations=dict.fromkeys(renaming.doubtful, _DOUBTFUL))
        edit = workspace_edit(changes, here.engine.root, self._asking.lines_of)
        uri_of = self._asking.documents.uri_of
        for old, new in renaming.moves:
            uris = {
                "oldUri": uri_of(here.engine.root / old),
                "newUri": uri_of(here.engine.root / new),
            }
            edit["documentChanges"].append({"kind": "rename", **uris})
        if renaming.doubtful:
            described = "It is not known whose attributes these are."
            edit["changeAnnotations"] = {_DOUBTFUL: _annotation("May be meant, too", described)}
        if renaming.unsure:
            _ask_first(edit, renaming.unsure)
        return edit

    def _rename_files(self, params: Params) -> dict[str, Any] | None:
        """Answer what else changes when the editor gives files of templates other names."""
        whole: dict[str, Any] = {"documentChanges": []}
        for moved in params["files"]:
            old, new = path_of(moved["oldUri"]), path_of(moved["newUri"])
            engine = self._asking.engine_of(old) if old is not None else None
            if old is None or new is None or engine is None or engine.cache.sources is None:
                continue
            self._asking.refresh(engine)
            self._asking.stop_if_cancelled()
            found = moved_templates(engine, old, new)
            edit = self._renamed(Here(engine, old, "", 0), found)
            whole["documentChanges"] += edit["documentChanges"]
            if "changeAnnotations" in edit:
                whole["changeAnnotations"] = edit["changeAnnotations"]
        return self._asking.fitted(whole) if whole["documentChanges"] else None

    def _range(self, here: Here, place: Place) -> dict[str, Any]:
        _, lines, _ = self._asking.lines_of(here.path)
        return lines.exact_range(place)


def _point(here: Here) -> tuple[int, int]:
    place = here.lines.place(here.offset, here.offset)
    return place.line, place.column


def _ask_first(edit: dict[str, Any], reasons: tuple[str, ...]) -> None:
    """Have the client ask before it makes the edits (ChangeAnnotation)."""
    annotation = _annotation("Look at these first", " ".join(reasons))
    edit.setdefault("changeAnnotations", {})[_UNSURE] = annotation
    for change in edit["documentChanges"]:
        if "kind" in change:
            change["annotationId"] = _UNSURE
        for text_edit in change.get("edits", ()):
            text_edit.setdefault("annotationId", _UNSURE)


def _annotation(label: str, description: str) -> dict[str, Any]:
    return {"label": label, "needsConfirmation": True, "description": description}


def _why_not_asked(renaming: Renaming) -> str:
    """Return why a client that asks about no edit gets none."""
    places = [str(edit.place) for edit in renaming.doubtful]
    more = f" and {len(places) - 3} more" if len(places) > 3 else ""
    what = f"{', '.join(places[:3])}{more}"
    return (
        f"It is not known whose attribute is meant in {what}, and this editor can't ask:"
        " give the value there a type, or rename it by hand."
    )
