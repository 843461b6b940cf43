"""What a template's syntax error says: Jinja2's own words lack where a block was opened."""

from __future__ import annotations

import re

from jinja2 import Environment, TemplateSyntaxError


def explain_syntax(
    error: TemplateSyntaxError, source: str, environment: Environment
) -> tuple[int, str]:
    """The line and the sentence of a syntax error; Jinja2's own lacks where a block was opened."""
    message = error.message or "syntax error"
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


def _opened(kind: str, source: str, wrong: str, until: int, environment: Environment) -> int | None:
    """The line of the innermost open tag of a kind, found by reading the tokens once more."""
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
    """Forget the innermost tag of a kind, and what stood open inside it."""
    for index in range(len(stack) - 1, -1, -1):
        if stack[index][0] == kind:
            del stack[index:]
            return
