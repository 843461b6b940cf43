"""Addresses in a template: url_for() and static() that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import nodes

from mtvgen.checks.files import is_file
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python_types import Literal
from mtvgen.checks.report import Problem, Unchecked, path_meant_by
from mtvgen.checks.routes.addresses import CONDITIONAL, Addresses
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import import_targets
from mtvgen.checks.views.calls import POSITIONAL


class Links:
    """Checks the addresses in templates.

    Args:
        addresses: The names of routes; None where they are not known.
        static: The directory of static files; None where it is not known.
        files: Open texts, over the disk.
    """

    def __init__(
        self, addresses: Addresses | None, static: Path | None, files: ProjectFiles
    ) -> None:
        self.addresses = addresses
        self.static = static
        self.files = files

    def problems(self, template: Template) -> Iterator[tuple[int, Problem | Unchecked]]:
        """Yield the url_for() and static() that lead nowhere.

        Each comes with the mark of its call: what no view reaches leads nowhere for nobody.
        """
        tree = template.tree
        if tree is None:
            return
        for node in tree.all(nodes.Call):
            name = called_name(node)
            results: Iterable[Problem | Unchecked] = ()
            if name == "url_for" and self.addresses is not None:
                results = self._check_url(template, node)
            elif name == "static" and self.static is not None:
                results = self._check_static(template, node)
            yield from ((node.lineno, result) for result in results)

    def _check_url(self, template: Template, node: nodes.Call) -> Iterator[Problem | Unchecked]:
        assert self.addresses is not None  # noqa: S101  # problems() has looked
        if not node.args or node.dyn_args is not None or is_rebound(template, "url_for"):
            return
        first = node.args[0]
        if len(node.args) > 1:
            place = template.place(node.args[1])
            yield Problem("templates.url-positional", place, POSITIONAL)
            return
        if not isinstance(first, nodes.Const) or not isinstance(first.value, str):
            yield Unchecked(template.place(node), "url_for", "its name is computed")
            return
        params = {
            keyword.key: Literal(value.value) if isinstance(value, nodes.Const) else None
            for keyword in node.kwargs
            for value in (keyword.value,)
        }
        if self.addresses.is_conditional(first.value):
            yield Unchecked(template.place(node), "url_for", CONDITIONAL)
            return
        mistake = self.addresses.mistake(first.value, params, node.dyn_kwargs is not None)
        if mistake is not None:
            wrong = next((one for one in node.kwargs if one.key == mistake.key), first)
            values = (one.value for one in node.kwargs if one.key == mistake.value)
            place = template.place(next(values, wrong))
            kind, advice = f"templates.{mistake.kind}", mistake.advice
            yield Problem(kind, place, mistake.message, advice, meant=mistake.meant)

    def _check_static(self, template: Template, node: nodes.Call) -> Iterator[Problem]:
        assert self.static is not None  # noqa: S101  # problems() has looked
        first = node.args[0] if len(node.args) == 1 else None
        if not isinstance(first, nodes.Const) or not isinstance(first.value, str):
            return
        name = first.value
        outside = name.startswith("/") or ".." in name.split("/")
        path = self.static / name
        is_there = not outside and (self.files.is_open(path) or is_file(path))
        if is_there or is_rebound(template, "static"):
            return
        files = map(Path, self.files.list(self.static))
        meant = path_meant_by(name, [path.relative_to(self.static).as_posix() for path in files])
        message = f"static({name!r}): no such file in {self.static.name}/."
        yield Problem("templates.static-missing", template.place(first), message, meant=meant)


def called_name(node: Any) -> str:
    """`url_for` for `url_for(...)` and for `request.url_for(...)`; empty for any other call."""
    if not isinstance(node, nodes.Call):
        return ""
    called = node.node
    if isinstance(called, nodes.Name):
        return called.name
    if isinstance(called, nodes.Getattr) and called.attr == "url_for":
        on_request = isinstance(called.node, nodes.Name) and called.node.name == "request"
        return "url_for" if on_request else ""
    return ""


def is_rebound(template: Template, name: str) -> bool:
    """Return whether a template gives one of mtvgen's names a meaning of its own."""
    return name in template.once(_bound_names)


def _bound_names(template: Template) -> frozenset[str]:
    """Return the names that a template gives a meaning, read once: each url_for() asks for one."""
    tree = template.tree
    if tree is None:
        return frozenset()
    stored = (node.name for node in tree.all(nodes.Name) if node.ctx != "load")
    imports = tree.all(nodes.Import, nodes.FromImport)
    imported = (name for node in imports for name in import_targets(node))
    return frozenset((*stored, *imported, *(macro.name for macro in tree.all(nodes.Macro))))
