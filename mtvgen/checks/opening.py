"""The templates of a project, opened with the environment that the project makes for them."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

from mtvgen.checks.cache import Cache
from mtvgen.checks.facts import EnvironmentFact
from mtvgen.checks.files import is_directory
from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.loading.template_options import makes_templates, written_options
from mtvgen.checks.places import Place
from mtvgen.checks.rendering.counterparts import PageCache
from mtvgen.checks.report import Unchecked
from mtvgen.checks.templates.parsing.environment import (
    MarkingEnvironment,
    parsing_environment,
    take_names,
)
from mtvgen.checks.templates.store import Store
from mtvgen.meanwhile import meanwhile
from mtvgen.runtime import Templates
from mtvgen.runtime.templates.request_names import REQUEST_NAMES


def open_store(root: Path, cache: Cache) -> Unchecked | None:
    """Open the templates, with the environment of the project as it last could be loaded.

    Args:
        root: The project's directory.
        cache: Gets the store and an interpreter over it, or keeps those that it has. What was
            parsed ahead is kept for any environment that parses alike.

    Returns:
        Why they can't be opened; None if they are.
    """
    facts = cache.loaded.usable
    environment = facts.environment
    modules = cache.sources.modules.values() if cache.sources is not None else ()
    is_exact = environment is not None or not makes_templates(modules)
    if environment is None:
        options = written_options(modules)
        if options is None:
            return _unopened("its tags are known only to the running project")
        # The runtime's own, with its filters: the directory of these is nowhere used.
        environment = EnvironmentFact.of(Templates(root).environment)
        environment = replace(environment, options={**environment.options, **options})
    directories = tuple(facts.templates) or (str(root / "templates"),)
    key = (environment, directories, facts.templates_elsewhere, is_exact)
    if cache.store is None or cache.store_key != key:
        is_ahead = cache.is_parsed_ahead and _parses_alike(cache.store_key, key)
        parsed = cache.store if is_ahead else None
        cache.store = cache.interpreter = cache.store_key = None
        try:
            parser = parsed.environment if parsed else parsing_environment(environment)
        except (ImportError, AttributeError):
            return _unopened(_tags_of_its_own(environment))
        take_names(parser, environment)
        paths = [Path(directory) for directory in directories if is_directory(directory)]
        cache.store = Store(parser, paths, root, facts.templates_elsewhere, cache.files, parsed)
        known = environment.globals | REQUEST_NAMES
        filters = environment.filters if is_exact else None
        tests = environment.tests if is_exact else None
        cache.interpreter = Interpreter(cache.store, known, filters, tests)
        cache.store_key, cache.pages = key, PageCache()
    cache.is_parsed_ahead = False
    cache.store.refresh()
    return None


def opened_ahead(root: Path, cache: Cache) -> Store | None:
    """Return the templates before the project is imported, to be parsed and no more.

    They have the environment that its code seems to make: few projects make one of their own.

    Args:
        root: The project's directory.
        cache: As for open_store(), before the first run.

    Returns:
        None where they can't be opened yet.
    """
    if open_store(root, cache) is not None:
        return None
    cache.is_parsed_ahead = True
    return cache.store


def _parses_alike(old_key: tuple[Any, ...] | None, key: tuple[Any, ...]) -> bool:
    """Return whether templates are the same files, parsed with the same options."""
    return old_key is not None and (old_key[0].options, old_key[1]) == (key[0].options, key[1])


def parse_together(store: Store, at_least: int) -> None:
    """Parse all templates, four of nine in another process.

    To read a tree that was parsed there takes a tenth of the time of parsing it.

    Args:
        store: The templates.
        at_least: Of how many the other process is worth its start; fewer are left alone.
    """
    names, environment = list(store.texts()), store.environment
    if len(names) < at_least:
        return
    assert isinstance(environment, MarkingEnvironment)  # noqa: S101  # open_store() made it
    # It also writes its trees, for which this one would wait.
    theirs = [name for number, name in enumerate(names) if number % 9 < 4]
    wait = meanwhile(partial(_parsed, store, theirs))
    for number, name in enumerate(names):
        if number % 9 >= 4:
            store.get(name)
    environment.parsed = dict(_Unpickler(BytesIO(wait()), environment).load())
    for name in theirs:
        store.get(name)


def _parsed(store: Store, names: Sequence[str]) -> bytes:
    """Return texts of templates, each with its tree; none of those that can't be parsed."""
    templates = (store.get(name) for name in names)
    found = [
        (template.source, template.tree.root)
        for template in templates
        if template is not None and template.tree is not None
    ]
    written = BytesIO()
    pickler = pickle.Pickler(written, pickle.HIGHEST_PROTOCOL)
    # Each node refers to it. To be asked about each object takes longer than all the rest.
    pickler.dispatch_table = {MarkingEnvironment: lambda _: (_environment, ())}
    pickler.dump(found)
    return written.getvalue()


def _environment() -> NoReturn:
    """Represent in a pickle the environment of whoever reads it."""
    raise AssertionError


class _Unpickler(pickle.Unpickler):
    """Puts an environment where one was left out."""

    def __init__(self, file: BytesIO, environment: object) -> None:
        super().__init__(file)
        self._environment = environment

    def find_class(self, module: str, name: str) -> Any:
        if name == _environment.__name__:
            return lambda: self._environment
        return super().find_class(module, name)


def _unopened(why: str) -> Unchecked:
    return Unchecked(Place.at("wsgi.py"), "directory of templates", why)


def _tags_of_its_own(environment: EnvironmentFact) -> str:
    """Tags of an extension in the project's own files, which this process does not import."""
    extensions = environment.options["extensions"]
    own = [extension for extension in extensions if not extension.startswith("jinja2.")]
    return f"the tags of {', '.join(own)} are known to the project alone"
