"""The settings of a site in production: a secret that nobody guesses, its hosts, no DEBUG."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mtvgen.checks.deployment.setting_places import place_of_setting
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, fault_problem
from mtvgen.runtime.http.hosts import is_loopback
from mtvgen.runtime.support.faults import Fault

_LEAST_KEY = 32  # characters; token_urlsafe(48), which is advised, gives 64
_MAKE_KEY = (
    "-> export SECRET_KEY=\"$(python -c 'import secrets; print(secrets.token_urlsafe(48))')\""
)
_SETTINGS = Place.at("settings.py")
_NAME_HOSTS = "-> export ALLOWED_HOSTS=example.com,www.example.com"


def settings_problems(settings: Any, missing: Iterable[Fault], root: Path) -> list[Problem]:
    """Return what is wrong with the settings that production would get.

    Args:
        settings: The project's settings; None where they can't be made.
        missing: Why they can't.
        root: The project's directory.
    """
    problems = [setting_problem(fault, root) for fault in missing]
    if os.environ.get("DEBUG") or getattr(settings, "debug", False):
        message = "DEBUG is set: error pages and unhardened answers are for development."
        problems.append(Problem("project.debug", _SETTINGS, message, "-> unset DEBUG"))
    if settings is not None:
        problems += _key_problems(str(getattr(settings, "secret_key", "")))
        problems += _host_problems([str(host) for host in getattr(settings, "allowed_hosts", [])])
    return problems


# The variables that have an id of their own.
_IDS = {"SECRET_KEY": "project.secret-key", "ALLOWED_HOSTS": "project.allowed-hosts"}


def setting_problem(fault: Fault, root: Path) -> Problem:
    """Return what is wrong with one setting, at its line of `.env` or of `settings.py`."""
    place = place_of_setting(root, fault.about) if fault.about else _SETTINGS
    if fault.location is not None:
        place = Place.at(".env", fault.location.line or 1)
    return fault_problem(_IDS.get(fault.about, "project.settings"), place, fault)


def _key_problems(key: str) -> Iterator[Problem]:
    if len(key) < _LEAST_KEY or len(set(key)) < 8:
        message = f"SECRET_KEY is weak: {len(key)} characters, {len(set(key))} of them different."
        yield Problem("project.secret-key", _SETTINGS, message, _MAKE_KEY)


def _host_problems(hosts: list[str]) -> Iterator[Problem]:
    if "*" in hosts:
        message = "ALLOWED_HOSTS holds '*', so the site answers for any host."
        yield Problem("project.allowed-hosts", _SETTINGS, message, _NAME_HOSTS)
    elif all(is_loopback(host) for host in hosts):
        named = ", ".join(hosts) or "nothing"
        message = f"ALLOWED_HOSTS names {named}, so nobody elsewhere reaches the site."
        yield Problem("project.allowed-hosts", _SETTINGS, message, _NAME_HOSTS)
