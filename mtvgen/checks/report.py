"""Problems, what was left alone, and how both are printed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, Literal, NamedTuple

from mtvgen.checks.places import Place
from mtvgen.errors import printable
from mtvgen.records import record
from mtvgen.runtime.support.faults import Fault
from mtvgen.runtime.support.suggestions import closest, closest_path
from mtvgen.styled_text import Part

Severity = Literal["error", "note"]


class Edit(NamedTuple):
    """A cure that can be made: what is written in a place, and what belongs there instead."""

    place: Place
    text: str


class Related(NamedTuple):
    """Another place that a problem is about, and what is there."""

    place: Place
    message: str


@record(frozen=True, slots=True)
class Problem:
    """One mistake, where it is, and what was probably meant.

    Attributes:
        id: A stable name for the kind of problem: `templates.unknown-route`; see docs/checks.md.
        place: What is wrong: the name, the attribute, the text in quotes.
        message: One sentence that says what is wrong.
        advice: What to do: a sentence, or `-> ` and what to type; empty where the message says it.
        severity: `error`, or `note` for what is suspicious and works.
        meant: What was probably meant in that place, from which the hint and the edit are made.
        related: Other places to look at: the view that passes too little, what has a name already.
    """

    id: str
    place: Place
    message: str
    advice: str = ""
    severity: Severity = "error"
    meant: str = ""
    related: tuple[Related, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return printable(" ".join(part.text for part in self.parts))

    @property
    def parts(self) -> list[Part]:
        """The line that is printed of it, as its parts."""
        parts = [
            Part(f"{self.place}:", "place"),
            Part("note:" * (self.severity == "note"), "warning"),
            Part(self.message),
            Part(self.hint, "cure"),
            Part(f"[{self.id}]"),
        ]
        return [part for part in parts if part.text]

    @property
    def file(self) -> str:
        """The file's path below the project, with `/`."""
        return self.place.file

    @property
    def line(self) -> int:
        """The first line, from 1."""
        return self.place.line

    @property
    def hint(self) -> str:
        """What to do, as a sentence; empty where the message says it."""
        return did_you_mean(self.meant) if self.meant else self.advice

    @property
    def fix(self) -> tuple[Edit, ...]:
        """The cure as edits; none where it takes a person to decide."""
        return (Edit(self.place, self.meant),) if self.meant else ()

    @property
    def sort_key(self) -> tuple[Place, str, str]:
        """The key that problems are sorted by."""
        return (self.place, self.id, self.message)


@record(frozen=True, slots=True)
class Unchecked:
    """Something whose truth can't be known without running it: left alone, and counted.

    Attributes:
        place: Where it is.
        what: The kind of thing that was left alone: `call`, `include`, `url_for`.
        why: The reason, so that it follows a colon: `its template is computed`.
    """

    place: Place
    what: str
    why: str

    def __str__(self) -> str:
        return printable(f"{self.place}: {self.what} not checked: {self.why}")


@record(frozen=True)
class Report:
    """All that one run of the checks has to say.

    Attributes:
        problems: Sorted by file and line, errors and notes.
        counts: How much was checked: `{"routes": 5, "views": 4, ...}`, in the order of printing.
        unchecked: What was left alone.
    """

    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    unchecked: tuple[Unchecked, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are more than notes: these make the command fail."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @classmethod
    def of(
        cls,
        problems: Iterable[Problem],
        counts: Mapping[str, int],
        unchecked: Iterable[Unchecked] = (),
    ) -> Report:
        """Return a report with everything in order and nothing twice."""
        return cls(
            tuple(sorted(set(problems), key=lambda problem: problem.sort_key)),
            counts,
            tuple(sorted(set(unchecked), key=lambda item: (item.place, item.why))),
        )


def arrow(cure: str) -> str:
    """Return a cure as every message of the tool ends with it: `-> mtvgen migrate`."""
    return f"-> {cure}" if cure else ""


def fault_problem(id: str, place: Place, fault: Fault) -> Problem:
    """Return the problem that a fault of the runtime or of the project is, by its id."""
    return Problem(id, place, fault.message, fault.hint)


def bug(error: Exception, file: str) -> Problem:
    """Return the problem of an exception in a check.

    A mistake of ours, which must not hide others.
    """
    message = f"mtvgen check failed here: {type(error).__name__}: {error}."
    return Problem("check.bug", Place.at(file), message, "This is a bug of mtvgen.")


def split(results: Iterable[Problem | Unchecked]) -> tuple[list[Problem], list[Unchecked]]:
    """Problems, and what was left alone."""
    problems: list[Problem] = []
    unchecked: list[Unchecked] = []
    for result in results:
        if isinstance(result, Problem):
            problems.append(result)
        else:
            unchecked.append(result)
    return problems, unchecked


def did_you_mean(name: str) -> str:
    """Return the sentence for what was probably meant."""
    return f"Did you mean {name!r}?" if name else ""


def meant_by(name: str, known: Iterable[str]) -> str:
    """Return the known name that was probably meant by another; empty where none is close to it."""
    return closest(name, sorted(set(known) - {name})) or ""


def path_meant_by(name: str, known: Iterable[str]) -> str:
    """Return the same for paths: a file of that name in another directory comes first."""
    return closest_path(name, sorted(set(known) - {name})) or ""


def to_text(report: Report, *, verbose: bool = False) -> str:
    """Return the report as `mtvgen check` prints it into a pipe: a line for each problem."""
    return "\n".join(
        printable(" ".join(part.text for part in parts))
        for parts in parts_of(report, verbose=verbose)
    )


def parts_of(report: Report, *, verbose: bool = False) -> Iterator[list[Part]]:
    """Yield the lines of the report, each as its parts."""
    for problem in report.problems:
        yield problem.parts
    left_out = report.unchecked if verbose else _summaries(report.unchecked)
    for line in left_out:
        yield [Part(str(line))]
    if errors := len(report.errors):
        yield [Part(f"{errors} problem{'s' * (errors != 1)}.", "error")]
    else:
        yield [Part(f"Checked {_counted(report.counts)}: no problems.")]


def to_json(report: Report, *, indent: int | None = 2) -> str:
    """Return the report for other programs; the keys are those of Problem and Unchecked."""
    data: dict[str, Any] = {
        "problems": [_problem_as_data(problem) for problem in report.problems],
        "checked": dict(report.counts),
        "unchecked": [
            {**item.place.as_data(), "what": item.what, "why": item.why}
            for item in report.unchecked
        ],
    }
    return json.dumps(data, indent=indent)


def _problem_as_data(problem: Problem) -> dict[str, Any]:
    return {
        "id": problem.id,
        "severity": problem.severity,
        **problem.place.as_data(),
        "message": problem.message,
        "hint": problem.hint,
        "fix": [{**edit.place.as_data(), "text": edit.text} for edit in problem.fix],
        "text": str(problem),
    }


def _counted(counts: Mapping[str, int]) -> str:
    """`5 routes, 4 views, 6 templates, 1 model`."""
    return ", ".join(
        f"{count} {noun[:-1] if count == 1 and noun.endswith('s') else noun}"
        for noun, count in counts.items()
    )


def _summaries(unchecked: Iterable[Unchecked]) -> list[str]:
    """`3 calls not checked: their template is computed.`, a line for each reason."""
    groups: dict[tuple[str, str], int] = {}
    for item in unchecked:
        groups[item.what, item.why] = groups.get((item.what, item.why), 0) + 1
    return [
        f"{count} {_noun(what, count)} not checked: {_plural(why) if count != 1 else why}."
        for (what, why), count in groups.items()
    ]


def _noun(what: str, count: int) -> str:
    """Return a kind of thing that was left alone, in words: `1 call`, `4 url_for() calls`."""
    one, several = _NOUNS.get(what, (what, f"{what}s"))
    return one if count == 1 else several


_NOUNS = {
    "directory": ("directory", "directories"),
    "directory of templates": ("directory of templates", "directories of templates"),
    "extends": ("extends", "extends"),
    "url_for": ("url_for()", "url_for() calls"),
}


def _plural(why: str) -> str:
    """Return the reason for several: `its template is computed` -> `their template is computed`."""
    return f"their{why[3:]}" if why.startswith("its ") else why
