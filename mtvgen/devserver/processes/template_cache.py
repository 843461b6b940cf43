"""Compiled templates, kept from one worker to the next: a page after an edit compiles none anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import FileSystemBytecodeCache


def keep_compiled(application: Any, directory: Path | None) -> None:
    """Let an application's templates be compiled once, as long as their sources stay the same."""
    templates = getattr(application, "templates", None)
    if templates is not None and directory is not None:
        templates.environment.bytecode_cache = FileSystemBytecodeCache(str(directory))
