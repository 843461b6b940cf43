"""Form classes of a project (`mtvgen.runtime.forms`), read off their annotations."""

from __future__ import annotations

import ast
from typing import NamedTuple

from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.classes.runtime_classes import stored_names
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python_types import Instance, Type
from mtvgen.records import record
from mtvgen.runtime import Request
from mtvgen.syntax_trees import walk

# Named, and not imported: most sites have no form class, and it would be loaded for all.
_RUNTIME = Request.__module__.partition(".requests")[0]
FORMS = f"{_RUNTIME}.forms"
_FORM = frozenset({f"{FORMS}.Form", f"{FORMS}.form.Form"})
COLUMN = frozenset({f"{FORMS}.column", f"{FORMS}.extras.column"})
# What makes a form of what came in, and what shows a row.
READS = frozenset({"read", "read_query", "read_json"})
MAKES = READS | {"of"}


class FormField(NamedTuple):
    """A field of a form class.

    Attributes:
        module: The file of its annotation.
        node: Its name there.
        is_file: Whether it is a file.
        is_required: Whether nothing stands for it where it is left empty.
        is_several: Whether its keys are others than its name: lines, each with fields.
        attribute: What it is saved as in a row; empty if that is not known, or not at all.
    """

    module: Module
    node: ast.Name
    is_file: bool
    is_required: bool
    is_several: bool
    attribute: str


@record(frozen=True)
class FormClass:
    """A form class.

    Attributes:
        dotted: Its dotted name.
        node: The class.
        module: Its file.
        model: The dotted name of its model; empty if it has none, or none that is known.
        fields: Its fields, those that it inherits included.
    """

    dotted: str
    node: ast.ClassDef
    module: Module
    model: str
    fields: dict[str, FormField]

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.node.name


# Behind the name of a form class: what `ProductForm.read()` gives, a dict of fields.
_FILLED = " that is filled in"
_FIELD = f"{FORMS}.Field"


def form_made_by(called: str, sources: Sources) -> str:
    """Return what stands for the class of the form that a call makes.

    Empty for a call of anything else than `ProductForm.read()` and the like.
    """
    form, _ = form_called(called, sources)
    return f"{form.dotted}{_FILLED}" if form is not None else ""


def is_filled_form(dotted: str) -> bool:
    """Return whether a dotted name stands for a form that is filled in."""
    return dotted.endswith(_FILLED)


def form_called(called: str, sources: Sources) -> tuple[FormClass | None, str]:
    """Return the form class and the method of `ProductForm.read`; None for anything else."""
    dotted, _, method = called.rpartition(".")
    form = find_form_class(sources.resolve(dotted), sources) if method in MAKES else None
    return form, method


def form_fact(dotted: str, sources: Sources) -> ClassFact | None:
    """Return what a form that is filled in has, and what a field; None for any other class."""
    form = find_form_class(dotted.removesuffix(_FILLED), sources) if _FILLED in dotted else None
    if form is not None:
        from mtvgen.runtime.forms.filled import Filled

        fields: dict[str, Type] = dict.fromkeys(form.fields, Instance(_FIELD))
        return ClassFact(form.name, {**dict.fromkeys(_named_in(Filled)), **fields})
    if dotted == _FIELD:
        from mtvgen.runtime.forms.fields import Field

        return ClassFact("a field", dict.fromkeys(_named_in(Field)))
    return None


def _named_in(kind: type) -> list[str]:
    """Return what a class has for people: that it is a dict, too, says nothing about names."""
    return [name for name in (*dir(kind), *stored_names(kind)) if not name.startswith("_")]


def find_form_class(dotted: str, sources: Sources) -> FormClass | None:
    """Return the form class of a resolved dotted name; None if there is none, or not all known."""
    definition = sources.find_class(dotted)
    if definition is None:
        return None
    module, node = definition
    fields: dict[str, FormField] = {}
    model, is_form = "", False
    for base in node.bases:
        plain = base.value if isinstance(base, ast.Subscript) else base
        name = sources.resolve(module.dotted_name(plain))
        argument = base.slice if isinstance(base, ast.Subscript) else None
        named = sources.resolve(module.dotted_name(argument)) if argument is not None else ""
        if name in _FORM:
            is_form, model = True, model or named
            continue
        parent = find_form_class(name, sources) if name != dotted else None
        if parent is None:
            return None
        is_form, model = True, named or parent.model
        fields |= parent.fields
    if not is_form:
        return None
    fields |= _own_fields(node, module, sources)
    return FormClass(dotted, node, module, model, fields)


def _own_fields(node: ast.ClassDef, module: Module, sources: Sources) -> dict[str, FormField]:
    return {
        part.target.id: _field(part, part.target, module, sources)
        for part in node.body
        if isinstance(part, ast.AnnAssign)
        and isinstance(part.target, ast.Name)
        and not part.target.id.startswith("_")
        and "ClassVar" not in ast.unparse(part.annotation)
    }


def _field(part: ast.AnnAssign, target: ast.Name, module: Module, sources: Sources) -> FormField:
    written = part.annotation
    if isinstance(written, ast.Constant) and isinstance(written.value, str):
        try:
            written = ast.parse(written.value, mode="eval").body
        except SyntaxError:
            written = part.annotation
    names = [name for name in walk(written) if isinstance(name, ast.Name | ast.Attribute)]
    dotted = {module.dotted_name(name).rpartition(".")[2] for name in names}
    is_list = "list" in dotted or "List" in dotted
    may_be_empty = is_list or "bool" in dotted or _may_be_none(written) or "Optional" in dotted
    is_several = is_list and any(
        find_form_class(sources.resolve(module.dotted_name(name)), sources) for name in names
    )
    attribute = target.id
    for call in walk(written):
        if isinstance(call, ast.Call) and module.dotted_name(call.func) in COLUMN:
            given = call.args[0] if call.args else None
            attribute = str(given.value or "") if isinstance(given, ast.Constant) else ""
    is_file = "UploadedFile" in dotted
    is_required = part.value is None and not may_be_empty
    saved = "" if is_file and attribute == target.id else attribute
    return FormField(module, target, is_file, is_required, is_several, saved)


def _may_be_none(node: ast.expr) -> bool:
    return any(
        isinstance(part, ast.Constant) and part.value is None
        for union in walk(node)
        if isinstance(union, ast.BinOp)
        for part in (union.left, union.right)
    )
