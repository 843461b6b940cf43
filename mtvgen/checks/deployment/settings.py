"""The settings of a site in production: a secret that nobody guesses, its hosts, no DEBUG."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Any

from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, arrow

_LEAST_KEY = 32  # characters; token_urlsafe(48), which is advised, gives 64
# How a sentence about .env begins: `.env:3: DEBUG has no place here`, `.env can't be read`.
_IN_FILE = re.compile(r"(?:.*/)?\.env(?::(\d+):)? ")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_MAKE_KEY = (
    "-> export SECRET_KEY=\"$(python -c 'import secrets; print(secrets.token_urlsafe(48))')\""
)
_SETTINGS = Place.at("settings.py")
_NAME_HOSTS = "-> export ALLOWED_HOSTS=example.com,www.example.com"


def settings_problems(settings: Any, missing: Iterable[str]) -> list[Problem]:
    """What is wrong with the settings that production would get.

    Args:
        settings: The project's settings; None where they can't be made.
        missing: The sentences of why they can't.
    """
    problems = [setting_problem(text) for text in missing]
    if os.environ.get("DEBUG") or getattr(settings, "debug", False):
        message = "DEBUG is set: error pages and unhardened answers are for development."
        problems.append(Problem("project.debug", _SETTINGS, message, "-> unset DEBUG"))
    if settings is not None:
        problems += _key_problems(str(getattr(settings, "secret_key", "")))
        problems += _host_problems([str(host) for host in getattr(settings, "allowed_hosts", [])])
    return problems


def setting_problem(text: str) -> Problem:
    """What is wrong with one setting, at its line of `.env` where it has one.

    Args:
        text: A sentence of a SettingsError.
    """
    kind = "secret-key" if text.startswith("SECRET_KEY") else "settings"
    kind = "allowed-hosts" if text.startswith("ALLOWED_HOSTS") else kind
    message, _, cure = text.partition(" -> ")
    file, line = "settings.py", 1
    if place := _IN_FILE.match(message):
        file, line, message = ".env", int(place[1] or 1), message[place.end() :]
    return Problem(f"project.{kind}", Place.at(file, line), message, arrow(cure))


def _key_problems(key: str) -> Iterator[Problem]:
    if len(key) < _LEAST_KEY or len(set(key)) < 8:
        message = f"SECRET_KEY is weak: {len(key)} characters, {len(set(key))} of them different."
        yield Problem("project.secret-key", _SETTINGS, message, _MAKE_KEY)


def _host_problems(hosts: list[str]) -> Iterator[Problem]:
    if "*" in hosts:
        message = "ALLOWED_HOSTS holds '*', so the site answers for any host."
        yield Problem("project.allowed-hosts", _SETTINGS, message, _NAME_HOSTS)
    elif not hosts or set(hosts) <= _LOOPBACK:
        named = ", ".join(hosts) or "nothing"
        message = f"ALLOWED_HOSTS names {named}, so nobody elsewhere reaches the site."
        yield Problem("project.allowed-hosts", _SETTINGS, message, _NAME_HOSTS)
