"""A new page from the line where the need arose: its route, its view, its template.

What a name of a route lacks is made one after another: first the path(), then the function, then
the template that it renders.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mtvgen.checks.python.module import Module
from mtvgen.checks.report import Edit
from mtvgen.lsp.actions.edits import Changes
from mtvgen.lsp.actions.python_edits import add_import, add_item
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.written_routes import WrittenRoute

_RUNTIME = "mtvgen.runtime"
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_KEYWORD = re.compile(r"(\w+)\s*=(?!=)")
_TYPES = {"int": "int"}
# Functions of the tutorial that take what a form sends.
_OF_FORMS = frozenset({"create", "update", "delete", "save", "remove"})
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


class Step(NamedTuple):
    """The next piece of a page: what it is called in the list of actions, and the changes."""

    title: str
    changes: Changes


def next_step(here: Here, name: str, arguments: str = "") -> Step | None:
    """Return the next piece that a route of a name lacks.

    Args:
        here: Where somebody asks.
        name: The route's name.
        arguments: What a url_for() passes besides, as it is written.
    """
    if not _NAME.fullmatch(name):
        return None
    routes = [route for route in here.routes if route.name == name]
    if not routes:
        if any(route.name == name for route in here.engine.facts.routes or ()):
            return None
        return add_route(here, name, tuple(_KEYWORD.findall(arguments)))
    for route in routes:
        if step := lacking_view(here, route) or lacking_template(here, route):
            return step
    return None


def add_route(here: Here, name: str, parameters: tuple[str, ...]) -> Step | None:
    """Return the step that adds a path() to urls.py, and the import of its view's module."""
    urls = here.sources.modules.get("urls")
    patterns = _urlpatterns(urls) if urls is not None else None
    if urls is None or patterns is None:
        return None
    module, _, function = name.rpartition(".")
    module, is_own = (module, True) if module else (name, False)
    function = function if is_own else "index"
    package, _, last = f"views.{module}".rpartition(".")
    written = [f'"{_pattern(module, function, parameters)}"', f"{last}.{function}"]
    if not is_own:
        written.append(f'name="{name}"')
    if function in _OF_FORMS:
        written.append('methods=["POST"]')
    line = f"path({', '.join(written)})"
    edits = [add_item(urls, patterns, line), add_import(urls, package, last)]
    edits.append(add_import(urls, _RUNTIME, "path"))
    changes = Changes(tuple(edit for edit in edits if edit is not None))
    return Step(f"Add {line} to urls.py", changes)


def _pattern(module: str, function: str, parameters: tuple[str, ...]) -> str:
    parts = module.split(".")
    parts += [
        f"<int:{name}>" if name == "id" or name.endswith("_id") else f"<{name}>"
        for name in parameters
    ]
    if function not in ("index", "detail", "create"):
        parts.append(function)
    return "/" + "/".join(parts)


def _urlpatterns(module: Module) -> ast.List | None:
    for node in module.tree.body if module.tree is not None else ():
        targets = node.targets if isinstance(node, ast.Assign) else []
        value = node.value if isinstance(node, ast.Assign) else None
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if "urlpatterns" in names and isinstance(value, ast.List):
            return value
    return None


def lacking_view(here: Here, route: WrittenRoute) -> Step | None:
    """Return the step that writes the function of a route, if there is none yet."""
    dotted = route.view
    if not dotted.startswith("views.") or here.sources.find_function(dotted) is not None:
        return None
    module_name, _, function = dotted.rpartition(".")
    module = here.sources.modules.get(module_name)
    if module_name == "views" or not function.isidentifier():
        return None
    owner = here.sources.module_of(dotted)
    if module is None and owner is not None and owner.name not in _packages_of(module_name):
        return None  # it is an attribute of something else
    code = _function(function, route, module_name.removeprefix("views."))
    title = f"Create the view {dotted.removeprefix('views.')}"
    if module is None:
        file = f"{module_name.replace('.', '/')}.py"
        return Step(f"{title} in {file}", Changes(created={file: _new_file(code)}))
    if module.tree is None or function in module.top.names or function in module.classes:
        return None
    return Step(f"{title} in {module.file}", Changes(tuple(_appended(module, code))))


def _packages_of(module_name: str) -> set[str]:
    parts = module_name.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts))}


def _function(name: str, route: WrittenRoute, module: str) -> str:
    parameters = ["request: Request"]
    parameters += [
        f"{parameter}: {_TYPES.get(kind or 'str', 'str')}"
        for kind, parameter in _PARAMETER.findall(route.pattern)
    ]
    if "GET" in route.methods:
        template = f"{module.replace('.', '/')}/{name}.html"
        body = f'    return render(request, "{template}")\n'
    else:
        body = f'    return redirect(request.url_for("{module}.index"))\n'
    return f"def {name}({', '.join(parameters)}) -> Response:\n{body}"


def _needed(code: str) -> list[str]:
    answer = "redirect" if "redirect(" in code else "render"
    return ["Request", "Response", answer]


def _new_file(code: str) -> str:
    return f"from {_RUNTIME} import {', '.join(_needed(code))}\n\n\n{code}"


def _appended(module: Module, code: str) -> Iterator[Edit]:
    """Yield the edits that add a function at the end of a file, and what it needs."""
    names = [name for name in _needed(code) if name not in module.names]
    imported = None
    for name in names:
        edit = add_import(module, _RUNTIME, name)
        if edit is None:
            continue
        if imported is not None and edit.place == imported.place:
            # A second name in the same place: one edit has both, because they may not meet.
            joined = _joined(imported.text, edit.text, name)
            imported = Edit(edit.place, joined)
            continue
        if imported is not None:
            yield imported
        imported = edit
    if imported is not None:
        yield imported
    text = module.text.text
    gap = "\n\n" if text.endswith("\n") or not text else "\n\n\n"
    end = module.text.place(len(text), len(text))
    yield Edit(end, f"{gap}{code}" if text.strip() else code)


def _joined(first: str, second: str, name: str) -> str:
    if first.startswith("from "):
        return f"{first.rstrip()}, {name}\n"
    return f"{first}{second}"


def lacking_template(here: Here, route: WrittenRoute) -> Step | None:
    """Return the step that writes the template of a route's view, if there is none yet."""
    definition = here.sources.find_function(route.view)
    store = here.store
    if definition is None or store is None:
        return None
    module, function = definition
    last = function.end_lineno or function.lineno
    for call in here.engine.cache.renders:
        is_in_view = (
            call.place is not None
            and call.place.file == module.file
            and function.lineno <= call.place.line <= last
        )
        if is_in_view and call.template is not None and store.get(call.template) is None:
            return create_template(here, call.template)
    return None


def create_template(here: Here, name: str) -> Step | None:
    """Return the step that writes a template of a name, which fills the blocks of base.html."""
    parts = name.split("/")
    if not name or name.startswith("/") or ".." in parts or "" in parts or "\\" in name:
        return None
    directories = here.engine.facts.templates
    directory = directories[0] if directories else str(here.engine.root / "templates")
    path = here.engine.root / directory / name
    if not path.is_relative_to(here.engine.root) or path.exists():
        return None
    file = path.relative_to(here.engine.root).as_posix()
    text = "" if parts[-1].startswith("_") else _page(here)
    return Step(f"Create {file}", Changes(created={file: text}))


def _page(here: Here) -> str:
    """Return a page that extends base.html: its title, and the blocks that it leaves empty."""
    base = here.store.get("base.html") if here.store is not None else None
    if base is None or base.tree is None:
        return ""
    lines = ['{% extends "base.html" %}\n']
    for name, block in base.tree.blocks.items():
        if name == "title":
            lines.append("\n{% block title %}{% endblock %}\n")
        elif all(map(_is_blank, block.body)):
            lines.append(f"\n{{% block {name} %}}\n{{% endblock %}}\n")
    return "".join(lines)


def _is_blank(node: Any) -> bool:
    """Return whether a node of a template writes white space only."""
    parts = getattr(node, "nodes", None)
    return parts is not None and all(not getattr(part, "data", "x").strip() for part in parts)
