"""The engine of a template: cookiecutter's environment and settings, as far as a template needs.

`cookiecutter.generate` brings rich, which asks people, and five extensions that bring arrow and
slugify: a third of the processor time of the whole command. Here nobody is asked, and extensions
come with the first text that names one. What is rendered is the same, which
tests/startproject/test_rendering.py compares.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from binaryornot.check import is_binary
from cookiecutter.environment import StrictEnvironment
from cookiecutter.find import find_template
from jinja2 import Environment, FileSystemLoader

__all__ = ["Loader", "context_of", "environment_of", "find_template", "is_binary", "is_copied"]

# The filters, functions and the tag of cookiecutter's extensions.
_NAMES_AN_EXTENSION = re.compile(r"jsonify|slugify|random_ascii_string|uuid4|\bnow\b")


def context_of(settings: Path, name: str) -> dict[str, Any]:
    """Return the values that a template's texts may name.

    Args:
        settings: Its `cookiecutter.json`.
        name: `project_name`; every other key has the value that the file gives it.
    """
    values = json.loads(settings.read_text(encoding="utf-8"), object_pairs_hook=OrderedDict)
    if _has_only_a_name(values):
        return {"cookiecutter": OrderedDict(values, project_name=name)}

    from cookiecutter.generate import generate_context
    from cookiecutter.prompt import prompt_for_config

    context: dict[str, Any] = generate_context(str(settings), extra_context={"project_name": name})
    context["cookiecutter"] = prompt_for_config(context, no_input=True)
    return context


def _has_only_a_name(values: Any) -> bool:
    """Return whether nothing else is rendered: `_` begins what cookiecutter takes as it is."""
    return (
        isinstance(values, dict)
        and isinstance(values.get("project_name"), str)
        and all(re.match("_(?!_)", key) for key in values if key != "project_name")
        and "_extensions" not in values
    )


def environment_of(context: dict[str, Any]) -> StrictEnvironment:
    """Return the environment that renders a template's names and texts."""
    if "_extensions" in context["cookiecutter"]:  # a template's own may build on the others
        from cookiecutter.utils import create_env_with_context

        return create_env_with_context(context)
    options = context["cookiecutter"].get("_jinja2_env_vars", {})
    return _Environment(context=context, keep_trailing_newline=True, **options)


class _LateExtensions(Environment):
    """Jinja2's environment, with extensions that come with the first text that names one."""

    def __init__(self, *, extensions: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self._late = list(extensions)

    def compile(self, source: Any, *args: Any, **options: Any) -> Any:
        if self._late and _NAMES_AN_EXTENSION.search(source):
            while self._late:
                self.add_extension(self._late.pop(0))
        return super().compile(source, *args, **options)


class _Environment(StrictEnvironment, _LateExtensions):  # type: ignore[misc]  # it has no types
    """cookiecutter's environment, which hands the names of its extensions to the class above."""


def is_copied(path: Path, context: dict[str, Any]) -> bool:
    """Return whether a file or a folder of a template is taken as it is."""
    patterns = context["cookiecutter"].get("_copy_without_render", ())
    return any(fnmatch(str(path), pattern) for pattern in patterns)


class Loader(FileSystemLoader):
    """The texts of a template, its files and those that they include."""

    def get_source(self, environment: Environment, template: str) -> Any:
        """Read one, and say which line of it is not UTF-8."""
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            files = (Path(folder, template) for folder in self.searchpath)
            raise _NotUTF8Error(next(filter(Path.is_file, files)), line) from None


class _NotUTF8Error(Exception):
    """A text that is not UTF-8, with its `filename` and `lineno`, as a SyntaxError has them."""

    def __init__(self, file: Path, line: int) -> None:
        super().__init__(
            "is not UTF-8: save it so, or name it in _copy_without_render of cookiecutter.json"
        )
        self.filename = str(file)
        self.lineno = line
