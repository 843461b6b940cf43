"""Missing settings, and what to type."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from mtvgen.runtime.support.faults import Fault
from mtvgen.runtime.support.locations import shown
from mtvgen.runtime.support.regular_files import read_regular_file

_MAKE_KEY = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
# Not `SECRET_KEY=` and a quotation mark: what follows that is taken for a secret, and masked.
_MAKE_LINE = (
    """python -c 'import secrets; print("\\nSECRET_KEY", secrets.token_urlsafe(48), sep="=")'"""
)
_EXAMPLES = {
    "ALLOWED_HOSTS": "example.com,www.example.com",
    "MAIL_FROM": "'My site <me@example.com>'",
}
_NO_KEY = "SECRET_KEY is not set, and this is not mtvgen runserver."


def missing_setting(name: str, root: Path | None = None) -> Fault:
    """Say that a setting is not set, and what to type.

    Args:
        name: Of the variable.
        root: The directory whose `.env` was read; None where no file was.
    """
    example = None if root is None else root / ".env.example"
    has_copy = root is None or (root / ".env").exists()
    is_to_copy = example is not None and example.is_file() and not has_copy
    if name == "SECRET_KEY":
        return Fault("missing", _NO_KEY, _cure_of_key(root, is_to_copy=is_to_copy), name)
    cure = f"export {name}={_EXAMPLES.get(name, '...')}"
    if is_to_copy and example is not None and _names(example, name):
        cure = f"{shown(str(example))} has it: copy that to .env"
    return Fault("missing", f"{name} is not set.", cure, name)


def _cure_of_key(root: Path | None, *, is_to_copy: bool) -> str:
    """Return a line for the shell. Of two lines of `.env` with one name the last counts."""
    # A variable that is empty goes before the file, so no line of the file would help.
    is_in_file = root is not None and (root / ".env").is_file() and "SECRET_KEY" not in os.environ
    if root is None or not (is_to_copy or is_in_file):
        return f'export SECRET_KEY="$({_MAKE_KEY})"'
    file = shlex.quote(shown(str(root / ".env")))
    example = shlex.quote(shown(str(root / ".env.example")))
    # The file's last line may lack its end.
    append = f"{_MAKE_LINE} >> {file}"
    return f"cp {example} {file} && {append}" if is_to_copy else append


def _names(example: Path, name: str) -> bool:
    """Return whether the example has a value for a setting.

    It may not be readable, or not be UTF-8.
    """
    try:
        lines = read_regular_file(example).decode("utf-8-sig").splitlines()
    except (OSError, ValueError):
        return False
    return any(line.startswith(f"{name}=") and line != f"{name}=" for line in lines)
