"""The way from where a database is to where it is to be: which migrations run, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from types import CodeType, ModuleType
from typing import Any

from alembic.runtime.migration import MigrationStep
from alembic.script import Script
from alembic.script.revision import RevisionMap

from mtvgen.runtime.migrations.failures import explained
from mtvgen.runtime.migrations.revisions import MigrationError, Revision, Revisions


@dataclass(frozen=True)
class Step:
    """One migration that was run.

    Attributes:
        name: `0002_title`.
        direction: `applied` or `undone`.
    """

    name: str
    direction: str


class Scripts:
    """The migrations, imported.

    Args:
        revisions: Those of a directory.

    Raises:
        MigrationError: One can't be imported.
    """

    def __init__(self, revisions: Revisions) -> None:
        self.revisions = revisions
        self.modules = {r.name: _imported(r) for r in revisions.order}
        self._scripts = {
            r.name: Script(self.modules[r.name], r.name, r.file) for r in revisions.order
        }
        self._map = RevisionMap(lambda: list(self._scripts.values()))

    def steps(self, heads: Iterable[str], target: str | None) -> tuple[Step, ...]:
        """Return what leads from the newest applied migrations to a target.

        Args:
            heads: The newest applied, of each branch.
            target: The newest one to be applied; None is before the first.
        """
        heads = tuple(heads)
        done = self.revisions.up_to(heads)
        names = [revision.name for revision in self.revisions.order]
        if target is not None and target not in done:
            way = self.revisions.up_to([target])
            return tuple(Step(n, "applied") for n in names if n in way and n not in done)
        back = [n for n in names if n in done and self._is_after(n, target)]
        return tuple(Step(n, "undone") for n in reversed(back))

    def _is_after(self, name: str, target: str | None) -> bool:
        return target is None or (name != target and target in self.revisions.up_to([name]))

    def function(self, step: Step) -> Callable[[], None]:
        """Return the function that a step runs.

        Raises:
            MigrationError: The file has none.
        """
        word = "upgrade" if step.direction == "applied" else "downgrade"
        function: Callable[[], None] | None = getattr(self.modules[step.name], word, None)
        if function is None:
            place = self.revisions.by_name[step.name].place
            raise MigrationError(
                f"{place} has no {word}().", cure=f"write def {word}() -> None: in it"
            )
        return function

    def for_alembic(self, steps: Iterable[Step]) -> list[Any]:
        """Return the steps as Alembic takes them, with what it writes into its table."""
        made = {"applied": MigrationStep.upgrade_from_script}
        made["undone"] = MigrationStep.downgrade_from_script
        assert self._map.heads  # noqa: S101  # asked once, it learns which follows which
        taken = []
        for step in steps:
            self.function(step)
            taken.append(made[step.direction](self._map, self._scripts[step.name]))
        return taken


class _FromSource(SourceFileLoader):
    """Reads the file as it is now, whatever was compiled of it before, and leaves nothing."""

    def get_code(self, fullname: str) -> CodeType | None:  # its interface
        return self.source_to_code(self.get_data(self.path), self.path)


def _imported(revision: Revision) -> ModuleType:
    path = str(revision.file)
    spec = spec_from_file_location(revision.file.stem, path, loader=_FromSource("", path))
    assert spec is not None  # noqa: S101  # the loader is given
    assert spec.loader is not None  # noqa: S101
    module = module_from_spec(spec)
    with explained(revision.file.parent):
        spec.loader.exec_module(module)
    return module
