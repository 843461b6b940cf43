"""What the parameters of each method must hold, as far as something here reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

# A type, an object with these members (`?`: may be missing or null), or a list of such things.
Shape: TypeAlias = "type | Mapping[str, Shape] | list[Shape]"

_POSITION: Shape = {"line": int, "character": int}
_RANGE: Shape = {"start": _POSITION, "end": _POSITION}
_URI: Shape = {"uri": str}
_DOCUMENT: dict[str, Shape] = {"textDocument": _URI}
_WHOLE: dict[str, Shape] = {**_DOCUMENT, "position?": _POSITION}
_PLACE: dict[str, Shape] = {**_DOCUMENT, "position": _POSITION}

_SHAPES: dict[str, Shape] = {
    "initialize": {
        "capabilities?": {
            "general?": {"positionEncodings?": []},
            "workspace?": {
                "didChangeWatchedFiles?": {},
                "workspaceEdit?": {"resourceOperations?": []},
            },
        },
        "rootUri?": str,
        "workspaceFolders?": [_URI],
    },
    "textDocument/didOpen": {"textDocument": {"uri": str, "version": int, "text": str}},
    "textDocument/didChange": {
        "textDocument": {"uri": str, "version": int},
        "contentChanges": [{"text": str, "range?": _RANGE}],
    },
    "textDocument/didSave": _DOCUMENT,
    "textDocument/didClose": _DOCUMENT,
    "workspace/didChangeWatchedFiles": {"changes": [_URI]},
    "workspace/didChangeWorkspaceFolders": {"event": {"added": [_URI], "removed": [_URI]}},
    "textDocument/codeAction": {**_DOCUMENT, "range": _RANGE, "context": {"only?": [str]}},
    "textDocument/completion": _PLACE,
    "textDocument/hover": _PLACE,
    "textDocument/definition": _PLACE,
    "textDocument/references": {**_PLACE, "context?": {}},
    "textDocument/prepareRename": _PLACE,
    "textDocument/rename": {**_PLACE, "newName": str},
    "textDocument/inlayHint": {**_WHOLE, "range": _RANGE},
    "textDocument/codeLens": _WHOLE,
    "textDocument/documentLink": _WHOLE,
    "textDocument/documentSymbol": _WHOLE,
    "workspace/symbol": {"query": str},
    "workspace/willRenameFiles": {"files": [{"oldUri": str, "newUri": str}]},
}
_CALLED = {str: "a string", int: "an integer"}


def fault_of(method: str, params: Mapping[str, Any]) -> str:
    """Return what is wrong with the parameters of a method; empty where nothing is."""
    return _fault("params", params, _SHAPES.get(method, {}))


def _fault(what: str, value: Any, shape: Shape) -> str:
    if isinstance(shape, type):
        return "" if isinstance(value, shape) else f"{what} is not {_CALLED[shape]}"
    if isinstance(shape, list):
        if not isinstance(value, list):
            return f"{what} is not a list"
        items = ((f"{what}[{index}]", item) for index, item in enumerate(value))
        return next(filter(None, (_fault(*item, one) for item in items for one in shape)), "")
    if not isinstance(value, Mapping):
        return f"{what} is not an object"
    for key, inner in shape.items():
        name = key.removesuffix("?")
        if name != key and value.get(name) is None:
            continue
        if name not in value:
            return f"{what}.{name} is missing"
        if fault := _fault(f"{what}.{name}", value[name], inner):
            return fault
    return ""
