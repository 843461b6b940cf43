"""The calls of render(), url_for() and redirect() in a Python file, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mtvgen.checks.facts import Type
from mtvgen.checks.places import Place

# What is wrong with url_for("note", 1), in Python and in templates.
POSITIONAL = "url_for() takes a route's parameters by name: url_for('...', name=value)."


@dataclass(frozen=True)
class RenderCall:
    """One `render(request, "x.html", ...)`.

    Attributes:
        place: The place of the call; None for what mtvgen renders by itself.
        template: The template's name; None where it is computed.
        names: The names that it passes, with what is known of their types.
        constants: The values of those that are literals.
        open: Whether `**context` passes more that can't be known.
        written: The place of the template's name.
        is_literal: Whether that is a text in quotes.
        keywords: The place of each name that it passes.
    """

    place: Place | None
    template: str | None
    names: Mapping[str, Type] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    open: bool = False
    written: Place | None = None
    is_literal: bool = False
    keywords: Mapping[str, Place] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """`views/notes.py:12`, as sentences name it."""
        return f"{self.place.file}:{self.place.line}" if self.place else "mtvgen"


@dataclass(frozen=True)
class URLCall:
    """One `url_for("note", id=1)` with a constant name, in Python.

    Attributes:
        place: The place of the route's name.
        name: The route's name.
        is_literal: Whether that is a text in quotes at this place.
        params: The parameters that it passes; the value of a literal, else None.
        open: Whether `**params` passes more that can't be known.
        redirects: Whether it is the argument of a redirect().
        is_target: Whether it is not a url_for() at all, but the literal given to a redirect().
        values: The place of each parameter's name and of its value.
    """

    place: Place
    name: str
    is_literal: bool
    params: Mapping[str, Type]
    open: bool = False
    redirects: bool = False
    is_target: bool = False
    values: Mapping[str, tuple[Place, Place]] = field(default_factory=dict)
