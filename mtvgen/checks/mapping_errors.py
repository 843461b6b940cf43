"""SQLAlchemy's errors about models that don't fit together, at the line of the model."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mtvgen.checks.files import is_below
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem
from mtvgen.runtime.support.regular_files import read_regular_file


def mapping_problem(error: Exception, place: Place) -> Problem:
    """Return the problem of models that SQLAlchemy can't configure."""
    message = f"the models don't fit together: {' '.join(str(error).split())}"
    return Problem("models.mapping", place, message)


def place_of_mapping(error: BaseException, root: Path) -> Place | None:
    """Return where the attribute is written at which SQLAlchemy fails.

    None where that is not known.

    SQLAlchemy's errors name it in words alone. While they are raised, the relation or the column
    that is looked at is an object in their frames.
    """
    for owner, key in reversed(list(_attributes(error))):
        place = place_of_attribute(owner, key, root)
        if place is not None:
            return place
    return None


def place_of_attribute(model: type, attribute: str, root: Path) -> Place | None:
    """Return the line of a model's attribute; None where the model is not the project's."""
    file = getattr(sys.modules.get(model.__module__), "__file__", None)
    if file is None or not is_below(file, root):
        return None
    shown = Path(file).resolve().relative_to(root).as_posix()
    return Place.at(shown, _line_of_attribute(Path(file), model.__name__, attribute))


def _attributes(error: BaseException) -> Iterator[tuple[type, str]]:
    """Yield the models and their attributes that are at work in the frames of an error."""
    traceback = error.__traceback__
    while traceback is not None:
        at_work = traceback.tb_frame.f_locals.get("self")
        for thing in (at_work, getattr(at_work, "prop", None)):
            model = getattr(getattr(thing, "parent", None), "class_", None)
            key = getattr(thing, "key", None)
            if isinstance(model, type) and isinstance(key, str):
                yield model, key
        traceback = traceback.tb_next


def _line_of_attribute(file: Path, class_name: str, attribute: str) -> int:
    """Return the line of a class's attribute, or else that of the class."""
    try:
        nodes = ast.walk(ast.parse(read_regular_file(file)))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return 1
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    for node in (one for one in classes if one.name == class_name):
        lines = (part.lineno for part in node.body if attribute in _bound(part))
        return next(lines, node.lineno)
    return 1


def _bound(node: ast.stmt) -> list[str]:
    targets: list[Any] = node.targets if isinstance(node, ast.Assign) else []
    targets += [node.target] if isinstance(node, ast.AnnAssign) else []
    return [target.id for target in targets if isinstance(target, ast.Name)]
