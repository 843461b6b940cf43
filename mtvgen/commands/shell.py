"""`mtvgen shell`: start Python with the project loaded."""

from __future__ import annotations

import code
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any

import click

from mtvgen.project.database import find_database
from mtvgen.project.loading import Project, current_project, load_application


@click.command()
@click.option("--traceback", is_flag=True, help="Show whole tracebacks, not only your frames.")
def shell(traceback: bool) -> int:
    """Start Python with the project loaded.

    There are application, client, db and every model.
    What you write to db is there for others after db.commit().
    Without a terminal it runs what it is given: echo 'print(application)' | mtvgen shell
    """
    project = current_project()
    with names_at_hand(project, all_frames=traceback) as names:
        if not sys.stdin.isatty():
            return _run(sys.stdin.read(), names)
        _complete(names)
        code.interact(banner=banner(names), local=names, exitmsg="")
        return 0


@contextmanager
def names_at_hand(project: Project, *, all_frames: bool = False) -> Iterator[dict[str, Any]]:
    """Provide the names that a person finds at the prompt; the session is closed at the end.

    Raises:
        ProjectError: The project can't be loaded.
    """
    application = load_application(project, all_frames=all_frames)
    names: dict[str, Any] = {"application": application}
    if (client := _client(application)) is not None:
        names["client"] = client
    project_database = find_database(project, all_frames=all_frames)
    if project_database is None:
        yield names
        return
    with closing(project_database.database), project_database.database.prompt_session() as db:
        yield {**names, "db": db, **_models()}


def banner(names: Mapping[str, Any]) -> str:
    """Return a line that says what is there, and how to leave."""
    version = ".".join(map(str, sys.version_info[:3]))
    keep = " db.commit() saves what you write." if "db" in names else ""
    return f"Python {version} with {', '.join(names)}.{keep} Ctrl-D ends."


def _run(source: str, names: dict[str, Any]) -> int:
    """Run a whole program; the exit code."""
    interpreter = code.InteractiveInterpreter(names)
    try:
        exec(compile(source, "<stdin>", "exec"), names)  # noqa: S102  # what a shell is for
    except SyntaxError:
        interpreter.showsyntaxerror("<stdin>")
    except Exception:
        interpreter.showtraceback()  # without our frame
    else:
        return 0
    return 1


def _client(application: Any) -> Any:
    """Return the tests' client; None where the project was installed without its extra `test`."""
    try:
        from mtvgen.runtime.testing import Client
    except ModuleNotFoundError:
        return None
    return Client(application)


def _models() -> dict[str, Any]:
    """Every model by its name."""
    from mtvgen.runtime.models import Model

    classes = (mapper.class_ for mapper in Model.registry.mappers)
    return {cls.__name__: cls for cls in sorted(classes, key=lambda cls: cls.__name__)}


def _complete(names: dict[str, Any]) -> None:
    """Completion by Tab and a history, where Python has readline."""
    try:
        import readline
        import rlcompleter
    except ImportError:
        return
    readline.set_completer(rlcompleter.Completer(names).complete)
    readline.parse_and_bind("tab: complete")
