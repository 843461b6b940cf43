"""Requests that change nothing: hover, lenses, links, hints, workspace symbols."""

from __future__ import annotations

from typing import Any

from mtvgen.lsp.features.asking import Asking
from mtvgen.lsp.features.hover import hover
from mtvgen.lsp.features.inlay_hints import inlay_hints
from mtvgen.lsp.features.lenses import lenses
from mtvgen.lsp.features.links import links
from mtvgen.lsp.features.workspace_symbols import workspace_symbols
from mtvgen.lsp.protocol.rpc import Handler, Params

_TYPE = 1  # InlayHintKind of the protocol


class LookingRequests:
    """Answers them.

    Args:
        asking: What they are answered from.
    """

    def __init__(self, asking: Asking) -> None:
        self._asking = asking

    def methods(self) -> dict[str, Handler]:
        """Return what answers each method."""
        return {
            "textDocument/hover": self._hover,
            "textDocument/codeLens": self._lenses,
            "textDocument/documentLink": self._links,
            "textDocument/inlayHint": self._inlay_hints,
            "workspace/symbol": self._workspace_symbols,
        }

    def capabilities(self) -> dict[str, Any]:
        """Return what the client may ask for."""
        return {
            "hoverProvider": True,
            "codeLensProvider": {"resolveProvider": False},
            "documentLinkProvider": {"resolveProvider": False},
            "inlayHintProvider": True,
            "workspaceSymbolProvider": True,
        }

    def _hover(self, params: Params) -> dict[str, Any] | None:
        found = self._asking.here(params)
        known = hover(found[1]) if found is not None else None
        if found is None or known is None:
            return None
        text, place = known
        contents = {"kind": "markdown", "value": text}
        return {"contents": contents, "range": found[0].lines.exact_range(place)}

    def _lenses(self, params: Params) -> list[dict[str, Any]]:
        found = self._asking.here(params)
        if found is None:
            return []
        return [
            {
                "range": found[0].lines.exact_range(lens.place),
                "command": {"title": lens.title, "command": ""},
            }
            for lens in lenses(found[1])
        ]

    def _links(self, params: Params) -> list[dict[str, Any]]:
        found = self._asking.here(params)
        if found is None:
            return []
        uri_of = self._asking.documents.uri_of
        return [
            {"range": found[0].lines.exact_range(link.place), "target": uri_of(link.target)}
            for link in links(found[1])
        ]

    def _inlay_hints(self, params: Params) -> list[dict[str, Any]]:
        found = self._asking.here(params)
        if found is None:
            return []
        lines = params["range"]["start"]["line"] + 1, params["range"]["end"]["line"] + 1
        return [
            {
                "position": found[0].lines.exact_range(hint.place)["end"],
                "label": f": {hint.kind}",
                "kind": _TYPE,
            }
            for hint in inlay_hints(found[1], *lines)
        ]

    def _workspace_symbols(self, params: Params) -> list[dict[str, Any]]:
        symbols = []
        for engine in self._asking.engines():
            for found in workspace_symbols(engine, params["query"]):
                self._asking.stop_if_cancelled()
                location = self._asking.location(engine, found.place)
                symbols.append({"name": found.name, "kind": found.kind, "location": location})
        return symbols
