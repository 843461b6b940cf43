"""What the settings of a project have, and a database session, as the imported project knows it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType

from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.runtime_classes import stored_names
from mtvgen.runtime import Settings

_SESSION = ("sqlalchemy.orm.session", "Session")


def object_facts(modules: Mapping[str, ModuleType]) -> dict[str, ClassFact]:
    """Return what is known of objects: settings by their own dotted names, and the session's class.

    Args:
        modules: The project's, by name; settings that a package has are its own business.
    """
    facts: dict[str, ClassFact] = {}
    for name, module in modules.items():
        for key, value in list(vars(module).items()):
            if isinstance(value, Settings) and not hasattr(type(value), "__getattr__"):
                facts[f"{name}.{key}"] = _fact(type(value), dir(value))
    module_name, class_name = _SESSION
    session = getattr(sys.modules.get(module_name), class_name, None)
    if session is not None:
        facts[".".join(_SESSION)] = _fact(session, [*dir(session), *stored_names(session)])
    return facts


def _fact(of: type, names: list[str]) -> ClassFact:
    return ClassFact(of.__name__, dict.fromkeys(names))
