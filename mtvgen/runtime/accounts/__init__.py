"""Accounts: addresses, passwords, links in mails, and limits on guesses; no page of the manual yet.

from mtvgen.runtime.accounts import check_password, may_guess, normalize_email
"""

from mtvgen.runtime.accounts.credentials import check_password, set_password
from mtvgen.runtime.accounts.emails import InvalidEmail, email_address, normalize_email
from mtvgen.runtime.accounts.guesses import GuessColumns, forget_guesses, may_guess
from mtvgen.runtime.accounts.tokens import read_token, sign_token

__all__ = [
    "GuessColumns",
    "InvalidEmail",
    "check_password",
    "email_address",
    "forget_guesses",
    "may_guess",
    "normalize_email",
    "read_token",
    "set_password",
    "sign_token",
]
