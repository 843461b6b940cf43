"""Imports a project into this process, and collects the facts that this gives."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from mtvgen.checks.deployment.machine import machine_problems
from mtvgen.checks.deployment.mail import mail_problems
from mtvgen.checks.deployment.open_routes import open_writes
from mtvgen.checks.deployment.settings import setting_problem, settings_problems
from mtvgen.checks.facts import EnvironmentFact, Facts
from mtvgen.checks.files import is_below, is_file
from mtvgen.checks.ids import URLS
from mtvgen.checks.loading.loaders import template_directories, templates_elsewhere
from mtvgen.checks.loading.objects import object_facts
from mtvgen.checks.places import Place
from mtvgen.checks.python.module import syntax_problem
from mtvgen.checks.python.runtime_names import MODELS
from mtvgen.checks.python.written import place_of_frame
from mtvgen.checks.report import Problem, Unchecked, arrow, split
from mtvgen.checks.routes.routes import facts_of, routes_in, routing_problems
from mtvgen.checks.routes.view_parameters import view_problems
from mtvgen.project.loading import (
    LoadingFault,
    Project,
    ProjectError,
    load_application,
    unwrap_application,
)
from mtvgen.project.tracebacks import sentence, users_frames
from mtvgen.runtime import Application
from mtvgen.runtime.routing.errors import RoutingErrors
from mtvgen.runtime.settings.current import current_settings
from mtvgen.runtime.settings.env_file import EnvFileError, read_env_file
from mtvgen.runtime.settings.settings import SettingsError

_OTHER_NAME = "Give it another name."
_ALWAYS_THERE = {"SECRET_KEY": "a key for the checks alone", "ALLOWED_HOSTS": "localhost"}


def load(root: Path, *, deploy: bool = False) -> Facts:
    """Return the facts of a project, imported into this process.

    Args:
        root: The project's directory.
        deploy: Take the environment as it is, as production will.
    """
    problems: list[Problem] = []
    # Where the project is imported already, as in its tests, its modules have been there before.
    here_before = frozenset() if "wsgi" in sys.modules else frozenset(sys.modules)
    with redirect_stdout(sys.stderr):
        if deploy:
            problems += _deploy_problems(root)
        with _settings_there(root):
            application, error = _import(root)
        site = unwrap_application(application)
        problems += _explained(error, root) if error is not None else []
        if deploy:
            models = sys.modules.get("models")
            problems += machine_problems(root, getattr(models, "database", None))
            problems += [] if site is None else open_writes(site.router)
            settings = current_settings()
            own, _ = _imported_modules(root, here_before)
            problems += mail_problems(own.values(), settings.mail_url) if settings else []
        try:
            facts = _facts(root, site, [*problems], whole=error is None)
            own, foreign = _imported_modules(root, here_before)
            objects = object_facts(own, has_accounts=_has_accounts(site))
            return replace(facts, modules=tuple(foreign), objects=objects)
        except Exception:
            if error is None:
                raise
            # What was imported in part, as a model that SQLAlchemy refused, may answer nothing.
            return Facts(problems=tuple(problems))


@contextmanager
def _settings_there(root: Path) -> Iterator[None]:
    """Provide the settings that production requires while the project is imported."""
    before = dict(os.environ)
    in_file = _variables_in(root / ".env")
    for name, value in _ALWAYS_THERE.items():
        if name not in in_file:
            os.environ.setdefault(name, value)
    try:
        yield
    finally:
        for name in _ALWAYS_THERE:
            if name not in before:
                os.environ.pop(name, None)


def _variables_in(file: Path) -> set[str]:
    try:
        return set(read_env_file(file)[0])
    except EnvFileError:
        return set()  # the settings say why


def _import(root: Path) -> tuple[Any, BaseException | None]:
    try:
        return load_application(Project(root)), None
    except KeyboardInterrupt:
        raise  # the user's, where no process could be forked
    except BaseException as error:
        return None, error


# What `load_application` finds by itself, and not by an exception.
_IDS: dict[LoadingFault, str] = {
    "no-urlpatterns": "urls.no-urlpatterns",
    "no-application": "project.no-application",
    "foreign-module": "project.shadowed-module",
}


def _explained(error: BaseException, root: Path) -> list[Problem]:
    """Return why the project can't be imported, at the user's own line."""
    cause = error.__cause__ if isinstance(error, ProjectError) else error
    if isinstance(cause, RoutingErrors):
        return list(routing_problems(cause))
    if isinstance(cause, SyntaxError) and cause.filename and is_below(cause.filename, root):
        # Mostly the file is read by itself, too, and says the same.
        file = Path(cause.filename).resolve().relative_to(root).as_posix()
        return [syntax_problem(cause, file)]
    if isinstance(cause, SettingsError):
        return [setting_problem(fault, root) for fault in cause.faults]
    if isinstance(error, ProjectError) and error.kind in _IDS:
        place = Place.at(error.file or f"{error.module}.py")
        return [Problem(_IDS[error.kind], place, error.message, arrow(error.cure))]
    if isinstance(cause, Exception) and (of_model := _mapping_problem(cause, root)) is not None:
        return [of_model]
    place = Place.at("wsgi.py")
    if cause is None:
        return [Problem("project.import-error", place, str(error))]
    if frames := users_frames(cause, root):
        file = Path(frames[-1].filename).relative_to(root).as_posix()
        place = place_of_frame(frames[-1], file)
    return [Problem("project.import-error", place, sentence(cause))]


def _mapping_problem(cause: Exception, root: Path) -> Problem | None:
    """Return what is wrong with a model, where the project uses SQLAlchemy at all."""
    if MODELS not in sys.modules:
        return None
    from mtvgen.checks.mapping.errors import mapping_problem

    return mapping_problem(cause, root)


def _deploy_problems(root: Path) -> list[Problem]:
    """Return what the settings lack for production, before the checks set values themselves."""
    places = [str(root), *(entry for entry in sys.path if entry != str(root))]
    sys.path[:] = places
    try:
        settings = importlib.import_module("settings")
    except SettingsError as error:
        return settings_problems(None, error.faults, root)
    except Exception:
        return []  # importing the whole project will say it
    finally:
        sys.modules.pop("settings", None)
    return settings_problems(getattr(settings, "settings", None), (), root)


def _facts(root: Path, site: Application | None, problems: list[Problem], *, whole: bool) -> Facts:
    urls = sys.modules.get("urls")
    urlpatterns = getattr(urls, "urlpatterns", None)
    routes = list(site.router.routes if site else routes_in(urlpatterns))
    has_routes = site is not None or urlpatterns is not None
    problems += view_problems(routes)
    problems += _shadowed(root)
    classes, of_models, unchecked = _models(root)
    if not whole:
        of_models = []  # models that could be imported in part do not fit together
    templates = site.templates if site is not None else None
    loader = templates.environment.loader if templates is not None else None
    known = tuple(facts_of(routes, problems, has_accounts=_has_accounts(site)))
    places = {(route.file, route.line) for route in known}
    # A mistake of an include() takes all routes behind it along.
    of_urls = [problem for problem in problems if problem.id in URLS]
    return Facts(
        loaded=whole and site is not None,
        routes=known if has_routes else None,
        all_routes=all((problem.file, problem.line) in places for problem in of_urls),
        environment=EnvironmentFact.of(templates.environment) if templates else None,
        templates=tuple(map(str, template_directories(loader))),
        templates_elsewhere=templates_elsewhere(loader),
        static=str(site.static.root) if site is not None and site.static else None,
        classes=classes,
        problems=tuple(dict.fromkeys([*problems, *of_models])),
        unchecked=tuple(unchecked),
    )


def _has_accounts(site: Application | None) -> bool:
    """Return whether the user of a site is an Account, and no global of its own is called so."""
    if site is None or site.router.access is None:
        return False
    return site.templates is None or "user" not in site.templates.environment.globals


def _models(root: Path) -> tuple[dict[str, Any], list[Problem], list[Unchecked]]:
    """Return what SQLAlchemy knows, where the project uses it at all."""
    if MODELS not in sys.modules:
        return {}, [], []
    from mtvgen.checks.mapping.models import class_facts, migration_problems

    classes, problems = class_facts(root)
    if problems:
        return classes, problems, []  # what does not fit together can't be compared
    of_migrations, unchecked = split(migration_problems(root))
    return classes, [*problems, *of_migrations], unchecked


def _shadowed(root: Path) -> Iterator[Problem]:
    """Modules at the top of the project whose name Python has given to another."""
    for name, path in _top_modules(root):
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if module is not None and (file is None or not is_below(file, root)):
            if file is None and getattr(module, "__path__", None):
                continue  # a package without __init__.py has no file
            message = f"Python takes the module {name!r} from {file or 'itself'}, not from here."
            yield Problem("project.shadowed-module", Place.at(path), message, _OTHER_NAME)


def _top_modules(root: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(root.iterdir()):
        if path.suffix == ".py":
            yield path.stem, path.name
        elif is_file(path / "__init__.py"):
            yield path.name, f"{path.name}/__init__.py"


def _imported_modules(
    root: Path, here_before: frozenset[str]
) -> tuple[dict[str, ModuleType], list[str]]:
    """Return the project's modules by name, and the names of those from elsewhere.

    To ask where a file really is takes time, so those that this process had before are left out,
    and of all others only the directories are asked.
    """
    own: dict[str, ModuleType] = {}
    foreign: list[str] = []
    is_own = _Own(root)
    for name, module in list(sys.modules.items()):
        file = None if name in here_before else getattr(module, "__file__", None)
        if file is not None and is_own(file):
            own[name] = module
        elif file is not None:
            foreign.append(name)
    return own, foreign


class _Own:
    """Whether a file is the project's, asked for many files at one moment."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._directories: dict[str, bool] = {}

    def __call__(self, file: str) -> bool:
        directory, _, _ = file.rpartition(os.sep)
        if directory not in self._directories:
            self._directories[directory] = is_below(directory, self._root)
        return self._directories[directory] or (
            os.path.islink(file) and is_below(file, self._root)  # noqa: PTH114  # 500 files
        )
