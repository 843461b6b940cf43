"""The facts of a project, kept from run to run: it is imported again when a file has changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from mtvgen.checks.facts import Facts
from mtvgen.checks.files import Stamp
from mtvgen.checks.loading.process import is_loaded, preload, start_loading
from mtvgen.checks.loading.project import load
from mtvgen.checks.project_files import ProjectFiles


class KeptFacts:
    """What the running project knows, as of its last import.

    Args:
        imports_again: Whether it may be imported again, so that this process keeps ready what it
            imports from elsewhere.

    Attributes:
        facts: The facts; without any before the first import.
        last_good: Those of the last import of a whole application; None before there is one.
    """

    def __init__(self, *, imports_again: bool = True) -> None:
        self._imports_again = imports_again
        self.facts = Facts()
        self.last_good: Facts | None = None
        self._stamps: dict[str, Stamp] | None = None
        self._loading: Callable[[], Facts] | None = None

    @property
    def usable(self) -> Facts:
        """The facts for what a broken import would hide: those of the last good one."""
        return self.facts if self.facts.loaded else self.last_good or self.facts

    def start(
        self,
        root: Path,
        files: ProjectFiles,
        sources: Mapping[str, Stamp],
        *,
        deploy: bool = False,
    ) -> None:
        """Start to import the project, unless no file that this could change has changed.

        The import goes on in a process of its own while this one reads the sources.

        Args:
            root: The project's directory.
            files: What is on the disk.
            sources: The versions of its Python files.
            deploy: Take the environment as it is, as production will.
        """
        self._loading = None
        stamps = import_stamps(root, files, sources)
        if stamps == self._stamps and not deploy:
            return
        self._stamps = stamps
        if is_loaded(root):
            self._loading = partial(load, root, deploy=deploy)
        else:
            self._loading = start_loading(root, sources, deploy=deploy)

    def finish(self, root: Path) -> Facts:
        """Wait for the import that has started, if one has, and return the facts."""
        if self._loading is not None:
            is_first = self.last_good is None
            self.take(self._loading())
            self._loading = None
            is_first = is_first and self.facts.loaded
            if is_first and self._imports_again and not is_loaded(root):
                preload(self.facts.modules)
        return self.facts

    def take(self, facts: Facts) -> None:
        """Keep new facts, as the same objects where they are the same as before."""
        self.facts = _with_what_is_the_same(self.facts, facts)
        if self.facts.loaded:
            self.last_good = self.facts


class GivenFacts(KeptFacts):
    """Facts that somebody else takes care of: a run of the checks imports nothing."""

    def start(
        self,
        root: Path,
        files: ProjectFiles,
        sources: Mapping[str, Stamp],
        *,
        deploy: bool = False,
    ) -> None:
        """Start nothing."""


def import_stamps(
    root: Path, files: ProjectFiles, sources: Mapping[str, Stamp]
) -> dict[str, Stamp]:
    """Return the versions of all files that an import of a project depends on.

    Args:
        root: The project's directory.
        files: What is on the disk.
        sources: The versions of its Python files.
    """
    return {**sources, **_other_stamps(root, files)}


def _with_what_is_the_same(old: Facts, new: Facts) -> Facts:
    """Return new facts, with the old objects where they are equal.

    `is` then shows what has changed.
    """
    classes = old.classes if old.classes == new.classes else new.classes
    objects = old.objects if old.objects == new.objects else new.objects
    same_routes = old.routes == new.routes and old.all_routes == new.all_routes
    routes = old.routes if same_routes else new.routes
    return replace(new, classes=classes, objects=objects, routes=routes)


def _other_stamps(root: Path, files: ProjectFiles) -> dict[str, Stamp]:
    """Return what importing depends on besides the files that are read.

    Settings, migrations, database.
    """
    stamps = {path: files.stamp_on_disk(path) for path in files.list_on_disk(root, _others)}
    return {path: stamp for path, stamp in stamps.items() if stamp is not None}


def _others(root: str) -> list[str]:
    directory = Path(root)
    paths = (directory.glob("*.sqlite3"), (directory / "migrations").glob("*.py"))
    return [f"{root}/.env", *(str(path) for found in paths for path in found)]
