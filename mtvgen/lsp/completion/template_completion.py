"""Completion in a template: what may be written at a place in a tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from mtvgen.checks.facts import EnvironmentFact
from mtvgen.checks.python_types import Type
from mtvgen.checks.rendering.exports import blocks_above, macros_of
from mtvgen.checks.rendering.names_at import NamesAt
from mtvgen.lsp.completion.suggestions import (
    FIELD,
    FUNCTION,
    KEYWORD,
    MODULE,
    PROPERTY,
    VALUE,
    VARIABLE,
    Completion,
    Suggestion,
    parameters,
    routes,
    static_files,
    templates,
)
from mtvgen.lsp.completion.template_context import (
    Call,
    open_call,
    open_quote,
    owner_before,
    tag_before,
)
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.type_words import words_of
from mtvgen.runtime import Request
from mtvgen.runtime.requests.life import RequestLife

_WORD = re.compile(r"\w*$")
_CHAIN = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
_FILTER = re.compile(r"(?<!\|)\|\s*(\w*)$")
_TEST = re.compile(r"\bis\s+(?:not\s+)?(\w*)$")
_STATEMENT = re.compile(r"^\{%[-+]?\s*(\w*)$")
_BLOCK = re.compile(r"^\{%[-+]?\s*block\s+(\w*)$")
_IMPORT = re.compile(r"^\{%[-+]?\s*from\s+[\"']([^\"']+)[\"']\s+import\s+(?:[\w\s,]*[\s,])?(\w*)$")
_NAMES_TEMPLATES = re.compile(r"^\{%[-+]?\s*(extends|include|import|from)\b")
_TAGS = (
    *("block", "endblock", "extends", "include", "import", "from", "if", "elif", "else", "endif"),
    *("for", "endfor", "set", "endset", "macro", "endmacro", "call", "endcall", "filter"),
    *("endfilter", "with", "endwith", "raw", "endraw"),
)


def complete_in_template(here: Here) -> Completion | None:
    """Return what may be written at a place; None outside tags."""
    environment = here.store.environment if here.store is not None else None
    if environment is None:
        return None
    openers = (
        environment.block_start_string,
        environment.variable_start_string,
        environment.comment_start_string,
    )
    closers = (environment.block_end_string, environment.variable_end_string)
    tag = tag_before(here.text[: here.offset], openers, closers)
    if tag is None:
        return None
    # The rules are written for the usual opener of a block.
    if tag.startswith(environment.block_start_string):
        tag = "{%" + tag[len(environment.block_start_string) :]
    quoted = open_quote(tag)
    return _in_quotes(here, tag, quoted) if quoted is not None else _outside(here, tag)


def _in_quotes(here: Here, tag: str, typed: str) -> Completion | None:
    call = open_call(tag)
    called = call.name.rpartition(".")[2] if call is not None else ""
    is_first = call is not None and call.arguments.lstrip()[1:] == typed
    if called == "url_for" and is_first:
        return Completion(typed, routes(here))
    if called == "static" and is_first:
        return Completion(typed, static_files(here))
    if call is None and _NAMES_TEMPLATES.match(tag):
        return Completion(typed, templates(here))
    return None


def _outside(here: Here, tag: str) -> Completion | None:
    facts = here.engine.facts.environment or EnvironmentFact()
    if match := _STATEMENT.search(tag):
        return Completion(match[1], (Suggestion(name, KEYWORD) for name in _TAGS))
    if match := _BLOCK.search(tag):
        return Completion(match[1], _blocks(here))
    if match := _IMPORT.search(tag):
        return Completion(match[2], _macros(here, match[1]))
    if match := _FILTER.search(tag):
        return Completion(match[1], (Suggestion(name, FUNCTION) for name in sorted(facts.filters)))
    if match := _TEST.search(tag):
        tests = sorted(filter(str.isidentifier, facts.tests))  # and not `==`
        return Completion(match[1], (Suggestion(name, FUNCTION) for name in tests))
    if owner := owner_before(tag):
        expression, typed = owner
        chain = _CHAIN.fullmatch(expression) is not None
        if chain:
            return Completion(typed, _attributes(here, expression.split(".")))
        names = _names_at(here)
        kinds = names.types_of_expression(expression) if names is not None else ()
        return Completion(typed, _members(here, kinds))
    word = _WORD.search(tag)
    typed = word[0] if word is not None else ""
    call = open_call(tag)
    if call is not None and call.is_at_another and call.name.rpartition(".")[2] == "url_for":
        # All but the route itself is passed by name.
        return Completion(typed, parameters(here, call.first or "", call.given))
    if typed[:1].isdigit() or tag.removesuffix(typed).endswith("."):
        return None
    return Completion(typed, [*_keywords(here, call), *_names(here)])


def _names_at(here: Here) -> NamesAt | None:
    return here.names_at(here.in_template(here.lines.place(here.offset, here.offset)))


def _names(here: Here) -> Iterator[Suggestion]:
    names = _names_at(here)
    if names is None:
        return
    for name in names.bound:
        yield Suggestion(name, VARIABLE, words_of(names.types_of([name])))
    for name, calls in names.passed.items():
        if name not in names.bound:
            passed_by = ", ".join(dict.fromkeys(call.shown for call in calls))
            known = words_of(names.types_of([name]))
            yield Suggestion(name, VARIABLE, f"{known} {passed_by}".strip())
    interpreter = here.engine.cache.interpreter
    for name in sorted(interpreter.known if interpreter is not None else ()):
        yield Suggestion(name, VALUE, "in every template")


def _attributes(here: Here, chain: list[str]) -> Iterator[Suggestion]:
    names, template = _names_at(here), here.template
    if names is None or template is None or here.store is None:
        return
    if chain == ["self"]:
        yield from _blocks(here)
        return
    if len(chain) == 1:
        for name, signature in macros_of(template, here.store, chain[0]).items():
            yield Suggestion(name, FUNCTION, signature)
    if chain == ["loop"] and "loop" in names.bound:
        for name in _OF_LOOPS:
            yield Suggestion(name, PROPERTY)
        return
    if chain == ["request"] and not {"request"} & {*names.bound, *names.passed}:
        yield from (Suggestion(name, PROPERTY) for name in _OF_REQUESTS)
        return
    yield from _members(here, names.types_of(chain))


def _members(here: Here, kinds: Iterable[Type]) -> Iterator[Suggestion]:
    for kind in kinds:
        for name, its_type in here.types.members(kind).items():
            yield Suggestion(name, FIELD, words_of([its_type]))


_OF_REQUESTS = sorted(name for name in {*dir(Request)} - {*dir(RequestLife)} if name[0] != "_")
_OF_LOOPS = (
    *("index", "index0", "revindex", "revindex0", "first", "last", "length", "cycle", "depth"),
    *("depth0", "previtem", "nextitem", "changed"),
)


def _blocks(here: Here) -> Iterator[Suggestion]:
    if here.template is not None and here.store is not None:
        for name, file in blocks_above(here.template, here.store).items():
            yield Suggestion(name, MODULE, file)


def _macros(here: Here, name: str) -> Iterator[Suggestion]:
    template = here.store.get(name) if here.store is not None else None
    if template is not None and here.store is not None:
        for macro, signature in macros_of(template, here.store).items():
            if not macro.startswith("_"):
                yield Suggestion(macro, FUNCTION, signature)


def _keywords(here: Here, call: Call | None) -> Iterable[Suggestion]:
    """Return the arguments that the macro around the cursor still takes by name."""
    if call is None:
        return ()
    signature = _signature(here, call.name)
    return (
        Suggestion(name, VARIABLE, words, "=")
        for name, words in signature.items()
        if name not in call.given
    )


def _signature(here: Here, called: str) -> Mapping[str, str]:
    """Return the arguments of a macro."""
    if here.template is None or here.store is None:
        return {}
    owner, _, name = called.rpartition(".")
    written = macros_of(here.template, here.store, owner).get(name, "")
    inside = written.partition("(")[2].rstrip(")")
    return {name: "an argument of the macro" for name in inside.split(", ") if name}
