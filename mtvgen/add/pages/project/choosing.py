"""Which model somebody means: `Book`, `book`, `books` or `models.book.Book`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from mtvgen.add.pages.described.names import plural_of, words_of
from mtvgen.checks.mapping.model_files import unimported_models
from mtvgen.checks.python.sources import Sources
from mtvgen.errors import UsageError
from mtvgen.runtime.models import Model
from mtvgen.runtime.support.suggestions import did_you_mean

_COMMAND = "mtvgen add pages"


def chosen_model(text: str, root: Path) -> type:
    """Return the model of a project that somebody names.

    Args:
        text: Its class, in any of the ways that the words above show.
        root: The project, whose `models` are imported.

    Raises:
        UsageError: No model is called so, or several are.
    """
    models = list(project_models())
    found = [model for model in models if text == model.__name__] or [
        model for model in models if text.lower() in _spellings(model)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise _ambiguous(text, found)
    raise _unknown(text, models, root)


def project_models() -> Iterator[type]:
    """Yield the classes of the project that have a table, in the order of their names."""
    models = {mapper.class_ for mapper in Model.registry.mappers}
    for model in sorted(models, key=lambda model: (model.__name__, model.__module__)):
        if _is_of_models(model.__module__):
            yield model


def _spellings(model: type) -> set[str]:
    """Return what may be meant by a model, in small letters."""
    name, table = model.__name__, str(getattr(model, "__tablename__", ""))
    words = "_".join(words_of(name))
    plural = plural_of(name, table)
    short = {name, words, words.replace("_", "-"), plural, plural.replace("_", "-"), table}
    module = model.__module__
    paths = {f"{module}.{name}", f"{module.removeprefix('models.')}.{name}", f"models.{name}"}
    return {spelling.lower() for spelling in short | paths}


def _ambiguous(text: str, found: Sequence[type]) -> UsageError:
    names = [f"{model.__module__}.{model.__name__}" for model in found]
    return UsageError(f"{text!r} can be {' or '.join(names)}.", cure=f"{_COMMAND} {names[0]}")


def _unknown(text: str, models: Sequence[type], root: Path) -> UsageError:
    left_out = _left_out(text, root)
    if left_out is not None:
        return left_out
    kind = _other_class(text)
    if kind is not None:
        return UsageError(
            f"{kind.__module__}.{kind.__name__} is not a model: it has no table.",
            cure=_cure(models),
        )
    names = [model.__name__ for model in models]
    meant = did_you_mean(text, names)
    return UsageError(f"models/ has no {text!r}.{meant}", cure=_cure(models))


def _cure(models: Iterable[type]) -> str:
    names = list(dict.fromkeys(model.__name__ for model in models))
    if not names:
        return "write a class with a table in models/, and import it in models/__init__.py"
    return f"one of: {', '.join(names)}" if len(names) > 1 else f"{_COMMAND} {names[0]}"


def _left_out(text: str, root: Path) -> UsageError | None:
    """Return what to write where the model is in a file that nobody imports."""
    sources = Sources(root)
    sources.refresh()
    for problem in unimported_models(sources):
        module = sources.modules.get(problem.place.file.removesuffix(".py").replace("/", "."))
        if module is None:
            continue
        for name in module.classes:
            if name.lower() == text.lower():
                cure = f"add there: from {module.name} import {name}"
                return UsageError(problem.message, cure=cure)
    return None


def _other_class(text: str) -> type | None:
    """Return a class of the models that has no table: an Enum, a mixin, an abstract base."""
    name = text.rpartition(".")[2]
    for module in [sys.modules[key] for key in sys.modules if _is_of_models(key)]:
        found = getattr(module, name, None)
        if inspect.isclass(found) and _is_of_models(found.__module__):
            return found
    return None


def _is_of_models(module: str) -> bool:
    return module.partition(".")[0] == "models"
