"""A model's attributes as they are written in its file."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mtvgen.checks.files import is_below
from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.records import record
from mtvgen.runtime.support.regular_files import read_regular_file
from mtvgen.syntax_trees import walk


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
