"""The parts of a cookiecutter template around its files: templates in it, its code, its hooks."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HOOKS = ("pre_prompt", "pre_gen_project", "post_gen_project")
# The older form of a choice: `Command line (./cli)`.
_PATH_IN_CHOICE = re.compile(r"\((.+)\)")


@dataclass(frozen=True)
class ChosenTemplate:
    """The template that is used: the one that was asked for, or the first one in it.

    Attributes:
        folder: The folder with its `cookiecutter.json`.
        outer: The folders that it was found through, from the one that was asked for.
        others: The folders of the other templates that could have been chosen.
    """

    folder: Path
    outer: tuple[Path, ...] = ()
    others: tuple[Path, ...] = ()

    @property
    def hooks(self) -> tuple[str, ...]:
        """Its programs that cookiecutter would run before and after, by their paths in it."""
        hooks = (
            f"{file.parent.name}/{file.name}"
            for folder in (*self.outer, self.folder)
            for file in sorted((folder / "hooks").glob("*"))
            if file.stem in _HOOKS and not file.name.endswith("~")
        )
        return tuple(dict.fromkeys(hooks))


def choose_template(folder: Path) -> ChosenTemplate:
    """Return the template of a folder.

    Of several in it the first, as cookiecutter takes it unasked.

    Raises:
        ValueError: One of them is not in the folder, or has no cookiecutter.json; the file can't
            be read as JSON.
    """
    chosen = ChosenTemplate(folder)
    while choices := [_inside(chosen.folder, path) for path in _choices(chosen.folder)]:
        first, *others = dict.fromkeys(choices)
        if first in (chosen.folder, *chosen.outer):
            raise ValueError(f"{str(first)!r} is a template itself")
        if not (first / "cookiecutter.json").is_file():
            raise ValueError(f"{str(first)!r} has no cookiecutter.json")
        chosen = ChosenTemplate(first, (*chosen.outer, chosen.folder), (*chosen.others, *others))
    return chosen


def _choices(folder: Path) -> list[str]:
    """Return the paths of the templates in a template, in their order; most have none."""
    settings = json.loads((folder / "cookiecutter.json").read_text(encoding="utf-8"))
    templates = settings.get("templates") if isinstance(settings, dict) else None
    if isinstance(templates, Mapping):
        return [str(template["path"]) for template in templates.values()]
    choices: Any = settings.get("template") if isinstance(settings, dict) else None
    found = map(_PATH_IN_CHOICE.search, choices) if isinstance(choices, list) else ()
    return [match[1] for match in found if match]


def _inside(folder: Path, path: str) -> Path:
    parts = Path(path).parts
    if Path(path).is_absolute() or ".." in parts:
        raise ValueError(f"the template {path!r} is not inside the template")
    return folder.joinpath(*parts)


@contextlib.contextmanager
def importable(chosen: ChosenTemplate) -> Iterator[None]:
    """Let the template's own extensions be imported, as cookiecutter does, and leave no trace.

    Nothing is compiled next to them: a template may be anybody's, and a dry run writes nothing.
    """
    path, compiles, modules = sys.path, sys.dont_write_bytecode, set(sys.modules)
    folders = [*chosen.outer, chosen.folder]
    sys.path = [*path, *map(str, folders)]
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.path, sys.dont_write_bytecode = path, compiles
        for name in sys.modules.keys() - modules:
            file = getattr(sys.modules[name], "__file__", None)
            if file is not None and any(Path(file).is_relative_to(folder) for folder in folders):
                del sys.modules[name]
