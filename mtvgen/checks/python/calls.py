"""The calls of render(), url_for() and redirect() in a Python file, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mtvgen.checks.facts import Type

# What is wrong with url_for("note", 1), in Python and in templates.
POSITIONAL = "url_for() takes a route's parameters by name: url_for('...', name=value)."


@dataclass(frozen=True)
class RenderCall:
    """One `render(request, "x.html", ...)`.

    Attributes:
        file: The view's file, as problems show it.
        line: The line of the call.
        template: The template's name; None where it is computed.
        names: The names that it passes, with what is known of their types.
        constants: The values of those that are literals.
        open: Whether `**context` passes more that can't be known.
    """

    file: str
    line: int
    template: str | None
    names: Mapping[str, Type] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    open: bool = False

    @property
    def place(self) -> str:
        """`views/notes.py:12`; without a line what mtvgen renders by itself."""
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True)
class URLCall:
    """One `url_for("note", id=1)` with a constant name, in Python.

    Attributes:
        file: The file, as problems show it.
        line: The line of the call.
        name: The route's name.
        params: The parameters that it passes; the value of a literal, else None.
        open: Whether `**params` passes more that can't be known.
        redirects: Whether it is the argument of a redirect().
        is_target: Whether it is not a url_for() at all, but the literal given to a redirect().
    """

    file: str
    line: int
    name: str
    params: Mapping[str, Type]
    open: bool = False
    redirects: bool = False
    is_target: bool = False
