"""A template and a name become a project in memory: cookiecutter reads, and nothing is written.

What cookiecutter's own `generate_files()` makes on the disk is made here as values, so that every
name is known and judged before the first write, and a dry run has nothing to write at all. A
template is a program all the same: its expressions run, and may do anything.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from mtvgen.errors import printable
from mtvgen.garbage import garbage_left_alone
from mtvgen.startproject.chosen_template import ChosenTemplate, choose_template, importable


@dataclass(frozen=True)
class RenderedFile:
    """A file to be: its bytes and its permissions."""

    content: bytes
    mode: int


@dataclass(frozen=True)
class RenderedProject:
    """A template, rendered for a name.

    Attributes:
        files: By their paths in the project, with `/` between folders.
        folders: The paths of all folders, those without a file included; outer ones first.
        template: The template that made it, where the folder that was asked for holds several.
    """

    files: dict[str, RenderedFile]
    folders: tuple[str, ...]
    template: ChosenTemplate | None = None


class TemplateError(Exception):
    """A template's mistake, in one line: its file, the line, and what is wrong there."""


def render_project(template: Path, name: str) -> RenderedProject:
    """Render a whole template.

    Args:
        template: The folder with `cookiecutter.json`; of several templates in it, the first is
            rendered.
        name: `project_name`; every other key has the value that `cookiecutter.json` gives it.

    Raises:
        TemplateError: It can't be rendered, or would make a file outside the project.
    """
    with garbage_left_alone():
        from mtvgen.startproject import engine  # imports cookiecutter and Jinja2

        with _blamed_on(template, place="cookiecutter.json: "):
            chosen = choose_template(template)
        settings = chosen.folder / "cookiecutter.json"
        with importable(chosen):
            with _blamed_on(chosen.folder, place=f"{settings.name}: "):
                context = engine.context_of(settings, name)
            with _blamed_on(chosen.folder):
                environment = engine.environment_of(context)
                folder = engine.find_template(chosen.folder, environment)
                return replace(_Rendering(folder, context, environment).run(), template=chosen)


def is_inside(path: str) -> bool:
    """Return whether a path leads to a place below the folder that it starts in."""
    # A backslash and a colon lead out on Windows alone; elsewhere they are letters of a name.
    parts = re.split(r"[/\\:]", path) if os.name == "nt" else path.split("/")
    return not path.startswith("/") and ".." not in parts and "\0" not in path and any(parts)


class _Rendering:
    """One run over the files of a template."""

    def __init__(self, folder: Path, context: dict[str, Any], environment: Any) -> None:
        from mtvgen.startproject import engine

        self._engine = engine
        self._folder = folder
        self._context = context
        self._environment = environment
        folders = [folder, folder.parent / "templates"]
        environment.loader = engine.Loader(folders)
        self._files: dict[str, RenderedFile] = {}
        self._folders: dict[str, None] = {}  # in the order in which they were found

    def run(self) -> RenderedProject:
        for root, folders, files in os.walk(self._folder):
            inside = Path(root).relative_to(self._folder)
            folders[:] = _without_compiled(folders)
            paths = {name: self._new_folder(inside / name) for name in folders}
            copied = [name for name in folders if self._is_copied(inside / name)]
            for name in copied:
                self._copy_folder(Path(root, name), paths[name])
            folders[:] = [name for name in folders if name not in copied]
            for name in sorted(files):
                self._add_file(inside / name)
        return RenderedProject(self._files, tuple(self._folders))

    def _new_folder(self, folder: Path) -> str:
        path = _without_dots(self._rendered_name(folder))
        if path in self._folders:
            raise ValueError(f"two folders are called {path!r}")
        self._add_folder(path)
        return path

    def _add_file(self, file: Path) -> None:
        source = self._folder / file
        name = self._rendered_name(file)
        # A name that an `{% if %}` makes empty is how a template leaves a file out.
        if name.endswith("/") or not name:
            return
        _check_file(source)
        is_whole = self._is_copied(file) or self._engine.is_binary(str(source))
        content = source.read_bytes() if is_whole else self._rendered_text(file, source)
        self._put(_without_dots(name), source, content)

    def _copy_folder(self, folder: Path, path: str) -> None:
        """Take a folder as it is: neither its names nor its texts are rendered."""
        for root, folders, files in _walk_through_links(folder):
            inside = f"{path}/{Path(root).relative_to(folder).as_posix()}".removesuffix("/.")
            for name in folders:
                self._add_folder(f"{inside}/{name}")
            for name in files:
                source = Path(root, name)
                _check_file(source)
                self._put(f"{inside}/{name}", source, source.read_bytes())

    def _add_folder(self, path: str) -> None:
        _check_place(path)
        steps = path.split("/")
        for folder in ("/".join(steps[: depth + 1]) for depth in range(len(steps))):
            if folder in self._files:
                raise ValueError(f"{folder!r} is a file and a folder")
            self._folders[folder] = None

    def _put(self, path: str, source: Path, content: bytes) -> None:
        _check_place(path)
        parent = path.rpartition("/")[0]
        if parent:
            self._add_folder(parent)
        if path in self._folders:
            raise ValueError(f"{path!r} is a file and a folder")
        if path in self._files:
            raise ValueError(f"two files are called {path!r}")
        # A template may be installed read-only, and a project is there to be edited.
        mode = stat.S_IMODE(source.stat().st_mode) & 0o777 | stat.S_IWUSR
        self._files[path] = RenderedFile(content, mode)

    def _rendered_name(self, path: Path) -> str:
        name: str = self._environment.from_string(str(path)).render(**self._context)
        return name.replace(os.sep, "/")

    def _rendered_text(self, file: Path, source: Path) -> bytes:
        template = self._environment.get_template(file.as_posix())
        newline = self._context["cookiecutter"].get("_new_lines") or _first_newline(source)
        content = io.BytesIO()
        with io.TextIOWrapper(content, "utf-8", newline=newline, write_through=True) as text:
            text.write(template.render(**self._context))
            return content.getvalue()

    def _is_copied(self, path: Path) -> bool:
        return self._engine.is_copied(path, self._context)


def _check_file(source: Path) -> None:
    """Nothing, if it can be read to its end: a named pipe and a device have none."""
    if not stat.S_ISREG(source.stat().st_mode):
        raise ValueError(f"{source.name!r} is not a regular file")


def _check_place(path: str) -> None:
    if not is_inside(path):
        raise ValueError(f"{path!r} is not inside the project")


def _without_dots(path: str) -> str:
    """Return a path without redundant parts: `a//b/./c` is `a/b/c`, and `/a` stays `/a`."""
    root = "/" if path.startswith("/") else ""
    return root + "/".join(part for part in path.split("/") if part not in ("", "."))


def _without_compiled(folders: list[str]) -> list[str]:
    """Folders in their order, but for those that pip makes where it installs a template."""
    return sorted(folder for folder in folders if folder != "__pycache__")


def _walk_through_links(top: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """`os.walk()` that follows links, and is not led in a circle by them.

    Raises:
        ValueError: A link leads to a folder that holds it.
    """
    for root, folders, files in os.walk(top, followlinks=True):
        folders[:] = _without_compiled(folders)
        for folder in (Path(root, name) for name in folders):
            if folder.is_symlink() and Path(root).resolve().is_relative_to(folder.resolve()):
                raise ValueError(f"{folder.name!r} is a link to a folder that holds it")
        yield root, folders, sorted(files)


def _first_newline(source: Path) -> str | None:
    """Return how a file ends its first line, and so all lines of what it is rendered to."""
    with source.open(encoding="utf-8") as file:
        file.readline()
        return file.newlines[0] if isinstance(file.newlines, tuple) else file.newlines


@contextlib.contextmanager
def _blamed_on(template: Path, place: str = "") -> Iterator[None]:
    """Within the block every error is the template's: a program may fail in any way."""
    try:
        yield
    except Exception as error:
        raise TemplateError(printable(place + _fault(error, template))) from error


def _fault(error: BaseException, template: Path) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    file, line = getattr(error, "filename", None), getattr(error, "lineno", None)
    if file is None:
        file, line = _template_line(error.__traceback__)
    # A name or a setting is a template too, but not a file.
    place = f"{_below(template, file)}:{line}: " if file and line and file != "<template>" else ""
    text = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    return place + re.sub(
        r"'collections\.OrderedDict.*attribute '(\w+)'", r"cookiecutter.\1 is unknown", text
    )


def _below(template: Path, file: str) -> str:
    """Return a file as the template's author knows it.

    Below the folder that becomes the project.
    """
    path = Path(file)
    if not path.is_relative_to(template):
        return file
    folder, _, inside = path.relative_to(template).as_posix().partition("/")
    return inside if "{{" in folder else f"{folder}/{inside}"


def _template_line(traceback: TracebackType | None) -> tuple[str | None, int]:
    """Return the innermost frame of a template; Jinja gives such frames its own file and line."""
    found: tuple[str | None, int] = (None, 0)
    while traceback is not None:
        if "__jinja_exception__" in traceback.tb_frame.f_globals:
            found = (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found
