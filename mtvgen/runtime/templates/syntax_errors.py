"""Syntax errors of templates: Jinja2's own message lacks where a block was opened."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2 import Environment, TemplateSyntaxError

from mtvgen.runtime.support.other_frameworks import FILTERS, OPERATORS, TAGS

# What the parser met where a filter's argument follows a colon: `day|date:"Y"`.
_AFTER_A_COLON = re.compile(r"expected token .*, got '(?::|string|integer|float|name)'")
_COLON = re.compile(r"""\|\s*(\w+)\s*:\s*("[^"]*"|'[^']*'|[\w.]+)""")


def explain_syntax(
    error: TemplateSyntaxError, source: str, environment: Environment
) -> tuple[int, str]:
    """Return the line and the sentence of a syntax error.

    Jinja2's own lacks where a block was opened.
    """
    message = error.message or "syntax error"
    foreign = _foreign(message, _line(source, error.lineno), environment)
    if foreign:
        return error.lineno, foreign
    found = re.search(r"innermost block that needs to be closed is '(\w+)'", message)
    if found is None:
        return error.lineno, message if message.endswith(".") else f"{message}."
    kind = found[1]
    tag = re.match(r"Encountered unknown tag '(\w+)'", message)
    opened = _opened(kind, source, tag[1] if tag else "", error.lineno, environment)
    if tag is not None:
        where = f" (line {opened})" if opened else ""
        text = f"unknown tag {tag[1]!r}; the open block is {kind!r}{where}, so end{kind}"
        return error.lineno, f"{text} is expected."
    return opened or error.lineno, f"{kind!r} is never closed: end{kind} is missing."


def _line(source: str, number: int) -> str:
    lines = source.splitlines()
    return lines[number - 1] if 0 < number <= len(lines) else ""


def _foreign(message: str, line: str, environment: Environment) -> str:
    """Return the sentence for what another template language has; empty for any other mistake."""
    unknown_filter = re.match(r"No filter named '(\w+)'", message)
    if unknown_filter is not None and unknown_filter[1] in FILTERS:
        return f"no filter {unknown_filter[1]!r} here. -> {FILTERS[unknown_filter[1]]}"
    tag = re.match(r"Encountered unknown tag '(\w+)'", message)
    if tag is not None and tag[1] in TAGS:
        return f"no tag {tag[1]!r} here. -> {_address(tag[1], line) or TAGS[tag[1]]}"
    character = re.match(r"unexpected char '(.)'", message)
    if character is not None and character[1] in OPERATORS:
        return f"{character[1]!r} is not an operator here. -> {OPERATORS[character[1]]}"
    if message.startswith("expected token") and message.endswith("got '='"):
        return f"{message}; to compare, write ==."
    if _AFTER_A_COLON.match(message):
        for inside in _tags(line, environment):
            if colon := _COLON.search(inside):
                written = f"{colon[1]}({colon[2]})"
                cure = f" -> {FILTERS[colon[1]]}" if colon[1] in FILTERS else ""
                return f"a filter takes its arguments in parentheses: {written}.{cure}"
    return ""


def _address(tag: str, line: str) -> str:
    """`{{ url_for("note", id=note.id) }}` for `{% url "note" id=note.id %}`."""
    written = re.search(rf"\b{tag}\s+([\"'])([^\"']+)\1([^%]*?)\s*-?%", line)
    if tag not in ("url", "static") or written is None:
        return ""
    given = written[3].split()
    if not all(re.match(r"\w+=", one) for one in given):
        given = ["..."]
    function = "url_for" if tag == "url" else tag
    arguments = ", ".join([f'"{written[2]}"', *given])
    return f"{{{{ {function}({arguments}) }}}}"


def _tags(line: str, environment: Environment) -> Iterator[str]:
    """Return what is between delimiters in a line."""
    for opening, closing in (
        (environment.variable_start_string, environment.variable_end_string),
        (environment.block_start_string, environment.block_end_string),
    ):
        yield from re.findall(f"{re.escape(opening)}(.*?){re.escape(closing)}", line)


def _opened(kind: str, source: str, wrong: str, until: int, environment: Environment) -> int | None:
    """Return the line of the innermost open tag of a kind, by reading the tokens again."""
    stack: list[tuple[str, int]] = []
    begins = False
    try:
        for line, sort, text in environment.lex(source):
            if begins and sort == "name":
                if line >= until and text == wrong:
                    break
                if text.startswith("end"):
                    _close(stack, text[3:])
                else:
                    stack.append((text, line))
            begins = sort == "block_begin" or (begins and sort == "whitespace")
    except TemplateSyntaxError:
        pass
    return next((line for name, line in reversed(stack) if name == kind), None)


def _close(stack: list[tuple[str, int]], kind: str) -> None:
    """Forget the innermost tag of a kind, and what was open inside it."""
    for index in range(len(stack) - 1, -1, -1):
        if stack[index][0] == kind:
            del stack[index:]
            return
