"""A field of a form keeps its name when the column that it is saved as gets another one.

`title: str` becomes `title: Annotated[str, column("heading")]`: what the page sends, and whoever
sends it, goes on. Where both have one name again, `column()` goes.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.places import Place
from mtvgen.checks.python.classes.form_classes import COLUMN, FORMS, FormClass, find_form_class
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.places import whole
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Edit
from mtvgen.checks.uses.members.families import Family
from mtvgen.checks.uses.members.text_edits import (
    before,
    behind,
    between,
    with_import,
    without_import,
)
from mtvgen.records import record

_ANNOTATED = "typing.Annotated"


@record(frozen=True)
class KeptField:
    """A field that keeps its name.

    Attributes:
        edits: The edits.
        place: What is not to be edited otherwise; None for nothing.
    """

    edits: tuple[Edit, ...]
    place: Place | None = None


def kept_fields(sources: Sources, family: Family, new: str) -> Iterator[KeptField]:
    """Yield the fields of forms that are saved as an attribute.

    Args:
        sources: The project's files.
        family: The classes that have the attribute.
        new: What it will be called.
    """
    for module in sources.modules.values():
        forms = (find_form_class(f"{module.name}.{name}", sources) for name in module.classes)
        fields = [
            field
            for form in forms
            if form is not None and form.model in family.classes
            for field in _fields(form)
        ]
        for field in fields:
            call = _column_call(module, field)
            name = field.target.id  # type: ignore[union-attr]  # _fields() has looked
            if call is None and name == family.name:
                yield KeptField(tuple(_named(module, field, new)))
            elif call is not None and name == new and _is_text(call.args[0], family.name):
                place = module.place(call.args[0])
                yield KeptField(tuple(_without_name(module, field, call)), place)


def _fields(form: FormClass) -> list[ast.AnnAssign]:
    fields = (part for part in form.node.body if isinstance(part, ast.AnnAssign))
    return [part for part in fields if isinstance(part.target, ast.Name)]


def _column_call(module: Module, field: ast.AnnAssign) -> ast.Call | None:
    for node in ast.walk(field.annotation):
        if isinstance(node, ast.Call) and node.args and module.dotted_name(node.func) in COLUMN:
            return node
    return None


def _is_text(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _parts(module: Module, annotation: ast.expr) -> list[ast.expr]:
    """Return what is between the brackets of `Annotated[...]`; nothing for another annotation."""
    if not isinstance(annotation, ast.Subscript) or not isinstance(annotation.slice, ast.Tuple):
        return []
    is_such = module.dotted_name(annotation.value) == _ANNOTATED
    return annotation.slice.elts if is_such else []


def _named(module: Module, field: ast.AnnAssign, new: str) -> Iterator[Edit]:
    names = {meant: name for name, meant in module.names.items()}
    column = next((names[meant] for meant in names if meant in COLUMN), "")
    said = f', {column or "column"}("{new}")'
    if not column:
        yield from with_import(module, FORMS, "column")
    parts = _parts(module, field.annotation)
    if parts:
        yield Edit(behind(whole(module.text, parts[-1])), said)
        return
    annotated = names.get(_ANNOTATED, "")
    if not annotated:
        yield from with_import(module, "typing", "Annotated")
    place = whole(module.text, field.annotation)
    yield Edit(before(place), f"{annotated or 'Annotated'}[")
    yield Edit(behind(place), f"{said}]")


def _without_name(module: Module, field: ast.AnnAssign, call: ast.Call) -> Iterator[Edit]:
    yield from without_import(module, module.dotted_name(call.func), 1)
    parts = _parts(module, field.annotation)
    if call not in parts:
        return
    here = parts.index(call)
    previous = behind(whole(module.text, parts[here - 1]))
    if len(parts) > 2:
        yield Edit(between(previous, behind(whole(module.text, call))), "")
        return
    annotation = whole(module.text, field.annotation)
    yield from without_import(module, _ANNOTATED, 1)
    yield Edit(between(before(annotation), before(whole(module.text, parts[0]))), "")
    yield Edit(between(previous, behind(annotation)), "")
