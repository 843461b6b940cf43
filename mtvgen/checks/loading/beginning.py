"""The beginning of a run: a project is imported in a process of its own, before all else.

The checks take a fifth of a second to be imported themselves, and the project as long: in a command
that checks once, both happen at the same time.
"""

from __future__ import annotations

from pathlib import Path

from mtvgen.checks.loading.kept import KeptFacts
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python.sources import Sources
from mtvgen.records import record


@record(frozen=True, slots=True)
class Beginning:
    """What a run begins with.

    Attributes:
        files: What is on the disk.
        sources: The project's Python files, read.
        loaded: The facts that the import will give, which has started.
    """

    files: ProjectFiles
    sources: Sources
    loaded: KeptFacts


def begin(root: Path, *, deploy: bool = False) -> Beginning | None:
    """Read a project's Python files, and start to import it.

    Args:
        root: The project's directory.
        deploy: Take the environment as it is, as production will.

    Returns:
        None where that fails: the run, which begins with the same, then says why.
    """
    files = ProjectFiles()
    root = root.resolve()
    sources, loaded = Sources(root, files), KeptFacts(imports_again=False)
    try:
        sources.refresh()
        loaded.start(root, files, sources, deploy=deploy)
    except Exception:
        return None
    return Beginning(files, sources, loaded)
