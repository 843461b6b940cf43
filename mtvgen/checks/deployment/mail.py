"""Mail that a site sends, and the server that nobody has named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import FunctionType, ModuleType

from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem
from mtvgen.runtime.settings.mail_server import EXAMPLE

KIND = "project.mail-server"
_MAILER = "mtvgen.runtime.mail.mailer"  # not imported: most sites send no mail
_CURE = f"-> export MAIL_URL={EXAMPLE} MAIL_FROM='My site <me@example.com>'"


def mail_problems(modules: Iterable[ModuleType], mail_url: str) -> Iterator[Problem]:
    """Yield that a site sends mail which goes nowhere: its page would answer 500.

    A `Mailer` of the project's own does not need the setting.

    Args:
        modules: Those of the project, as they were imported.
        mail_url: The setting, as production would have it; "" where it is not set.
    """
    senders = sorted(module.__name__ for module in modules if _sends(module))
    if senders and not mail_url:
        file = f"{senders[0].replace('.', '/')}.py"
        message = f"MAIL_URL is not set, and {file} sends email."
        yield Problem(KIND, Place.at("settings.py"), message, _CURE)


def _sends(module: ModuleType) -> bool:
    return any(
        isinstance(value, FunctionType)
        and value.__module__ == _MAILER
        and value.__name__ in {"send", "send_now"}
        for value in vars(module).values()
    )
