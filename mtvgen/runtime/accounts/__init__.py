"""Accounts: who may use a route, who is signed in, passwords and addresses (docs/accounts.md).

`path("/notes", notes.index, access=signed_in)` says who may come, and `accounts(User)` in the
middleware sees to it.
"""

from mtvgen.runtime.accounts.access import everybody, role, signed_in
from mtvgen.runtime.accounts.account import Account
from mtvgen.runtime.accounts.columns import SessionColumns
from mtvgen.runtime.accounts.credentials import check_password, set_password
from mtvgen.runtime.accounts.emails import InvalidEmail, email_address, normalize_email
from mtvgen.runtime.accounts.guard import accounts
from mtvgen.runtime.accounts.guesses import GuessColumns, forget_guesses, may_guess
from mtvgen.runtime.accounts.signing_in import (
    end_all_sessions,
    end_session,
    start_session,
    way_back,
)
from mtvgen.runtime.accounts.tokens import read_token, sign_token

__all__ = [
    "Account",
    "GuessColumns",
    "InvalidEmail",
    "SessionColumns",
    "accounts",
    "check_password",
    "email_address",
    "end_all_sessions",
    "end_session",
    "everybody",
    "forget_guesses",
    "may_guess",
    "normalize_email",
    "read_token",
    "role",
    "set_password",
    "sign_token",
    "signed_in",
    "start_session",
    "way_back",
]
