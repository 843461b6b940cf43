"""The calls in a view: what asks the form, makes a model, or is a function of the project."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from mtvgen.checks.python.classes.form_classes import FormClass, form_called
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.runtime_names import dotted_names, is_of_runtime
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.python.top_names import Function
from mtvgen.checks.reading.expressions import Expressions
from mtvgen.checks.reading.reads import Read, Source, Spot
from mtvgen.checks.reading.values import (
    UNKNOWN,
    Data,
    Instance,
    Items,
    Literal,
    Record,
    Sent,
    TheRequest,
    Value,
    made_of,
)
from mtvgen.runtime import render
from mtvgen.syntax_trees import walk

_RENDER = dotted_names(render)
# Functions of Python that look at a value, and keep nothing of it.
_ONLY_LOOK = frozenset({"len", "bool", "isinstance", "print", "repr"})
MAX_DEPTH = 8  # functions in functions; nobody writes more


@dataclass
class Frame:
    """A function that is being read: what it has returned so far, and its caller's names."""

    function: Function | None = None
    returned: list[Value] = field(default_factory=list)


class Calls(Expressions):
    """Evaluates calls.

    Args:
        sources: The project's files.
        models: The dotted names of its models.
        method: The method that the view is called with.
    """

    def __init__(self, sources: Sources, models: Container[str], method: str) -> None:
        super().__init__(sources, models, method)
        self.frames = [Frame()]

    @abstractmethod
    def run(self, module: Module, function: Function, given: dict[str, Value]) -> Value:
        """Read a function that is called with some arguments; returns what it returns."""

    def call(self, node: ast.Call) -> Value:
        """Return what a call gives."""
        if isinstance(node.func, ast.Attribute):
            base = self.value(node.func.value)
            method = node.func.attr
            if isinstance(base, Data):
                return self.ask(base, method, node)
            if isinstance(base, Sent):
                return self.keeps(base, method, node)
            if isinstance(base, TheRequest):
                return self._of_request(method, node)
            whole = self.constant(node.func.value) if method == "items" else base
            if method == "items" and isinstance(whole, Record):
                pairs = whole.items.items()
                return Items(tuple(Items((Literal(key), value)) for key, value in pairs))
            if base != UNKNOWN:
                return self._unknown(node)
        elif not isinstance(node.func, ast.Name):
            self.value(node.func)
        elif node.func.id in self.names:
            return self._unknown(node)
        return self._named(node, self.sources.resolve(self.module.dotted_name(node.func)))

    def _of_request(self, method: str, node: ast.Call) -> Value:
        if method == "json":
            self.reads.open.update(Source)
        return self._unknown(node)

    def _named(self, node: ast.Call, name: str) -> Value:
        """Return what a call of a function or a class gives, by its dotted name."""
        if name in self.models:
            return self._model_made(node, name)
        form, method = form_called(name, self.sources)
        if form is not None:
            self._read_form(node, form, method)
            return UNKNOWN
        found = self.sources.find_function(name) if name else None
        if found is not None and self._may_follow(found[1]):
            return self._follow(node, *found)
        if name in _ONLY_LOOK:
            return made_of(*self._arguments(node))
        if name == "str" and len(node.args) == 1:
            return self.value(node.args[0])
        values = self._arguments(node)
        if is_of_runtime(name) and name not in _RENDER:
            self.leak(*(value for value in values if not isinstance(value, TheRequest)))
        elif name in _RENDER:
            self.leak(*(value for value in values if isinstance(value, Data)))
        else:
            self.leak(*values)
        model = self._queried(node)
        return Instance(model) if model else made_of(*values)

    def _read_form(self, node: ast.Call, form: FormClass, method: str) -> None:
        """Note what `ProductForm.read(request)` reads: a key for each field."""
        self.reads.modules[form.module.name] = form.module
        self.reads.modules |= {one.module.name: one.module for one in form.fields.values()}
        self._arguments(node)
        words = {word.arg: word.value for word in node.keywords}
        prefix = self.text(words["prefix"]) if "prefix" in words else ""
        if method == "read_json" or prefix is None or None in words:
            self.reads.open.update(Source)
        if method == "of" or (method == "read" and self.method in ("GET", "HEAD")):
            return
        # What is not sent leaves a row as it is, and a form with a prefix may be another one.
        has_row = len(node.args) > 1 or "row" in words
        is_whole = method == "read" and not has_row and not prefix and self._is_needed(node)
        for name, declared in form.fields.items():
            key = f"{prefix}.{name}" if prefix else name
            source = Source.QUERY if method == "read_query" else Source.FORM
            source = Source.FILES if declared.is_file else source
            if declared.is_several:
                self.reads.affixes.add((source, f"{key}.", ""))
            spot, is_required = (
                Spot(declared.module, declared.node),
                declared.is_required and is_whole,
            )
            self.reads.keys.append(
                Read(source, key, spot, is_required, self.is_sure, self.after, form.name)
            )

    def _is_needed(self, made: ast.Call) -> bool:
        """Return whether the function does something with the form that it makes: `form.save()`."""
        function = self.frames[-1].function
        inside = walk(function) if function is not None else []
        names = {
            target.id
            for node in inside
            if isinstance(node, ast.Assign) and node.value is made
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        return any(
            node.value is made or (isinstance(node.value, ast.Name) and node.value.id in names)
            for node in inside
            if isinstance(node, ast.Attribute) and node.attr in ("save", "value")
        )

    def _unknown(self, node: ast.Call) -> Value:
        values = self._arguments(node)
        self.leak(*values)
        model = self._queried(node)
        return Instance(model) if model else made_of(*values)

    def _arguments(self, node: ast.Call) -> list[Value]:
        given = [*node.args, *(word.value for word in node.keywords)]
        return [self.value(argument) for argument in given]

    def _model_made(self, node: ast.Call, model: str) -> Value:
        for argument in node.args:
            self.leak(self.value(argument))
        for word in node.keywords:
            value = self.value(word.value)
            if word.arg is not None:
                self.note_flow(model, word.arg, value, word)
            elif isinstance(value, Record):
                for key, one in value.items.items():
                    self.note_flow(model, key, one, word.value)
            else:
                self.leak(value)
        return Instance(model)

    def _queried(self, node: ast.Call) -> str:
        """Return the model that a query gives one object of: `get_or_404(request.db, Note, id)`."""
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if called not in ("get", "get_one", "scalar", "get_or_404", "one", "first"):
            called = getattr(node.func, "id", "")
            if called != "get_or_404":
                return ""
        written = [*node.args, node.func]
        names = {
            self.sources.resolve(self.module.dotted_name(part))
            for argument in written
            for part in _classes_in(argument)
        }
        models = [name for name in names if name in self.models]
        return models[0] if len(models) == 1 else ""

    def _may_follow(self, function: Function) -> bool:
        is_inside = any(frame.function is function for frame in self.frames)
        is_plain = isinstance(function, ast.FunctionDef) and not function.decorator_list
        return is_plain and not is_inside and len(self.frames) <= MAX_DEPTH

    def _follow(self, node: ast.Call, module: Module, function: Function) -> Value:
        """Read a function of the project as it is called here."""
        names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
        given: dict[str, Value] = {}
        for index, argument in enumerate(node.args):
            value = self.value(argument)
            if isinstance(argument, ast.Starred) or index >= len(names):
                self.leak(value)
            else:
                given[names[index]] = value
        keyworded = {*names, *(one.arg for one in function.args.kwonlyargs)}
        for word in node.keywords:
            value = self.value(word.value)
            if word.arg in keyworded and word.arg is not None:
                given[word.arg] = value
            elif word.arg is None and isinstance(value, Record):
                given |= {key: one for key, one in value.items.items() if key in keyworded}
            else:
                self.leak(value)
        concerns = any(value != UNKNOWN and not isinstance(value, Literal | Instance)
                       for value in given.values())  # fmt: skip
        if not concerns:
            returned = self.model_named(module, function.returns)
            return Instance(returned) if returned else UNKNOWN
        value = self.run(module, function, given)
        returned = self.model_named(module, function.returns)
        return Instance(returned) if returned else value

    def parameters(self, module: Module, function: Function) -> dict[str, Value]:
        """Return the parameters of a function: those whose annotation is a model are known."""
        arguments = function.args
        names: dict[str, Value] = {}
        for parameter in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            model = self.model_named(module, parameter.annotation)
            names[parameter.arg] = Instance(model) if model else UNKNOWN
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                names[rest.arg] = UNKNOWN
        return names

    def model_named(self, module: Module, annotation: ast.expr | None) -> str:
        """Return the model that an annotation names."""
        if not isinstance(annotation, ast.Name | ast.Attribute):
            return ""
        name = self.sources.resolve(module.dotted_name(annotation))
        return name if name in self.models else ""


def _classes_in(node: ast.expr) -> Iterable[ast.expr]:
    """Yield what may be classes in the arguments of a query: `Note`, `select(Note).where(...)`."""
    if isinstance(node, ast.Name):
        yield node
    elif isinstance(node, ast.Attribute):
        yield from _classes_in(node.value) if isinstance(node.value, ast.Call) else (node,)
    elif isinstance(node, ast.Call):
        called = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if called in ("select", "scalars"):
            yield from (part for argument in node.args for part in _classes_in(argument))
        else:
            yield from _classes_in(node.func)
