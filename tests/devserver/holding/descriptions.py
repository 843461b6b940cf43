"""What the modules of a project hold, as texts that are the same in another process."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import FunctionType, ModuleType

from mtvgen.project.imported_modules import project_modules
from mtvgen.project.tracebacks import is_users

_ADDRESS = re.compile(r" at 0x[0-9a-f]+")
_NOT_SHOWN = frozenset(
    {
        *("__builtins__", "__cached__", "__dict__", "__loader__", "__spec__", "__weakref__"),
        *("_abc_impl", "__firstlineno__", "__static_attributes__"),
    }
)


def described(root: Path) -> list[str]:
    """Return a line for each name of each module: its value, or where the same object was before.

    So are the values' attributes, items, base classes, defaults and annotations.
    """
    return _Describer(root).lines()


def without_addresses(text: str) -> str:
    """Return what repr() says, without where that is in memory."""
    return _ADDRESS.sub("", text)


class _Describer:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._places: dict[int, str] = {}
        self._kept: list[object] = []  # so that no other object gets the same id

    def lines(self) -> list[str]:
        names = sorted(project_modules(self._root, sys.modules))
        return [
            f"{name}.{key} = {self._describe(value, f'{name}.{key}')}"
            for name in names
            for key, value in self._shown(vars(sys.modules[name]))
        ]

    def _shown(self, values: Mapping[str, object]) -> list[tuple[str, object]]:
        return sorted((key, value) for key, value in values.items() if key not in _NOT_SHOWN)

    def _describe(self, value: object, place: str) -> str:
        if value is None or (
            isinstance(value, int | float | str | bytes) and type(value).__module__ == "builtins"
        ):
            return without_addresses(repr(value))
        if id(value) in self._places:
            return f"<{self._places[id(value)]}>"
        if isinstance(value, ModuleType):
            return f"module {value.__name__} {value is sys.modules.get(value.__name__)}"
        self._places[id(value)] = place
        self._kept.append(value)
        parts = {f"{place}.{key}": part for key, part in self._parts(value).items()}
        inner = ", ".join(f"{key} {self._describe(part, key)}" for key, part in parts.items())
        name = getattr(value, "__qualname__", "")
        return f"{type(value).__name__} {name} {inner}"

    def _parts(self, value: object) -> dict[str, object]:
        match value:
            case list() | tuple():
                return {str(number): part for number, part in enumerate(value)}
            case set() | frozenset():
                return {"items": sorted(without_addresses(repr(part)) for part in value)}
            case dict():
                return {repr(key): part for key, part in value.items()}
            case property():
                return {"get": value.fget, "set": value.fset}
            case type():
                if not self._is_projects(value):
                    return {}
                return {"bases": value.__bases__, **dict(self._shown(vars(value)))}
            case FunctionType():
                if not self._is_projects(value):
                    return {}
                return {
                    "line": value.__code__.co_firstlineno,
                    "numbers": [each for each in value.__code__.co_consts if isinstance(each, int)],
                    "defaults": value.__defaults__,
                    "more": value.__kwdefaults__,
                    "types": value.__annotations__,
                    "own": vars(value),
                    "shared": [cell.cell_contents for cell in value.__closure__ or ()],
                }
        if self._is_projects(type(value)) or type(value).__module__ in ("functools", "typing"):
            return dict(self._shown(getattr(value, "__dict__", {})))
        return {"shown": without_addresses(repr(value))}

    def _is_projects(self, value: object) -> bool:
        module = sys.modules.get(getattr(value, "__module__", ""))
        return is_users(getattr(module, "__file__", None) or "", self._root)
