"""A new page from the line where the need arose: its route, its view, its template.

What a name of a route lacks is made one after another: first the path(), then the function, then
the template that it renders.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from keyword import iskeyword
from typing import Any

from mtvgen.checks.places import Place
from mtvgen.checks.python.module import Module
from mtvgen.checks.report import Edit
from mtvgen.lsp.actions.edits import Changes, Step
from mtvgen.lsp.actions.new_routes import add_route
from mtvgen.lsp.actions.python_edits import add_import
from mtvgen.lsp.workspace.here import Here
from mtvgen.lsp.workspace.written_routes import WrittenRoute

_RUNTIME = "mtvgen.runtime"
_PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")
_TYPES = {"int": "int"}
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


def next_step(
    here: Here, name: str, arguments: str = "", *, is_of_form: bool = False
) -> Step | None:
    """Return the next piece that a route of a name lacks.

    Args:
        here: Where somebody asks.
        name: The route's name.
        arguments: What a url_for() passes besides, as it is written.
        is_of_form: Whether a form sends POST there.
    """
    if not _NAME.fullmatch(name) or any(map(iskeyword, name.split("."))):
        return None
    routes = [route for route in here.routes if route.name == name]
    if not routes:
        if any(route.name == name for route in here.engine.facts.routes or ()):
            return None
        return add_route(here, name, arguments, is_of_form=is_of_form)
    for route in routes:
        if step := lacking_view(here, route) or lacking_template(here, route):
            return step
    return None


def lacking_view(here: Here, route: WrittenRoute) -> Step | None:
    """Return the step that writes the function of a route, or the import, if there is none yet."""
    view, edit = _view_meant(route)
    if not view.startswith("views."):
        return None
    module_name, _, function = view.rpartition(".")
    if here.sources.find_function(view) is not None:
        _, _, last = module_name.rpartition(".")
        title = f"Add: from views import {last}"
        return Step(title, Changes((edit,))) if edit is not None else None
    module = here.sources.modules.get(module_name)
    if module_name == "views" or not function.isidentifier():
        return None
    owner = here.sources.module_of(view)
    if module is None and owner is not None and owner.name not in _packages_of(module_name):
        return None  # it is an attribute of something else
    code = _function(here, function, route, module_name.removeprefix("views."))
    title = f"Create the view {view.removeprefix('views.')}"
    edits = (edit,) if edit is not None else ()
    if module is None:
        file = f"{module_name.replace('.', '/')}.py"
        return Step(f"{title} in {file}", Changes(edits, created={file: _new_file(code)}))
    if module.tree is None or function in module.top.names or function in module.classes:
        return None
    above = route.call if route.module is module else None
    return Step(f"{title} in {module.file}", Changes((*edits, *_added(module, code, above))))


def _view_meant(route: WrittenRoute) -> tuple[str, Edit | None]:
    """Return the dotted name of a route's view, and the import that its module lacks."""
    first, _, function = route.view.partition(".")
    module = route.module
    bound = (*module.names, *module.functions, *module.classes, *dir(builtins))
    if module.top.stars or first in bound or not function.isidentifier():
        return route.view, None
    edit = add_import(module, "views", first)
    return (f"views.{route.view}", edit) if edit is not None else (route.view, None)


def _packages_of(module_name: str) -> set[str]:
    parts = module_name.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts))}


def _function(here: Here, name: str, route: WrittenRoute, module: str) -> str:
    parameters = ["request: Request"]
    parameters += [
        f"{parameter}: {_TYPES.get(kind or 'str', 'str')}"
        for kind, parameter in _PARAMETER.findall(route.pattern)
    ]
    facts = here.engine.facts.routes or ()
    known = {*(one.name for one in here.routes), *(one.name for one in facts)}
    if "GET" in route.methods or f"{module}.index" not in known:
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


def _added(module: Module, code: str, above: ast.Call | None) -> Iterator[Edit]:
    """Yield the edits that add a function to a file, and what it needs.

    Args:
        module: The file.
        code: The function.
        above: The path() in the same file that needs it; None: it goes to the end.
    """
    text = module.text.text
    end = module.text.place(len(text), len(text))
    if not text.strip():
        yield Edit(end, _new_file(code))
        return
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
    if above is not None:
        yield Edit(Place.at(module.file, _statement_around(module, above)), f"{code}\n\n")
        return
    gap = "\n\n" if text.endswith("\n") else "\n\n\n"
    yield Edit(end, f"{gap}{code}")


def _statement_around(module: Module, call: ast.Call) -> int:
    """Return the line of the statement at the top that holds a call, or of remarks above it."""
    body = module.tree.body if module.tree is not None else []
    line = max((one.lineno for one in body if one.lineno <= call.lineno), default=1)
    while module.text.line(line - 1).startswith("#"):
        line -= 1
    return line


def _joined(first: str, second: str, name: str) -> str:
    if first.lstrip().startswith("from "):
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
