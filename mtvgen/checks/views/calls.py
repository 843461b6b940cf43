"""The calls of render() and url_for() in Python files, and of what wraps them, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mtvgen.checks.objects.uses import Uses
from mtvgen.checks.places import Place
from mtvgen.checks.python_types import Literal, Parameter, Type
from mtvgen.checks.report import Problem, Unchecked
from mtvgen.checks.views.callees import Callee
from mtvgen.records import record

# What is wrong with url_for("note", 1), in Python and in templates.
POSITIONAL = "url_for() takes a route's parameters by name: url_for('...', name=value)."


@record(frozen=True)
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


@record(frozen=True)
class URLCall:
    """One `url_for("note", id=1)` with a constant name, in Python.

    Attributes:
        place: The place of the route's name.
        name: The route's name.
        is_literal: Whether that is a text in quotes at this place.
        params: The parameters that it passes; the value of a literal, or None.
        open: Whether `**params` passes more that can't be known.
        redirects: Whether it is the argument of a redirect().
        is_target: Whether it is not a url_for() at all, but the literal given to a redirect().
        values: The place of each parameter's name and of its value.
        is_certain: Whether it is asked of a request or an application; other objects may have a
            method of this name.
        types: The types of the parameters that are not literals.
    """

    place: Place
    name: str
    is_literal: bool
    params: Mapping[str, Literal | None]
    open: bool = False
    redirects: bool = False
    is_target: bool = False
    values: Mapping[str, tuple[Place, Place]] = field(default_factory=dict)
    is_certain: bool = True
    types: Mapping[str, Type] = field(default_factory=dict)


@record(frozen=True, slots=True)
class ParameterNames:
    """The names in the dict that is an argument of a function."""

    function: str
    name: str


@record(frozen=True, slots=True)
class KeywordNames:
    """The keywords that a function takes as its `**names`, without a parameter for each."""

    function: str


@record(frozen=True, slots=True)
class AnswerNames:
    """The names in what the function returns that a function decorates."""

    function: str


@record(frozen=True, slots=True)
class ReturnedNames:
    """The names in the dict that a function returns."""

    function: str


Rest: TypeAlias = ParameterNames | KeywordNames | AnswerNames | ReturnedNames


@record(frozen=True, eq=False)
class Names:
    """The names that a call passes, or that a dict holds.

    Attributes:
        known: Each name with what is known of its type.
        written: Those that the call itself spells out, with the places of name and value.
        is_open: Whether there may be more that can't be known.
        rests: What is found by looking at other functions, or at callers.
    """

    known: Mapping[str, Type] = field(default_factory=dict)
    written: Mapping[str, tuple[Place, Place]] = field(default_factory=dict)
    is_open: bool = False
    rests: tuple[Rest, ...] = ()

    def __or__(self, other: Names) -> Names:
        """Return the names of both; one of two types has none."""
        known = dict(self.known)
        for name, kind in other.known.items():
            known[name] = kind if known.get(name, kind) == kind else None
        return Names(
            known,
            {**self.written, **other.written},
            self.is_open or other.is_open,
            tuple(dict.fromkeys((*self.rests, *other.rests))),
        )


UNKNOWN_NAMES = Names(is_open=True)


@record(frozen=True, eq=False)
class Given:
    """An argument.

    Attributes:
        kind: Its type.
        names: The names in it, where it is a dict.
        place: Where it is written; None where it is not.
        is_literal: Whether it is a literal at this place.
    """

    kind: Type
    names: Names
    place: Place | None = None
    is_literal: bool = False


@record(frozen=True, eq=False)
class Site:
    """A place where render(), url_for() or a function of the project is called.

    Attributes:
        callee: What is called.
        place: The place of the call.
        args: The arguments by their place.
        keywords: The arguments by their names.
        keys: The place of each of these names.
        rest: What `**` passes.
        is_starred: Whether `*` passes more arguments that can't be known.
        answer: For a decorator: the names in the dict that the decorated function returns.
        redirects: Whether it is the argument of a redirect().
    """

    callee: Callee
    place: Place
    args: tuple[Given, ...] = ()
    keywords: Mapping[str, Given] = field(default_factory=dict)
    keys: Mapping[str, Place] = field(default_factory=dict)
    rest: Names = Names()  # nothing in it can be changed
    is_starred: bool = False
    answer: Names | None = None
    redirects: bool = False


@record(frozen=True)
class Shape:
    """The parameters of a function.

    Attributes:
        positional: Those that may be given by their place, without the `self` of a method.
        named: All that may be given by their names.
        takes_names: Whether it takes other keywords, as `**names` does.
        defaults: What some are where they are not given.
    """

    positional: tuple[str, ...]
    named: frozenset[str]
    takes_names: bool
    defaults: Mapping[str, Given]


@dataclass
class Calls:
    """The calls in one file.

    Attributes:
        renders: The calls of render() of which all is known here.
        urls: The calls of url_for() and redirect() of which all is known here.
        pending: Calls that depend on who calls the function that they are in.
        sites: Calls of the project's own functions.
        shapes: The parameters of its functions, by their dotted names.
        returns: The names in the dicts that its functions return.
        partials: What functools.partial() makes of functions: the callee and what it is given.
        returned: What its functions without an annotation return, where that is one type.
        uses: What it asks of objects.
        problems: What is wrong with calls by themselves.
        unchecked: What was left alone.
    """

    renders: list[RenderCall] = field(default_factory=list)
    urls: list[URLCall] = field(default_factory=list)
    pending: list[PendingCall] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    shapes: dict[str, Shape] = field(default_factory=dict)
    returns: dict[str, Names] = field(default_factory=dict)
    partials: dict[str, Site] = field(default_factory=dict)
    returned: dict[str, Type] = field(default_factory=dict)
    uses: Uses = field(default_factory=Uses)
    problems: list[Problem] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)


@record(frozen=True, eq=False)
class PendingCall:
    """A render() or a url_for() on its way out of the functions that it is in.

    Attributes:
        is_render: Whether it is a render(), and no url_for().
        place: The place of the call, or of the one that leads to it.
        target: The name of the template or the route: a literal, a parameter, or unknown.
        names: What is passed.
        redirects: Whether it is the argument of a redirect().
        is_certain: As with URLCall.
    """

    is_render: bool
    place: Place
    target: Given
    names: Names
    redirects: bool = False
    is_certain: bool = True

    @property
    def depends_on(self) -> str | None:
        """The function whose callers decide; None where nothing depends on any."""
        if isinstance(self.target.kind, Parameter):
            return self.target.kind.function
        of_callers = (rest for rest in self.names.rests if not isinstance(rest, ReturnedNames))
        return next((rest.function for rest in of_callers), None)
