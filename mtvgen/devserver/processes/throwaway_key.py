"""A throw-away SECRET_KEY for a project without `.env`, one for as long as the server runs."""

from __future__ import annotations

import os
from pathlib import Path

_VARIABLE = "MTVGEN_THROW_AWAY_KEY"  # for the processes that this one starts
NOTICE = "No .env here: using a temporary SECRET_KEY until Ctrl-C."


def make_key() -> None:
    """Make the key, unless the environment has one of its own."""
    if not os.environ.get("SECRET_KEY"):
        os.environ[_VARIABLE] = os.urandom(32).hex()


def provide_key(root: Path) -> bool:
    """Put the key into the environment where `.env` is missing, and take it back where it is not.

    Returns:
        Whether the project lives on it.
    """
    key = os.environ.get(_VARIABLE)
    is_needed = key is not None and root.is_dir() and not (root / ".env").exists()
    if key is not None and is_needed:
        os.environ["SECRET_KEY"] = key
    elif key is not None:
        os.environ.pop("SECRET_KEY", None)
    return is_needed
