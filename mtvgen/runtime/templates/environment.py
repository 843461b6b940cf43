"""Jinja2 as a project uses it: what its templates may name, and how their files are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from jinja2 import Environment, FileSystemLoader
from jinja2.runtime import Context
from jinja2.utils import missing

from mtvgen.runtime.templates.kinds import is_escaped
from mtvgen.runtime.templates.mixing import MixingGenerator, refuse_unescaped
from mtvgen.runtime.templates.request_names import REQUEST_NAMES, user_of
from mtvgen.runtime.templates.undefined import Undefined

if TYPE_CHECKING:  # with what it imports, 150 kB in each process
    from jinja2.ext import Extension


class _Context(Context):
    """A context whose per-request names reach imported macros too.

    `{% from "macros.html" import field %}` imports without the context of the page, so that the
    import can be cached; what is marked as global is handed over all the same.
    """

    # Names that every template has besides, for the checks.
    names_on_demand: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.globals_keys |= REQUEST_NAMES & self.parent.keys()


class _ContextWithUser(_Context):
    """A context that has `user`, asked for when a template first names it.

    A view that passes a `user` of its own has the template see that one.
    """

    names_on_demand = frozenset({"user"})

    def resolve_or_missing(self, key: str) -> Any:
        """Return the value of a name; Jinja2's `missing` if there is none."""
        found = super().resolve_or_missing(key)
        if found is missing and key == "user" and "request" in self.parent:
            return user_of(self.parent["request"])
        return found


class ProjectEnvironment(Environment):
    """Jinja2 with autoescape on, strict about undefined names, and dict keys before attributes."""

    context_class: ClassVar[type[Context]] = _Context  # type: ignore[misc]  # no ClassVar there
    code_generator_class = MixingGenerator
    refuse_unescaped = staticmethod(refuse_unescaped)  # which the generated code calls

    def __init__(self, directory: Path, extensions: Iterable[str | type[Extension]]) -> None:
        super().__init__(
            loader=_TemplateFiles(directory),
            extensions=tuple(extensions),
            autoescape=is_escaped,
            undefined=Undefined,
            keep_trailing_newline=True,
        )

    def use_users(self, has_users: bool) -> None:
        """Have contexts with `user`, or without."""
        context = _ContextWithUser if has_users else _Context
        self.context_class = context  # type: ignore[misc]  # ours alone, and no other's

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`row.title`: a dict's key before its attribute, which is Django's order too."""
        # A table asks this for each cell. For a dict, an attribute that is not there would cost an
        # exception, as Jinja2 itself looks for that first.
        if type(obj) is dict:
            try:
                return obj[attribute]
            except KeyError:
                pass
        elif isinstance(obj, dict) and attribute in obj:  # a defaultdict makes what is not there
            return obj[attribute]
        return super().getattr(obj, attribute)


class _TemplateFiles(FileSystemLoader):
    """Files in UTF-8; a byte order mark, as some editors write it, is not part of the page.

    In front of `<!doctype html>` it would have browsers fall back to the rules of the last century.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, encoding="utf-8-sig")

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        """Return the text of a template.

        Raises:
            UnicodeDecodeError: It is not UTF-8; says which one it is, and the line.
        """
        try:
            return super().get_source(environment, template)
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            error.reason += f": templates/{template}:{line} is not UTF-8. -> save it as UTF-8"
            raise
