"""Views that return an object of a model, which no browser can be sent, alone or as JSON."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from mtvgen.checks import python_types as types
from mtvgen.checks.objects.owners import Owners
from mtvgen.checks.objects.uses import Answer, Uses
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.types import article
from mtvgen.checks.report import Problem, arrow


def wrong_answers(
    module: Module, uses: Uses, owners: Owners, views: Container[tuple[str, str]]
) -> Iterator[Problem]:
    """Yield the objects of models that a file's views return.

    Args:
        module: The file.
        uses: What its functions return.
        owners: What is known of their types.
        views: File and qualified name of each function whose answer is a route's.
    """
    for answer in uses.as_json:
        if not answer.function or (module.file, answer.function) in views:
            yield from _unwritable(module, answer, owners)
    for answer in uses.answers:
        if (module.file, answer.function) not in views:
            continue
        owner = owners.owner(answer.kind)
        if owner is not None and owner.is_model:
            message = f"a view returns a page, a Response, a dict or a list, and not {owner.shown}."
            name = answer.node.id if isinstance(answer.node, ast.Name) else owner.shown.lower()
            cure = arrow(f'return render(request, "...", {name}={ast.unparse(answer.node)})')
            yield Problem("views.wrong-answer", module.place(answer.node), message, cure)


def _unwritable(module: Module, answer: Answer, owners: Owners) -> Iterator[Problem]:
    """Yield what JSON has no word for: an object of a model, or a list or a dict of them."""
    kind = owners.types.resolve(answer.kind)
    while isinstance(kind, types.ListOf | types.DictOf):
        kind = owners.types.resolve(kind.element if isinstance(kind, types.ListOf) else kind.values)
    owner = owners.owner(kind)
    if owner is not None and owner.is_model and not owner.is_class:
        message = f"{article(owner.shown)} can't be written as JSON."
        advice = "Write a dict of its fields."
        yield Problem("views.wrong-answer", module.place(answer.node), message, advice)
