"""The sentences for mistakes in a template that do not depend on what a view passes."""

from __future__ import annotations

from typing import assert_never

from mtvgen.checks.interpreter import findings
from mtvgen.checks.interpreter.findings import AnyFault
from mtvgen.checks.interpreter.values import Position, Reason, Undefined
from mtvgen.checks.report import Problem, arrow, meant_by, path_meant_by
from mtvgen.checks.templates.file_rules import unknown_name
from mtvgen.checks.templates.parsing.marks import line_of
from mtvgen.checks.templates.store import Store
from mtvgen.runtime.support.other_frameworks import LOOP_ATTRIBUTES


def undefined_problem(value: Undefined, used: Position, store: Store) -> Problem:
    """Return the problem of a value that is undefined for a reason of the template's own."""
    reason, name, owner, mark = value.reason, value.name, value.owner, value.position.mark
    here, there = store.tokens(used.template), store.tokens(value.position.template)
    meant = ""
    match reason:
        case Reason.BEFORE_SET:
            place = here.name_until(used.mark, name)
            message = (
                f"{name!r} is read here before the set on line {line_of(mark)}, "
                "so it is undefined even if the view passes it."
            )
        case Reason.NO_CONTEXT:
            place = here.name_until(used.mark, name)
            message = f"{name!r} is undefined: this is included or imported without context."
        case Reason.IMPORT:
            place, meant = there.name_from(mark, name), meant_by(name, value.known)
            message = f"{owner} has no {name!r} to import."
        case Reason.MODULE:
            place, meant = there.name_from(mark, name), meant_by(name, value.known)
            message = f"{owner} has no macro {name!r}."
        case Reason.ARGUMENT:
            place = there.called(mark)
            message = f"{owner} needs {name!r}, which this call leaves out."
        case Reason.CALLER:
            place = there.called(mark)
            message = f"{owner} uses caller(), so it needs {{% call {owner} %}}."
        case _:
            assert_never(reason)
    return Problem(reason.value, place, message, meant=meant)


def fault_problem(fault: AnyFault, position: Position, store: Store) -> Problem:
    """Return the problem of something that raises where it is reached."""
    tokens, mark = store.tokens(position.template), position.mark
    place, advice, meant = tokens.place(mark), "", ""
    match fault:
        case findings.NotFound(names):
            kind, message = "templates.not-found", f"{', '.join(map(repr, names))} not found."
            place = tokens.text_from(mark, names[0])
            meant = path_meant_by(names[0], store.names())
        case findings.Recursion(ring):
            first, *others = ring
            way = f" through {', '.join(others)}" if others else ""
            kind = "templates.recursion"
            message = f"{first} includes itself{way}, whatever is passed: rendering it never ends."
            advice = "Take it out, or put an {% if %} around it."
        case findings.SecondExtends():
            kind, message = "templates.extends-twice", "a second extends."
        case findings.Unregistered(sort, name):
            return unknown_name(sort, name, tokens.name_from(mark, name), store)
        case findings.RequiredBlock(name):
            kind, place = "templates.required-block", tokens.name_from(mark, name)
            message = f"required block {name!r} is not filled."
        case findings.UnknownSelfBlock(name, known):
            kind, place = "templates.unknown-self-block", tokens.called(mark)
            message, meant = f"self.{name}(): there is no block {name!r}.", meant_by(name, known)
        case findings.SuperWithoutParent(name):
            kind, place = "templates.super-without-parent", tokens.called(mark)
            message = f"super(): no parent has block {name!r}."
        case findings.NoMember(owner, name, known):
            kind, place = "templates.unknown-attribute", tokens.name_from(mark, name)
            message = f"{owner} has no {name!r}."
            advice = arrow(LOOP_ATTRIBUTES.get(name, "") if owner == "loop" else "")
            meant = "" if advice else meant_by(name, known)
        case findings.SuperMisused():
            kind = "templates.super-call"
            message = "super shows the parent's block once it is called, with nothing in the ()."
            advice = "Write {{ super() }}."
        case findings.MacroMistake(kind, message, argument, meant):
            place = tokens.argument_of(mark, argument) if argument else tokens.called(mark)
        case findings.IncludeMistake(kind, message):
            pass
        case _:
            assert_never(fault)
    return Problem(kind, place, message, advice, meant=meant)
