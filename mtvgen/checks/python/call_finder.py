"""Finds the render(), url_for() and redirect() calls of a Python file."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mtvgen.checks.facts import Type
from mtvgen.checks.places import Place
from mtvgen.checks.python.annotations import annotated_type
from mtvgen.checks.python.calls import POSITIONAL, RenderCall, URLCall
from mtvgen.checks.python.inference import Inference, element
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.checks.python.sources import Module
from mtvgen.checks.report import Problem, Unchecked
from mtvgen.runtime import redirect, render

# Why a call is left alone that may render any template.
COMPUTED = ("its template is computed", "its arguments are computed")
_RENDER = dotted_names(render)
_REDIRECT = dotted_names(redirect)


@dataclass
class Calls:
    """What one file calls."""

    renders: list[RenderCall] = field(default_factory=list)
    urls: list[URLCall] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)


def calls_of(module: Module, resolve: Callable[[str], str]) -> Calls:
    """The calls of a file, in the order of the source.

    Args:
        module: The file.
        resolve: Looks a dotted name up through the project's imports.
    """
    calls = Calls()
    if module.tree is not None:
        _Reader(module, resolve, calls).read_body(module.tree.body)
    return calls


class _Reader:
    """Reads statements in their order, keeping the types of names."""

    def __init__(self, module: Module, resolve: Callable[[str], str], calls: Calls) -> None:
        self.module = module
        self.calls = calls
        self.types = Inference(module, resolve)

    def read_body(self, body: list[ast.stmt]) -> None:
        for node in body:
            self._read(node)

    def _read(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._read_function(node)
        elif isinstance(node, ast.ClassDef):
            self._read_inside(lambda: self.read_body(node.body))
        elif isinstance(node, ast.Assign):
            self._look_at(node.value)
            kind = self.types.type_of(node.value)
            for target in node.targets:
                self.types.bind(target, kind)
        elif isinstance(node, ast.AnnAssign):
            self._look_at(node.value)
            self._bind_annotated(node)
        elif isinstance(node, ast.AugAssign):
            self._look_at(node.value)
            self.types.bind(node.target, None)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self._look_at(node.iter)
            self.types.bind(node.target, element(self.types.type_of(node.iter)))
            self._read_branches(node.body, node.orelse)
        else:
            self._read_other(node)

    def _read_function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        def read() -> None:
            self.types.bind_parameters(node)
            self.read_body(node.body)
            self._check_is_returned(node.body)

        self._read_inside(read)

    def _read_inside(self, read: Callable[[], None]) -> None:
        """Read a body with names of its own; a name of the file's top has no lasting type."""
        names, branches = self.types.names, self.types.branches
        self.types.names, self.types.branches = dict.fromkeys(names), 0
        # What is imported or defined at the top is found by its dotted name.
        for name in (*self.module.names, *self.module.classes, *self.module.functions):
            self.types.names.pop(name, None)
        read()
        self.types.names, self.types.branches = names, branches

    def _bind_annotated(self, node: ast.AnnAssign) -> None:
        kind = annotated_type(node.annotation, self.module)
        self.types.bind(node.target, kind or self.types.type_of(node.value))

    def _read_other(self, node: ast.stmt) -> None:
        """A statement that binds no type: its expressions, then its bodies as branches."""
        bodies: list[list[ast.stmt]] = []
        for _, value in ast.iter_fields(node):
            parts = value if isinstance(value, list) else [value]
            if parts and all(isinstance(part, ast.stmt) for part in parts):
                bodies.append(parts)
                continue
            for part in parts:
                if isinstance(part, ast.withitem):
                    self._look_at(part.context_expr)
                    if part.optional_vars is not None:
                        self.types.bind(part.optional_vars, None)
                elif isinstance(part, ast.ExceptHandler | ast.match_case):
                    bodies.append(part.body)
                elif isinstance(part, ast.expr):
                    self._look_at(part)
                    self.types.type_of(part)  # binds what `:=` names
        self._read_branches(*bodies)

    def _read_branches(self, *bodies: list[ast.stmt]) -> None:
        self.types.branches += 1
        for body in bodies:
            self.read_body(body)
        self.types.branches -= 1

    def _look_at(self, node: ast.expr | None) -> None:
        """Find the calls in an expression."""
        if node is None:
            return
        redirected: set[int] = set()
        for part in ast.walk(node):
            if isinstance(part, ast.Call):
                name = self.types.name_of(part.func)
                if name in _RENDER:
                    self._note_render(part)
                elif name in _REDIRECT:
                    redirected.update(id(argument) for argument in part.args)
                    self._note_target(part)
                elif isinstance(part.func, ast.Attribute) and part.func.attr == "url_for":
                    self._note_url(part, id(part) in redirected)

    def _note_render(self, node: ast.Call) -> None:
        args = node.args
        if any(isinstance(argument, ast.Starred) for argument in args):
            self._leave(node, COMPUTED[1])
            return
        if mistake := _misuse(node):
            kind, wrong, message = mistake
            self.calls.problems.append(Problem(kind, self.module.place(wrong), message))
            return
        keywords: dict[str, Place] = {}
        names: dict[str, Type] = {}
        constants: dict[str, Any] = {}
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg != "status_code":
                keywords[keyword.arg] = self.module.place(keyword)
                passed = names[keyword.arg] = self.types.type_of(keyword.value)
                if passed is not None and passed[0] == "const":
                    constants[keyword.arg] = passed[1]
        is_open = any(keyword.arg is None for keyword in node.keywords)
        if is_open:
            self._leave(node, "it passes **names")
        templates = self._templates(args[1])
        if not templates:
            self._leave(node, COMPUTED[0])
        place = self.module.place(node)
        for template, written in templates:
            is_literal = isinstance(written, ast.Constant)
            name = (self.module.place(written), is_literal)
            call = RenderCall(place, template, names, constants, is_open, *name, keywords)
            self.calls.renders.append(call)

    def _templates(self, node: ast.expr) -> list[tuple[str, ast.expr]]:
        """The names that a template's expression may have, each with what stands for it."""
        if isinstance(node, ast.IfExp):
            sides = [self._templates(node.body), self._templates(node.orelse)]
            return [*sides[0], *sides[1]] if all(sides) else []
        kind = self.types.type_of(node)
        is_text = kind is not None and kind[0] == "const" and isinstance(kind[1], str)
        return [(kind[1], node)] if is_text and kind is not None else []

    def _note_url(self, node: ast.Call, redirects: bool) -> None:
        if any(isinstance(argument, ast.Starred) for argument in node.args) or not node.args:
            return
        if len(node.args) > 1:
            place = self.module.place(node.args[1])
            problem = Problem("views.url-positional", place, POSITIONAL)
            self.calls.problems.append(problem)
            return
        name = self.types.type_of(node.args[0])
        if name is None or name[0] != "const" or not isinstance(name[1], str):
            place = self.module.place(node)
            self.calls.unchecked.append(Unchecked(place, "url_for", "its name is computed"))
            return
        params: dict[str, Any] = {}
        values: dict[str, tuple[Place, Place]] = {}
        for keyword in node.keywords:
            if keyword.arg is not None:
                places = (self.module.place(keyword), self.module.place(keyword.value))
                values[keyword.arg] = places
                kind = self.types.type_of(keyword.value)
                is_literal = kind is not None and kind[0] == "const"
                params[keyword.arg] = kind if is_literal else None
        is_open = any(keyword.arg is None for keyword in node.keywords)
        place = self.module.place(node.args[0])
        is_literal = isinstance(node.args[0], ast.Constant)
        call = URLCall(place, name[1], is_literal, params, is_open, redirects, values=values)
        self.calls.urls.append(call)

    def _note_target(self, node: ast.Call) -> None:
        """The address of a redirect(), where it is written there."""
        if node.args and isinstance(node.args[0], ast.Constant):
            target = node.args[0].value
            if isinstance(target, str):
                place = self.module.place(node.args[0])
                call = URLCall(place, target, True, {}, is_target=True)
                self.calls.urls.append(call)

    def _check_is_returned(self, body: list[ast.stmt]) -> None:
        """A body whose last statement makes a response and lets it fall."""
        last = body[-1] if body else None
        if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
            return
        name = self.types.name_of(last.value.func)
        if name in _RENDER or name in _REDIRECT:
            called = name.rpartition(".")[2]
            message = f"{called}() makes a response, and nothing returns it."
            hint = f"Write: return {called}(...)"
            place = self.module.place(last.value)
            problem = Problem("views.not-returned", place, message, hint)
            self.calls.problems.append(problem)

    def _leave(self, node: ast.Call, why: str) -> None:
        self.calls.unchecked.append(Unchecked(self.module.place(node), "call", why))


def _misuse(call: ast.Call) -> tuple[str, ast.expr, str] | None:
    """What is wrong with the positional arguments of render(): the id, the part, a sentence."""
    args = call.args
    if len(args) == 1 and isinstance(args[0], ast.Constant) and isinstance(args[0].value, str):
        return "views.render-request", args[0], f"write render(request, {args[0].value!r}, ...)."
    if len(args) < 2:
        message = "render() takes the request and the template's name."
        return "views.render-request", call, message
    if len(args) > 2:
        message = "render() takes what the template uses by name"
        message = f"{message}: render(request, ..., {_by_name(args[2])})."
        return "views.render-positional", args[2], message
    return None


def _by_name(value: ast.expr) -> str:
    """`note=note` for `note`, and for `{"note": find()}`."""
    if isinstance(value, ast.Name):
        return f"{value.id}={value.id}"
    if isinstance(value, ast.Dict):
        for key, item in zip(value.keys, value.values, strict=True):
            name = key.value if isinstance(key, ast.Constant) else None
            if isinstance(name, str) and name.isidentifier():
                return f"{name}={ast.unparse(item):.40}"
    return "name=value"
