"""The project around the current directory, and its application."""

from __future__ import annotations

import importlib
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import isfile, realpath
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from mtvgen.errors import MtvgenError
from mtvgen.project.tracebacks import (
    is_users,
    place_and_sentence,
    users_frames,
    users_traceback,
)

if TYPE_CHECKING:
    from mtvgen.runtime.application.application import Application

# What every project has; other directories have one of the two at most.
MARKS = ("urls.py", "wsgi.py")
# The names that a project's files import each other by, and that other packages use as well.
OWN_MODULES = ("wsgi", "urls", "views", "models", "settings")


_A_LIST = 'urlpatterns = [path("/", home.index)]'


class NoProjectError(MtvgenError):
    """Neither the directory nor one above it holds a project."""

    kind = "no-project"


# What keeps a project from being loaded; `code` is an exception of its own, or of the runtime.
LoadingFault = Literal["gone", "code", "no-urlpatterns", "no-application", "foreign-module"]


class ProjectError(MtvgenError):
    """The project's own code keeps it from being loaded; `__cause__` is the exception, if any.

    Attributes:
        kind: Which LoadingFault it is.
        file: The file that is wrong, below the project; "" where that is not known.
        module: The module of the project that another one has taken the place of.
        places: The files and lines that the error is about.
    """

    def __init__(
        self,
        message: str,
        *,
        cure: str = "",
        kind: LoadingFault = "code",
        file: str = "",
        module: str = "",
        places: Sequence[tuple[str, int]] = (),
    ) -> None:
        super().__init__(message, cure=cure)
        self.kind = kind
        self.file = file
        self.module = module
        self.places = tuple(places)

    def __str__(self) -> str:
        return f"{self.file}: {super().__str__()}" if self.file else super().__str__()


class ImportFailed(ProjectError):
    """An exception left a module of the project; `__cause__` is the exception."""


@dataclass(frozen=True)
class Project:
    """A project on disk.

    Attributes:
        root: The directory of its `urls.py` and `wsgi.py`, absolute and without links.
    """

    root: Path

    @property
    def name(self) -> str:
        """What its directory is called."""
        return self.root.name


def current_project() -> Project:
    """Return the project that holds the current directory.

    Raises:
        NoProjectError: There is none, or the directory has been deleted.
    """
    try:
        here = Path.cwd()
    except FileNotFoundError as error:
        raise NoProjectError(
            "the current directory is gone.",
            cure='cd to one that exists, or if it was made again: cd "$PWD"',
        ) from error
    return find_project(here)


def find_project(start: Path) -> Project:
    """Return the project that holds a directory.

    Raises:
        NoProjectError: There is none up to the root of the disk, or it is in a directory that
            all users of the machine share, such as /tmp.
    """
    directory = start.resolve()
    for candidate in (directory, *directory.parents):
        if all(_is_file(candidate / mark) for mark in MARKS):
            if _is_shared(candidate):
                break  # whose code it is that would run, nobody knows
            return Project(candidate)
    raise _no_project(directory)


def _is_shared(directory: Path) -> bool:
    """Return whether it is like /tmp.

    Everybody may add files to it, and change those that are theirs.
    """
    mode = directory.stat().st_mode
    return bool(mode & stat.S_ISVTX and mode & stat.S_IWOTH)


def _is_file(path: Path) -> bool:
    return isfile(path)  # noqa: PTH113  # Path's own raises where this user may not look, up to Python 3.13


def _no_project(directory: Path) -> NoProjectError:
    """Say that there is none, or what the nearest directory with only half of one lacks."""
    for candidate in (directory, *directory.parents):
        held = [mark for mark in MARKS if _is_file(candidate / mark)]
        if held and _is_shared(candidate):
            return NoProjectError(
                f"{held[0]} is in {candidate}, where anyone can put files: it may not be yours.",
                cure="cd into a project, or move yours to a directory of your own",
            )
        if held:
            (lost,) = set(MARKS) - set(held)
            place = "here" if candidate == directory else f"in {candidate}"
            return NoProjectError(
                f"{held[0]} is {place}, {lost} is missing, and a project has both.",
                cure=f"bring {lost} back, or cd into a project",
            )
    return NoProjectError(
        "no project here: looked for urls.py and wsgi.py in this directory and its parents.",
        cure="cd into a project, or: mtvgen startproject mysite",
    )


def load_application(project: Project, *, all_frames: bool = False) -> Application:
    """Import the project's `wsgi.py` and give its `application`.

    The project's directory goes first on `sys.path` and stays there: one project a process.

    Args:
        project: Where to look.
        all_frames: Let the user's exception through as it is, for `--traceback`.

    Raises:
        ProjectError: An exception left the project's code, or it has no `application`.
    """
    return _application_of(load_module(project, "wsgi", all_frames=all_frames))


def load_module(project: Project, name: str, *, all_frames: bool = False) -> ModuleType:
    """Import one of the project's own modules: `models` needs neither its views nor its urls.

    Args:
        project: Its directory goes first on `sys.path` and stays there.
        name: `wsgi`, `models`, `settings` ...
        all_frames: Let the user's exception through as it is, for `--traceback`.

    Raises:
        ProjectError: An exception left the project's code, or another package has that name.
    """
    root = str(project.root)
    sys.path[:] = [root, *(entry for entry in sys.path if entry != root)]
    try:
        module = importlib.import_module(name)
    except (Exception, SystemExit) as error:
        if all_frames:
            raise
        raise _explained(error, project) from error
    _refuse_foreign_modules(project)
    return module


def _explained(error: BaseException, project: Project) -> ProjectError:
    """Return the one sentence for a mistake that has one, the user's traceback for all others."""
    if not project.root.is_dir():
        return ProjectError(
            f"the project's directory is gone. It was {project.root}.",
            cure="move it back, or start mtvgen runserver where it is now",
            kind="gone",
        )
    _refuse_foreign_modules(project)
    urls = sys.modules.get("urls")
    if urls is not None and _lacks_urlpatterns(error):
        return _no_urlpatterns(urls)
    if urls is not None and not isinstance(getattr(urls, "urlpatterns", []), list | tuple):
        kind = type(urls.urlpatterns).__name__
        return ProjectError(
            f"'urlpatterns' must be a list of path(...), not {kind}.",
            cure=_A_LIST,
            kind="no-urlpatterns",
            file="urls.py",
        )
    if type(error).__module__.startswith("mtvgen.runtime."):
        # Written for the user already, with file and line.
        mistakes: Sequence[Any] = getattr(error, "errors", ())
        places = [mistake.location for mistake in mistakes if mistake.location]
        return ProjectError(str(error), cure=_cure_of_conflict(error), places=places)
    if isinstance(error, SyntaxError):
        places = [(error.filename, error.lineno)] if error.filename and error.lineno else []
        return ImportFailed(users_traceback(error, project.root), places=places)
    frames = users_frames(error, project.root)[-1:]
    places = [(frame.filename, frame.lineno) for frame in frames if frame.lineno]
    place = place_and_sentence(error, project.root)
    text = f"{place}\n{users_traceback(error, project.root)}"
    return ImportFailed(text, places=places)


def _cure_of_conflict(error: BaseException) -> str:
    # Imported on use: without the runtime's error there is no runtime to import.
    from mtvgen.runtime.routing.errors import RouteConflictError

    errors: Sequence[object] = getattr(error, "errors", ())
    is_one = len(errors) == 1 and isinstance(errors[0], RouteConflictError)
    return "change or delete one of the two lines" if is_one else ""


def _lacks_urlpatterns(error: BaseException) -> bool:
    # Python 3.12 has `name_from`; a circular import has the same type, and its own sentence.
    return (
        isinstance(error, ImportError)
        and error.name == "urls"
        and "'urlpatterns'" in str(error)
        and "partially initialized" not in str(error)
    )


def _no_urlpatterns(urls: ModuleType) -> ProjectError:
    others = [name for name, value in vars(urls).items() if _is_list_of_routes(value)]
    named = f"found {', '.join(map(repr, others))} but " if others else ""
    return ProjectError(
        f"{named}no 'urlpatterns'. It is the list of path(...) that wsgi.py imports.",
        cure=f"in urls.py, call {others[0]!r} urlpatterns" if others else _A_LIST,
        kind="no-urlpatterns",
        file="urls.py",
    )


def _is_list_of_routes(value: object) -> bool:
    from mtvgen.runtime.routing.routes import URLPattern

    return isinstance(value, list | tuple) and any(isinstance(item, URLPattern) for item in value)


def _refuse_foreign_modules(project: Project) -> None:
    for name in OWN_MODULES:
        module = sys.modules.get(name)
        if module is not None and not _is_from(module, project.root):
            place = getattr(module, "__file__", None) or "memory"
            raise ProjectError(
                f"the module {name!r} came from {place}, not from {project.root}.",
                cure=f"give the project's own {name} its __init__.py, or rename the other one",
                kind="foreign-module",
                module=name,
            )


def _is_from(module: ModuleType, root: Path) -> bool:
    # By its name, because a part of the project may be a link to another place; and by its real
    # place, because an entry of sys.path may be a link to the project.
    places = [module.__file__] if module.__file__ else list(getattr(module, "__path__", ()))
    return any(is_users(place, root) or is_users(realpath(place), root) for place in places)


def _application_of(wsgi: ModuleType) -> Application:
    application: Any = getattr(wsgi, "application", None)
    if application is None:
        others = [name for name, value in vars(wsgi).items() if _is_application(value)]
        named = f"found {', '.join(map(repr, others))} but " if others else ""
        raise ProjectError(
            f"{named}no 'application'.",
            cure="application = Application(urlpatterns)",
            kind="no-application",
            file="wsgi.py",
        )
    if not callable(application):
        raise ProjectError(
            f"'application' is {type(application).__name__}, which can't be called.",
            cure="application = Application(urlpatterns)",
            kind="no-application",
            file="wsgi.py",
        )
    return application  # type: ignore[no-any-return]  # maybe wrapped in other WSGI middleware


def load_routed_application(project: Project) -> Application:
    """Load a project, and return the Application that has its routes.

    Raises:
        MtvgenError: It can't be loaded, or has none.
    """
    application = unwrap_application(load_application(project))
    if application is None:
        raise MtvgenError(
            "wsgi.py has no Application, so nothing is known about routes.",
            cure="write there: application = Application(urlpatterns)",
        )
    return application


def unwrap_application(application: object) -> Application | None:
    """Return the Application itself, also where `wsgi.py` wraps it in other WSGI middleware."""
    from mtvgen.runtime.application.application import Application

    wsgi = sys.modules.get("wsgi")
    candidates = (application, *(vars(wsgi).values() if wsgi else ()))
    return next((value for value in candidates if isinstance(value, Application)), None)


def _is_application(value: object) -> bool:
    from mtvgen.runtime.application.application import Application

    return isinstance(value, Application)
