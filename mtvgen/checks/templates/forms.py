"""Forms that have a field for a file, and do not send it.

A form is encoded as `application/x-www-form-urlencoded` unless it says otherwise, and in that a
file is its name (HTML, section 4.10.21.3, "Selecting a form submission algorithm").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import nodes

from mtvgen.checks.files import MAX_SIZE, is_file
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem
from mtvgen.checks.templates.store import Template

# A template is read as one text, in which characters of the private use area stand for what is
# not text: an expression, the two ends of a branch, and what ends all that is certain.
_EXPRESSION, _ENTER, _LEAVE, _BREAK = "\ue010", "\ue011", "\ue012", "\ue013"
_FORM = re.compile(r"<form\b([^<>]*)>", re.IGNORECASE)
_END = re.compile(r"</?form\b", re.IGNORECASE)
_FILE = re.compile(r"<input\b([^<>]*(?<![\w-])type\s*=\s*[\"']?file\b[^<>]*)>", re.IGNORECASE)
_NAME = re.compile(r"(?<![\w-])name\s*=", re.IGNORECASE)
_POST = re.compile(r"(?<![\w-])method\s*=\s*[\"']?post\b", re.IGNORECASE)
_QUOTED = re.compile("\"[^\"\ue011-\ue013]*\"|'[^'\ue011-\ue013]*'")
_UNKNOWN = re.compile("[\"'\ue010-\ue013]")
_NO_MARKUP = re.compile(r"<!--.*?-->|<(script|textarea|style|template)\b.*?</\1\s*>", re.I | re.S)
# With these a form, its button or its field is sent in another way than the form's tag says.
_OTHERWISE = re.compile(r"\benctype|\bhx-|\bonsubmit|\bdata-|@submit|\bx-on", re.IGNORECASE)
_NOT_OF_THE_FORM = re.compile(r"\bform\s*=|\bdisabled\b", re.IGNORECASE)
_SCRIPTED = re.compile(r"FormData|preventDefault|XMLHttpRequest")
_TEXT = re.compile("[^\n\ue010-\ue013]")


def upload_problems(template: Template) -> Iterator[Problem]:
    """Yield the forms of a template that lack `enctype`.

    Form and field are plain text, and certain.
    """
    tree = template.tree
    if tree is None:
        return
    if not any("<form" in piece.data.lower() for piece in tree.all(nodes.TemplateData)):
        return
    text, starts = _flat(tree.root)
    if _SCRIPTED.search(text):
        return
    text = _NO_MARKUP.sub(lambda match: _TEXT.sub(" ", match[0]), text)
    for form in _FORM.finditer(text):
        if not _is_plain_post(form[1]):
            continue
        inside = _inside(text, form.end())
        is_sent = any(_is_sent(field[1]) for field in _FILE.finditer(inside))
        if not is_sent or "formenctype" in inside.lower():
            continue
        message = "this form has a field for a file, and sends only the file's name."
        hint = 'Write in its tag: enctype="multipart/form-data"'
        place = _place(template, form.start(), starts)
        yield Problem("templates.form-enctype", place, message, hint)


def may_be_sent_by_script(templates: Iterable[Template | None], static: Path) -> bool:
    """Return whether a script that a page loads by static() sends forms and their files itself.

    Args:
        templates: The template with the form, and its parents.
        static: The directory of static files.
    """
    trees = [template.tree for template in templates if template is not None]
    calls = [call for tree in trees if tree is not None for call in tree.all(nodes.Call)]
    names = (call.args[0].value for call in calls if _names_script(call))
    return any("FormData" in _text_of(static / name) for name in names)


def _names_script(call: nodes.Call) -> bool:
    """`static("upload.js")`."""
    is_static = isinstance(call.node, nodes.Name) and call.node.name == "static"
    name = call.args[0].value if call.args and isinstance(call.args[0], nodes.Const) else None
    return is_static and isinstance(name, str) and name.endswith((".js", ".mjs"))


def _text_of(script: Path) -> str:
    try:
        is_small = is_file(script) and script.stat().st_size <= MAX_SIZE
        return script.read_text("utf-8", "replace") if is_small else ""
    except OSError:
        return ""


def _is_plain_post(attributes: str) -> bool:
    """Return whether a form's tag is known in full, and sends a POST without any encoding."""
    # A quote that is left over has a ">" behind it, which does not end the tag.
    if _UNKNOWN.search(_QUOTED.sub("", attributes)):
        return False
    return _POST.search(attributes) is not None and _OTHERWISE.search(attributes) is None


def _is_sent(field: str) -> bool:
    return _NAME.search(field) is not None and _NOT_OF_THE_FORM.search(field) is None


def _inside(text: str, start: int) -> str:
    """Return what follows a form's tag, up to its end or to the end of the tag's branch."""
    depth = 0
    end = _END.search(text, start)
    for index in range(start, end.start() if end else len(text)):
        depth += {_ENTER: 1, _LEAVE: -1, _BREAK: -len(text)}.get(text[index], 0)
        if depth < 0:
            return text[start:index]
    return text[start : end.start()] if end else ""


def _flat(root: nodes.Node) -> tuple[str, list[tuple[int, int]]]:
    """Return a template as one text, and for each piece where it starts, and its mark."""
    parts: list[str] = []
    starts: list[tuple[int, int]] = []
    length = 0
    for piece, mark in _pieces([root]):
        starts.append((length, mark))
        parts.append(piece)
        length += len(piece)
    return "".join(parts), starts


def _pieces(body: Iterable[nodes.Node]) -> Iterator[tuple[str, int]]:
    for node in body:
        if isinstance(node, nodes.TemplateData):
            yield node.data, node.lineno
        elif isinstance(node, nodes.Output):
            yield from _pieces(node.nodes)
        elif isinstance(node, nodes.Expr):
            yield _EXPRESSION, node.lineno
        else:
            yield from _statement(node)


def _statement(node: nodes.Node) -> Iterator[tuple[str, int]]:
    """Yield a tag: its bodies are branches; a block or a macro may be shown elsewhere, or never."""
    is_elsewhere = isinstance(node, nodes.Block | nodes.Macro | nodes.CallBlock | nodes.FilterBlock)
    for name in ("body", "elif_", "else_"):
        body: Any = getattr(node, name, None)
        if body:
            yield _BREAK if is_elsewhere else _ENTER, node.lineno
            yield from _pieces(body)
            yield _BREAK if is_elsewhere else _LEAVE, node.lineno


def _place(template: Template, offset: int, starts: list[tuple[int, int]]) -> Place:
    """Return the place of a form's tag, as far as its name goes.

    Other tags may follow inside it.
    """
    start, mark = max(piece for piece in starts if piece[0] <= offset)
    begin = offset - start
    return template.tokens.inside(mark, begin, begin + len("<form"))
