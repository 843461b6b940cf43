"""The sentences for mistakes in a template that do not depend on what a view passes."""

from __future__ import annotations

from mtvgen.checks.interpreter.recording import Use
from mtvgen.checks.report import Problem, meant_by, path_meant_by
from mtvgen.checks.templates.file_rules import unknown_name
from mtvgen.checks.templates.places import line_of
from mtvgen.checks.templates.store import Store


def undefined_problem(use: Use, store: Store) -> Problem:
    """The problem of a value that is undefined for a reason of the template's own."""
    _, why, name, template, mark, detail = use.value
    here, there = store.tokens(use.template), store.tokens(template)
    kind, message, meant = f"templates.{why}", "", ""
    place = here.name_until(use.line, name)
    if why == "before-set":
        kind = "templates.used-before-set"
        message = (
            f"{name!r} is read here before the set in line {line_of(mark)}, "
            "so it is undefined even if the view passes it."
        )
    elif why == "no-context":
        message = f"{name!r} is undefined: this is included or imported without context."
    elif why == "import":
        place, kind = there.name_from(mark, name), "templates.import-name"
        message = f"{detail.template} has no {name!r} to import."
        meant = meant_by(name, detail.exports)
    elif why == "module":
        place, kind = there.name_from(mark, name), "templates.module-attribute"
        message = f"{detail.template} has no macro {name!r}."
        meant = meant_by(name, detail.exports)
    elif why == "argument":
        place, kind = there.called(mark), "templates.macro-missing"
        message = f"{detail.signature} needs {name!r}, which this call leaves out."
    elif why == "caller":
        place, kind = there.called(mark), "templates.macro-caller"
        message = f"{detail.signature} uses caller(), so it needs {{% call {detail.signature} %}}."
    return Problem(kind, place, message, meant=meant)


def wrong_problem(use: Use, store: Store) -> Problem:
    """The problem of something that raises where it is reached."""
    tokens, mark, kind = store.tokens(use.template), use.line, use.value[0]
    place, hint, meant = tokens.place(mark), "", ""
    if kind == "not-found":
        (name, *others) = use.value[1]
        listed = "".join(f", {other!r}" for other in others)
        place, meant = tokens.text_from(mark, name), path_meant_by(name, store.names())
        message = f"{name!r}{listed} not found."
    elif kind == "unknown-self-block":
        _, name, known = use.value
        place, meant = tokens.called(mark), meant_by(name, known)
        message = f"self.{name}(): there is no block {name!r}."
    elif kind == "required-block":
        place = tokens.name_from(mark, use.value[1])
        message = f"required block {use.value[1]!r} is not filled."
    elif kind in ("unknown-filter", "unknown-test"):
        place = tokens.name_from(mark, use.value[1])
        return unknown_name(kind.removeprefix("unknown-"), use.value[1], place, store)
    elif kind == "recursion":
        first, *others = use.value[1]
        way = f" through {', '.join(others)}" if others else ""
        message = f"{first} includes itself{way}, whatever is passed: rendering it never ends."
        hint = "Take it out, or put an {% if %} around it."
    elif kind == "extends-twice":
        message = "a second extends."
    else:
        _, message, hint = use.value
        if kind in _OF_CALLS:
            place = tokens.called(mark)
    return Problem(f"templates.{kind}", place, message, hint, meant=meant)


# Their mark is that of the call.
_OF_CALLS = frozenset(
    {"macro-arguments", "macro-keyword", "macro-no-caller", "super-without-parent"}
)
