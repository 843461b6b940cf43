"""Changes of files, as the protocol has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from mtvgen.checks.places import Place
from mtvgen.checks.report import Edit
from mtvgen.lsp.protocol.positions import Lines

LinesOf = Callable[[Path], tuple[str, Lines, int | None]]


@dataclass(frozen=True)
class Changes:
    """Edits of files, and files that are made.

    Attributes:
        edits: The edits, each of a place before all of them.
        created: The text of each new file, by its path below the project.
        annotations: For some edits, the id of their ChangeAnnotation.
    """

    edits: tuple[Edit, ...] = ()
    created: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[Edit, str] = field(default_factory=dict)


class Step(NamedTuple):
    """The next piece of a page: what it is called in the list of actions, and the changes."""

    title: str
    changes: Changes


def workspace_edit(changes: Changes, root: Path, lines_of: LinesOf) -> dict[str, Any]:
    """Return a WorkspaceEdit.

    Args:
        changes: The changes.
        root: The project's directory.
        lines_of: The URI, the text and the version of a file.
    """
    operations: list[dict[str, Any]] = []
    for file, text in changes.created.items():
        uri, _, _ = lines_of(root / file)
        operations.append({"kind": "create", "uri": uri})
        start = {"line": 0, "character": 0}
        edit = {"range": {"start": start, "end": start}, "newText": text}
        operations.append({"textDocument": {"uri": uri, "version": None}, "edits": [edit]})
    for file, edits in _by_file(changes.edits).items():
        uri, lines, version = lines_of(root / file)
        operations.append(
            {
                "textDocument": {"uri": uri, "version": version},
                "edits": [_text_edit(edit, lines, changes.annotations.get(edit)) for edit in edits],
            }
        )
    return {"documentChanges": operations}


def plain(edit: dict[str, Any]) -> dict[str, Any]:
    """Return a WorkspaceEdit of texts alone for a client that knows no more (`changes`)."""
    changes: dict[str, list[Any]] = {}
    for operation in edit["documentChanges"]:
        if "kind" in operation:
            return edit  # it can't be said otherwise
        changes.setdefault(operation["textDocument"]["uri"], []).extend(operation["edits"])
    return {"changes": changes}


def _text_edit(edit: Edit, lines: Lines, annotation: str | None) -> dict[str, Any]:
    text = edit.text.replace("\n", lines.line_end)
    text_edit = {"range": lines.exact_range(edit.place), "newText": text}
    return text_edit if annotation is None else {**text_edit, "annotationId": annotation}


def _by_file(edits: Iterable[Edit]) -> dict[str, list[Edit]]:
    """Return the edits of each file; what is put in the same place is one edit.

    Not every client keeps the order of several.
    """
    files: dict[str, dict[Place, Edit]] = {}
    for edit in edits:
        of_file = files.setdefault(edit.place.file, {})
        is_put = edit.place[1:3] == edit.place[3:5]
        before = of_file[edit.place].text if is_put and edit.place in of_file else ""
        of_file[edit.place] = Edit(edit.place, before + edit.text) if before else edit
    return {file: list(of_file.values()) for file, of_file in files.items()}
