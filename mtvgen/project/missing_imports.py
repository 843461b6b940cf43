"""Imports that would bind a name which nothing binds."""

from __future__ import annotations

import sys
from pkgutil import iter_modules
from types import ModuleType

# What is imported so often that everybody knows from where.
COMMON = {
    "date": "datetime",
    "datetime": "datetime",
    "timedelta": "datetime",
    "UTC": "datetime",
    "Decimal": "decimal",
    "Path": "pathlib",
    "Any": "typing",
    "wraps": "functools",
    "select": "sqlalchemy",
    "func": "sqlalchemy",
    "or_": "sqlalchemy",
    "selectinload": "sqlalchemy.orm",
    "joinedload": "sqlalchemy.orm",
    "IntegrityError": "sqlalchemy.exc",
}
# The packages of a project that others import from.
_PACKAGES = ("models", "views")


def import_of(name: str) -> str:
    """Return the line that binds a name in the project that runs here; empty for an unknown."""
    from mtvgen import runtime  # imported on use: nothing but a mistake needs it

    if name in runtime.__all__:
        return f"from {runtime.__name__} import {name}"
    if name in COMMON:
        return f"from {COMMON[name]} import {name}"
    for package in _PACKAGES:
        if name in names_of(sys.modules.get(package)):
            return f"from {package} import {name}"
    return ""


def names_of(module: ModuleType | None) -> set[str]:
    """Return what can be imported from a module: its names, and the modules in its folder."""
    inside = {module.name for module in iter_modules(getattr(module, "__path__", []))}
    return {name for name in vars(module) if not name.startswith("_")} | inside if module else set()
