"""The places in a project's files that an addition edits: its routes, middleware and models.

Each edit takes the bytes of a file and returns them with a line more; the same bytes where the
line is there already.
"""

from __future__ import annotations

import ast

from mtvgen.add.python_edits import PythonFile, importing
from mtvgen.add.python_names import following_text
from mtvgen.add.source_text import NotPlacedError


def with_routes(urls: bytes, views: str) -> bytes:
    """Include the routes of a module of views, behind all others.

    Args:
        urls: The file `urls.py`.
        views: The module below `views`, whose `urlpatterns` are included: `accounts`.

    Raises:
        NotPlacedError: There is no `urlpatterns` at the top of the file.
    """
    line = '{include}("", {views}.urlpatterns, name="' + views + '.")'
    return _including(urls, views, line, {})


def with_pages(urls: bytes, views: str, at: str, access: tuple[str, str] | None) -> bytes:
    """Include the routes of a module of views at an address, behind all others.

    Args:
        urls: The file `urls.py`.
        views: The module below `views`.
        at: What their patterns begin with: `/books`.
        access: A rule of `mtvgen.runtime.accounts`, by its name and as it is written:
            `role` and `role("staff")`; None: it is not said.

    Raises:
        NotPlacedError: There is no `urlpatterns` at the top of the file.
    """
    if access is None:
        return _including(urls, views, f'{{include}}("{at}", {{views}}.urlpatterns)', {})
    name, rule = access
    rest = rule.removeprefix(name)
    line = f'{{include}}("{at}", {{views}}.urlpatterns, access={{{name}}}{rest})'
    return _including(urls, views, line, {name: "mtvgen.runtime.accounts"})


def _including(urls: bytes, views: str, line: str, imports: dict[str, str]) -> bytes:
    """Add a line that includes the routes of a module of views.

    Args:
        urls: The file `urls.py`.
        views: The module below `views`.
        line: The line, with `{include}`, `{views}` and `{name}` for what is imported.
        imports: The other names in the line, each with its module.
    """
    data, module = importing(urls, "views", views)
    if PythonFile(urls).mentions(f"{module}.urlpatterns"):
        return urls
    data, include = importing(data, "mtvgen.runtime", "include")
    given = {"views": module, "include": include}
    for name, place in imports.items():
        data, given[name] = importing(data, place, name)
    file = PythonFile(data)
    line = line.format(**given)
    patterns = file.list_named("urlpatterns")
    if patterns is not None:
        file.add_to_list(patterns, line)
    else:  # it is computed, extended or imported; whatever it is, a list can be made of it
        file.add_below("urlpatterns", f"urlpatterns = [*urlpatterns, {line}]")
    return file.edited()


def with_middleware(
    wsgi: bytes,
    call: tuple[str, str],
    arguments: str,
    imports: dict[str, str],
    after: set[str],
    *,
    instead: str = "",
) -> bytes:
    """Add a middleware, behind those that it needs.

    Args:
        wsgi: The file `wsgi.py`.
        call: The module and the name of the function that makes it.
        arguments: What it is called with, as Python, with `{name}` for what is imported.
        imports: The names in the arguments, each with its module.
        after: The functions that make the middleware that it needs.
        instead: Arguments that are replaced, where it is there with them.

    Raises:
        NotPlacedError: The list is not written out, or lacks one that is needed.
    """
    data, function = importing(wsgi, *call)
    names = {}
    for name, module in imports.items():
        data, names[name] = importing(data, module, name)
    added = f"{function}({arguments.format(**names)})"
    if PythonFile(wsgi).mentions(function):
        there = f"{function}({instead.format(**names)})"
        return PythonFile(wsgi).with_expression(there, added) if instead else wsgi
    file = PythonFile(data)
    listed = file.argument("Application", "middleware")
    if isinstance(listed, ast.Name):
        listed = file.list_named(listed.id, anywhere=True)
    if not isinstance(listed, ast.List | ast.Tuple):
        raise NotPlacedError("the list of middleware is not written out in it")
    functions = [
        file.original_name(item.func) if isinstance(item, ast.Call) else "" for item in listed.elts
    ]
    if missing := sorted(after - set(functions)):
        raise NotPlacedError(f"{missing[0]}(...) is not in its list of middleware")
    anchor = listed.elts[max(functions.index(name) for name in after)]
    file.add_to_list(listed, added, anchor)
    return file.edited()


def with_models(models: bytes, module: str, classes: list[str]) -> bytes:
    """Import classes of a new file of models, and list them in `__all__` if the file has it.

    Args:
        models: The file `models/__init__.py`.
        module: The new module below `models`.
        classes: What it defines.

    Raises:
        NotPlacedError: `__all__` is not written out.
    """
    levels = PythonFile(models).levels_of_imports("models")
    is_relative = levels == {1}
    place, level = (module, 1) if is_relative else (f"models.{module}", 0)
    for name in classes:
        models, local = importing(models, place, name, level)
        if local == name:
            models = _listed(models, name)
    return models


def _listed(models: bytes, name: str) -> bytes:
    file = PythonFile(models)
    exported = file.list_named("__all__")
    if exported is None:
        return models
    texts = [str(item.value) for item in exported.elts if isinstance(item, ast.Constant)]
    if name in texts:
        return models
    following = following_text(texts, name)
    if following is None:
        file.add_to_list(exported, f'"{name}"')
    else:
        item = next(
            each
            for each in exported.elts
            if isinstance(each, ast.Constant) and each.value == following
        )
        file.add_in_front(item, f'"{name}"')
    return file.edited()
