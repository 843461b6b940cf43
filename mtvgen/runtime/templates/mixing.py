"""Text that is not escaped, brought into a page that is: refused where it would happen.

    {% include "note.txt" %}        in a page.html: what visitors wrote in it would be markup
    {% filter forceescape %}{% include "note.txt" %}{% endfilter %}        is the line to write

`{% filter e %}` would do nothing: what a template has made counts as escaped already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from jinja2 import Template, TemplateRuntimeError, nodes
from jinja2.compiler import CodeGenerator, Frame

from mtvgen.runtime.support.faults import Fault, FaultError
from mtvgen.runtime.templates.kinds import ending_of, is_escaped

FORCE_ESCAPE = "forceescape"
Source = nodes.Include | nodes.Import | nodes.FromImport | nodes.Extends


class UnescapedTemplateError(FaultError, TemplateRuntimeError):
    """A template that is not escaped is brought into one that is."""

    def __init__(self, tag: str, name: str, page: str) -> None:
        super().__init__(Fault("mixing", explain_mixing(tag, name, page), cure_mixing(tag, name)))


def refuse_unescaped(given: object, tag: str, page: str) -> Any:
    """Return what an include, an import or an extends names, where all of it is escaped.

    Args:
        given: A name, a list of them, or a template.
        tag: `include`, `import` or `extends`.
        page: The name of the template that has the tag.

    Raises:
        UnescapedTemplateError: One of the names is that of a template that is not escaped.
    """
    for name in _names(given):
        if not is_escaped(name):
            raise UnescapedTemplateError(tag, name, page)
    return given


def explain_mixing(tag: str, name: str, page: str) -> str:
    """Return the sentence about a template that is not escaped in one that is."""
    return (
        f"{page} is escaped, and {name}, which it {_VERBS[tag]}, is not, "
        "so what a visitor wrote would become markup"
    )


_VERBS = {"include": "includes", "import": "imports", "extends": "extends"}


def cure_mixing(tag: str, name: str) -> str:
    """Return what to write instead."""
    stem = name.removesuffix(ending_of(name))
    if tag == "import":
        return f"put the macros into {stem}.html"
    if tag == "extends":
        return f"extend {stem}.html, or give both names the same ending"
    line = f'{{% filter {FORCE_ESCAPE} %}}{{% include "{name}" %}}{{% endfilter %}}'
    if ending_of(name) in (".js", ".json"):
        return f"{line}; in a <script>, name it {name}.html and write {{{{ value|tojson }}}} there"
    return line


def _names(given: object) -> Iterator[str]:
    if isinstance(given, str):
        yield given
    elif isinstance(given, Template):
        yield from [given.name] if given.name else []
    elif isinstance(given, Iterable):
        for one in given:
            yield from _names(one)


class MixingGenerator(CodeGenerator):
    """Jinja2's compiler, which puts `environment.refuse_unescaped()` around names that need it.

    A constant name that is escaped needs none, so the usual page costs nothing.
    """

    _forced = 0  # how many filter blocks with `forceescape` are around

    def visit_FilterBlock(self, node: nodes.FilterBlock, frame: Frame) -> None:  # noqa: N802
        """Compile a filter block."""
        forces = forces_escape(node)
        self._forced += forces
        super().visit_FilterBlock(node, frame)
        self._forced -= forces

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:  # noqa: N802
        """Compile an include."""
        with self._checked(node, "include"):
            super().visit_Include(node, frame)

    def visit_Import(self, node: nodes.Import, frame: Frame) -> None:  # noqa: N802
        """Compile an import of a whole template."""
        with self._checked(node, "import"):
            super().visit_Import(node, frame)

    def visit_FromImport(self, node: nodes.FromImport, frame: Frame) -> None:  # noqa: N802
        """Compile an import of some names."""
        with self._checked(node, "import"):
            super().visit_FromImport(node, frame)

    def visit_Extends(self, node: nodes.Extends, frame: Frame) -> None:  # noqa: N802
        """Compile an extends."""
        with self._checked(node, "extends"):
            super().visit_Extends(node, frame)

    @contextmanager
    def _checked(self, node: Source, tag: str) -> Iterator[None]:
        """Put a check around the node's name while it is compiled: the tree stays."""
        written = node.template
        if not self._forced and is_escaped(self.name) and not _is_surely_escaped(written):
            check = nodes.EnvironmentAttribute("refuse_unescaped")
            more = [nodes.Const(tag), nodes.Const(self.name or "this template")]
            node.template = nodes.Call(check, [written, *more], [], None, None)
            node.template.set_lineno(node.lineno)
        try:
            yield
        finally:
            node.template = written


def forces_escape(node: nodes.FilterBlock) -> bool:
    """Return whether a filter block escapes what is in it, also what counts as escaped already."""
    step: nodes.Node | None = node.filter
    while isinstance(step, nodes.Filter):
        if step.name == FORCE_ESCAPE:
            return True
        step = step.node
    return False


def constant_names(expression: nodes.Expr) -> list[str] | None:
    """Return the names that a tag has written out; None where they are computed."""
    try:
        value = expression.as_const()
    except nodes.Impossible:
        return None
    return list(_names(value))


def _is_surely_escaped(expression: nodes.Expr) -> bool:
    names = constant_names(expression)
    return names is not None and all(map(is_escaped, names))
