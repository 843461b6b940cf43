"""The sentences for mistakes in a template that do not depend on what a view passes."""

from __future__ import annotations

from mtvgen.checks.interpreter.recording import Use
from mtvgen.checks.report import Problem, suggest, suggest_path
from mtvgen.checks.templates.file_rules import unknown_name
from mtvgen.checks.templates.store import Store


def undefined_problem(use: Use, store: Store) -> Problem:
    """The problem of a value that is undefined for a reason of the template's own."""
    _, why, name, template, line, detail = use.value
    here = (use.template, use.line)
    place, kind, message, hint = here, f"templates.{why}", "", ""
    if why == "before-set":
        kind = "templates.used-before-set"
        message = (
            f"{name!r} is read here before the set in line {line}, "
            "so it is undefined even if the view passes it."
        )
    elif why == "no-context":
        message = f"{name!r} is undefined: this is included or imported without context."
    elif why == "import":
        place, kind = (template, line), "templates.import-name"
        message = f"{detail.template} has no {name!r} to import."
        hint = suggest(name, detail.exports)
    elif why == "module":
        place, kind = (template, line), "templates.module-attribute"
        message = f"{detail.template} has no macro {name!r}."
        hint = suggest(name, detail.exports)
    elif why == "argument":
        place, kind = (template, line), "templates.macro-missing"
        message = f"{detail.signature} needs {name!r}, which this call leaves out."
    elif why == "caller":
        place, kind = (template, line), "templates.macro-caller"
        message = f"{detail.signature} uses caller(), so it needs {{% call {detail.signature} %}}."
    return Problem(kind, store.file_of(place[0]), place[1], message, hint)


def wrong_problem(use: Use, store: Store) -> Problem:
    """The problem of something that raises where it is reached."""
    file, kind = store.file_of(use.template), use.value[0]
    if kind == "not-found":
        (name, *others) = use.value[1]
        listed = "".join(f", {other!r}" for other in others)
        hint = suggest_path(name, store.names())
        message = f"{name!r}{listed} not found."
    elif kind == "unknown-self-block":
        _, name, known = use.value
        message, hint = f"self.{name}(): there is no block {name!r}.", suggest(name, known)
    elif kind == "required-block":
        message, hint = f"required block {use.value[1]!r} is not filled.", ""
    elif kind in ("unknown-filter", "unknown-test"):
        message, hint = unknown_name(kind.removeprefix("unknown-"), use.value[1], store)
    elif kind == "recursion":
        first, *others = use.value[1]
        way = f" through {', '.join(others)}" if others else ""
        message = f"{first} includes itself{way}, whatever is passed: rendering it never ends."
        hint = "Take it out, or put an {% if %} around it."
    elif kind == "extends-twice":
        message, hint = "a second extends.", ""
    else:
        _, message, hint = use.value
    return Problem(f"templates.{kind}", file, use.line, message, hint)
