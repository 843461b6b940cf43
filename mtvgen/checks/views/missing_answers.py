"""Views that come to their end without an answer, on all ways or on one."""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Iterator

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import is_of_runtime
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.report import Problem
from mtvgen.checks.views.functions import Views, first_line, gives, is_local, own_nodes
from mtvgen.syntax_trees import walk

# Of Python's own functions, those that end the process.
_LAST = ("exit", "quit", "_exit", "abort", "assert_never", "execv", "execve")


def missing_answers(
    module: Module,
    sources: Sources,
    views: Views,
    dropped: Iterable[Problem],
) -> Iterator[Problem]:
    """Yield the views of a file that may return None, and not an answer.

    Args:
        module: The file.
        sources: The files of the project, some of whose functions never return.
        views: The functions whose answer is a route's.
        dropped: The answers that the file's views make and do not return, which says enough.
    """
    for view in module.every_function:
        methods = views.get((module.file, first_line(view)))
        if methods is None or not isinstance(view, ast.FunctionDef):
            continue
        if any(view.lineno <= problem.line <= (view.end_lineno or 0) for problem in dropped):
            continue
        ways = _Ways(module, sources, methods, view)
        if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(view)):
            continue
        if ways.comes_through(view.body):
            yield _problem(module, view)


def _problem(module: Module, view: ast.FunctionDef) -> Problem:
    last = view.body[-1]
    if not gives(view):
        message = f"{view.name}() returns None, and not an answer."
        if isinstance(last, ast.Expr) and not isinstance(last.value, ast.Call | ast.Constant):
            hint = f"Write: return {ast.unparse(last.value)}"
            return Problem("views.no-answer", module.place(last.value), message, hint)
        return Problem("views.no-answer", module.place(view), message, "Return a Response.")
    message = f"{view.name}() returns an answer on one way, and None on another."
    hint = f"Return a Response at its end, too, behind line {view.end_lineno}."
    return Problem("views.no-answer", module.place(view), message, hint)


class _Ways:
    """Whether what follows a statement is ever reached."""

    def __init__(
        self, module: Module, sources: Sources, methods: frozenset[str], function: Function
    ) -> None:
        self._module = module
        self._sources = sources
        self._methods = methods
        self._function = function

    def comes_through(self, body: list[ast.stmt]) -> bool:
        """Return whether a body surely may be left at its end.

        A helper that may be there to raise has the last word where it is the last.
        """
        *before, last = body
        if not all(self._may_be_passed(node) for node in [*before, last]):
            return False
        call = last.value if isinstance(last, ast.Expr) else None
        return not isinstance(call, ast.Call) or self._surely_returns(call)

    def _may_be_passed(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Return | ast.Raise | ast.Continue | ast.Break):
            return False
        if isinstance(node, ast.If):
            return self._may_pass_if(node)
        if isinstance(node, ast.While):
            is_endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
            return not is_endless or any(isinstance(part, ast.Break) for part in walk(node))
        if isinstance(node, ast.With | ast.AsyncWith):
            return self.comes_through(node.body)
        if isinstance(node, ast.Try):
            return self._may_pass_try(node)
        if isinstance(node, ast.Match):
            # Whether one of its cases holds in any case is for the author to know.
            return False
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            return self._may_return(node.value)
        return not isinstance(node, ast.Assert) or not _is_false(node.test)

    def _may_pass_if(self, node: ast.If) -> bool:
        """Return the same for an `if`: with a branch for each method of the routes, it is not."""
        tested, branches, last = _chain(node)
        if any(self.comes_through(branch) for branch in branches):
            return True
        if last:
            return self.comes_through(last)
        if tested is None:
            # A chain of several may name every case that there is.
            return len(branches) == 1
        return not self._methods - {"HEAD", "OPTIONS"} <= tested

    def _may_pass_try(self, node: ast.Try) -> bool:
        if node.finalbody and not self.comes_through(node.finalbody):
            return False
        if any(self.comes_through(handler.body) for handler in node.handlers):
            return True
        return self.comes_through([*node.body, *node.orelse])

    def _surely_returns(self, call: ast.Call) -> bool:
        """Return whether a call comes back: one of the runtime's, of Python's, or a helper's."""
        helper = self._sources.find_function(self._name_of(call))
        if helper is not None and not is_local(call.func, self._function):
            raises = (ast.Raise, ast.Assert, ast.Call)
            return not any(isinstance(node, raises) for node in own_nodes(helper[1]))
        return self._may_return(call)

    def _may_return(self, call: ast.Call) -> bool:
        name = self._name_of(call)
        package, last = name.partition(".")[0], name.rpartition(".")[2]
        if last in _LAST:
            return False
        if is_local(call.func, self._function):
            return isinstance(call.func, ast.Attribute)  # a method of some object
        helper = self._sources.find_function(name)
        if helper is not None:
            returns = ast.unparse(helper[1].returns) if helper[1].returns is not None else ""
            return returns.rpartition(".")[2] not in ("NoReturn", "Never")
        is_builtin = "." not in name and hasattr(builtins, name)
        return is_builtin or is_of_runtime(name) or package in sys.stdlib_module_names

    def _name_of(self, call: ast.Call) -> str:
        return self._sources.resolve(self._module.dotted_name(call.func))


def _chain(node: ast.If) -> tuple[frozenset[str] | None, list[list[ast.stmt]], list[ast.stmt]]:
    """Return the methods that an if and its elifs test, all their branches, and the else."""
    tested: frozenset[str] | None = frozenset()
    branches: list[list[ast.stmt]] = []
    while True:
        methods = _tested_methods(node.test)
        tested = tested | methods if tested is not None and methods is not None else None
        branches.append(node.body)
        if len(node.orelse) != 1 or not isinstance(node.orelse[0], ast.If):
            return tested, branches, node.orelse
        node = node.orelse[0]


def _tested_methods(test: ast.expr) -> frozenset[str] | None:
    """`request.method == "POST"`, or `in ("GET", "HEAD")`; None for any other test."""
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    if not isinstance(test.left, ast.Attribute) or test.left.attr != "method":
        return None
    try:
        value = ast.literal_eval(test.comparators[0])
    except (ValueError, TypeError):
        return None
    if isinstance(test.ops[0], ast.Eq) and isinstance(value, str):
        return frozenset({value})
    is_one_of = isinstance(test.ops[0], ast.In) and isinstance(value, tuple | list | set | dict)
    return frozenset(value) if is_one_of and all(isinstance(one, str) for one in value) else None


def _is_false(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and not test.value
