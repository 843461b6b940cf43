"""What a completion may suggest: names, each with its kind and a few words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from mtvgen.checks.files import files_below
from mtvgen.lsp.workspace.here import Here

# CompletionItemKind of the protocol.
FUNCTION, FIELD, VARIABLE, MODULE, PROPERTY, VALUE = 3, 5, 6, 9, 10, 12
KEYWORD, FILE, REFERENCE, CONSTANT = 14, 17, 18, 21


class Suggestion(NamedTuple):
    """One entry of a completion.

    Attributes:
        label: What is shown, and inserted.
        kind: A CompletionItemKind.
        detail: A few words about it.
        adds: What is inserted behind it, such as `=`.
    """

    label: str
    kind: int
    detail: str = ""
    adds: str = ""


class Completion(NamedTuple):
    """The suggestions for what is being typed.

    Attributes:
        typed: The piece before the cursor that they replace.
        suggestions: The entries.
    """

    typed: str
    suggestions: Iterable[Suggestion]


def templates(here: Here) -> Iterator[Suggestion]:
    """Yield the names of all templates."""
    if here.store is not None:
        own = here.template_name
        for name in here.store.names():
            if name != own:
                yield Suggestion(name, FILE)


def routes(here: Here) -> Iterator[Suggestion]:
    """Yield the names of all routes, saved or not."""
    known = {route.name: route.pattern for route in here.engine.facts.routes or () if route.name}
    known |= {route.name: route.pattern for route in here.routes if route.name}
    for name, pattern in sorted(known.items()):
        yield Suggestion(name, REFERENCE, pattern)


def parameters(here: Here, route: str, given: set[str]) -> Iterator[Suggestion]:
    """Yield the parameters of a route that a url_for() does not pass yet."""
    for fact in here.engine.facts.routes or ():
        if fact.name == route:
            for name, converter in fact.parameters:
                if name not in given:
                    yield Suggestion(name, VARIABLE, converter, "=")
            return


def static_files(here: Here) -> Iterator[Suggestion]:
    """Yield the files that static() can name."""
    directory = here.engine.facts.static or str(here.engine.root / "static")
    for path in files_below(directory):
        yield Suggestion(Path(path).relative_to(directory).as_posix(), FILE)


def items(completion: Completion, range_of: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a completion as the protocol has it.

    Args:
        completion: The completion.
        range_of: The range of what was typed.
    """
    unique = {suggestion.label: suggestion for suggestion in completion.suggestions}
    found = []
    for number, suggestion in enumerate(unique.values()):
        item: dict[str, Any] = {
            "label": suggestion.label,
            "kind": suggestion.kind,
            # What is passed comes before what every template has, and not by the alphabet.
            "sortText": f"{number:04}",
            "textEdit": {"range": range_of, "newText": f"{suggestion.label}{suggestion.adds}"},
        }
        if suggestion.detail:
            item["detail"] = suggestion.detail
        found.append(item)
    return found
