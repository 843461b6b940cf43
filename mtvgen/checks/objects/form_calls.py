"""Calls of form classes that lack what they read from, and of forms that lack where they save."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks import python_types as types
from mtvgen.checks.objects.owners import Owners
from mtvgen.checks.objects.uses import Call, Uses
from mtvgen.checks.python.classes.form_classes import find_form_class, is_filled_form
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Problem, arrow

KIND = "views.wrong-call"


def form_calls(module: Module, uses: Uses, owners: Owners, sources: Sources) -> Iterator[Problem]:
    """Yield the calls of a file that make a form of nothing, or save it nowhere.

    Args:
        module: The file.
        uses: What it calls that may be a form, or a form class.
        owners: What is known of types.
        sources: The project's files.
    """
    for call in uses.of_forms:
        written = ast.unparse(call.node.func)
        place = module.place(call.node)
        if call.node.args:
            if _is_form_class(call, sources):
                message = f"{written}() takes its values by name, and no request."
                yield Problem(KIND, place, message, arrow(f"{written}.read(request)"))
        elif written.endswith(".save"):
            kind = owners.types.resolve(call.about)
            if isinstance(kind, types.Instance) and is_filled_form(kind.dotted):
                message = f"{written}() needs the database's session."
                yield Problem(KIND, place, message, arrow(f"{written}(request.db)"))
        elif _is_form_class(call, sources):
            message = f"{written}() takes the request first."
            yield Problem(KIND, place, message, arrow(f"{written}(request)"))


def _is_form_class(call: Call, sources: Sources) -> bool:
    dotted = call.about.dotted if isinstance(call.about, types.Name) else ""
    return bool(dotted) and find_form_class(sources.resolve(dotted), sources) is not None
