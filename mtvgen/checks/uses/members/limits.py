"""What keeps an attribute from another name, and what makes it uncertain that all is known."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterator

from mtvgen.checks.python.classes.form_classes import find_form_class
from mtvgen.checks.python.runtime_names import ACCOUNTS, MODEL, is_of_models
from mtvgen.checks.uses.doubts import has_word
from mtvgen.checks.uses.index import Index
from mtvgen.checks.uses.members.attributes import Attributes
from mtvgen.checks.uses.members.families import Family, defining
from mtvgen.checks.uses.members.lists import in_addresses

# Classes from elsewhere that need none of the names of those that inherit from them.
_PLAIN = frozenset(
    {"", "object", "abc.ABC", "typing.Generic", "typing.NamedTuple", MODEL}
    | {"sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.MappedAsDataclass"}
)

# What accounts() asks of a class that has SessionColumns, besides these.
NEEDED_BY_ACCOUNTS = frozenset({"id", "email", "roles"})
_BY_NAME = frozenset({"getattr", "hasattr", "setattr", "delattr"})


def why_fixed(attributes: Attributes, family: Family) -> str:
    """Return why an attribute can't be renamed; empty where it can.

    Args:
        attributes: The attributes of the project.
        family: The classes that have it.
    """
    name, members = family.name, attributes.members
    for dotted in sorted(family.classes):
        fact = members.fact(dotted)
        if fact is None:
            continue
        if name in fact.from_elsewhere:
            return f"{fact.name} has {name!r} from outside the project."
        if name in NEEDED_BY_ACCOUNTS and any(
            map(_is_of_accounts, attributes.sources.ancestors(dotted))
        ):
            return f"{name!r} can't be renamed: accounts() needs it."
        if name not in fact.attributes:
            return f"The last import of {dotted} does not have {name!r}: save the models first."
    for dotted in sorted(family.classes):
        if members.fact(dotted) is None and (reason := _why_of_class(attributes, dotted)):
            return f"{name!r} can't be renamed: {reason}."
    if place := members.matched_in_patterns(name):
        return f"{name!r} can't be renamed: a pattern names it ({place})."
    return ""


def _is_of_accounts(dotted: str) -> bool:
    return dotted.startswith(f"{ACCOUNTS}.")


def _why_of_class(attributes: Attributes, dotted: str) -> str:
    """Return why the attributes of a class that is not a model may be needed as they are."""
    sources, children = attributes.sources, attributes.types.descendants(dotted)
    is_model = any(map(is_of_models, sources.ancestors(dotted)))
    if is_model and not any(map(attributes.members.fact, children)):
        return f"the import of {dotted} has failed, or has not ended"
    if find_form_class(dotted, sources) is not None:
        return "it is a field of a form, whose page sends it by that name"
    for owner in sources.ancestors(dotted):
        is_known = sources.find_class(owner) is not None or owner in _PLAIN
        if not is_known and not owner.startswith("sqlalchemy.orm."):
            return f"{dotted.rpartition('.')[2]} inherits from {owner}, which may need it"
    return ""


def why_not_called(attributes: Attributes, family: Family, new: str) -> str:
    """Return what is wrong with a new name by itself."""
    if not (new.isidentifier() and new.isascii()):
        return f"{new!r} is not a name: write letters, digits and _."
    if keyword.iskeyword(new):
        return f"{new!r} is a word of Python's own."
    if new.startswith("_"):
        return f"{new!r} begins with _, as what only its own class uses."
    classes = dict.fromkeys((*sorted(family.definers), *sorted(family.classes | family.others)))
    for dotted in classes:
        label = dotted.rpartition(".")[2]
        fact = attributes.members.fact(dotted)
        if fact is not None and new in fact.from_elsewhere:
            return f"{new!r} is what {label} has from outside the project."
        known = attributes.types.class_fact(dotted)
        definition = attributes.sources.find_class(dotted)
        is_written = definition is not None and any(defining(definition[1], new))
        if is_written or (known is not None and new in known.attributes):
            return f"{label} has {new!r} already."
    for module, node in attributes.members.families.definitions(family):
        if place := _read_in(node, new):
            return f"{new!r} means something else already: {module.place(place)}."
    return ""


def _read_in(node: ast.ClassDef, name: str) -> ast.Name | None:
    """Return where the body of a class, or an annotation in it, reads a name."""
    for statement in node.body:
        is_function = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
        parts: list[ast.AST] = statement.decorator_list if is_function else [statement]  # type: ignore[attr-defined]  # of a function
        for part in parts:
            for inner in ast.walk(part):
                if isinstance(inner, ast.Name) and inner.id == name:
                    return inner
    return None


def _computes_names(tree: ast.Module) -> bool:
    """Return whether a file asks objects for attributes by names that it computes."""
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > 1)
    return any(
        isinstance(call.func, ast.Name)
        and call.func.id in _BY_NAME
        and not isinstance(call.args[1], ast.Constant)
        for call in calls
    )


def why_unsure(index: Index, attributes: Attributes, family: Family) -> Iterator[str]:
    """Yield why more may have to change than is known, a sentence each."""
    name = family.name
    for template in index.templates():
        is_unread = template.tree is None or template.repaired is not None
        if is_unread and has_word(template.source, name):
            yield f"{template.file} can't be parsed, and has the same word in it."
    for module in attributes.members.modules:
        if module.tree is None:
            if re.search(rb"\b%s\b" % name.encode(), module.source):
                yield f"{module.file} can't be parsed, and has the same word in it."
        elif name in module.possible_names and _computes_names(module.tree):
            yield f"{module.file} computes names of attributes, and has {name!r} in it."
        for place in in_addresses(module, attributes.sources, family):
            yield f"{place}: the addresses of this list change with it, as in ?sort={name}."
    yield from attributes.members.open_calls(family)
