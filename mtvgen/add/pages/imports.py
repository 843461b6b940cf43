"""Lines of the generated programs that are long for some models: imports and lists."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from mtvgen.add.pages.fields import Described
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
    models = {described.model.__name__}
    models |= {f.target.model.__name__ for f in (*described.fields, *described.many) if f.target
               and (f.is_edited or f in described.many)}  # fmt: skip
    own = [f.enum for f in described.edited if f.kind == "enum"]
    models |= {enum.__name__ for enum in own}
    blocks = [stdlib, third, {"models": models}]
    return "\n\n".join(
        "\n".join(import_line(module, block[module]) for module in sorted(block))
        for block in blocks
    )


def _uses(lines: str, name: str) -> bool:
    return re.search(rf"(?<![\w.\"]){name}(?![\w\"])(?!:)", lines) is not None


def import_line(module: str, names: Iterable[str]) -> str:
    """Return the import of some names, in the order and the width of ruff."""
    ordered = sorted(names, key=lambda name: (not name[0].isupper(), name))
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
