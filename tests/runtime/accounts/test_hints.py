"""What a mistake with `access=`, `accounts()` or MAIL_URL is answered with."""

from __future__ import annotations

import re

import pytest

from mtvgen.runtime import Application, path
from mtvgen.runtime.accounts import role, signed_in
from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.settings.mail_server import read_mail_url


def index(request):
    return "page"


def with_access(access):
    return Application([path("/", index, access=access)])


def user_without_accounts():
    return Request({"REQUEST_METHOD": "GET"}, Application([])).user


HINTS = {
    "access={} is called, and it is not a function. Write {}": lambda: with_access(signed_in()),
    "access={} is text. Write access={}": lambda: with_access("staff"),
    'access=role lacks the name of the role. Write access=role("staff")': (
        lambda: with_access(role)
    ),
    "access={} is not a rule. Write everybody, signed_in or role(...)": lambda: with_access(5),
    "{}: access= needs accounts, or the route would be open to all.": (
        lambda: with_access(signed_in)
    ),
    "-> in wsgi.py, accounts(User) goes into middleware=[...], below signed_sessions()": (
        lambda: with_access(signed_in)
    ),
    "request.user needs its middleware. -> in wsgi.py, accounts(User) goes into middleware=[...], below signed_sessions()": user_without_accounts,  # noqa: E501
    "write / as %2F, ? as %3F and # as %23 in a password": (
        lambda: read_mail_url("smtp://ada:a/b@mail.example.org")
    ),
    "a number up to 65535 behind the host; in a password, write : as %3A": (
        lambda: read_mail_url("smtp://mail.example.org:70000")
    ),
    "write smtp://, or leave it out": (lambda: read_mail_url("smtps://mail.example.org?tls=never")),
}


@pytest.mark.parametrize("hint", HINTS)
def test_the_hint_is_given(hint):
    with pytest.raises(Exception, match=re.escape(hint).replace(r"\{\}", ".+")):
        HINTS[hint]()
