"""`Markup(...)` around texts that visitors may have written, in views and filters.

Markup is what a template shows as it is. What escapes is left alone: `Markup("<b>{}</b>").format()`
and `Markup("<b>%s</b>") % ...` escape their arguments, and a function may clean what it returns.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.report import Problem
from mtvgen.syntax_trees import walk

_MARKUP = frozenset({"markupsafe.Markup"})
# Methods of a text that keep what is in it.
_KEEPING = frozenset({"replace", "strip", "lstrip", "rstrip", "lower", "upper", "title", "join"})


def marked_safe(sources: Sources) -> Iterator[Problem]:
    """Yield notes on the calls of Markup() whose argument has somebody's text in it."""
    for module in sources.modules.values():
        if module.tree is not None and not _MARKUP.isdisjoint(module.names.values()):
            yield from _in_module(module, sources)


def _in_module(module: Module, sources: Sources) -> Iterator[Problem]:
    for function in module.every_function:
        own = _own_texts(function)
        for node in walk(function):
            if not isinstance(node, ast.Call) or len(node.args) != 1:
                continue
            is_markup = sources.resolve(module.dotted_name(node.func)) in _MARKUP
            if is_markup and _has_text(node.args[0], own):
                message = "Markup() shows this as markup: what a visitor wrote would be run."
                hint = 'Write Markup("<b>{}</b>").format(...), which escapes what it fills in.'
                place = module.place(node.func)
                yield Problem("views.marked-safe", place, message, hint, severity="note")


def _own_texts(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """Return the parameters that a function does not bind to something else."""
    arguments = function.args
    names = {each.arg for each in (*arguments.posonlyargs, *arguments.args)}
    stored = {
        node.id
        for node in walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return frozenset(names - stored)


def _has_text(node: ast.expr, own: frozenset[str]) -> bool:
    """Return whether an expression has a text in it that nothing escapes."""
    match node:
        case ast.Name(name):
            return name in own
        case ast.Attribute():
            return True
        case ast.Subscript(value, _):
            return _has_text(value, own)
        case ast.JoinedStr(values):
            inner = (part.value for part in values if isinstance(part, ast.FormattedValue))
            return any(_has_text(part, own) for part in inner)
        case ast.BinOp(left, ast.Add() | ast.Mod(), right):
            return _has_text(left, own) or _has_text(right, own)
        case ast.Tuple(parts):
            return any(_has_text(part, own) for part in parts)
        case ast.Call(ast.Attribute(value, method), arguments):
            if method == "format":
                return any(_has_text(argument, own) for argument in arguments)
            return method in _KEEPING and _has_text(value, own)
    return False
