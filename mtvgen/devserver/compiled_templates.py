"""Compiled templates, left by one worker to the next: a page after an edit compiles none again.

They are code, so they are read only from a directory that is proved to be the server's own.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from mtvgen.disk.open_directory import OpenDirectory


def keep_compiled(application: Any, directory: OpenDirectory | None) -> None:
    """Let an application's templates be compiled once, while their sources stay the same.

    Args:
        application: The project's; another framework's is left alone.
        directory: The server's private one, if it has one.
    """
    templates = getattr(application, "templates", None)
    if templates is not None and directory is not None:
        templates.environment.bytecode_cache = _CompiledTemplates(directory)


class _CompiledTemplates(BytecodeCache):
    """A file for each template; where one can't be read or written, the template is compiled."""

    def __init__(self, directory: OpenDirectory) -> None:
        self._directory = directory

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            bucket.bytecode_from_string(self._directory.read(f"template-{bucket.key}"))

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            self._directory.write(f"template-{bucket.key}", bucket.bytecode_to_string())
