"""Attributes that are read in Python files, and that what they are asked of does not have."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from mtvgen.checks.objects.owners import Owner, Owners
from mtvgen.checks.objects.uses import AttributeUse, Uses
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import is_of_accounts
from mtvgen.checks.report import Problem, arrow, meant_by
from mtvgen.runtime.support.other_frameworks import (
    ACCOUNT_ATTRIBUTES,
    MODEL_ATTRIBUTES,
    REQUEST_ATTRIBUTES,
    cure_of_model_attribute,
)

# What an Account lacks is mostly a column of the project's own class.
OF_ACCOUNTS = (
    "It has id, email and roles; columns of your own are in its row: "
    "request.db.get(User, request.user.id)."
)


def unknown_attributes(module: Module, uses: Uses, owners: Owners) -> Iterator[Problem]:
    """Yield what a file reads that is not there.

    Args:
        module: The file.
        uses: What it asks of objects.
        owners: What these have.
    """
    for use in uses.reads:
        owner = owners.owner(use.owner)
        name = use.node.attr
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


def _cure(use: AttributeUse, owner: Owner) -> str:
    """Return what to write instead of what requests and models of other frameworks have."""
    name = use.node.attr
    if owner.is_model:
        return cure_of_model_attribute(name, owner.shown, ast.unparse(use.node.value))
    if is_of_accounts(owner.class_name):
        return ACCOUNT_ATTRIBUTES.get(name, "").format(account=ast.unparse(use.node.value))
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
