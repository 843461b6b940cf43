"""Who may use a route: what routing knows of `access=`, which is a Protocol and its mistakes.

The values are in `mtvgen.runtime.accounts`: `everybody`, `signed_in` and `role("staff")`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from mtvgen.runtime.accounts.account import Account


@runtime_checkable
class Access(Protocol):
    """A rule about who may use a route; a project may write one of its own."""

    @property
    def who(self) -> str:
        """Whom it lets in, in words for `mtvgen routes`: `everybody`, `role staff`."""

    def allows(self, account: Account | None) -> bool:
        """Return whether somebody may use the route.

        Args:
            account: Who asks; None for a visitor who has not signed in.
        """


@dataclass(frozen=True, slots=True)
class MiswrittenAccess:
    """What a rule gives that is called as if it were a function, so that the Router can report it.

    Attributes:
        written: As it was written: `signed_in()`.
        meant: What to write: `signed_in`.
    """

    written: str
    meant: str


def mistake_of_access(value: object) -> str:
    """Return what is wrong with the value of an `access=`, and what to write; "" if nothing is."""
    if isinstance(value, MiswrittenAccess):
        return f"access={value.written} is called, and it is not a function. Write {value.meant}"
    if isinstance(value, str):
        rules = {"everybody": "everybody", "signed_in": "signed_in", "signed in": "signed_in"}
        return f"access={value!r} is text. Write access={rules.get(value, f'role({value!r})')}"
    name = getattr(value, "__name__", "")
    if name == "role" and callable(value):
        return 'access=role lacks the name of the role. Write access=role("staff")'
    if isinstance(value, type) or not isinstance(value, Access) or not isinstance(value.who, str):
        shown = name or repr(value)
        return f"access={shown} is not a rule. Write everybody, signed_in or role(...)"
    return ""
