"""Arguments that have to fit a model: of `Note(...)`, of `.filter_by(...)`, of get_or_404()."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from mtvgen.checks import python_types as types
from mtvgen.checks.objects.attributes import nearest
from mtvgen.checks.objects.owners import Owner, Owners
from mtvgen.checks.objects.uses import Call, Uses
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Problem, arrow

KEYWORD = "views.unknown-keyword"
LOOKUP = "views.wrong-lookup"


def unknown_keywords(module: Module, uses: Uses, owners: Owners) -> Iterator[Problem]:
    """Yield the keywords of a file's `Note(...)` and `.filter_by(...)` that the model has not."""
    for call in uses.made:
        owner = owners.owner(call.about)
        fact = owners.classes.get(owner.class_name) if owner is not None else None
        if owner is not None and fact is not None and fact.keywords is not None:
            yield from _unknown(module, call.node, owner, fact.keywords, "takes no")
    for call in uses.filtered:
        owner = owners.owner(call.about)
        if owner is not None and owner.is_model:
            yield from _unknown(module, call.node, owner, owner.names, "has no")


def _unknown(
    module: Module, call: ast.Call, owner: Owner, known: Iterable[str], verb: str
) -> Iterator[Problem]:
    names = set(known)
    for keyword in call.keywords:
        if keyword.arg is not None and keyword.arg not in names:
            message = f"{owner.shown} {verb} {keyword.arg!r}."
            meant = nearest(keyword.arg, (name for name in names if not name.startswith("_")))
            yield Problem(KEYWORD, module.place(keyword), message, meant=meant)


def wrong_lookups(
    module: Module, uses: Uses, owners: Owners, sources: Sources
) -> Iterator[Problem]:
    """Yield the calls of get_or_404() in a file that can't find anything."""
    for call in uses.looked_up:
        mistake = _mistake(call, owners, sources, module)
        if mistake is not None:
            node, message, cure = mistake
            yield Problem(LOOKUP, module.place(node), f"get_or_404(): {message}", arrow(cure))


def _mistake(
    call: Call, owners: Owners, sources: Sources, module: Module
) -> tuple[ast.expr, str, str] | None:
    """Return what is wrong with a call: where, a sentence, and what to write."""
    node, args = call.node, call.node.args
    if any(isinstance(argument, ast.Starred) for argument in args):
        return None
    if node.keywords:
        return node, "it takes its arguments by place.", _usual("Model", "id")
    names = [sources.resolve(module.dotted_name(argument)) for argument in args]
    models = [index for index, name in enumerate(names) if name in owners.classes]
    if models == [0]:
        key = ast.unparse(args[1]) if len(args) > 1 else "id"
        return args[0], "the session comes first.", _usual(ast.unparse(args[0]), key)
    if len(args) < 2:
        return node, "it takes a session, a model and a key.", _usual("Model", "id")
    if isinstance(args[0], ast.Name) and args[0].id == "request":
        rest = ", ".join(map(ast.unparse, args[1:]))
        return args[0], "the session comes first.", f"get_or_404(request.db, {rest})"
    return _wrong_model(call, owners, models, names[1])


def _wrong_model(
    call: Call, owners: Owners, models: list[int], name: str
) -> tuple[ast.expr, str, str] | None:
    args, about = call.node.args, call.about
    written = ast.unparse(args[1])
    if models == [1] and len(args) == 2:
        return args[1], f"it needs the key of the {written}.", _usual(written, "id")
    if models == [2]:
        model, key = ast.unparse(args[2]), written
        return args[1], "the model comes before the key.", _usual(model, key)
    text = about.value if isinstance(about, types.Literal) else None
    if text is not None or owners.is_something_else(name):
        cure = _usual(_named(text, owners) or "Model", "id")
        return args[1], f"{written} is not a model, and not a select().", cure
    if isinstance(about, types.Select) and len(args) > 2:
        message = "a select() finds the object by itself: it takes no key."
        return args[2], message, f"get_or_404({ast.unparse(args[0])}, {written})"
    return None


def _usual(model: str, key: str) -> str:
    return f"get_or_404(request.db, {model}, {key})"


def _named(text: object, owners: Owners) -> str:
    names = [fact.name for fact in owners.classes.values()]
    if not isinstance(text, str):
        return ""
    return text if text in names else nearest(text, names)
