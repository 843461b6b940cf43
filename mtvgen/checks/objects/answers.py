"""Views that return an object of a model, which no browser can be sent."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator

from mtvgen.checks.objects.owners import Owners
from mtvgen.checks.objects.uses import Uses
from mtvgen.checks.python.module import Module
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
    for answer in uses.answers:
        if (module.file, answer.function) not in views:
            continue
        owner = owners.owner(answer.kind)
        if owner is not None and owner.is_model:
            message = f"a view returns a page, a Response, a dict or a list, and not {owner.shown}."
            name = answer.node.id if isinstance(answer.node, ast.Name) else owner.shown.lower()
            cure = arrow(f'return render(request, "...", {name}={ast.unparse(answer.node)})')
            yield Problem("views.wrong-answer", module.place(answer.node), message, cure)
