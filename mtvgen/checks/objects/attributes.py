"""Attributes that are read in Python files, and that what they are asked of does not have."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from mtvgen.checks import python_types as types
from mtvgen.checks.objects.owners import Owner, Owners
from mtvgen.checks.objects.uses import AttributeUse, Uses
from mtvgen.checks.python.classes.form_classes import is_filled_form
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names, is_of_accounts
from mtvgen.checks.report import Problem, arrow, meant_by
from mtvgen.runtime import Response
from mtvgen.runtime.support.other_frameworks import (
    ACCOUNT_ATTRIBUTES,
    FORM_ATTRIBUTES,
    MODEL_ATTRIBUTES,
    REQUEST_ATTRIBUTES,
    RESPONSE_ATTRIBUTES,
    SELECT_METHODS,
    cure_of_model_attribute,
)

_RESPONSE = dotted_names(Response)
# What `Note.author` has itself in a query, whatever columns an author has.
_OF_RELATIONS = frozenset(
    {"class_", "comparator", "dispatch", "entity", "expression", "impl", "info", "key", "mapper"}
    | {"parent", "parententity", "prop", "property", "target", "timetuple"}
)
# What an Account lacks is mostly a column of the project's own class.
OF_ACCOUNTS = (
    "It has id, email and roles; columns of your own are in its row: "
    "request.db.get(User, request.user.id)."
)


def unknown_attributes(module: Module, uses: Uses, owners: Owners) -> Iterator[Problem]:
    """Yield the attributes that a file reads and that do not exist, or that it may not set.

    Args:
        module: The file.
        uses: What it asks of objects.
        owners: What these have.
    """
    for use in uses.stores:
        owner = owners.owner(use.owner)
        if owner is not None and owner.class_name in _RESPONSE and use.node.attr not in owner.names:
            yield _problem(module, use, owner)
    for use in uses.reads:
        owner = owners.owner(use.owner)
        name = use.node.attr
        if owner is None and (problem := _of_query(module, use, owners)):
            yield problem
        if owner is None or owners.may_have(owner, name) or _asks_before(module, name):
            continue
        if owner.is_class and name in MODEL_ATTRIBUTES:
            continue  # which is said with what follows it: `Note.query.get(1)`
        yield _problem(module, use, owner)


def _problem(module: Module, use: AttributeUse, owner: Owner) -> Problem:
    name, place = use.node.attr, module.place(use.node)
    if owner.shown == "a list":
        message = f"a list has no {name!r}; loop over it."
        return Problem("views.unknown-attribute", place, message)
    message = f"{owner.shown} has no {name!r}."
    if cure := _cure(use, owner):
        return Problem("views.other-framework", place, message, arrow(cure))
    meant = nearest(name, public(owner))
    advice = OF_ACCOUNTS if is_of_accounts(owner.class_name) else ""
    return Problem("views.unknown-attribute", place, message, advice, meant=meant)


def _of_query(module: Module, use: AttributeUse, owners: Owners) -> Problem | None:
    """Return what is wrong with `select(Note).all()`, or with `Note.author.name` in a query."""
    name, place = use.node.attr, module.place(use.node)
    if name in SELECT_METHODS and isinstance(owners.types.resolve(use.owner), types.Select):
        is_short = isinstance(use.node.value, ast.Name | ast.Call)
        select = ast.unparse(use.node.value) if is_short else "select(...)"
        cure = SELECT_METHODS[name].format(select=select)
        message = f"a select() has no {name!r}: the session runs it."
        return Problem("views.other-framework", place, message, arrow(cure))
    target = owners.target_of_relation(use.owner)
    if target is None or name not in target.columns or name in _OF_RELATIONS:
        return None
    relation = ast.unparse(use.node.value)
    message = f"{relation} is a relation, which has no {name!r} in a query."
    cure = f".join({relation}), and {target.name}.{name}"
    return Problem("views.unknown-attribute", place, message, arrow(cure))


def _cure(use: AttributeUse, owner: Owner) -> str:
    """Return what to write instead of what requests and models of other frameworks have."""
    name = use.node.attr
    if owner.is_model:
        return cure_of_model_attribute(name, owner.shown, ast.unparse(use.node.value))
    if is_of_accounts(owner.class_name):
        return ACCOUNT_ATTRIBUTES.get(name, "").format(account=ast.unparse(use.node.value))
    if is_filled_form(owner.class_name):
        return FORM_ATTRIBUTES.get(name, "").format(form=ast.unparse(use.node.value))
    if owner.class_name in _RESPONSE:
        return RESPONSE_ATTRIBUTES.get(name, "").format(response=ast.unparse(use.node.value))
    return REQUEST_ATTRIBUTES.get(name, "") if owner.shown == "Request" else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that was probably meant: the same in other letters, or one close."""
    names = sorted(known)
    in_other_letters = [other for other in names if other.lower() == name.lower()]
    return in_other_letters[0] if in_other_letters else meant_by(name, names)


def public(owner: Owner) -> list[str]:
    """Return the attributes of an owner that somebody may have meant."""
    return [name for name in owner.names if not name.startswith("_")]


def _asks_before(module: Module, name: str) -> bool:
    """Return whether a file has a `hasattr(note, "name")` for it."""
    if b"hasattr" not in module.source:
        return False
    return f'"{name}"'.encode() in module.source or f"'{name}'".encode() in module.source
