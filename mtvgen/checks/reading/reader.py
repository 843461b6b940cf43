"""The statements of a view, in the order in which they run for one method: what it reads.

Functions of the project that get the request, the form or what came in it are followed.
"""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Mapping

from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import is_of_runtime
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.reading.calls import Calls, Frame
from mtvgen.checks.reading.reads import Reads
from mtvgen.checks.reading.values import (
    UNKNOWN,
    Data,
    Instance,
    Literal,
    TheRequest,
    Value,
    keys_behind,
    literal,
    made_of,
)
from mtvgen.syntax_trees import children, walk

# What a missing key raises, and what those are that catch it too.
_CAUGHT_BY = frozenset(
    {"KeyError", "LookupError", "Exception", "BaseException", "MissingField", "BadRequest"}
    | {"HTTPError"}
)


def reads_of(
    module: Module, view: Function, method: str, sources: Sources, models: Container[str]
) -> Reads:
    """Return what a view reads when it is called with a method.

    Args:
        module: The file of the view.
        view: The view; its first parameter is the request.
        method: The method.
        sources: The project's files.
        models: The dotted names of its models.
    """
    reader = _Reader(sources, models, method)
    parameters = [*view.args.posonlyargs, *view.args.args]
    given: dict[str, Value] = {parameters[0].arg: TheRequest()} if parameters else {}
    if view.decorator_list:
        reader.read_decorators(module, view.decorator_list)
    reader.run(module, view, given)
    return reader.reads


class _Reader(Calls):
    def run(self, module: Module, function: Function, given: dict[str, Value]) -> Value:
        """Read a function that is called with some arguments; returns what it returns."""
        outer = self.module, self.names, self.after
        self.reads.modules[module.name] = self.module = module
        self.names = self.parameters(module, function)
        if len(self.frames) > 1:  # a view gets what the address has
            self.names |= _defaults(function, self.names, module)
        self.names |= given
        self.frames.append(Frame(function))
        self._body(function.body)
        frame = self.frames.pop()
        self.module, self.names, self.after = outer
        values = frame.returned
        return values[0] if values and all(one == values[0] for one in values) else made_of(*values)

    def read_decorators(self, module: Module, decorators: Iterable[ast.expr]) -> None:
        """Note all keys that decorators of the project ask for; others may read everything."""
        for decorator in decorators:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            name = self.sources.resolve(module.dotted_name(called))
            found = self.sources.find_function(name)
            if found is None:
                if not is_of_runtime(name):
                    self.leak(TheRequest())
                continue
            self.reads.modules[found[0].name] = found[0]
            self._read_loosely(*found)

    def _read_loosely(self, module: Module, function: Function) -> None:
        """Note the keys of everything that may be the form inside a decorator."""
        self.module, self.is_sure = module, False
        inside = (node for node in walk(function) if isinstance(node, ast.FunctionDef))
        for node in inside:
            for argument in (*node.args.posonlyargs, *node.args.args)[:1]:
                if node is not function:
                    self.run(module, node, {argument.arg: TheRequest()})
        self.is_sure = True

    # Statements

    def _body(self, body: Iterable[ast.stmt]) -> bool:
        """Read statements; returns whether nothing behind them is reached."""
        return any(self._statement(node) for node in body)

    def _statement(self, node: ast.stmt) -> bool:
        match node:
            case ast.Return():
                value = self.value(node.value)
                if len(self.frames) == 2:
                    self.leak(value)
                self.frames[-1].returned.append(value)
                return True
            case ast.Raise():
                self.value(node.exc)
                return True
            case ast.Continue() | ast.Break():
                return True
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self.bind(target, value)
            case ast.AnnAssign():
                value = self.value(node.value)
                model = self.model_named(self.module, node.annotation)
                self.bind(node.target, Instance(model) if model else value)
            case ast.AugAssign():
                value = self.value(node.value)
                self.leak(value)
                self.bind(node.target, made_of(value, self.value(node.target)))
            case ast.If():
                return self._if(node)
            case ast.For() | ast.AsyncFor():
                return self._for(node)
            case ast.While():
                self.value(node.test)
                self._branches([node.body])
                self._body(node.orelse)
            case ast.With() | ast.AsyncWith():
                return self._with(node)
            case ast.Try() | ast.TryStar():
                return self._try(node)
            case ast.Match():
                return self._match(node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._inner_function(node)
            case ast.ClassDef():
                self._branches([node.body])
            case _:
                for child in children(node):
                    if isinstance(child, ast.expr):
                        self.value(child)
        return False

    def _if(self, node: ast.If) -> bool:
        test = self._tested(node.test)
        if isinstance(test, Literal):
            return self._body(node.body if test.value else node.orelse)
        return self._branches([node.body, node.orelse], keys_behind(test), test)

    def _tested(self, node: ast.expr) -> Value:
        value = self.value(node)
        return UNKNOWN if isinstance(value, Data | TheRequest) else value

    def _branches(
        self,
        bodies: list[list[ast.stmt]],
        keys: frozenset[str] = frozenset(),
        test: Value = UNKNOWN,
        *,
        is_complete: bool = True,
    ) -> bool:
        """Read bodies of which one may be run, or none; returns whether all of them end."""
        before, results = self.names, []
        endings = []
        for body in bodies:
            self.names = dict(before)
            with self.maybe():
                is_end = self._body(body)
            endings.append(is_end and bool(body))
            if not endings[-1]:
                results.append(self.names)
        if len(bodies) == 1:
            results.append(before)
        self.names = _merged(results, test) if results else before
        if any(endings):
            self.after |= keys
        return is_complete and len(bodies) > 1 and all(endings)

    def _for(self, node: ast.For | ast.AsyncFor) -> bool:
        before, is_sure = dict(self.names), self.is_sure
        may_leave = any(isinstance(one, ast.Break | ast.Return) for one in _own_nodes(node.body))
        is_reached = is_sure
        for is_known in self.loop(node.target, node.iter):
            self.is_sure = is_reached and is_known
            self._body(node.body)
            is_reached = is_reached and not may_leave
            if not is_known:
                self.names = _merged([before, self.names], UNKNOWN)
        self.is_sure = is_sure
        return self._body(node.orelse) and not may_leave

    def _with(self, node: ast.With | ast.AsyncWith) -> bool:
        is_caught = self.is_caught
        for item in node.items:
            self.leak(self.value(item.context_expr))
            if item.optional_vars is not None:
                self.bind(item.optional_vars, UNKNOWN)
            called = getattr(item.context_expr, "func", item.context_expr)
            if getattr(called, "id", getattr(called, "attr", "")) == "suppress":
                self.is_caught = True
        is_end = self._body(node.body)
        self.is_caught = is_caught
        return is_end and not self.is_caught

    def _try(self, node: ast.Try | ast.TryStar) -> bool:
        is_caught = self.is_caught
        self.is_caught = is_caught or any(map(_catches_missing, node.handlers))
        is_end = self._body(node.body)
        self.is_caught = is_caught
        is_end = is_end or self._body(node.orelse)
        ends = []
        for handler in node.handlers:
            before = dict(self.names)
            if handler.name:
                self.names[handler.name] = UNKNOWN
            with self.maybe():
                ends.append(self._body(handler.body))
            if ends[-1]:
                self.names = before
            else:
                self.names = _merged([before, self.names], UNKNOWN)
        return self._body(node.finalbody) or (is_end and all(ends))

    def _match(self, node: ast.Match) -> bool:
        subject = self._tested(node.subject)
        for case in node.cases:
            if case.guard is not None:
                with self.maybe():
                    self.value(case.guard)
        if isinstance(subject, Literal):
            for case in node.cases:
                fits = _fits(case.pattern, subject.value)
                if fits and case.guard is None:
                    return self._body(case.body)
                if fits is None or case.guard is not None:
                    break
            else:
                return False
        last = node.cases[-1].pattern
        is_complete = isinstance(last, ast.MatchAs) and last.pattern is None
        bodies = [case.body for case in node.cases]
        bodies = bodies if is_complete else [*bodies, []]
        return self._branches(bodies, keys_behind(subject), subject, is_complete=is_complete)

    def _inner_function(self, node: Function) -> None:
        before = dict(self.names)
        self.names |= self.parameters(self.module, node)
        self.frames.append(Frame())
        with self.maybe():
            self._body(node.body)
        self.frames.pop()
        self.names = before
        self.names[node.name] = UNKNOWN


def _defaults(function: Function, names: Mapping[str, Value], module: Module) -> dict[str, Value]:
    """Return the parameters that a literal stands for where a call leaves them out."""
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    pairs = [
        *zip(reversed(plain), reversed(arguments.defaults), strict=False),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    known = ((parameter.arg, literal(default, module)) for parameter, default in pairs)
    return {name: value for name, value in known if value is not None and names[name] == UNKNOWN}


def _merged(results: list[dict[str, Value]], test: Value) -> dict[str, Value]:
    """Return the names after branches: one that they bind differently depends on the test."""
    merged = dict(results[0])
    for name in {name for names in results for name in names}:
        values = [names.get(name, UNKNOWN) for names in results]
        if any(value != values[0] for value in values):
            merged[name] = made_of(test, *values)
    return merged


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {ast.unparse(kind).rpartition(".")[2] for kind in kinds if kind is not None}
    return handler.type is None or not names.isdisjoint(_CAUGHT_BY)


def _own_nodes(body: list[ast.stmt]) -> Iterable[ast.AST]:
    """Yield what a body runs itself, without the functions in it."""
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += children(node)


def _fits(pattern: ast.pattern, value: object) -> bool | None:
    """Return whether a pattern takes a value; None where that is not known."""
    match pattern:
        case ast.MatchValue(ast.Constant(constant)):
            return bool(constant == value)
        case ast.MatchOr(patterns):
            fits = [_fits(one, value) for one in patterns]
            return True if True in fits else None if None in fits else False
        case ast.MatchAs(None):
            return True
    return None
