"""The rules that `access=` takes: `everybody`, `signed_in` and `role("staff")`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from mtvgen.runtime.routing.access import Access, MiswrittenAccess

if TYPE_CHECKING:
    from mtvgen.runtime.accounts.account import Account


class _NotCalled:
    """A rule that is a value; with brackets behind it, the Router says so, with the line."""

    name: ClassVar[str]

    def __call__(self) -> MiswrittenAccess:
        return MiswrittenAccess(f"{self.name}()", self.name)

    def __repr__(self) -> str:
        return self.name


class _Everybody(_NotCalled):
    name = who = "everybody"

    def allows(self, account: Account | None) -> bool:
        return True


class _SignedIn(_NotCalled):
    name = "signed_in"
    who = "signed in"

    def allows(self, account: Account | None) -> bool:
        return account is not None


@dataclass(frozen=True, slots=True)
class _Role:
    name: str

    @property
    def who(self) -> str:
        return f"role {self.name}"

    def allows(self, account: Account | None) -> bool:
        return account is not None and account.has_role(self.name)

    def __repr__(self) -> str:
        return f"role({self.name!r})"


everybody = _Everybody()
signed_in = _SignedIn()


def role(name: str) -> Access:
    """Make the rule that lets in who has a role.

    Args:
        name: The role, as it is in the `roles` of the person.

    Raises:
        ValueError: It is empty, or not text.
    """
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f'role({name!r}): write the name of a role, as in role("staff").')
    return _Role(name)
