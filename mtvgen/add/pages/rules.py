"""Who may use the pages: what `--access` says, and what it is in `urls.py`."""

from __future__ import annotations

from dataclasses import dataclass

from mtvgen.errors import UsageError

_SIMPLE = ("everybody", "signed_in")
_ROLE = "role:"
DEFAULT = "role:staff"


@dataclass(frozen=True)
class Rule:
    """A rule of `include(access=...)`.

    Attributes:
        name: What `mtvgen.runtime.accounts` calls it: `everybody`, `signed_in` or `role`.
        role: The name of the role.
    """

    name: str
    role: str = ""

    @property
    def source(self) -> str:
        """It, as Python."""
        return f'{self.name}("{self.role}")' if self.role else self.name

    @property
    def who(self) -> str:
        """It, in words."""
        return f"role {self.role}" if self.role else self.name.replace("_", " ")

    @property
    def is_closed(self) -> bool:
        """Whether somebody is kept out."""
        return self.name != "everybody"


def rule_of(text: str | None, *, has_accounts: bool) -> Rule | None:
    """Return the rule of `--access`; without it, that of the staff where the site has accounts.

    Args:
        text: `everybody`, `signed_in` or `role:staff`; None: nothing was said.
        has_accounts: Whether `accounts(...)` is in the project's middleware.

    Raises:
        UsageError: It is none of these, or the site has no accounts that it could close.
    """
    if text is None:
        return _rule(DEFAULT) if has_accounts else None
    rule = _rule(text)
    if has_accounts:
        return rule
    if rule.is_closed:
        raise UsageError(
            f"--access {text}: the site has no accounts, so nobody could log in.",
            cure="mtvgen add accounts",
        )
    return None


def _rule(text: str) -> Rule:
    name = text.strip().replace("-", "_")
    if name in _SIMPLE:
        return Rule(name)
    role = text.strip().removeprefix(_ROLE).strip()
    is_word = role.isprintable() and not set(role) & set("\"'\\(){}")
    if text.strip().startswith(_ROLE) and role and is_word:
        return Rule("role", role)
    meant = f"role:{text}" if text.strip().isidentifier() else DEFAULT
    raise UsageError(
        f"--access {text}: write everybody, signed_in or role:NAME.", cure=f"--access {meant}"
    )
