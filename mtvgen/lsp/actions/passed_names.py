"""A name that a template needs and its views lack, added to their render() calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.report import Edit
from mtvgen.checks.views.calls import RenderCall
from mtvgen.lsp.actions.edits import Changes, Step
from mtvgen.lsp.actions.python_edits import add_argument
from mtvgen.lsp.workspace.here import Here


def steps_to_pass(here: Here, template: str, name: str) -> Iterator[Step]:
    """Yield what passes a name to a template: in each view that lacks it, and in all of them."""
    edits: list[tuple[RenderCall, Edit]] = []
    for call in here.calls_that_reach(template):
        edit = _edit(here, call, name)
        if edit is not None and edit not in [known for _, known in edits]:
            edits.append((call, edit))
    for call, edit in edits:
        yield Step(f"Pass {name!r} in {call.shown}", Changes((edit,)))
    if len(edits) > 1:
        title = f"Pass {name!r} in all {len(edits)} views that lack it"
        yield Step(title, Changes(tuple(edit for _, edit in edits)))


def _edit(here: Here, call: RenderCall, name: str) -> Edit | None:
    """Return the edit of one call; None where it has the name, or may have it."""
    if call.place is None or call.open or name in call.names or not name.isidentifier():
        return None
    modules = here.sources.modules.values()
    module = next((one for one in modules if one.file == call.place.file), None)
    node = _call_at(module, call.place) if module is not None else None
    if module is None or node is None:
        return None
    return add_argument(module, node, f"{name}={name}")


def _call_at(module: Module, place: Place) -> ast.Call | None:
    """Return the call of a render(); the place is that of what is called."""
    for node in ast.walk(module.tree) if module.tree is not None else ():
        if isinstance(node, ast.Call) and module.place(node) == place:
            return node
    return None
