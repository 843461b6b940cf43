"""Mistakes with what a render call passes: their sentences, and where they are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from mtvgen.checks.interpreter.findings import AnyUsage, Use
from mtvgen.checks.interpreter.values import Attribute
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, Related, Severity, meant_by
from mtvgen.checks.views.calls import RenderCall
from mtvgen.records import record

_MOST_RELATED = 8  # places that a reader looks at one after another
# Behind the place of every call that is written in a file.
_LAST = Place.at("\U0010ffff")


@record(frozen=True)
class WrongAttribute:
    """A mistake with an attribute of a value that a call passes.

    Attributes:
        kind: The problem's id.
        owner: The class that lacks the attribute: `Note`, `a list`.
        message: The sentence.
        meant: The attribute that was probably meant.
        advice: What to do, where nothing was probably meant.
        severity: Whether it is a mistake for sure.
        passed_by: The call that passes the value, where one does.
    """

    kind: str
    owner: str
    message: str
    meant: str = ""
    advice: str = ""
    severity: Severity = "error"
    passed_by: RenderCall | None = None

    def problem(self, place: Place) -> Problem:
        """Return it as a problem in a place."""
        calls = [self.passed_by] if self.passed_by is not None else []
        related = _rendered_by(calls, "is passed here")
        return Problem(
            self.kind, place, self.message, self.advice, self.severity, self.meant, related
        )


@dataclass
class MissingName:
    """A name that calls do not pass.

    Attributes:
        name: The name.
        place: Where the name is written, for the first time.
        advice: What to do about it, besides passing it.
        calls: The calls that lack it.
    """

    name: str
    place: Place
    advice: str
    calls: list[RenderCall] = field(default_factory=list)

    def problem(self, known: frozenset[str]) -> Problem:
        """One line for all calls."""
        first = min(self.calls, key=lambda call: call.place or _LAST)
        passed = ", ".join(map(repr, first.names)) or "nothing"
        more = len(self.calls) - 1
        others = f" and {more} more call{'s' * (more != 1)}" if more else ""
        verb = "render" if more else "renders"
        message = f"{self.name!r} is undefined: {first.shown}{others} {verb} this with {passed}."
        meant = "" if self.advice else meant_by(self.name, {*first.names, *known})
        related = _rendered_by(self.calls, f"is rendered without {self.name!r} here")
        return Problem(
            "views.missing-name", self.place, message, self.advice, meant=meant, related=related
        )


def _rendered_by(calls: Iterable[RenderCall], what: str) -> tuple[Related, ...]:
    """Return the places of calls, in the order of the files."""
    places = sorted({call.place for call in calls if call.place is not None})
    return tuple(Related(place, what) for place in places[:_MOST_RELATED])


AttributeCheck = Callable[[Attribute, RenderCall], WrongAttribute | None]
Unguarded = Callable[[Attribute, Use, RenderCall], WrongAttribute | None]
Usages = Callable[[AnyUsage, RenderCall], WrongAttribute | None]
