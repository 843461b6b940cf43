"""The templates of public packages, which nobody here wrote: what is said of them has to be true.

    MTVGEN_FULL=1 pytest tests/checks/interpreter/test_public_templates.py

It asks pip for the packages, without installing them. Each is declared with the filters, globals
and search paths that it registers itself; where a report is right, it stands here with the reason.
"""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.rendering.matching import RenderCheck
from mtvgen.checks.report import Problem
from mtvgen.checks.templates.file_rules import (
    block_problems,
    chain_of,
    inheritance_loops,
    template_problems,
)
from mtvgen.checks.templates.parsing.environment import MarkingEnvironment
from mtvgen.checks.templates.store import Store

pytestmark = pytest.mark.skipif(
    "MTVGEN_FULL" not in os.environ, reason="downloads packages: set MTVGEN_FULL=1"
)

SPHINX = "sphinx/themes"
NBCONVERT = "nbconvert-*.data/data/share/jupyter/nbconvert/templates"
I18N = "jinja2.ext.i18n"
LATEX = {
    "block_start_string": "((*",
    "block_end_string": "*))",
    "variable_start_string": "(((",
    "variable_end_string": ")))",
    "comment_start_string": "((=",
    "comment_end_string": "=))",
}
NBCONVERT_FILTERS = (
    "indent markdown2html ansi2html filter_data_type highlight_code wrap_text strip_ansi clean_html"
    " citation2latex get_lines ipython2python comment_lines posix_path text_base64 path2url"
    " add_prompts ascii_only prevent_list_blocks get_metadata convert_pandoc json_dumps escape_html"
    " strip_trailing_newline escape_latex escape_html_keep_quotes escape_html_script html2text"
    " highlight2html highlight2latex markdown2latex markdown2rst markdown2asciidoc ansi2latex"
    " add_anchor strip_files_prefix strip_dollars resolve_references"
    " convert_explicitly_relative_paths"
)
FLASK = "url_for get_flashed_messages config request session g"
APPBUILDER_FILTERS = (
    "link_order link_page safe_url_for set_link_filters is_item_visible get_actions_on_list"
    " get_actions_on_show get_link_next get_link_back get_link_order_next get_attr link_page_size"
    " get_attr is_menu_visible find_views_by_name get_link_order"
)


@dataclass(frozen=True)
class Shipped:
    """The templates of one package.

    Attributes:
        package: Its name on PyPI.
        roots: Where its templates are, and then where those are looked for that they name.
        suffixes: What its templates are called.
        filters: What it registers.
        globals: Names that every template of it has.
        true: Ids and files of reports that are right.
        options: Other options of its environment.
        needs: Packages whose templates it extends.
    """

    package: str
    roots: tuple[str, ...]
    suffixes: tuple[str, ...] = (".html",)
    filters: str = ""
    globals: str = ""
    true: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    needs: tuple[str, ...] = ()


SHIPPED = [
    *(
        Shipped(
            "sphinx",
            (f"{SPHINX}/{theme}", f"{SPHINX}/basic", SPHINX),
            filters="tobool toint todim slice_index",
        )
        for theme in (
            "basic",
            "agogo",
            "bizstyle",
            "classic",
            "epub",
            "haiku",
            "nonav",
            "pyramid",
            "scrolls",
        )
    ),
    Shipped(
        "alabaster",
        ("alabaster", f"{SPHINX}/basic", SPHINX),
        filters="tobool toint",
        needs=("sphinx",),
    ),
    Shipped(
        "furo",
        ("furo/theme/furo", "sphinx_basic_ng/theme", f"{SPHINX}/basic", SPHINX),
        filters="slice_index",
        needs=("sphinx", "sphinx-basic-ng"),
    ),
    Shipped(
        "sphinx-rtd-theme",
        ("sphinx_rtd_theme", f"{SPHINX}/basic", SPHINX),
        filters="tobool toint",
        needs=("sphinx",),
    ),
    Shipped("mkdocs", ("mkdocs/themes/mkdocs", "mkdocs/templates"), filters="url script_tag"),
    Shipped("mkdocs", ("mkdocs/themes/readthedocs", "mkdocs/templates"), filters="url script_tag"),
    Shipped(
        "mkdocs-material",
        ("material/templates", "mkdocs/templates"),
        filters="url script_tag date split",
        # {% set ref = ref or nav_item %} where the call leaves ref out: mkdocs renders with a
        # lenient Undefined, and under StrictUndefined, which mtvgen has, this raises.
        true=(
            ("templates.macro-missing", "partials/nav-item.html"),
            ("templates.macro-missing", "partials/path.html"),
            ("templates.macro-missing", "partials/tabs-item.html"),
            ("templates.macro-missing", "partials/tabs.html"),
        ),
        needs=("mkdocs",),
    ),
    Shipped("flask-admin", ("flask_admin/templates/bootstrap4",), globals=FLASK),
    Shipped(
        "flask-security",
        ("flask_security/templates",),
        suffixes=(".html", ".txt"),
        globals=FLASK,
    ),
    Shipped(
        "flask-appbuilder",
        ("flask_appbuilder/templates",),
        filters=APPBUILDER_FILTERS,
        globals=FLASK,
    ),
    *(
        Shipped(
            "nbconvert",
            (f"{NBCONVERT}/{name}", NBCONVERT, f"{NBCONVERT}/base"),
            suffixes=(".j2",),
            filters=NBCONVERT_FILTERS,
            # A block from the days of headings as cells; no parent has it any more.
            true=(("templates.unknown-block", "rst/index.rst.j2"),),
        )
        for name in (
            "asciidoc",
            "base",
            "basic",
            "classic",
            "lab",
            "markdown",
            "python",
            "reveal",
            "rst",
            "script",
        )
    ),
    Shipped(
        "nbconvert",
        (f"{NBCONVERT}/latex", NBCONVERT, f"{NBCONVERT}/base"),
        suffixes=(".tex.j2",),
        filters=NBCONVERT_FILTERS,
        options=tuple(LATEX.items()),
    ),
]


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All packages, unpacked side by side."""
    place = Path(os.environ.get("MTVGEN_PACKAGES", tmp_path_factory.mktemp("packages")))
    unpacked = place / "unpacked"
    if not unpacked.exists():
        names = sorted({name for one in SHIPPED for name in (one.package, *one.needs)})
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "-q", "-d", str(place)]
        subprocess.run([*command, *names], check=True)
        for wheel in place.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(unpacked)
    return unpacked


@pytest.mark.parametrize("shipped", SHIPPED, ids=lambda one: f"{one.package}:{one.roots[0][-20:]}")
def test_what_is_said_of_public_templates_is_true(packages, shipped):
    found = problems_of(packages, shipped)

    false = [one for one in found if not any(is_excused(one, true) for true in shipped.true)]
    assert list(map(str, false)) == []


def is_excused(problem: Problem, true: tuple[str, str]) -> bool:
    return problem.id == true[0] and problem.file.endswith(true[1])


def problems_of(packages: Path, shipped: Shipped) -> list[Problem]:
    environment = MarkingEnvironment(
        extensions=[I18N, "jinja2.ext.do", "jinja2.ext.loopcontrols"], **dict(shipped.options)
    )
    roots = [next(packages.glob(root)) for root in shipped.roots]
    store = Store(environment, roots, packages)
    store.refresh()
    known = frozenset({*environment.globals, *shipped.globals.split()})
    filters = frozenset({*environment.filters, *shipped.filters.split()})
    interpreter = Interpreter(store, known, filters, frozenset(environment.tests))
    found: list[Problem] = []
    own = [name for name in store.names() if (roots[0] / name).is_file()]
    own = [name for name in own if name.endswith(shipped.suffixes)]
    assert own, "the package has no templates there any more"
    for name in own:
        template = store.get(name)
        assert template is not None
        found += template_problems(template, store, interpreter.filters, interpreter.tests)
        found += block_problems(chain_of(template, store))
        found += inheritance_loops(template, store)
        check = RenderCheck(
            store, interpreter.entry(name), [], known, lambda value, call: None
        ).run()
        found += check.problems
    return sorted(set(found), key=lambda problem: problem.sort_key)
