"""The facts of a project, kept from run to run until an edit may change them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from mtvgen.checks.facts import Facts
from mtvgen.checks.files import Stamp
from mtvgen.checks.loading.edits import brings_nothing_new
from mtvgen.checks.loading.moved_facts import facts_after_moving
from mtvgen.checks.loading.process import is_loaded, preload, start_loading
from mtvgen.checks.loading.project import load
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.sources import Sources, python_files


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
        # The files as they were imported, or are without a difference for an import.
        self._modules: dict[str, Module] = {}
        self._begun: Callable[[], Facts] | None = None
        self._loading: Callable[[], Facts] | None = None

    @property
    def usable(self) -> Facts:
        """The facts for what a broken import would hide: those of the last good one."""
        return self.facts if self.facts.loaded else self.last_good or self.facts

    def begin(self, root: Path, *, deploy: bool = False) -> None:
        """Start the first import, while what checks the project is still to be imported itself.

        Args:
            root: The project's directory.
            deploy: Take the environment as it is, as production will.
        """
        root = root.resolve()
        files = python_files(str(root), set())
        with suppress(OSError):  # no process can be made: start() then says why
            self._begun = None if is_loaded(root) else start_loading(root, files, deploy=deploy)

    def start(
        self,
        root: Path,
        files: ProjectFiles,
        sources: Sources,
        *,
        deploy: bool = False,
    ) -> None:
        """Start to import the project, unless nothing has changed that could change the facts.

        The import goes on in a process of its own while this one reads the sources; it may have
        begun before.

        Args:
            root: The project's directory.
            files: What is on the disk.
            sources: Its Python files.
            deploy: Take the environment as it is, as production will.
        """
        self._loading = None
        is_due = self.is_due(root, files, sources)
        if deploy:
            self._modules = {}  # what it finds is not what another import would
        elif not is_due:
            return
        if self._begun is not None:
            self._loading, self._begun = self._begun, None
        elif is_loaded(root):
            self._loading = partial(load, root, deploy=deploy)
        else:
            self._loading = start_loading(root, sources.stamps, deploy=deploy)

    def is_due(
        self, root: Path, files: ProjectFiles, sources: Sources, *, in_any_case: bool = False
    ) -> bool:
        """Return whether an import may find something other than the last one that was due.

        Args:
            root: The project's directory.
            files: What is on the disk.
            sources: Its Python files.
            in_any_case: Whether one is due if anything has changed: what the last one finds is
                not known yet.
        """
        before, stamps = self._stamps or {}, import_stamps(root, files, sources.stamps)
        if stamps == self._stamps:
            return False
        modules = _as_on_the_disk(sources, files)
        are_saved = len(modules) == len(sources.modules)
        facts = self._facts_without_import(stamps, modules, sources) if are_saved else None
        is_due = in_any_case or facts is None
        if facts is not None and not in_any_case:
            self.take(facts)
        same = {file for file, stamp in stamps.items() if stamp == before.get(file)}
        older = {file: module for file, module in self._modules.items() if file in same}
        self._stamps, self._modules = stamps, {**older, **modules}
        return is_due

    def _facts_without_import(
        self, stamps: Mapping[str, Stamp], modules: Mapping[str, Module], sources: Sources
    ) -> Facts | None:
        """Return the facts as an import would find them now; None if only one can tell."""
        before, facts = self._stamps or {}, self.facts
        if not facts.loaded or before.keys() != stamps.keys():
            return None
        noted = _last_lines(facts)
        for file in [file for file, stamp in stamps.items() if stamp != before[file]]:
            old, new = self._modules.get(file), modules.get(file)
            if old is None or new is None:
                return None
            are_facts_kept = (
                _begin_alike(old, new, noted.get(file, 0))
                and brings_nothing_new(old, new, sources)
                and _knows_views_by_name(facts, new)
            )
            moved = facts if are_facts_kept else facts_after_moving(facts, old, new)
            if moved is None:
                return None
            facts = moved
        return facts

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

    @contextmanager
    def holding(self, facts: Facts | None) -> Iterator[None]:
        """Hold other facts for a moment: those of an import that has not been made; None for these.

        Nothing may have to be imported meanwhile.
        """
        before = self.facts, self.last_good
        if facts is not None:
            self.facts = self.last_good = facts
        try:
            yield
        finally:
            self.facts, self.last_good = before


class GivenFacts(KeptFacts):
    """Facts that somebody else takes care of: a run of the checks imports nothing."""

    def start(
        self,
        root: Path,
        files: ProjectFiles,
        sources: Sources,
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


def _as_on_the_disk(sources: Sources, files: ProjectFiles) -> dict[str, Module]:
    """Return the files by their paths, without those that are open with another text."""
    return {
        module.file: module
        for module in sources.modules.values()
        if sources.stamps.get(module.file) == module.stamp
        or files.is_as_on_disk(sources.root / module.file)
    }


def _last_lines(facts: Facts) -> dict[str, int]:
    """Return the last line of each file that an import has noted, and that an edit may move."""
    places = [problem.place for problem in facts.problems] + [one.place for one in facts.unchecked]
    places += [other.place for problem in facts.problems for other in problem.related]
    last = {
        route.file: route.line for route in sorted(facts.routes or (), key=lambda one: one.line)
    }
    for place in places:
        last[place.file] = max(place.end_line, last.get(place.file, 0))
    return last


def _begin_alike(old: Module, new: Module, lines: int) -> bool:
    """Return whether two versions of a file have their first lines in common."""
    return old.source.splitlines()[:lines] == new.source.splitlines()[:lines]


def _knows_views_by_name(facts: Facts, module: Module) -> bool:
    """Return whether the views of a file are found by their names, on whatever lines they are."""
    functions = [route.function for route in facts.routes or () if route.function is not None]
    names = [name for file, name, _ in functions if file == module.file]
    return all(module.lines_of([(name, 0)]) for name in names)


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
