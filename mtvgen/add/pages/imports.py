"""Lines of the generated programs that are long for some models: imports and lists."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any

from mtvgen.add.pages.described.fields import Described
from mtvgen.add.pages.described.names import local_name
from mtvgen.add.pages.folding import WIDTH


def imports_of(described: Described, values: dict[str, Any]) -> str:
    """Return the imports of the views, sorted."""
    lines = "\n".join(values["form_lines"])
    stdlib: dict[str, set[str]] = {"collections.abc": {"Callable"}}
    for module, names in (
        ("datetime", ("date", "datetime", "time")),
        ("decimal", ("Decimal",)),
        ("typing", ("Annotated", "Literal")),
    ):
        used = {name for name in names if _uses(lines, name)}
        if used:
            stdlib[module] = used
    if described.key_kind == "UUID":
        stdlib["uuid"] = {"UUID"}
    runtime = {"Request", "Response", "flash", "get_or_404", "path", "redirect", "render"}
    third = {"mtvgen.runtime": runtime, "mtvgen.runtime.lists": {"Listing", "delete_row"}}
    if described.has_form:
        extras = {name for name in ("column", "least", "most", "rows") if f"{name}(" in lines}
        third["mtvgen.runtime.forms"] = {"Form", *extras}
    if values["find_load"] or values["many"]:
        third["sqlalchemy"] = {"select"}
    loaders = {text.split("(")[0] for text in values["find_load"]}
    if values["many"]:
        loaders.add("with_parent")
    if loaders:
        third["sqlalchemy.orm"] = loaders
    models = [described.model]
    models += [f.target.model for f in described.fields if f.target and f.is_edited]
    models += [f.target.model for f in described.many if f.target]
    models += [f.enum for f in described.edited if f.kind == "enum"]
    blocks = [
        [import_line(name, block[name]) for name in sorted(block)] for block in (stdlib, third)
    ]
    return "\n\n".join("\n".join(lines) for lines in [*blocks, imports_of_own(models)])


def imports_of_own(models: Iterable[Any], *, database: bool = False) -> list[str]:
    """Return the imports of classes of the project.

    From `models` if it exports them: mypy takes no other name from there.

    Args:
        models: Models and Enums.
        database: Whether `database` is imported, too.
    """
    homes: dict[str, set[str]] = {"models": {"database"}} if database else {}
    for model in models:
        name = model.__qualname__.partition(".")[0]
        local = local_name(model).partition(".")[0]
        written = name if local == name else f"{name} as {local}"
        homes.setdefault(_home_of(model, name), set()).add(written)
    return [line for home in sorted(homes) for line in _lines(home, homes[home])]


def _lines(module: str, names: Iterable[str]) -> list[str]:
    """Return the imports from a module, with a line for each name that gets another one."""
    renamed = [name for name in names if " as " in name]
    groups = [[name] for name in renamed]
    if plain := sorted(set(names) - set(renamed), key=_order):
        groups.append(plain)
    return [import_line(module, group) for group in sorted(groups, key=lambda g: _order(g[0]))]


def _order(name: str) -> tuple[bool, str]:
    """Return the key that ruff sorts names by: classes first."""
    return not name[0].isupper(), name


def _home_of(model: Any, name: str) -> str:
    package = sys.modules.get("models")
    exported = getattr(package, "__all__", ())
    is_there = name in exported and getattr(package, name, None) is not None
    return "models" if is_there else str(model.__module__)


def _uses(lines: str, name: str) -> bool:
    return re.search(rf"(?<![\w.\"]){name}(?![\w\"])(?!:)", lines) is not None


def import_line(module: str, names: Iterable[str]) -> str:
    """Return the import of some names, in the order and the width of ruff."""
    ordered = sorted(names, key=_order)
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in ordered) + ")"


def list_line(prefix: str, items: list[str]) -> str:
    """Return a list behind its beginning, on one line or with a line for each item."""
    line = f"{prefix}[{', '.join(items)}],"
    if len(line) + 4 <= WIDTH:
        return line
    return f"{prefix}[\n" + "".join(f"        {item},\n" for item in items) + "    ],"
