"""Completion in Python files: templates, routes, views, fields, names that a template needs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from mtvgen.lsp.completion.suggestions import (
    FIELD,
    FUNCTION,
    MODULE,
    VARIABLE,
    Completion,
    Suggestion,
    parameters,
    routes,
    templates,
)
from mtvgen.lsp.completion.template_context import Call, open_call, open_quote
from mtvgen.lsp.workspace.here import Here

_WORD = re.compile(r"\w*$")
_CHAIN = re.compile(r"\b([A-Za-z_]\w*)\.(\w*)$")
_FORM = re.compile(r"\.form(?:\.get(?:list)?\(\s*|\[\s*)[\"'](\w*)$")
_STATEMENT = re.compile(r"^(?:def|class|@|from|import|return|async|with|for|if|while)\b", re.M)
_FIELD = re.compile(r"<(?:input|select|textarea)\b[^>]*?\bname=[\"']([\w.-]+)[\"']", re.I)
_FAR = 2_000  # characters before the cursor in which the call around it begins


def complete_in_python(here: Here) -> Completion | None:
    """Return what may be written at a place; None where that is not known better than by others."""
    before = _statement(here.text[max(0, here.offset - _FAR) : here.offset])
    call, quoted = open_call(before), open_quote(before)
    if quoted is not None:
        return _in_quotes(here, before, call, quoted)
    if call is None:
        return None
    called = call.name.rpartition(".")[2]
    word = _WORD.search(before)
    typed = word[0] if word is not None else ""
    if called == "render" and call.arguments.count(",") > 1:
        return Completion(typed, _needed(here, call))
    if called == "url_for" and call.is_at_another:
        return Completion(typed, parameters(here, call.first or "", call.given))
    if called == "path" and call.arguments.count(",") == 1:
        return _views(here, before, typed)
    return None


def _statement(text: str) -> str:
    """Return a text from the beginning of its last statement on, so that no quote is open there."""
    lines = text.splitlines(keepends=True)
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        if line.strip() and (_STATEMENT.match(line.lstrip()) or re.match(r"\s*[\w.]+\s*=", line)):
            return "".join(lines[number:])
        if re.match(r"\s*(?:path|include)\(", line):
            return "".join(lines[number:])
    return lines[-1] if lines else ""


def _in_quotes(here: Here, before: str, call: Call | None, typed: str) -> Completion | None:
    if match := _FORM.search(before):
        return Completion(match[1], _fields(here))
    if call is None:
        return None
    called = call.name.rpartition(".")[2]
    written = call.arguments[: len(call.arguments) - len(typed) - 1]
    if called == "render" and written.count(",") == 1:
        return Completion(typed, templates(here))
    if called == "url_for" and not written.strip():
        return Completion(typed, routes(here))
    return None


def _needed(here: Here, call: Call) -> Iterator[Suggestion]:
    """Yield the names that a template needs and a render() lacks."""
    interpreter, store = here.engine.cache.interpreter, here.store
    quoted = re.search(r",\s*[\"']([^\"']+)[\"']", call.arguments)
    name = quoted[1] if quoted else ""
    if interpreter is None or store is None or store.get(name) is None:
        return
    result = interpreter.entry(name)
    for needed in sorted(result.mentions - interpreter.known - call.given):
        yield Suggestion(needed, VARIABLE, f"{name} uses it", "=")


def _views(here: Here, before: str, typed: str) -> Completion | None:
    """Return the views of a module, or the modules of views."""
    module = here.module
    if match := _CHAIN.search(before):
        dotted = module.names.get(match[1], "") if module is not None else ""
        owner = here.sources.modules.get(here.sources.resolve(dotted))
        functions = owner.functions if owner is not None else {}
        return Completion(
            match[2],
            [
                Suggestion(name, FUNCTION, f"{name}({_parameters(node)})")
                for name, node in functions.items()
                if node.args.args and not name.startswith("_")
            ],
        )
    names = module.names.items() if module is not None else ()
    views = [Suggestion(name, MODULE, dotted) for name, dotted in names if "views" in dotted]
    return Completion(typed, views)


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return ", ".join(argument.arg for argument in node.args.args)


def _fields(here: Here) -> Iterator[Suggestion]:
    """Yield the fields of the forms that are sent to the view around the place."""
    names = _routes_of_view(here)
    store = here.store
    if store is None or not names:
        return
    for template_name in store.texts():
        template = store.get(template_name)
        source = template.source if template is not None else ""
        if any(f'"{name}"' in source or f"'{name}'" in source for name in names):
            for field in dict.fromkeys(_FIELD.findall(source)):
                yield Suggestion(field, FIELD, template.file if template is not None else "")


def _routes_of_view(here: Here) -> set[str]:
    """Return the names of the routes of the function that the place is in."""
    module = here.module
    for name, node in module.functions.items() if module is not None else ():
        if node.lineno <= here.line <= (node.end_lineno or node.lineno):
            dotted = f"{module.name}.{name}" if module is not None else ""
            return {route.name for route in here.routes if route.view == dotted and route.name}
    return set()
