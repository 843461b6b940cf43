"""The reference is complete: every public name, member, argument, limit, check and option.

What counts as documented is told in tests/support/reference.py.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections import Counter
from pathlib import Path

import pytest
from click import Argument, Context

import mtvgen.checks.run
import mtvgen.runtime
import mtvgen.runtime.accounts
import mtvgen.runtime.forms
import mtvgen.runtime.lists
import mtvgen.runtime.mail
import mtvgen.runtime.models
from mtvgen import commands
from mtvgen.cli import COMMANDS
from mtvgen.cli import mtvgen as group
from mtvgen.commands.add import ADDITIONS
from mtvgen.runtime import HTTPError, Limits, Settings
from mtvgen.runtime.models import DatabaseLimits
from mtvgen.runtime.routing.converters import CONVERTERS
from mtvgen.runtime.support.faults import FaultError
from mtvgen.runtime.templates.request_names import REQUEST_NAMES
from tests.support.pages import examples
from tests.support.reference import (
    DOCS,
    agree,
    code_spans,
    members,
    names,
    parameters,
    section,
    sections,
    written,
)

ROOT = DOCS.parent
NAMES = list(names())


def test_every_public_name_is_listed_once():
    counted = Counter(str(name) for name in NAMES)

    assert [name for name, times in counted.items() if times > 1] == []


@pytest.mark.parametrize(
    "module",
    [
        mtvgen.runtime,
        mtvgen.runtime.accounts,
        mtvgen.runtime.forms,
        mtvgen.runtime.lists,
        mtvgen.runtime.mail,
        mtvgen.runtime.models,
    ],
    ids=lambda m: m.__name__,
)
def test_every_name_that_a_module_offers_is_listed(module):
    listed = {name.name for name in NAMES if name.module == module.__name__}

    assert listed == set(module.__all__)


def test_what_the_pages_and_a_new_project_import_is_listed():
    listed = {(name.module, name.name) for name in NAMES}
    modules = {name.module for name in NAMES}
    unlisted = {
        f"{place}: from {module} import {name}"
        for place, source in sources_for_users()
        for module, name in imported(source)
        if (module, name) not in listed and f"{module}.{name}" not in modules
    }

    assert sorted(unlisted) == []


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_a_name_has_an_entry_in_its_section(name):
    place = name.section.names
    assert name.name in place, f"{name.page}#{name.anchor} has no heading and no row of this name"
    value = name.value
    assert not inspect.ismodule(value), "a module of that name has taken its place"
    assert name.is_made or not inspect.isfunction(value), f"write `{name.name}()`"


@pytest.mark.parametrize("name", [one for one in NAMES if one.is_made], ids=str)
def test_what_is_called_has_its_signature_and_each_argument(name):
    value = name.value
    real = parameters(inspect.signature(value))
    said = name.section.signatures_of(name.name)

    assert any(agree(one, real) for one in map(written, said) if one is not None), (
        f"{name.page}#{name.anchor} needs `{name.name}{inspect.signature(value)}`, and has {said}"
    )
    bare = {re.sub(r"=.*", "", span) for span in name.section.spans}
    missing = [one for one, _ in real if one != "*" and not {one, one.lstrip("*")} & bare]
    assert missing == [], f"{name.page}#{name.anchor} explains no {missing} of {name.name}()"


CLASSES = [one for one in NAMES if inspect.isclass(one.value)]


@pytest.mark.parametrize("name", CLASSES, ids=str)
def test_every_member_of_a_class_has_a_row(name):
    cls = name.value
    place = name.section
    if issubclass(cls, HTTPError):  # what they share is told once
        place = section(DOCS / "errors.md", "")
    public = members(cls)
    if issubclass(cls, FaultError):  # the same
        for member in section(DOCS / "errors.md", "errors-as-data").names:
            public.pop(member, None)

    assert sorted(public.keys() - place.names) == [], f"missing in {name.page}#{name.anchor}"
    for member, value in public.items():
        function = getattr(value, "__func__", value)
        if inspect.isfunction(function) and function.__module__.startswith("mtvgen"):
            real = parameters(inspect.signature(function))
            said = place.signatures_of(member)
            assert any(agree(one, real) for one in map(written, said) if one is not None), (
                f"{name.page}#{name.anchor}: {member}{inspect.signature(function)}, not {said}"
            )
            assert set(keywords(function)) - explained(name, member) == set(), member


def test_the_clients_own_methods_have_rows():
    from mtvgen.runtime.testing import Client

    public = {name for name in dir(Client) if not name.startswith("_")}
    # werkzeug's own works, which open() calls.
    assert public - section(DOCS / "testing.md", "").names == {"resolve_redirect", "run_wsgi_app"}


def test_every_error_of_http_has_a_row_with_its_status():
    rows = section(DOCS / "errors.md", "every-status").rows
    told = {code_spans(row[0])[0]: int(row[1]) for row in rows}
    family = {
        name: value.status
        for name in mtvgen.runtime.__all__
        if inspect.isclass(value := getattr(mtvgen.runtime, name)) and value.__base__ is HTTPError
    }

    assert told == family


UNITS = {"": 1, "KiB": 1024, "MiB": 1024**2, "s": 1}


@pytest.mark.parametrize(
    ("limits", "page", "anchor"),
    [(Limits(), "requests.md", "limits"), (DatabaseLimits(), "models.md", "sizes-and-time-outs")],
    ids=["Limits", "DatabaseLimits"],
)
def test_the_limits_have_the_defaults_that_the_table_says(limits, page, anchor):
    told = {}
    for row in section(DOCS / page, anchor).rows:
        number = re.match(r"([\d.,]+) ?(\w*)", row[1])
        if number:
            value = float(number[1].replace(",", "")) * UNITS[number[2]]
            told |= dict.fromkeys(code_spans(row[0]), value)

    assert told == vars(limits)


def test_every_setting_has_its_variable():
    rows = section(DOCS / "settings.md", "what-every-project-has").rows
    told = {code_spans(row[0])[0]: code_spans(row[1]) for row in rows}

    fields = [name for name in Settings.__dataclass_fields__ if name != "root"]
    assert told == {"root": [], **{name: [name.upper()] for name in fields}}


def test_every_check_that_is_documented_exists():
    page = (DOCS / "checks.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `([a-z]+\.[a-z-]+)` \|", page, re.M))
    files = Path(mtvgen.checks.__file__).parent.rglob("*.py")
    quoted = {text for file in files for text in re.findall(r'"[a-z.-]+"', file.read_text("utf-8"))}

    assert listed
    # Whole, or put together of its group and its last part.
    unknown = {one for one in listed if not {f'"{one}"', f'"{one.partition(".")[2]}"'} & quoted}
    assert unknown == set()


def test_every_name_that_a_template_has_has_a_row():
    rows = section(DOCS / "templates.md", "what-every-template-has").rows

    assert {re.match(r"\w+", code_spans(row[0])[0])[0] for row in rows} == REQUEST_NAMES


def test_every_converter_of_a_pattern_has_a_row():
    cells = [row[0] for row in section(DOCS / "routing.md", "patterns").rows]

    assert set(re.findall(r"<(\w+):name>", " ".join(cells))) == CONVERTERS.keys()


def test_every_middleware_has_its_place_in_the_order():
    rows = section(DOCS / "middleware.md", "the-order").rows
    told = {re.sub(r"\W", "", span) for row in rows for span in code_spans(row[0])}
    functions = [name.value for name in NAMES if inspect.isfunction(name.value)]
    made = [one for one in functions if one.__annotations__.get("return") == "Middleware"]

    assert told == {one.__name__ for one in made}


# `add.accounts` is `mtvgen add accounts`.
EVERY_COMMAND = [*COMMANDS, *(f"add.{name}" for name in ADDITIONS)]


def command_of(dotted):
    """Return a command, and its section of the page about the command line."""
    module = importlib.import_module(f"{commands.__name__}.{dotted}")
    made = getattr(module, dotted.rpartition(".")[2])
    return made, section(DOCS / "cli.md", f"mtvgen-{dotted.replace('.', '-')}")


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_every_option_and_argument_of_a_command_has_a_row_and_no_other(command):
    made, place = command_of(command)
    context = Context(made, info_name=command)
    real = {
        parameter.make_metavar(context)
        if isinstance(parameter, Argument)
        else parameter.get_help_record(context)[0]
        for parameter in made.params
    }

    assert {row[0].replace("`", "") for row in place.rows} == real


@pytest.mark.parametrize("command", EVERY_COMMAND)
def test_the_page_that_tells_more_of_a_command_names_every_option(command):
    made, place = command_of(command)
    page, anchor = re.search(r"\]\(([\w-]+\.md)(?:#(\S+))?\)", place.text).groups()
    told = {word for span in section(DOCS / page, anchor or "").spans for word in span.split()}
    options = {one for option in made.params for one in option.opts if one.startswith("--")}

    assert options - told == set()


def test_every_option_of_mtvgen_itself_has_a_row():
    rows = {row[0].replace("`", "") for row in section(DOCS / "cli.md", "for-every-command").rows}
    context = Context(group, info_name="mtvgen", help_option_names=["-h", "--help"])

    assert rows == {one.get_help_record(context)[0] for one in group.get_params(context)}


def test_every_variable_that_is_read_from_the_environment_has_a_row():
    rows = section(DOCS / "cli.md", "environment-variables").rows
    told = {name for row in rows for name in code_spans(row[0])}
    read = {name.upper() for name in Settings.__dataclass_fields__ if name != "root"}
    files = [*(ROOT / "mtvgen").rglob("*.py"), *(ROOT / "project_template").rglob("*.py")]
    for file in files:
        read |= set(re.findall(r'os\.environ(?:\.get\(|\[)"([A-Z]\w+)"', file.read_text("utf-8")))

    assert read - told == set()


@pytest.mark.parametrize("page", sorted({name.page for name in NAMES} | {"cli.md"}), ids=str)
def test_a_page_of_the_reference_begins_with_a_program(page):
    first = examples(DOCS / page)[0]
    lines = (DOCS / page).read_text("utf-8").splitlines()
    above = [line for line in lines[: first.line] if line.startswith("#")]

    assert len(above) <= 2, f"{page}: before the first example stand {above[1:]}"


def keywords(function):
    """The arguments that are taken by keyword alone."""
    every = inspect.signature(function).parameters.values()
    return [one.name for one in every if one.kind is one.KEYWORD_ONLY]


def explained(name, method):
    """What is in code font under a heading of a method, else in its row."""
    for part in sections(DOCS / name.page):
        if f"{method}()" in code_spans(part.title):
            return part.names
    rows = [row for row in name.section.rows if re.match(rf"`{method}\(", row[0])]
    return {span for row in rows for cell in row[1:] for span in code_spans(cell)}


def sources_for_users():
    """Python that users read: the pages' examples, and a new project's files."""
    for page in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        for example in examples(page):
            if example.language == "python":
                yield f"{page.relative_to(ROOT)}:{example.line}", example.text
    for file in (ROOT / "project_template").rglob("*.py"):
        if "{{" not in (source := file.read_text("utf-8")):
            yield str(file.relative_to(ROOT)), source


def imported(source):
    """The names that a program imports from mtvgen, with their modules."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a page may show what is wrong
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mtvgen":
            yield from ((node.module, alias.name) for alias in node.names)
