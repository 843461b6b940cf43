"""Hover: the type of a name and who passes it, the address behind a route's name."""

from __future__ import annotations

import re

from mtvgen.checks.places import Place
from mtvgen.checks.rendering.names_at import NamesAt
from mtvgen.lsp.features.pages import views_of
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.type_words import words_of

_CHAIN = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


def hover(here: Here) -> tuple[str, Place] | None:
    """Return what is known of the thing at a place, as Markdown, and where that thing is."""
    if (quoted := here.quoted()) is not None:
        known = _of_route(here, quoted[0]) or _of_template(here, quoted[0])
        return (known, quoted[1]) if known else None
    return _of_name(here) if here.template_name is not None else None


def _of_route(here: Here, name: str) -> str:
    routes = [route for route in here.routes if name and route.name == name]
    return "\n\n".join(
        f"`{', '.join(route.methods)} {route.pattern}`: {route.view}, "
        f"{route.module.file}:{route.call.lineno}"
        for route in routes
    )


def _of_template(here: Here, name: str) -> str:
    template = here.store.get(name) if here.store is not None and name else None
    if template is None or template.stamp is None:
        return ""
    lines = [f"`{template.file}`"]
    for call, addresses in views_of(here, name):
        lines.append(f"rendered by {', '.join([call.shown, *addresses])}")
    return "\n\n".join(lines)


def _of_name(here: Here) -> tuple[str, Place] | None:
    start = here.lines.starts[here.line - 1]
    for match in _CHAIN.finditer(here.lines.line(here.line)):
        begin, end = start + match.start(), start + match.end()
        if not begin <= here.offset <= end:
            continue
        parts = _up_to(match[0], here.offset - begin)
        place = here.lines.place(
            begin + len(".".join(parts)) - len(parts[-1]), begin + len(".".join(parts))
        )
        names = here.names_at(here.in_template(place))
        text = _described(here, names, parts) if names is not None else ""
        return (text, place) if text else None
    return None


def _up_to(chain: str, offset: int) -> list[str]:
    """Return the part of a chain up to the name at an offset."""
    end = chain.find(".", offset)
    return (chain if end < 0 else chain[:end]).split(".")


def _described(here: Here, names: NamesAt, parts: list[str]) -> str:
    kinds = words_of(names.types_of(parts))
    written = ".".join(parts)
    lines = [f"`{written}: {kinds}`"] if kinds else []
    if len(parts) == 1 and parts[0] not in names.bound:
        passed = names.passed.get(parts[0], [])
        lines += [f"passed by {call.shown}" for call in passed]
        interpreter = here.engine.cache.interpreter
        if not passed and interpreter is not None and parts[0] in interpreter.known:
            lines.append(f"`{parts[0]}` is in every template")
    return "\n\n".join(dict.fromkeys(lines))
