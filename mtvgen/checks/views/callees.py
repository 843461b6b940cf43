"""What a call in a view calls, as far as it may lead to a render() or a url_for()."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python_types import UrlFor
from mtvgen.records import record


@record(frozen=True, slots=True)
class Render:
    """mtvgen.runtime.render()."""


@record(frozen=True, slots=True)
class Redirect:
    """mtvgen.runtime.redirect()."""


@record(frozen=True, slots=True)
class ProjectFunction:
    """A function of the project, by its dotted name."""

    dotted: str


@record(frozen=True, slots=True)
class ProjectMethod:
    """A method of a class of the project, by the dotted name of that."""

    class_name: str
    name: str


Followed: TypeAlias = ProjectFunction | ProjectMethod
Callee: TypeAlias = Render | Redirect | UrlFor | Followed


def dotted_name(callee: Followed, sources: Sources) -> str:
    """Return the dotted name of a function that is called; a method's, in the class that has it."""
    match callee:
        case ProjectFunction(dotted):
            return sources.resolve(dotted)
        case ProjectMethod(class_name, method):
            for name, node in sources.ancestors(class_name).items():
                if any(getattr(part, "name", "") == method for part in (node.body if node else ())):
                    return f"{name}.{method}"
            return ""
        case _:
            assert_never(callee)
