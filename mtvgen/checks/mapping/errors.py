"""SQLAlchemy's errors about models that don't fit together, at the word in the model's file."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from mtvgen.checks.mapping.relations import (
    KIND,
    does_not_fit,
    names_of_models,
    relation_problem,
)
from mtvgen.checks.mapping.written_attributes import Written, written_attribute
from mtvgen.checks.report import Problem, arrow, meant_by
from mtvgen.syntax_trees import walk

_MAPPED = frozenset({"Mapped", "DynamicMapped", "WriteOnlyMapped"})
# What every model has already.
_RESERVED = frozenset({"metadata", "registry"})


def mapping_problem(error: Exception, root: Path) -> Problem | None:
    """Return the problem of models that SQLAlchemy can't map; None where no attribute is at fault.

    SQLAlchemy's errors name it in words alone. While they are raised, the relation or the column
    that is looked at is an object in their frames.
    """
    frames = list(_frames(error))
    # A module whose import has failed is only there.
    importing = {frame.f_globals.get("__name__"): frame.f_globals for frame in frames}
    if problem := relation_problem(error, frames, root):
        return problem
    for frame in frames:
        for model, key, is_annotation in _attributes(frame):
            names = importing.get(model.__module__)
            written = written_attribute(model, key, root, names)
            if written is None:
                continue
            if is_annotation and isinstance(written.statement, ast.AnnAssign):
                return _annotation_problem(model, key, written, written.statement, names or {})
            for word, known in _suspects(frames):
                if (place := written.place_of_word(word)) is not None:
                    meant = meant_by(word, known) or meant_by(word, names_of_models(frames))
                    return does_not_fit(error, place, meant)
            return does_not_fit(error, written.module.place(written.name))
    return None


def _annotation_problem(
    model: type,
    key: str,
    written: Written,
    statement: ast.AnnAssign,
    names: Mapping[str, Any],
) -> Problem:
    """Return the problem of `title: str`, or of `title: Mapped[string]`."""
    annotation, module = ast.unparse(statement.annotation), written.module
    if key in _RESERVED:
        message = f"{model.__name__}.{key}: SQLAlchemy has something else of that name."
        cure = arrow(f'{key}_: {annotation} = mapped_column("{key}")')
        return Problem(KIND, module.place(statement.target), message, cure)
    outer = statement.annotation
    outer = outer.value if isinstance(outer, ast.Subscript) else outer
    if ast.unparse(outer).rpartition(".")[2] in _MAPPED:
        nodes = [part for part in walk(statement.annotation) if isinstance(part, ast.Name)]
        wrong = [part for part in nodes if part.id not in names and not hasattr(builtins, part.id)]
        message = f"{model.__name__}.{key}: {annotation} is not the type of a column."
        place = module.place(wrong[0] if wrong else statement.annotation)
        cure = "" if wrong else _cure(f"{key}: {annotation}", nodes[1:], names)
        return Problem(KIND, place, message, arrow(cure))
    value = f" = {ast.unparse(statement.value)}" if isinstance(statement.value, ast.Call) else ""
    message = f"{model.__name__}.{key} is not a column: it needs Mapped[...]."
    cure = arrow(f"{key}: Mapped[{annotation}]{value}")
    return Problem(KIND, module.place(statement.target), message, cure)


def _cure(written: str, inside: Iterable[ast.Name], names: Mapping[str, Any]) -> str:
    """Return what makes a column of a list or a dict, and a relation of another model."""
    for part in inside:
        if hasattr(names.get(part.id), "__table__"):
            return f"{written} = relationship(), from sqlalchemy.orm"
        if part.id in ("dict", "list"):
            return f"{written} = mapped_column(JSON), from sqlalchemy"
    return ""


def _frames(error: BaseException) -> Iterator[FrameType]:
    """Yield the frames of an error, the innermost first."""
    frames, traceback = [], error.__traceback__
    while traceback is not None:
        frames.append(traceback.tb_frame)
        traceback = traceback.tb_next
    yield from reversed(frames)


def _attributes(frame: FrameType) -> Iterator[tuple[type, str, bool]]:
    """Yield the model and its attribute at work in a frame, and whether its annotation is read."""
    names = frame.f_locals
    model = names.get("originating_class") or names.get("cls")
    key = names.get("key") or names.get("k") or names.get("name")
    reads_annotation = "raw_annotation" in names or "mapped_container" in names
    if isinstance(model, type) and isinstance(key, str) and reads_annotation:
        yield model, key, True
    at_work = names.get("self")
    for thing in (at_work, getattr(at_work, "prop", None)):
        model = getattr(getattr(thing, "parent", None), "class_", None)
        key = getattr(thing, "key", None)
        if isinstance(model, type) and isinstance(key, str):
            yield model, key, False


def _suspects(frames: Iterable[FrameType]) -> Iterator[tuple[str, list[str]]]:
    """Yield the names that SQLAlchemy was looking up, each with those that are there."""
    for frame in frames:
        at_work = frame.f_locals.get("self")
        holder = getattr(at_work, "cls", None) or getattr(at_work, "class_", None)
        for word in (frame.f_locals.get("key"), frame.f_locals.get("name")):
            if isinstance(word, str) and word:
                yield word, _public(holder) if isinstance(holder, type) else []


def _public(holder: Any) -> list[str]:
    return [name for name in dir(holder) if not name.startswith("_")]
