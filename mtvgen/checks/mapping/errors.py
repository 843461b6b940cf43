"""SQLAlchemy's errors about models that don't fit together, at the word in the model's file."""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy.exc import NoForeignKeysError
from sqlalchemy.orm import RelationshipProperty

from mtvgen.checks.files import is_below
from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.report import Problem, arrow, meant_by
from mtvgen.records import record
from mtvgen.runtime.support.regular_files import read_regular_file
from mtvgen.syntax_trees import walk

KIND = "models.mapping"
_MAPPED = frozenset({"Mapped", "DynamicMapped", "WriteOnlyMapped"})


def mapping_problem(error: Exception, root: Path) -> Problem | None:
    """Return the problem of models that SQLAlchemy can't map; None where no attribute is at fault.

    SQLAlchemy's errors name it in words alone. While they are raised, the relation or the column
    that is looked at is an object in their frames.
    """
    frames = list(_frames(error))
    # A module whose import has failed is only there.
    importing = {frame.f_globals.get("__name__"): frame.f_globals for frame in frames}
    if isinstance(error, NoForeignKeysError) and (problem := _without_key(error, frames, root)):
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
                    return does_not_fit(error, place, meant_by(word, known))
            return does_not_fit(error, written.module.place(written.name))
    return None


def _without_key(error: Exception, frames: Iterable[FrameType], root: Path) -> Problem | None:
    """Return the problem of two models without a foreign key, at the relation that leads to one."""
    for frame in frames:
        relation = frame.f_locals.get("self")
        if not isinstance(relation, RelationshipProperty) or not relation.back_populates:
            continue
        parent, child, key = relation.mapper, relation.parent, relation.key
        if relation.uselist is not False:
            parent, child, key = relation.parent, relation.mapper, relation.back_populates
        written = written_attribute(child.class_, key, root)
        if written is not None:
            target = f"{getattr(parent.local_table, 'name', '')}.{parent.primary_key[0].name}"
            cure = arrow(f'{key}_id: Mapped[int] = mapped_column(ForeignKey("{target}"))')
            problem = does_not_fit(error, written.module.place(written.name))
            return replace(problem, advice=cure)
    return None


def does_not_fit(error: Exception, place: Place, meant: str = "") -> Problem:
    """Return the problem of what SQLAlchemy's own sentence says."""
    message = f"the models don't fit together: {' '.join(str(error).split()).rstrip('.')}."
    return Problem(KIND, place, message, meant=meant)


def _annotation_problem(
    model: type,
    key: str,
    written: Written,
    statement: ast.AnnAssign,
    names: Mapping[str, Any],
) -> Problem:
    """Return the problem of `title: str`, or of `title: Mapped[string]`."""
    annotation, module = ast.unparse(statement.annotation), written.module
    outer = statement.annotation
    outer = outer.value if isinstance(outer, ast.Subscript) else outer
    if ast.unparse(outer).rpartition(".")[2] in _MAPPED:
        nodes = [part for part in walk(statement.annotation) if isinstance(part, ast.Name)]
        wrong = [part for part in nodes if part.id not in names and not hasattr(builtins, part.id)]
        message = f"{model.__name__}.{key}: {annotation} is not the type of a column."
        return Problem(KIND, module.place(wrong[0] if wrong else statement.annotation), message)
    value = f" = {ast.unparse(statement.value)}" if isinstance(statement.value, ast.Call) else ""
    message = f"{model.__name__}.{key} is not a column: it needs Mapped[...]."
    cure = arrow(f"{key}: Mapped[{annotation}]{value}")
    return Problem(KIND, module.place(statement.target), message, cure)


def place_of_text(model: type, attribute: str, text: str, root: Path) -> Place | None:
    """Return the place of a text in quotes in a model's attribute, or else that of its name.

    None where the model is not the project's.
    """
    written = written_attribute(model, attribute, root)
    if written is None:
        return None
    return written.place_of_word(text) or written.module.place(written.name)


@record(frozen=True)
class Written:
    """A model's attribute as it is written.

    Attributes:
        module: The file.
        statement: What binds it; the class where nothing in it does.
        name: Its name there.
    """

    module: Module
    statement: ast.stmt
    name: ast.AST

    def place_of_word(self, word: str) -> Place | None:
        """Return the place of a word in a text of the statement: of `titel` in `"Note.titel"`."""
        if isinstance(self.statement, ast.ClassDef):
            return None
        for node in walk(self.statement):
            text = node.value if isinstance(node, ast.Constant) else None
            found = re.search(rf"\b{re.escape(word)}\b", text) if isinstance(text, str) else None
            place = self.module.place(node) if found is not None else None
            if found is None or place is None or not isinstance(text, str):
                continue
            if place.line == place.end_line and place.end_column - place.column == len(text):
                start = place.column + found.start()
                return place._replace(column=start, end_column=start + len(word))
        return None


def written_attribute(
    model: type, attribute: str, root: Path, names: Mapping[str, Any] | None = None
) -> Written | None:
    """Return a model's attribute as it is written; None where the model is not the project's.

    Args:
        model: The model.
        attribute: The attribute's name.
        root: The project's directory.
        names: What its module binds, where importing that has failed.
    """
    module_there = sys.modules.get(model.__module__)
    file = names.get("__file__") if names else getattr(module_there, "__file__", None)
    if file is None or not is_below(file, root):
        return None
    shown = Path(file).resolve().relative_to(root).as_posix()
    try:
        source = read_regular_file(Path(file))
        tree = ast.parse(source)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    module = Module(model.__module__, shown, None, tree, source)
    classes = [node for node in walk(tree) if isinstance(node, ast.ClassDef)]
    for node in (one for one in classes if one.name == model.__name__):
        for part in node.body:
            for target in _targets(part):
                if isinstance(target, ast.Name) and target.id == attribute:
                    return Written(module, part, target)
        return Written(module, node, node)
    return None


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


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
