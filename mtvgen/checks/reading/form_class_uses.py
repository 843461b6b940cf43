"""Form classes in Python files: names of fields that a class does not have, or its model."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.classes.form_classes import FORMS, MAKES, FormClass, find_form_class
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.report import Problem, meant_by
from mtvgen.syntax_trees import walk

# What every form class has besides its fields.
_OF_ALL = frozenset({"mistakes", *MAKES})


def form_class_problems(sources: Sources, models: Mapping[str, ClassFact]) -> Iterator[Problem]:
    """Yield the names of fields that are wrong, in form classes and where they are used.

    Args:
        sources: The project's files.
        models: What is known of the models.
    """
    using = [module for module in sources.modules.values() if _imports_forms(module)]
    classes = [
        form
        for module in using
        for name in module.classes
        if (form := find_form_class(f"{module.name}.{name}", sources)) is not None
    ]
    names = {form.dotted for form in classes}
    for form in classes:
        yield from _without_column(form, models)
        yield from _in_methods(form)
    for module in sources.modules.values() if names else ():
        if _imports_forms(module) or not names.isdisjoint(module.names.values()):
            for function in module.every_function:
                yield from _in_function(function, module, sources)


def _imports_forms(module: Module) -> bool:
    return any(name.startswith(FORMS) for name in module.top.imports)


def _without_column(form: FormClass, models: Mapping[str, ClassFact]) -> Iterator[Problem]:
    """Yield the fields that the model of a form has no attribute for."""
    model = models.get(form.model)
    for name, field in form.fields.items() if model is not None else ():
        known = model.attributes if model is not None else {}
        is_own = field.module is form.module and field.node.lineno > form.node.lineno
        if field.attribute and field.attribute not in known and is_own:
            label = model.name if model is not None else ""
            message = f"{label} has no {field.attribute!r}, so {form.name} can't be used."
            meant = meant_by(field.attribute, (one for one in known if not one.startswith("_")))
            advice = "" if meant else "For what is not saved: Annotated[..., column(None)]"
            place = field.module.place(field.node)
            is_named = field.attribute != name
            meant = "" if is_named else meant
            yield Problem("forms.no-column", place, message, advice, meant=meant)


def _in_methods(form: FormClass) -> Iterator[Problem]:
    """Yield the fields that methods of a form class ask for, and `mistakes()` names."""
    own = {part.name for part in form.node.body if isinstance(part, ast.FunctionDef)}
    bound = {
        target.id
        for part in form.node.body
        if isinstance(part, ast.Assign)
        for target in part.targets
        if isinstance(target, ast.Name)
    }
    bases = {ast.unparse(base).partition("[")[0] for base in form.node.bases}
    is_plain = all(base.rpartition(".")[2] == "Form" for base in bases)
    known = {*form.fields, *own, *bound, *_OF_ALL}
    for method in (part for part in form.node.body if isinstance(part, ast.FunctionDef)):
        this = method.args.args[0].arg if method.args.args else ""
        for node in walk(method):
            attribute = _attribute_of(node, this) if is_plain else ""
            if attribute and attribute not in known and not attribute.startswith("_"):
                yield _unknown(form, node, attribute, form.module)
            if method.name == "mistakes":
                yield from _yielded(form, node)


def _attribute_of(node: ast.AST, name: str) -> str:
    """`price` of `self.price`; empty for any other expression."""
    value = node.value if isinstance(node, ast.Attribute) else None
    is_own = isinstance(value, ast.Name) and value.id == name
    return node.attr if is_own and isinstance(node, ast.Attribute) else ""


def _yielded(form: FormClass, node: ast.AST) -> Iterator[Problem]:
    """`yield "stock", "What is listed must be in stock."`."""
    value = node.value if isinstance(node, ast.Yield) else None
    first = value.elts[0] if isinstance(value, ast.Tuple) and value.elts else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        name = first.value.partition(".")[0]  # a field of a line: `lines.0.what`
        if name and name not in form.fields:
            yield _unknown(form, first, first.value, form.module)


def _unknown(form: FormClass, node: ast.AST, name: str, module: Module) -> Problem:
    message = f"{form.name} has no field {name!r}."
    meant = meant_by(name, form.fields)
    return Problem("forms.unknown-field", module.place(node), message, meant=meant)


def _in_function(function: Function, module: Module, sources: Sources) -> Iterator[Problem]:
    """Yield the fields that a function asks of forms that it has made: `form["code"]`."""
    made = _made_in(function, module, sources)
    for node in walk(function) if made else ():
        name, key = _asked(node)
        form = made.get(name)
        text = key.value if isinstance(key, ast.Constant) else None
        if form is None or key is None or not isinstance(text, str) or not text:
            continue
        if text.partition(".")[0] not in form.fields:
            yield _unknown(form, key, text, module)


def _made_in(function: Function, module: Module, sources: Sources) -> dict[str, FormClass]:
    """Return the names that stand for one kind of form in a function, whenever it reads them."""
    bound: dict[str, list[FormClass | None]] = {}
    for node in walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.setdefault(node.id, []).append(None)
        elif isinstance(node, ast.arg):
            bound.setdefault(node.arg, []).append(None)
        if isinstance(node, ast.Assign | ast.NamedExpr):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            form = _made_by(node.value, module, sources)
            if form is not None and len(targets) == 1 and isinstance(targets[0], ast.Name):
                bound.setdefault(targets[0].id, []).append(form)
    return {
        name: forms[-1] or forms[0]  # type: ignore[misc]  # one of both is a form
        for name, forms in bound.items()
        if len(forms) == 2 and sum(form is not None for form in forms) == 1
    }


def _made_by(value: ast.expr, module: Module, sources: Sources) -> FormClass | None:
    called = value.func if isinstance(value, ast.Call) else None
    if not isinstance(called, ast.Attribute) or called.attr not in MAKES:
        return None
    return find_form_class(sources.resolve(module.dotted_name(called.value)), sources)


def _asked(node: ast.AST) -> tuple[str, ast.expr | None]:
    """`form["code"]`, `form.refuse("code", ...)`."""
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        return node.value.id, node.slice
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Attribute) and called.attr == "refuse":
        owner = called.value.id if isinstance(called.value, ast.Name) else ""
        return owner, node.args[0] if isinstance(node, ast.Call) and node.args else None
    return "", None
