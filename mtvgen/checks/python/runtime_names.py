"""The dotted names by which a project's source means something of `mtvgen.runtime`.

They are computed from the objects, so that a file of the runtime that moves takes its names along.
A name written as text would go on being looked for, and never be found again.
"""

from __future__ import annotations

import sys
from typing import Protocol

from mtvgen import runtime

# Named, and not imported: they would load SQLAlchemy, which a site without models does without.
MODELS = f"{runtime.__name__}.models"
MODEL = f"{MODELS}.Model"
ACCOUNTS = f"{runtime.__name__}.accounts"


class Named(Protocol):
    """A function or a class."""

    __module__: str
    __name__: str


def dotted_names(thing: Named) -> frozenset[str]:
    """Every name by which a project can import something of the runtime.

    Args:
        thing: A function or a class of the runtime.

    Returns:
        Its name in the module that defines it, and in each package around that offers it:
        `mtvgen.runtime.templates.rendering.render` and `mtvgen.runtime.render`.
    """
    parts = thing.__module__.split(".")
    modules = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
    return frozenset(
        f"{module}.{thing.__name__}"
        for module in modules
        if vars(sys.modules[module]).get(thing.__name__) is thing
    )


def is_of_runtime(name: str) -> bool:
    """Return whether a module or a dotted name is one of the runtime's."""
    return name == runtime.__name__ or name.startswith(f"{runtime.__name__}.")


def is_of_accounts(name: str) -> bool:
    """Return whether a dotted name is one of `mtvgen.runtime.accounts`."""
    return name.startswith(f"{ACCOUNTS}.")


def is_of_models(name: str) -> bool:
    """Return whether a dotted name is one of `mtvgen.runtime.models`."""
    return name == MODELS or name.startswith(f"{MODELS}.")
