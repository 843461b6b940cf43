"""An application for Flask, read by its syntax trees: its routes, its templates, their filters.

Nothing of it is imported. What is computed there is left out, and then said to be open.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

# What Flask, Flask-Login and the extension for translations give to every template.
_FLASKS = """flask_request flashed_messages link_for config session g current_user csrf_token
    _ gettext ngettext pgettext npgettext"""
FLASK = frozenset(_FLASKS.split())
_BLUEPRINTS = frozenset({"Blueprint", "IndicoBlueprint"})
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Rule:
    """A route: `/notes/<int:id>`, its endpoint, and the methods that it takes."""

    pattern: str
    endpoint: str
    methods: tuple[str, ...]


@dataclass
class FlaskApplication:
    """What was read.

    Attributes:
        sources: The Python files, each with its tree.
        rules: The routes.
        blueprints: By the names of their variables: their own names, and their prefixes.
        open: The blueprints with routes that are computed.
        folders: The directories of templates, each with what its names begin with.
        filters: The names of the filters.
        tests: The names of the tests.
        globals: The names that every template has.
    """

    sources: dict[Path, ast.Module] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    blueprints: dict[str, tuple[str, str]] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    folders: list[tuple[Path, str]] = field(default_factory=list)
    filters: set[str] = field(default_factory=set)
    tests: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)


def read_application(package: Path) -> FlaskApplication:
    """Read all Python files of a package."""
    application = FlaskApplication()
    for file in sorted(package.rglob("*.py")):
        try:
            application.sources[file] = ast.parse(file.read_bytes())
        except SyntaxError:
            continue
    files = [_File(file, tree, application) for file, tree in application.sources.items()]
    for file in files:
        file.read_blueprints()
    for file in files:
        file.read()
    return application


class _File:
    def __init__(self, file: Path, tree: ast.Module, application: FlaskApplication) -> None:
        self.file = file
        self.application = application
        self.nodes = list(ast.walk(tree))
        self.blueprints: dict[str, tuple[str, str]] = {}

    def read_blueprints(self) -> None:
        for node in self.nodes:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
                self._read_blueprint(node, node.value)
        self.application.blueprints |= self.blueprints

    def read(self) -> None:
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef):
                self._read_decorators(node)
            elif isinstance(node, ast.Call):
                self._read_call(node)
            elif isinstance(node, ast.Assign):
                self._read_item(node)

    def _read_blueprint(self, node: ast.Assign, call: ast.Call) -> None:
        name = _text(call.args[0]) if call.args else None
        if _called(call) not in _BLUEPRINTS or name is None:
            return
        options = {word.arg: _text(word.value) for word in call.keywords}
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.blueprints[target.id] = (name, options.get("url_prefix") or "")
        folder = options.get("template_folder")
        if folder is not None:
            virtual = options.get("virtual_template_folder")
            place = (self.file.parent / folder).resolve()
            self.application.folders.append((place, f"{virtual}/" if virtual else ""))

    def _read_decorators(self, function: ast.FunctionDef) -> None:
        for node in function.decorator_list:
            called = _called(node)
            if isinstance(node, ast.Call) and called in ("route", *_METHODS):
                self._add_rule(node, function.name, called)
            elif called in ("template_filter", "app_template_filter"):
                self.application.filters.add(_given_name(node) or function.name)
            elif called in ("template_global", "app_template_global"):
                self.application.globals.add(_given_name(node) or function.name)
            elif called in ("template_test", "app_template_test"):
                self.application.tests.add(_given_name(node) or function.name)
            elif called in ("context_processor", "app_context_processor"):
                self.application.globals |= set(_returned_names(function))

    def _read_call(self, call: ast.Call) -> None:
        called = _called(call)
        if called == "add_url_rule":
            given = [_text(argument) for argument in call.args[1:2]]
            endpoint = next(iter(given), None) or _text(_keyword(call, "endpoint"))
            self._add_rule(call, endpoint or _as_view(_keyword(call, "view_func")), called)
        elif called == "register_view" and call.args:
            rules = _keyword(call, "routes")
            for rule in rules.elts if isinstance(rules, ast.List) else ():
                inner = ast.Call(ast.Attribute(call.args[0], called), [rule], call.keywords)
                self._add_rule(inner, _as_view(_keyword(call, "view_func")), called)
        elif called == "update" and isinstance(call.func, ast.Attribute):
            words = [word.arg for word in call.keywords if word.arg is not None]
            owner = ast.unparse(call.func.value)
            self.application.globals |= set(words) if owner.endswith(".globals") else set()
            self.application.filters |= set(words) if owner.endswith(".filters") else set()
        elif called in ("add_template_filter", "add_template_global", "add_template_test"):
            names = {
                "add_template_filter": self.application.filters,
                "add_template_global": self.application.globals,
                "add_template_test": self.application.tests,
            }[called]
            named = _text(_keyword(call, "name")) or next(map(_text, call.args[1:2]), None)
            names.add(named or ast.unparse(call.args[0]).rpartition(".")[2])

    def _read_item(self, node: ast.Assign) -> None:
        """`app.jinja_env.filters["markup"] = ...`, and `filters["markup"] = ...` before it."""
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                name, place = _text(target.slice), ast.unparse(target.value)
                if name is not None and place.endswith("filters"):
                    self.application.filters.add(name)
                elif name is not None and place.endswith("globals"):
                    self.application.globals.add(name)

    def _add_rule(self, call: ast.Call, endpoint: str | None, called: str) -> None:
        owner = call.func.value if isinstance(call.func, ast.Attribute) else None
        name = owner.id if isinstance(owner, ast.Name) else ""
        blueprints = {**self.application.blueprints, **self.blueprints}  # some are imported
        blueprint, prefix = blueprints.get(name, ("", ""))
        rule = _text(call.args[0]) if call.args else None
        if rule is None or endpoint is None:
            self.application.open.add(blueprint)
            return
        named = _text(_keyword(call, "endpoint")) or endpoint
        pattern = rule[1:] if rule.startswith("!/") else prefix + rule
        methods = _texts(_keyword(call, "methods"))
        if methods is None:  # a class may have a function for each, or the list is computed
            is_class = _called(_keyword(call, "view_func") or call) == "as_view"
            methods = [called.upper()] if called in _METHODS else ["GET"]
            methods = [method.upper() for method in _METHODS] if is_class else methods
        full = f"{blueprint}.{named}" if blueprint else named
        self.application.rules.append(Rule(pattern, full, tuple(methods)))


def _called(node: ast.AST) -> str:
    func = node.func if isinstance(node, ast.Call) else node
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def _text(node: ast.AST | None) -> str | None:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return str(node.value) if is_text and isinstance(node, ast.Constant) else None


def _texts(node: ast.AST | None) -> list[str] | None:
    if not isinstance(node, ast.List | ast.Tuple | ast.Set):
        return None
    return [text for part in node.elts if (text := _text(part)) is not None]


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((word.value for word in call.keywords if word.arg == name), None)


def _as_view(node: ast.AST | None) -> str | None:
    """`Profile.as_view("profile")`, or the name of a function."""
    if isinstance(node, ast.Call) and _called(node) == "as_view" and node.args:
        return _text(node.args[0])
    return _called(node) or None if node is not None else None


def _given_name(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    return _text(node.args[0]) if node.args else _text(_keyword(node, "name"))


def _returned_names(function: ast.FunctionDef) -> Iterator[str]:
    """The names in the dicts that a context processor returns."""
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            yield from (text for key in node.keys if (text := _text(key)) is not None)
        elif isinstance(node, ast.Call) and _called(node) == "dict":
            yield from (word.arg for word in node.keywords if word.arg is not None)


def names_in_calls(
    sources: Iterable[ast.Module], function: str, inner: str = "render_template"
) -> list[str]:
    """Return the names that a wrapper of render_template() adds."""
    return [
        word.arg
        for tree in sources
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == function
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and _called(call) == inner
        for word in call.keywords
        if word.arg is not None
    ]
