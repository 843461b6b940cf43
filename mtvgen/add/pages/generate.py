"""From a model to the files of its pages; nothing is written here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mtvgen.add.pages.described.description import describe
from mtvgen.add.pages.described.fields import Described, Pages, PagesOf
from mtvgen.add.pages.described.names import module_of, plural_of
from mtvgen.add.pages.folding import folded
from mtvgen.add.pages.project.layout import Layout
from mtvgen.add.pages.rules import Rule
from mtvgen.add.pages.values import MACROS, filters_of, values_of, values_of_detail
from mtvgen.add.pages.written_tests import values_of_tests
from mtvgen.errors import UsageError

FILES = Path(__file__).parent / "files"
STYLE = "static/pages.css"
# Files that the pages of all models share.
SHARED = frozenset({STYLE, f"templates/{MACROS}"})
_ADDRESS = re.compile(r"(/[\w.~-]+)+")


@dataclass(frozen=True)
class Wanted:
    """The pages that somebody wants.

    Attributes:
        model: A mapped class of the project.
        at: Their address: `/books`.
        module: The module of their views, and the folder of their templates: `books`.
        rule: Who may use them; None on a site without accounts.
        user: The model of the people, if the project's fixtures are those of accounts: a browser
            `client` of somebody who is logged in, and the same one before as `visitor`.
        layout: The blocks of `base.html`.
    """

    model: type
    at: str
    module: str
    rule: Rule | None = None
    user: type | None = None
    layout: Layout = field(default_factory=Layout)

    @classmethod
    def of(
        cls,
        model: type,
        at: str | None,
        rule: Rule | None = None,
        user: type | None = None,
        layout: Layout | None = None,
    ) -> Wanted:
        """Return the pages of a model at an address; without one, its plural: `/books`.

        Raises:
            UsageError: That is not an address.
        """
        plural = plural_of(model.__name__, str(getattr(model, "__tablename__", "")))
        rest = (rule, user, layout or Layout())
        if at is None:
            return cls(model, f"/{plural.replace('_', '-')}", module_of(plural), *rest)
        module = re.sub(r"\W+", "_", at.strip("/")).lower()
        if not _ADDRESS.fullmatch(at) or not module.isidentifier():
            raise UsageError(
                f"--at {at}: write the path of the list, without a slash at its end.",
                cure=f"--at /staff/{plural.replace('_', '-')}",
            )
        return cls(model, at, module_of(module), *rest)


def describe_wanted(wanted: Wanted, pages_of: PagesOf) -> Described:
    """Return what the pages show; a row that refers to one of its own kind leads to these pages.

    Args:
        wanted: The pages.
        pages_of: Returns the pages that the project has of another model.

    Raises:
        UsageError: The pages of this model can't be generated.
    """
    described = describe(wanted.model, pages_of)
    own = Pages(wanted.module, described.parameter, filters_of(described))
    described = describe(
        wanted.model, lambda other: own if other is wanted.model else pages_of(other)
    )
    return replace(described, own_pages=own)


def generate(wanted: Wanted, described: Described) -> dict[str, str]:
    """Return the files of a model's pages, by their paths in the project."""
    values = _values(wanted, described)
    tests = values_of_tests(described, values, wanted.rule, wanted.user)
    folder = f"templates/{wanted.module}"
    files = {
        f"views/{wanted.module}.py": _program("views.py.jinja", values),
        **templates_of(wanted, described),
        f"{folder}/delete.html": _filled("delete.html.jinja", values),
        f"tests/test_{wanted.module}.py": _program("test.py.jinja", tests),
        STYLE: (FILES / "pages.css").read_text(encoding="utf-8"),
    }
    if described.has_form:
        files[f"{folder}/form.html"] = _filled("form.html.jinja", values)
        files[f"templates/{MACROS}"] = (FILES / "fields.html").read_text(encoding="utf-8")
    return files


def templates_of(wanted: Wanted, described: Described) -> dict[str, str]:
    """Return those of the files that have links to the pages of other models."""
    values = _values(wanted, described)
    folder = f"templates/{wanted.module}"
    return {
        f"{folder}/index.html": _filled("index.html.jinja", values),
        f"{folder}/detail.html": _filled(
            "detail.html.jinja", values | values_of_detail(described, values)
        ),
    }


def _values(wanted: Wanted, described: Described) -> dict[str, Any]:
    return {**values_of(described, wanted.at, wanted.module), "layout": wanted.layout}


def _filled(name: str, values: dict[str, Any]) -> str:
    environment = Environment(  # noqa: S701  # what is written is source, and no page
        loader=FileSystemLoader(FILES),
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(name).render(values)


def _program(name: str, values: dict[str, Any]) -> str:
    return folded(_filled(name, values))
