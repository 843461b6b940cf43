"""What the settings of a project have, a database session and an account, as it knows them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import ModuleType

from mtvgen.checks.facts import ClassFact
from mtvgen.checks.python.classes.runtime_classes import runtime_class, stored_names
from mtvgen.checks.python.runtime_names import dotted_names
from mtvgen.runtime import Settings

_SESSION = ("sqlalchemy.orm.session", "Session")


def object_facts(
    modules: Mapping[str, ModuleType], *, has_accounts: bool = False
) -> dict[str, ClassFact]:
    """Return what is known of objects: settings by their own dotted names, and two classes.

    Args:
        modules: The project's, by name; settings that a package has are its own business.
        has_accounts: Whether the site has accounts.
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
    if has_accounts:
        from mtvgen.runtime.accounts.account import Account  # with all that the package imports

        fact = runtime_class(f"{Account.__module__}.{Account.__qualname__}")
        facts.update(dict.fromkeys(dotted_names(Account), fact) if fact is not None else {})
    return facts


def _fact(of: type, names: list[str]) -> ClassFact:
    return ClassFact(of.__name__, dict.fromkeys(names))
