"""Modules whose import does nothing but fill their own namespace: definitions and constants.

Such a module may be imported ahead of its turn, and again without the others: no other module can
see the difference. Whatever is not known to be harmless here counts as a side effect.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain

from mtvgen.devserver.holding.namespace import Definitions, ImportedName, Namespace

_Function = ast.FunctionDef | ast.AsyncFunctionDef
# Python or the base class calls these while a class is made.
_CALLED_WITH_THE_CLASS = frozenset(
    {"__class_getitem__", "__init_subclass__", "__mro_entries__", "__prepare__", "__set_name__"}
)
# While an enumeration is made, so are its members, by any other method with such a name.
_NOT_CALLED_WITH_AN_ENUMERATION = frozenset({"__bool__", "__format__", "__repr__", "__str__"})


def definitions_in(
    tree: ast.Module, package: str, definitions_of: Callable[[str], Definitions | None]
) -> Definitions | None:
    """Return what a module holds; None if its import may do more than fill its namespace.

    Args:
        tree: Its source.
        package: The full name of the package that it is in, or that it is.
        definitions_of: Looks up another module of the project, if there is one of that name.
    """
    reader = _Reader(Namespace(definitions_of), package)
    names = reader.names
    if not reader.binds_names(tree.body):
        return None
    if any(name.startswith("__") and name != "__all__" for name in names.origins):
        return None  # it means something to Python, as __getattr__() does
    return Definitions(
        frozenset(names.reads),
        frozenset(names.plain),
        frozenset(names.classes),
        frozenset(names.decorators),
    )


def imported_names(
    statement: ast.Import | ast.ImportFrom, package: str
) -> Iterator[tuple[str, ImportedName]]:
    """Yield each name that a statement binds, and where it comes from; "*" is a name as well."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            top = alias.name.partition(".")[0]
            yield alias.asname or top, ImportedName(alias.name if alias.asname else top)
        return
    module = statement.module or ""
    if statement.level:
        parts = package.split(".")
        above = parts[: len(parts) - statement.level + 1]
        module = ".".join([*above, module] if module else above)
    for alias in statement.names:
        yield alias.asname or alias.name, ImportedName(module, alias.name)


class _Reader:
    """Reads the statements of a module, or of a class.

    Args:
        names: Those that can be read so far.
        package: What relative imports begin at.
        is_class: Whether they are those of a class.
    """

    def __init__(self, names: Namespace, package: str, *, is_class: bool = False) -> None:
        self.names = names
        self._package = package
        self._is_class = is_class

    def binds_names(self, statements: Sequence[ast.stmt]) -> bool:
        """Return whether statements do nothing but bind names."""
        return all(map(self._binds_names, statements))

    def _binds_names(self, statement: ast.stmt) -> bool:
        match statement:
            case ast.Pass() | ast.Expr(ast.Constant()):
                return True
            case ast.ImportFrom("__future__", aliases):
                if any(alias.name == "annotations" for alias in aliases):
                    self.names.reads_annotations = False
                return True
            case ast.Import() | ast.ImportFrom():
                return self._import(statement)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return self._define_function(statement)
            case ast.ClassDef():
                return self._define_class(statement)
            case ast.Assign(targets, value):
                return self.names.is_value(value) and all(self._assign(t, value) for t in targets)
            case ast.AnnAssign(target, annotation, value):
                return (
                    self._may_annotate(annotation)
                    and (value is None or self.names.is_value(value))
                    and self._assign(target, value)
                )
            case ast.If(ast.Name("TYPE_CHECKING"), _, orelse):
                is_typings = self.names.origin_of("TYPE_CHECKING").module == "typing"
                return is_typings and self.binds_names(orelse)
        return False

    def _import(self, statement: ast.Import | ast.ImportFrom) -> bool:
        if isinstance(statement, ast.Import):
            self.names.reads.update(ImportedName(alias.name) for alias in statement.names)
        for name, origin in imported_names(statement, self._package):
            if name == "*" or not origin.module:
                return False
            self.names.reads.add(origin)
            self.names.bind(name, origin)
        return True

    def _define_function(self, function: _Function) -> bool:
        defaults = [*function.args.defaults, *filter(None, function.args.kw_defaults)]
        is_harmless = (
            all(map(self.names.is_decorator, function.decorator_list))
            and all(map(self.names.is_value, defaults))
            and all(map(self._may_annotate, _annotations(function)))
        )
        only_wraps = not function.decorator_list and self._only_wraps(function)
        self.names.bind(function.name)
        if only_wraps:
            self.names.decorators.add(function.name)
        return is_harmless

    def _only_wraps(self, function: _Function) -> bool:
        """Return whether a call of the function only defines another one, and returns it."""
        parameters = {parameter.arg for parameter in function.args.args}
        for statement in function.body:
            match statement:
                case ast.Expr(ast.Constant()) | ast.Return(ast.Name()):
                    pass
                case ast.FunctionDef(args=arguments) | ast.AsyncFunctionDef(args=arguments):
                    notes = _annotations(statement)
                    if (
                        arguments.defaults
                        or any(arguments.kw_defaults)
                        or not all(map(self._may_annotate, notes))
                        or not self._are_wraps(statement.decorator_list, parameters)
                    ):
                        return False
                case _:
                    return False
        return isinstance(function, ast.FunctionDef)

    def _are_wraps(self, decorators: Iterable[ast.expr], parameters: Collection[str]) -> bool:
        return all(
            isinstance(each, ast.Call)
            and not each.keywords
            and self.names.is_pure(each.func)
            and all(isinstance(given, ast.Name) and given.id in parameters for given in each.args)
            for each in decorators
        )

    def _define_class(self, definition: ast.ClassDef) -> bool:
        names = self.names
        body = _Reader(names.inner(), self._package, is_class=True)
        is_enumeration = any(map(self._is_enumeration, definition.bases))
        is_harmless = (
            all(map(names.is_base, definition.bases))
            and all(map(names.is_decorator, definition.decorator_list))
            and all(
                word.arg not in (None, "metaclass") and names.is_plain(word.value)
                for word in definition.keywords
            )
            and body.binds_names(definition.body)
            and not any(
                _runs_with_the_class(name, is_enumeration)
                for name in body.names.origins.keys() - names.origins.keys()
            )
        )
        names.bind(definition.name)
        if not is_enumeration:
            names.classes.add(definition.name)
        return is_harmless

    def _is_enumeration(self, base: ast.expr) -> bool:
        match base:
            case ast.Name(name) | ast.Attribute(ast.Name(name)):
                return self.names.origin_of(name).module == "enum"
        return False

    def _assign(self, target: ast.expr, value: ast.expr | None) -> bool:
        match target, value:
            case ast.Name(name), None:  # `name: type`
                self.names.bind(name)
                return True
            case ast.Name(name), ast.expr():
                is_plain = self.names.is_plain(value)
                is_harmless = not self._is_class or self.names.is_member(value)
                self.names.bind(name, self.names.origin_of_value(value))
                if is_plain:
                    self.names.plain.add(name)
                return is_harmless
            case ast.Tuple(targets), ast.Tuple(values) if len(targets) == len(values):
                # Of `a, b = b, a`, the second would be looked at when the first is done.
                is_swap = not _names_in(targets).isdisjoint(_names_in(values))
                return not is_swap and all(map(self._assign, targets, values))
        return False  # an attribute or an item of something

    def _may_annotate(self, annotation: ast.expr) -> bool:
        return not self.names.reads_annotations or self.names.is_type(annotation)


def _annotations(function: _Function) -> Iterator[ast.expr]:
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += filter(None, [arguments.vararg, arguments.kwarg])
    yield from (each.annotation for each in every if each.annotation)
    if function.returns:
        yield function.returns


def _names_in(expressions: Iterable[ast.expr]) -> set[str]:
    nodes = chain.from_iterable(map(ast.walk, expressions))
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def _runs_with_the_class(name: str, is_enumeration: bool) -> bool:
    if is_enumeration:
        is_special = name.startswith("_") and name.endswith("_")
        return is_special and name not in _NOT_CALLED_WITH_AN_ENUMERATION
    return name in _CALLED_WITH_THE_CLASS
