"""Keys of forms that code outside the views reads, such as middleware that sees every request."""

from __future__ import annotations

import ast
from collections.abc import Container
from functools import lru_cache

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources
from mtvgen.syntax_trees import walk

_FORMS = frozenset({"form", "files"})


def ambient_keys(sources: Sources, view_files: Container[str]) -> frozenset[str] | None:
    """Return the keys that code outside the views reads; None where it may read all.

    Args:
        sources: The project's files.
        view_files: The files of views.
    """
    keys: set[str] = set()
    for module in sources.modules.values():
        if module.file not in view_files:
            own = _keys_in(module)
            if own is None:
                return None
            keys |= own
    return frozenset(keys)


@lru_cache(maxsize=4096)
def _keys_in(module: Module) -> frozenset[str] | None:
    if module.tree is None or not any(word in module.source for word in (b".form", b".files")):
        return frozenset()
    keys: set[str] = set()
    known: set[int] = set()
    for node in walk(module.tree):
        asked, key = _asked(node)
        if asked is not None and isinstance(key, ast.Constant):
            keys.add(str(key.value))
            known.add(id(asked))
    whole = (
        node
        for node in walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in _FORMS and id(node) not in known
    )
    return None if any(whole) else frozenset(keys)


def _asked(node: ast.AST) -> tuple[ast.expr | None, ast.expr | None]:
    """`request.form["key"]`, `request.form.get("key")`, `"key" in request.form`."""
    asked: ast.expr | None = None
    key: ast.expr | None = None
    if isinstance(node, ast.Subscript):
        asked, key = node.value, node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
        asked, key = node.func.value, node.args[0]
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        asked, key = node.comparators[0], node.left
    is_form = isinstance(asked, ast.Attribute) and asked.attr in _FORMS
    return (asked, key) if is_form else (None, None)
