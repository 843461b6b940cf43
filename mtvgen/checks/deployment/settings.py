"""What production asks for beside what is right: a secret, hosts, and the middleware in order."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mtvgen.checks.python.sources import Module
from mtvgen.checks.report import Problem, Unchecked, arrow

# Each with what a site lacks without it.
PROTECTIVE = {
    "allowed_hosts": "answers for any host",
    "security_headers": "sends no security headers",
    "same_origin": "takes forms from other sites",
}
# The order in which a request is to meet them: whoever is refused reaches neither the database
# nor a session, and every answer has its headers.
ORDER = [
    "allowed_hosts",
    "security_headers",
    "same_origin",
    "database_session",
    "signed_sessions",
]
_LEAST_KEY = 32  # characters; token_urlsafe(48), which is advised, gives 64
# How a sentence about .env begins: `.env:3: DEBUG has no place here`, `.env can't be read`.
_IN_FILE = re.compile(r"(?:.*/)?\.env(?::(\d+):)? ")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
_MAKE_KEY = (
    "-> export SECRET_KEY=\"$(python -c 'import secrets; print(secrets.token_urlsafe(48))')\""
)
_NAME_HOSTS = "-> export ALLOWED_HOSTS=example.com,www.example.com"


def settings_problems(settings: Any, missing: Iterable[str]) -> list[Problem]:
    """What is wrong with the settings that production would get.

    Args:
        settings: The project's settings; None where they can't be made.
        missing: The sentences of why they can't.
    """
    found = [setting_problem(text) for text in missing]
    if os.environ.get("DEBUG") or getattr(settings, "debug", False):
        message = "DEBUG is set: error pages and unhardened answers are for development."
        found.append(Problem("project.debug", "settings.py", 1, message, "-> unset DEBUG"))
    if settings is not None:
        found += _key_problems(str(getattr(settings, "secret_key", "")))
        found += _host_problems([str(one) for one in getattr(settings, "allowed_hosts", [])])
    return found


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
    return Problem(f"project.{kind}", file, line, message, arrow(cure))


def _key_problems(key: str) -> Iterator[Problem]:
    if len(key) < _LEAST_KEY or len(set(key)) < 8:
        message = f"SECRET_KEY is weak: {len(key)} characters, {len(set(key))} of them different."
        yield Problem("project.secret-key", "settings.py", 1, message, _MAKE_KEY)


def _host_problems(hosts: list[str]) -> Iterator[Problem]:
    if "*" in hosts:
        message = "ALLOWED_HOSTS holds '*', so the site answers for any host."
        yield Problem("project.allowed-hosts", "settings.py", 1, message, _NAME_HOSTS)
    elif not hosts or set(hosts) <= _LOOPBACK:
        named = ", ".join(hosts) or "nothing"
        message = f"ALLOWED_HOSTS names {named}, so nobody elsewhere reaches the site."
        yield Problem("project.allowed-hosts", "settings.py", 1, message, _NAME_HOSTS)


def middleware_problems(
    wsgi: Module | None, resolve: Callable[[str], str]
) -> Iterator[Problem | Unchecked]:
    """Protective middleware that is missing, or that stands behind what it has to protect."""
    if wsgi is None or wsgi.tree is None:
        return
    call = next(_applications(wsgi, resolve), None)
    if call is None:
        return
    listed = next((one.value for one in call.keywords if one.arg == "middleware"), None)
    if listed is None:
        listed = ast.List([], lineno=call.lineno)
    if not isinstance(listed, ast.List | ast.Tuple):
        yield Unchecked(wsgi.file, listed.lineno, "middleware", "its list is computed")
        return
    names = [(_factory(one, wsgi, resolve), one.lineno) for one in listed.elts]
    has_computed = any(isinstance(one, ast.Starred) for one in listed.elts)
    present = {name for name, _ in names}
    for name, lack in PROTECTIVE.items():
        if name not in present and not has_computed:
            message = f"the middleware {name}() is missing, so the site {lack}."
            hint = f"Add it to middleware=[...], in this order: {', '.join(ORDER)}."
            yield Problem("project.middleware-missing", wsgi.file, listed.lineno, message, hint)
    yield from _order_problems(names, wsgi.file)
    for one in listed.elts:
        if _factory(one, wsgi, resolve) == "security_headers":
            yield from _https_problems(one, wsgi.file)


def _https_problems(call: ast.expr, file: str) -> Iterator[Problem]:
    keywords = call.keywords if isinstance(call, ast.Call) else []
    for one in keywords:
        is_off = isinstance(one.value, ast.Constant) and not one.value.value
        if one.arg == "strict_transport_security" and is_off:
            message = "Strict-Transport-Security is off, so browsers go on trying plain http."
            hint = "Leave strict_transport_security out: it is sent over https only."
            yield Problem("project.https", file, one.value.lineno, message, hint)


def _order_problems(names: list[tuple[str, int]], file: str) -> Iterator[Problem]:
    known = [(name, line) for name, line in names if name in ORDER]
    for index, (name, line) in enumerate(known):
        ahead = [other for other, _ in known[:index] if ORDER.index(other) > ORDER.index(name)]
        if ahead and name in PROTECTIVE:
            message = f"{name}() stands behind {ahead[0]}(), which a refused request then reaches."
            if name == "security_headers":
                message = f"{name}() stands behind {ahead[0]}(), whose answers then lack headers."
            hint = f"The order is: {', '.join(ORDER)}."
            yield Problem("project.middleware-order", file, line, message, hint)


def _applications(module: Module, resolve: Callable[[str], str]) -> Iterator[ast.Call]:
    assert module.tree is not None  # noqa: S101  # the caller has looked
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and resolve(module.dotted_name(node.func)) in (
            "mtvgen.runtime.Application",
            "mtvgen.runtime.application.application.Application",
        ):
            yield node


def _factory(node: ast.expr, module: Module, resolve: Callable[[str], str]) -> str:
    called = node.func if isinstance(node, ast.Call) else node
    name = resolve(module.dotted_name(called))
    return name.rpartition(".")[2] if name.startswith("mtvgen.runtime") else ""
