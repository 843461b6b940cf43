"""Finds the render(), url_for() and redirect() calls of a Python file."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from mtvgen.checks import python_types as types
from mtvgen.checks.python.annotations import annotated_type
from mtvgen.checks.python.inference import CAUGHT, element
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names, is_of_models
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.python_types import Type
from mtvgen.checks.views.calls import Calls, Given, KeywordNames, Names, Shape
from mtvgen.checks.views.sites import CallSites
from mtvgen.runtime import Request
from mtvgen.syntax_trees import walk

_REQUEST = min(dotted_names(Request))


def calls_of(module: Module, sources: Sources) -> Calls:
    """Return the calls of a file, in the order of the source.

    Args:
        module: The file.
        sources: The project's files, which say what an imported name stands for.
    """
    reader = _Reader(module, sources)
    if module.tree is not None:
        reader.read_body(module.tree.body)
    return reader.calls


class _Reader(CallSites):
    """Reads statements in their order, keeping the types of names and what dicts hold."""

    def read_body(self, body: list[ast.stmt]) -> None:
        for node in body:
            self._read(node)

    def _read(self, node: ast.stmt) -> None:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._read_function(node)
        elif isinstance(node, ast.ClassDef):
            self._read_class(node)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            self._read_import(node)
        elif isinstance(node, ast.Assign):
            self.look_at(node.value)
            self._assign(node)
            self._store(node.targets, node.value)
        elif isinstance(node, ast.AnnAssign):
            self.look_at(node.value)
            kind = annotated_type(node.annotation, self.module)
            self.bind(node.target, kind or self.types.type_of(node.value), node.value)
            self._store([node.target] if node.value is not None else [], node.value)
        elif isinstance(node, ast.AugAssign):
            self.look_at(node.value)
            self._augment(node)
            self.reader.note_target(node.target, is_augmented=True)
            self._look_into_target(node.target)
        elif isinstance(node, ast.For | ast.AsyncFor):
            self.look_at(node.iter)
            outside = self.reader.enter_loop(node)
            self.bind(node.target, element(self.types.type_of(node.iter)))
            self._store([node.target], node.iter)
            self._read_branches(node.body, node.orelse)
            self.reader.leave_loop(outside)
        elif isinstance(node, ast.Return):
            self.look_at(node.value)
            self._return(node.value)
        elif isinstance(node, ast.While):
            outside = self.reader.enter_loop(node)
            self._read_other(node)
            self.reader.leave_loop(outside)
        else:
            self._read_other(node)

    def _assign(self, node: ast.Assign) -> None:
        kind = self.types.type_of(node.value)
        if isinstance(node.value, ast.Attribute) and node.value.attr == "url_for":
            kind = self.url_for_of(node.value.value)
        for target in node.targets:
            self.bind(target, kind, node.value)
            partial = self.partial_of(node.value)
            if isinstance(target, ast.Name) and partial is not None:
                self.note_partial(target.id, partial)

    def _store(self, targets: list[ast.expr], value: ast.expr | None) -> None:
        """Note what an assignment stores in objects, and what its targets read themselves."""
        self.reader.settle(targets, value)
        for target in targets:
            self.reader.note_target(target)
            self._look_into_target(target)

    def _look_into_target(self, target: ast.expr) -> None:
        """Look at `note.author` in `note.author.name = ...`, and at both in `titles[note.id]`."""
        if isinstance(target, ast.Tuple | ast.List):
            for item in target.elts:
                self._look_into_target(item)
        elif isinstance(target, ast.Attribute):
            self.look_at(target.value)
        elif isinstance(target, ast.Subscript):
            self.look_at(target.value)
            self.look_at(target.slice)

    def _return(self, value: ast.expr | None) -> None:
        """Note what a function returns: the names in it, and its type."""
        if not self.function or value is None:
            return
        before = self.calls.returns.get(self.function, Names())
        self.calls.returns[self.function] = before | self.names_in(value)
        kind = self.types.type_of(value)
        self.reader.note_answer(value, self.function.removeprefix(f"{self.module.name}."))
        if kind != types.NONE:
            known = self.calls.returned.setdefault(self.function, kind)
            if known != kind:
                self.calls.returned[self.function] = None

    def _augment(self, node: ast.AugAssign) -> None:
        target = node.target
        if isinstance(target, ast.Name) and target.id in self.records:
            self.records[target.id] |= self.names_in(node.value)
        self.types.bind(target, None)

    def _read_import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Read an import inside a function; those at the top are the module's names."""
        if not self.function:
            return
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if isinstance(node, ast.Import):
                meant = alias.name if alias.asname else bound
            else:
                meant = f"{self.module.imported_module(node)}.{alias.name}".lstrip(".")
            self.types.names[bound] = types.Name(meant)

    def _read_class(self, node: ast.ClassDef) -> None:
        self._hide(node.name)
        outer = self.class_name
        with self._inside(node.name):
            self.class_name = self.function
            self.read_body(node.body)
        self.class_name = outer

    def _read_function(self, node: Function) -> None:
        self._hide(node.name)
        is_method = bool(self.class_name) and self.class_name == self.function
        defaults = {
            name: Given(self.types.type_of(value), self.names_in(value))
            for name, value in _defaults(node.args)
        }
        with self._inside(node.name):
            self.calls.shapes[self.function] = _shape(node, defaults, is_method=is_method)
            self.types.bind_parameters(node, self.function)
            self._bind_usual_parameters(node, is_method=is_method)
            if node.args.kwarg is not None:
                self.records[node.args.kwarg.arg] = Names(rests=(KeywordNames(self.function),))
            if b"nonlocal" in self.module.source:
                self.types.unsure |= _rebound_inside(node.body, ast.Nonlocal)
            self.read_body(node.body)
            returned = self.calls.returns.get(self.function, Names())
        self.note_decorators(node, returned)

    def _bind_usual_parameters(self, node: Function, *, is_method: bool) -> None:
        """Bind the `self` of a model and the `request` of a view, which need no annotation."""
        names = [argument.arg for argument in node.args.args if argument.annotation is None]
        first = node.args.args[0].arg if node.args.args else ""
        if is_method and first == "self" in names and self._is_model(self.class_name):
            kind = types.Instance(self.class_name)
            self.types.names["self"] = types.Parameter(self.function, "self", kind)
        if "request" in names and self.module.file.startswith("views/"):
            kind = types.Instance(_REQUEST)
            self.types.names["request"] = types.Parameter(self.function, "request", kind)

    def _is_model(self, class_name: str) -> bool:
        return any(is_of_models(name) for name in self.sources.ancestors(class_name))

    def _hide(self, name: str) -> None:
        """Hide outer names behind a function or a class that is defined inside a function."""
        # The names of a class are attributes: its methods do not see them.
        if self.function and self.function != self.class_name:
            self.types.names[name] = types.Name(f"{self.function}.{name}")

    @contextmanager
    def _inside(self, name: str) -> Iterator[None]:
        """Read a body with names of its own; few names of the file's top have a lasting type."""
        types, outer = self.types, (self.types.names, self.types.branches, self.types.unsure)
        records, function = self.records, self.function
        is_top = not function
        lasting = {
            known: kind if self.is_lasting(known, kind) else None
            for known, kind in types.names.items()
        }
        # What is imported or defined at the top is found by its dotted name.
        for known in (*self.module.names, *self.module.classes, *self.module.functions):
            if is_top:
                lasting.pop(known, None)
        types.names, types.branches, types.unsure = lasting, 0, set(types.unsure)
        self.records = dict(records)
        self.function = f"{function or self.module.name}.{name}"
        yield
        types.names, types.branches, types.unsure = outer
        self.records, self.function = records, function

    def _read_other(self, node: ast.stmt) -> None:
        """Read a statement that binds no type: its expressions, then its bodies as branches."""
        bodies: list[tuple[list[ast.stmt], Mapping[str, Type]]] = []
        for _, value in ast.iter_fields(node):
            parts = value if isinstance(value, list) else [value]
            if parts and all(isinstance(part, ast.stmt) for part in parts):
                bodies.append((parts, {}))
                continue
            for part in parts:
                if isinstance(part, ast.withitem):
                    self.look_at(part.context_expr)
                    if part.optional_vars is not None:
                        self.types.bind(part.optional_vars, self._entered(part.context_expr))
                elif isinstance(part, ast.ExceptHandler):
                    bodies.append((part.body, {part.name: CAUGHT} if part.name else {}))
                elif isinstance(part, ast.match_case):
                    self.look_at(part.guard)
                    bodies.append((part.body, dict.fromkeys(_captured(part.pattern))))
                elif isinstance(part, ast.expr):
                    self.look_at(part)
                    self.types.type_of(part)  # binds what `:=` names
        if isinstance(node, ast.Expr):
            self.note_changes(node.value)
        was_guarded = self.reader.is_guarded
        self.types.branches += 1
        for body, bound in bodies:
            self.reader.is_guarded = was_guarded or (isinstance(node, ast.Try) and _expects(node))
            self.types.names.update(bound)
            self.read_body(body)
            self.types.names.update(dict.fromkeys(bound))
        self.types.branches -= 1
        self.reader.is_guarded = was_guarded

    def _entered(self, context: ast.expr) -> Type:
        """Return what `with database.session() as db:` binds; None for others."""
        if isinstance(context, ast.Call) and isinstance(context.func, ast.Attribute):
            holder = self.types.type_of(context.func.value)
            is_database = isinstance(holder, types.Name) and holder.dotted.endswith("database")
            return (
                types.DatabaseSession() if is_database and context.func.attr == "session" else None
            )
        return None

    def _read_branches(self, *bodies: list[ast.stmt]) -> None:
        self.types.branches += 1
        for body in bodies:
            self.read_body(body)
        self.types.branches -= 1


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    plain = [*arguments.posonlyargs, *arguments.args]
    with_default = plain[len(plain) - len(arguments.defaults) :]
    yield from zip((argument.arg for argument in with_default), arguments.defaults, strict=True)
    for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if value is not None:
            yield argument.arg, value


def _shape(node: Function, defaults: dict[str, Given], *, is_method: bool) -> Shape:
    arguments = node.args
    plain = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    is_static = any(ast.unparse(decorator) == "staticmethod" for decorator in node.decorator_list)
    if is_method and not is_static:
        plain = plain[1:]
    named = [argument.arg for argument in (*arguments.args, *arguments.kwonlyargs)]
    return Shape(tuple(plain), frozenset(named), arguments.kwarg is not None, defaults)


def _expects(node: ast.Try) -> bool:
    """Return whether a `try` is there for an attribute that may be missing."""
    caught = (handler.type for handler in node.handlers if handler.type is not None)
    return any("AttributeError" in ast.unparse(kind) for kind in caught)


def _captured(pattern: ast.pattern) -> Iterator[str]:
    """Yield the names that a `case` binds."""
    for node in walk(pattern):
        name = node.rest if isinstance(node, ast.MatchMapping) else getattr(node, "name", None)
        if name is not None:
            yield name


def _rebound_inside(body: list[ast.stmt], kind: type[ast.Nonlocal] | type[ast.Global]) -> set[str]:
    """Return the names that functions inside a body bind for it."""
    nodes = (node for statement in body for node in walk(statement))
    return {name for node in nodes if isinstance(node, kind) for name in node.names}
