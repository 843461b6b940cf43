"""Account: who is signed in, as guards, views and templates see it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """Who is signed in: `request.user`, and `user` in templates.

    Plain values, which stay readable when the database session has ended.

    Attributes:
        id: The primary key of the project's own row.
        email: The address, as it is stored.
        roles: What the person may do besides signing in.
    """

    id: int
    email: str
    roles: frozenset[str]

    def has_role(self, name: str) -> bool:
        """Return whether the person has a role."""
        return name in self.roles
