"""Conflicts: modules, models and folders of a project that keep an addition out."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from mtvgen.errors import printable
from mtvgen.startproject.destination import NothingMade

_AGAIN = "then type the same command again"


def refuse_links(root: Path, files: Iterable[str]) -> None:
    """Refuse what would be written through a link, or into what is not a folder.

    Args:
        root: The project's directory.
        files: All that is new or edited, by their paths in the project.

    Raises:
        NothingMade: With the first one.
    """
    folders = {folder for file in files for folder in PurePosixPath(file).parents}
    for folder in sorted(folders - {PurePosixPath()}):
        if (root / folder).is_symlink():
            raise NothingMade(
                f"{printable(str(folder))} is a link, which is not followed.",
                cure=f"put the folder itself there, {_AGAIN}",
            )
        if (root / folder).exists() and not (root / folder).is_dir():
            raise NothingMade(
                f"{printable(str(folder))} is not a folder.", cure=f"rename it, {_AGAIN}"
            )


def refuse_conflicts(root: Path, files: Mapping[str, bytes]) -> None:
    """Refuse an addition whose modules or models the project has already, by another name.

    Args:
        root: The project's directory.
        files: The new files, by their paths in the project.

    Raises:
        NothingMade: With the first conflict, and what to do about it.
    """
    for file in files:
        _refuse_modules(root, file)
    brought = {
        name: kind
        for file, content in files.items()
        if file.startswith("models/")
        for name, kind, _ in _names(ast.parse(content))
    }
    for model_file in sorted((root / "models").rglob("*.py")):
        shown = model_file.relative_to(root).as_posix()
        if shown in files:
            continue
        for name, kind, line in _names_in(model_file):
            if brought.get(name) == kind:
                raise NothingMade(
                    f"{printable(shown)}:{line}: the project has {kind} {name} already.",
                    cure=cure_of(shown),
                )


def cure_of(file: str) -> str:
    """Return what to do about a file of the user's own that is in the way."""
    keep = "; or keep it: mtvgen docs add" if file.startswith("models/") else ""
    return f"rename yours, {_AGAIN}{keep}"


def _refuse_modules(root: Path, file: str) -> None:
    """Refuse a module that Python would not import: another one has its name, or its folder's."""
    if not file.endswith(".py"):
        return
    folder, slash, _ = file.partition("/")
    if slash and (root / f"{folder}.py").exists() and not (root / folder).is_dir():
        raise NothingMade(
            f"{folder}.py is a file, and {file} needs a folder of that name.",
            cure=f"mkdir {folder} && mv {folder}.py {folder}/__init__.py, {_AGAIN}",
        )
    package = file.removesuffix(".py")
    if (root / package).is_dir():
        raise NothingMade(
            f"{printable(package)}/ already exists.",
            cure=f"rename yours, {_AGAIN}",
        )


def _names_in(file: Path) -> Iterator[tuple[str, str, int]]:
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, OSError):
        return  # mtvgen check says what is wrong with it
    yield from _names(tree)


def _names(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """Yield each class and each table that a file of models defines: its name, kind and line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, "a class", node.lineno
            for statement in node.body:
                table = _table_of(statement)
                if table is not None:
                    yield table, "a table", statement.lineno


def _table_of(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
        names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        if names == ["__tablename__"]:
            return str(statement.value.value)
    return None
