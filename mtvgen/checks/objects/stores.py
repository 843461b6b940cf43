"""Attributes that are given to the objects of models, where no column takes them: nothing is saved.

Some are meant so, `note.is_mine = ...` for a template. Those are read somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from mtvgen.checks.objects.attributes import nearest, public
from mtvgen.checks.objects.owners import Owner, Owners
from mtvgen.checks.objects.uses import Uses
from mtvgen.checks.python.module import Module
from mtvgen.checks.python_types import Instance, IterableOf, ListOf, Type
from mtvgen.checks.report import Problem

# What reads an attribute by its name in quotes: `note["title"]`, `|map(attribute="title")`.
_BY_NAME = r"""(?:\[|\battribute\s*=|(?:attr|groupby|sum)\()\s*["'][\w.,]*\b{}\b"""


def unsaved_attributes(
    module: Module,
    uses: Uses,
    owners: Owners,
    all_uses: Iterable[Uses],
    texts: Callable[[], list[str]],
) -> Iterator[Problem]:
    """Yield what a file stores in objects of models that is neither saved nor read again.

    Args:
        module: The file.
        uses: What it asks of objects.
        owners: What these have.
        all_uses: What all files ask.
        texts: Returns the templates.
    """
    if owners.are_read_by_computed_names:
        return
    for use in uses.stores:
        owner, name = owners.owner(use.owner), use.node.attr
        if owner is None or not owner.is_model or owners.is_known(owner, name):
            continue
        if _is_read(name, owner, owners, all_uses) or _is_in_texts(name, owner, owners, texts()):
            continue
        message = f"{owner.shown} has no {name!r}: what is stored in it is not saved."
        meant = nearest(name, public(owner))
        yield Problem("views.unsaved-attribute", module.place(use.node), message, meant=meant)


def _is_read(name: str, owner: Owner, owners: Owners, all_uses: Iterable[Uses]) -> bool:
    """Return whether a Python file reads an attribute on such an object, or on one unknown."""
    others = _other_holders(name, owner, owners)
    for uses in all_uses:
        if any(read == name and of.lower() not in others for read, of in uses.unknown):
            return True
        for use in uses.reads:
            if use.node.attr != name:
                continue
            reader = owners.owner(use.owner)
            resolved = owners.types.resolve(use.owner)
            if reader is None and not isinstance(resolved, Instance):
                return True
            if reader is None or reader.is_class:  # an object's own attribute is not the model's
                continue
            if owners.are_kin(reader.class_name, owner.class_name):
                return True
    return False


def _is_in_texts(name: str, owner: Owner, owners: Owners, texts: Iterable[str]) -> bool:
    """Return whether a template may read an attribute on such an object."""
    others = _other_holders(name, owner, owners)
    attribute = re.compile(rf"(\w*)[\])]?\.{name}\b")
    by_name = re.compile(_BY_NAME.format(name))
    return any(
        by_name.search(text)
        or any(found[1].lower() not in others for found in attribute.finditer(text))
        for text in texts
    )


def _other_holders(name: str, owner: Owner, owners: Owners) -> set[str]:
    """Return what people call the objects of other models, which have such an attribute.

    That is the name of the model, in small letters, and of the relations that lead to it.
    """
    holders: set[str] = set()
    own = {owner.shown.lower()}
    for fact in owners.classes.values():
        (holders if name in fact.attributes else own).add(fact.name.lower())
        for key, kind in fact.attributes.items():
            target = owners.classes.get(_target(kind))
            if target is not None:
                (holders if name in target.attributes else own).add(key)
    return holders - own


def _target(kind: Type) -> str:
    inner = kind.element if isinstance(kind, ListOf | IterableOf) else kind
    return inner.dotted if isinstance(inner, Instance) else ""
