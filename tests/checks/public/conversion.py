"""An application for Flask, written as a project of mtvgen: what is checked is their code.

Templates keep their lines. In Python, `render_template("x.html", a=1)` becomes
`render(request, "x.html", a=1)`, and `url_for("x")` becomes `request.url_for("x")`; each function
is written again from its syntax tree. Routes lead to one view that does nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.checks.public.flask_application import (
    FLASK,
    FlaskApplication,
    Rule,
    names_in_calls,
)

_WSGI = """from pathlib import Path
from mtvgen.runtime import Application, Templates
from tests.checks.public.stand_ins import filters, tests, values
from urls import urlpatterns

templates = Templates(
    Path(__file__).parent / "templates",
    filters=filters({filters!r}),
    globals=values({globals!r}),
    extensions=["jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols"],
)
templates.environment.tests.update(tests({tests!r}))
application = Application(urlpatterns, templates=templates)
"""
_HEAD = """from flask import request
from mtvgen.runtime import redirect, render
from elsewhere import from_wrapper
"""
_PARAMETER = re.compile(r"<(?:(?P<converter>\w+)(?:\(.*?\))?:)?(?P<name>\w+)>")
_CONVERTERS = {"int": "int:", "path": "path:", "uuid": "uuid:"}
# In templates: endpoints of the same blueprint, and what is Flask's own.
_OWN_ENDPOINT = re.compile(r"(url_for\(\s*['\"])\.([\w.-]+)(?=['\"])")
_WITH_OBJECTS = re.compile(
    r"\burl_for\((?=\s*(?:['\"][^'\"]*['\"]\s*(?:[+~]|,(?!\s*(?:\w+\s*=[^=]|\*\*)))|[^'\"\s]))"
)
_FLASKS_REQUEST = re.compile(r"(?<![\w.'\"/-])request(?=\s*\.)")
_FLASHED = re.compile(r"\bget_flashed_messages\(")


@dataclass(frozen=True)
class Wishes:
    """What the syntax trees do not say of an application.

    Attributes:
        folders: Other directories of templates, below the package, in which names begin at once.
        renderers: Functions of its own around render_template(), which take what it takes.
        filters: Filters that are registered by computed names.
        globals: Names that its templates have, likewise.
        suffixes: What its templates are called.
        rewritten: Patterns in templates, each with what is written in its place.
    """

    folders: tuple[str, ...] = ()
    renderers: tuple[str, ...] = ()
    filters: frozenset[str] = frozenset()
    globals: frozenset[str] = frozenset()
    suffixes: tuple[str, ...] = (".html",)
    rewritten: tuple[tuple[str, str], ...] = ()


def convert(application: FlaskApplication, package: Path, wishes: Wishes, root: Path) -> int:
    """Write the project.

    Returns:
        The lines of all templates.
    """
    folders = [*((package / folder, "") for folder in wishes.folders), *application.folders]
    texts = dict(_templates(folders, wishes.suffixes))
    rules = [*application.rules, *_of_static_files(application)]
    rules += _computed_rules(application, texts.values(), {rule.endpoint for rule in rules})
    own = _own_endpoints(rules)
    for name, text in texts.items():
        for pattern, instead in wishes.rewritten:
            text = re.sub(pattern, instead, text)
        write(root / "templates" / name, converted_template(text, own))
    write(root / "urls.py", _urls(rules))
    write(root / "views/nothing.py", 'def nothing(request, **names):\n    return ""\n')
    wsgi = _WSGI.format(
        filters=sorted(application.filters | wishes.filters),
        tests=sorted(application.tests),
        globals=sorted(application.globals | wishes.globals | FLASK),
    )
    write(root / "wsgi.py", wsgi)
    _write_views(application, package, wishes, root)
    return sum(text.count("\n") for text in texts.values())


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _templates(folders: Sequence[tuple[Path, str]], suffixes: tuple[str, ...]):
    for folder, prefix in reversed(folders):  # the first that has a name wins
        for file in sorted(folder.rglob("*")):
            if file.is_file() and file.name.endswith(suffixes):
                yield f"{prefix}{file.relative_to(folder).as_posix()}", file.read_text()


def converted_template(text: str, own: Callable[[str], str]) -> str:
    """Write a template for mtvgen: the calls and names that are Flask's, in the same lines."""
    text = _OWN_ENDPOINT.sub(lambda found: f"{found[1]}{own(found[2])}", text)
    text = _WITH_OBJECTS.sub("link_for(", text)
    text = _FLASKS_REQUEST.sub("flask_request", text)
    return _FLASHED.sub("flashed_messages(", text)


def _own_endpoints(rules: Iterable[Rule]) -> Callable[[str], str]:
    by_end: dict[str, str] = {}
    for rule in rules:
        by_end.setdefault(rule.endpoint.rpartition(".")[2], rule.endpoint)
    return lambda name: by_end.get(name, name)


def _of_static_files(application: FlaskApplication) -> list[Rule]:
    blueprints = {rule.endpoint.rpartition(".")[0] for rule in application.rules}
    names = ["static", *(f"{name}.static" for name in sorted(blueprints) if name)]
    return [Rule(f"/{name}/<path:filename>", name, ("GET",)) for name in names]


def _computed_rules(
    application: FlaskApplication, texts: Iterable[str], known: set[str]
) -> list[Rule]:
    """Endpoints that are used, of blueprints with routes that are computed."""
    sources = (ast.unparse(tree) for tree in application.sources.values())
    used = {
        found[1]
        for text in (*texts, *sources)
        for found in re.finditer(r"url_for\(\s*['\"]\.?([\w.-]+)['\"]", text)
    }
    ends = {name.rpartition(".")[2] for name in known}
    used = {name for name in used if "." in name or name not in ends}
    return [
        Rule(f"/computed/{name}", name, ("GET", "POST"))
        for name in sorted(used - known)
        if name.rpartition(".")[0] in application.open or ("." not in name and application.open)
    ]


def _urls(rules: Iterable[Rule]) -> str:
    """One route for each endpoint, the one with the fewest parameters; Flask picks by those."""
    best: dict[str, Rule] = {}
    for rule in rules:
        other = best.get(rule.endpoint)
        methods = dict.fromkeys((*(other.methods if other else ()), *rule.methods))
        if other is not None and other.pattern.count("<") <= rule.pattern.count("<"):
            rule = other
        best[rule.endpoint] = Rule(rule.pattern, rule.endpoint, tuple(methods))
    taken: set[tuple[str, str]] = set()
    lines = []
    for rule in best.values():
        pattern = _pattern(rule.pattern)
        bare = _PARAMETER.sub("<>", pattern)
        if any((bare, method) in taken for method in rule.methods):  # hosts or converters decide
            pattern = f"/{len(taken)}{pattern}"
        taken |= {(bare, method) for method in rule.methods}
        lines.append(
            f"    path({pattern!r}, nothing, name={rule.endpoint!r}, methods={rule.methods!r}),"
        )
    imports = "from mtvgen.runtime import path\nfrom views.nothing import nothing\n"
    return f"{imports}\nurlpatterns = [\n" + "\n".join(lines) + "\n]\n"


def _pattern(rule: str) -> str:
    names: set[str] = set()

    def parameter(found: re.Match[str]) -> str:
        converter = _CONVERTERS.get(found["converter"] or "", "")
        if converter == "path:" and "<path:" in names:
            converter = ""
        names.add("<path:" if converter == "path:" else "")
        return f"<{converter}{found['name']}>"

    pattern = _PARAMETER.sub(parameter, rule).replace("><", ">-<").replace("//", "/")
    return pattern if pattern.startswith("/") else f"/{pattern}"


def _write_views(application: FlaskApplication, package: Path, wishes: Wishes, root: Path) -> None:
    renderers = {"render_template": []} | {
        name: names_in_calls(application.sources.values(), name) for name in wishes.renderers
    }
    for file, tree in application.sources.items():
        writer = _Writer(renderers)
        converted = writer.visit(tree)
        if writer.count:
            inside = "_".join(file.relative_to(package).with_suffix("").parts)
            text = ast.unparse(ast.fix_missing_locations(converted))
            write(root / "views" / f"of_{inside}.py", f"{_HEAD}{text}\n")


class _Writer(ast.NodeTransformer):
    def __init__(self, renderers: dict[str, list[str]]) -> None:
        self._renderers = renderers
        self.count = 0

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        if node.module == "__future__":
            return None
        names = [alias for alias in node.names if alias.name not in ("redirect", "render")]
        return ast.ImportFrom(node.module, names, node.level) if names else None

    def visit_Return(self, node: ast.Return) -> ast.AST:
        """Write `return render_template("x.html"), 404` with its `status_code`."""
        self.generic_visit(node)
        match node.value:
            case ast.Tuple([ast.Call(ast.Name("render")) as call, status, *_]):
                call.keywords.append(ast.keyword("status_code", status))
                node.value = call
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.func, ast.Name):
            return node
        name = node.func.id
        if name in self._renderers and len(node.args) == 1:
            self.count += 1
            given = {word.arg for word in node.keywords}
            added = [
                ast.keyword(word, ast.Call(ast.Name("from_wrapper"), [ast.Constant(word)], []))
                for word in self._renderers[name]
                if word not in given
            ]
            args = [ast.Name("request"), *node.args]
            return ast.Call(ast.Name("render"), args, [*node.keywords, *added])
        target = node.args[0] if node.args else None
        is_own = isinstance(target, ast.Constant) and not str(target.value).startswith(".")
        if name == "url_for" and len(node.args) == 1 and is_own:
            self.count += 1
            return ast.Call(ast.Attribute(ast.Name("request"), name), node.args, node.keywords)
        return node
