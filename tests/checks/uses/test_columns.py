"""A column is found wherever it is named, in every language, and is another one everywhere."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.facts import Facts
from mtvgen.checks.loading.kept import GivenFacts
from mtvgen.checks.places import Text
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.python.module import Module
from mtvgen.checks.python.top_names import TopNames
from mtvgen.checks.report import Edit
from mtvgen.checks.run import check_project
from mtvgen.checks.uses.definitions import definitions, references
from mtvgen.checks.uses.edits import Refusal, Renaming, edited
from mtvgen.checks.uses.index import Index
from mtvgen.checks.uses.members.database_names import kept_name
from mtvgen.checks.uses.members.limits import NEEDED_BY_ACCOUNTS
from mtvgen.checks.uses.members.renaming import renamed_facts
from mtvgen.checks.uses.rename import rename
from mtvgen.runtime.accounts import SessionColumns, accounts
from tests.checks.seed_project import FILES
from tests.checks.uses.club import CLUB, MARK, marked, write_club
from tests.support.imported_facts import imported_facts


class Club:
    """The site of a club, as an editor has it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.cache = Cache(files=ProjectFiles(watched=True), loaded=GivenFacts())
        write_club(self.root)
        self.cache.loaded.take(imported_facts(self.root))
        assert self.problems() == []
        self.index = Index(self.cache)

    def problems(self) -> list[str]:
        return list(map(str, check_project(self.root, self.cache).errors))

    def text(self, file: str) -> str:
        return (self.root / file).read_bytes().decode()

    def write(self, texts: Mapping[str, str], facts: Facts | None = None) -> None:
        """Save files, of which an import shows some facts, or the same ones."""
        for file, text in texts.items():
            (self.root / file).write_bytes(text.encode())
        self.cache.files.changed([self.root])
        self.cache.loaded.take(facts or self.cache.loaded.facts)
        assert self.problems() == []
        self.index = Index(self.cache)

    def rename(self, file: str, written: str, new: str) -> Renaming | Refusal:
        return rename(self.index, *self.place(file, written), new)

    def place(self, file: str, written: str) -> tuple[str, int, int]:
        """Return the place of what is written in a file behind a `|` in an excerpt of it."""
        before, _, after = written.partition("|")
        text = self.text(file)
        assert text.count(before + after) == 1, text
        place = Text(file, text).place(*[text.index(before + after) + len(before)] * 2)
        return file, place.line, place.column


@pytest.fixture(scope="module")
def club(tmp_path_factory) -> Club:
    return Club(tmp_path_factory.mktemp("club"))


def test_a_column_is_found_from_each_of_its_places(club):
    everywhere = marked(CLUB)
    assert len(everywhere) > 30
    for written in everywhere:
        file, line, column = written.split(":")
        if not file.startswith("tests/"):
            found = references(club.index, file, int(line), int(column))
            assert sorted(str(one.place) for one in found) == everywhere, written


TITLE = ("models/event.py", "|title: Mapped[str] = mapped_column(")
GUESTS = ("models/event.py", "|guests: Mapped")
DAY = ("models/dated.py", "|day: Mapped")


@pytest.mark.parametrize(
    ("file", "written", "definition"),
    [
        ("views/events.py", "guest.title = guest.event.|title", TITLE),
        ("views/events.py", "|title=request.form", TITLE),
        ("views/events.py", "|guests[0]", GUESTS),
        ("models/event.py", 'back_populates="|guests"', GUESTS),
        ("models/dated.py", "self.|day", DAY),
        ("templates/events/index.html", 'attribute="|day,title"', DAY),
        ("templates/events/index.html", '|event.title")', ("models/event.py", "|event: Mapped")),
    ],
)
def test_a_name_of_an_attribute_leads_to_its_definition(club, file, written, definition):
    found = definitions(club.index, *club.place(file, written))
    assert [place[:3] for place in found] == [club.place(*definition)]


def after(club: Club, edits: tuple[Edit, ...]) -> dict[str, str]:
    """Return the texts of files after edits."""
    return {
        file: edited(Text(file, club.text(file)), [one for one in edits if one.place.file == file])
        for file in sorted({edit.place.file for edit in edits})
    }


def test_a_column_is_renamed_everywhere_and_keeps_its_name_in_the_database(club):
    found = club.rename(*TITLE, "heading")
    assert isinstance(found, Renaming), found
    assert (found.unsure, found.doubtful) == ((), ())
    expected = {
        file: source.replace(f"{MARK}title", "heading")
        for file, source in CLUB.items()
        if MARK in source
    }
    models = expected["models/event.py"]
    expected["models/event.py"] = models.replace("(String(80))", '("title", String(80))')
    form = expected["views/entry.py"].replace("import Form, ", "import Form, column, ")
    field = 'title: Annotated[str, column("heading")]'
    expected["views/entry.py"] = form.replace("title: str", field, 1)
    assert after(club, found.edits) == expected


RENAMED = [(*TITLE, "heading"), (*DAY, "made_on")]


def test_renamed_columns_fit_the_database_and_renamed_back_are_as_they_were(club):
    before = {
        file: club.text(file) for file in {**FILES, **CLUB} if file.endswith((".py", ".html"))
    }
    rename_all(club, RENAMED)
    # As it was foreseen; and no migration is missing.
    imported = imported_facts(club.root)
    assert imported.classes == club.cache.loaded.facts.classes
    assert imported.problems == ()
    back = [
        (file, written.replace(name, new).partition("(")[0], name)
        for file, written, new in RENAMED
        for name in [written.strip("|").partition(":")[0]]
    ]
    rename_all(club, back)
    assert {file: club.text(file) for file in before} == before


def rename_all(club: Club, names: list[tuple[str, str, str]]) -> None:
    for file, written, new in names:
        found = club.rename(file, written, new)
        assert isinstance(found, Renaming), found
        (here,) = club.index.at(*club.place(file, written))
        family = club.index.attributes.members.families.of(*here.node.key)
        facts = renamed_facts(club.cache.loaded.facts, family, new)
        club.write(after(club, (*found.edits, *found.doubtful)), facts)


@pytest.mark.parametrize(
    ("file", "written", "new", "reason"),
    [
        (*TITLE, "kind", "Event has 'kind' already"),
        (*TITLE, "long_title", "Dinner has 'long_title' already"),
        (*DAY, "guests", "has 'guests' already"),
        (*TITLE, "metadata", "has from outside the project"),
        (*TITLE, "registry", "has from outside the project"),
        (*TITLE, "class", "is a word of Python's own"),
        (*TITLE, "_title", "begins with _"),
        (*TITLE, "a title", "is not a name"),
        (*TITLE, "Mapped", "means something else already: models/event.py"),
        (*TITLE, "relationship", "means something else already: models/event.py"),
        ("views/events.py", "event.day.|isoformat", "x", "not known where 'isoformat' comes from"),
        ("views/events.py", "request.db.|add_all", "x", "not known where 'add_all' comes from"),
    ],
)
def test_what_would_be_another_attribute_is_refused(club, file, written, new, reason):
    found = club.rename(file, written, new)
    assert isinstance(found, Refusal), found
    assert reason in found.reason


def test_a_column_waits_for_the_import_that_knows_it(club):
    cache = Cache(files=ProjectFiles(watched=True), loaded=GivenFacts())
    check_project(club.root, cache)
    found = rename(Index(cache), *club.place(*TITLE), "heading")
    assert isinstance(found, Refusal), found
    assert "the import of models.event.Dinner has failed, or has not ended" in found.reason


@pytest.fixture
def changed_club(club):
    """The same; what is added to it goes again."""
    yield club
    club.write(EMPTY)


EMPTY = {"views/extra.py": "", "templates/extra.html": ""}
IMPORTS = """from mtvgen.runtime import Request, render
from mtvgen.runtime.lists import Listing
from sqlalchemy import select
from models import Dinner, Event, Guest, Note
"""
# What may be an event's title is marked; the rest is known to be something else.
VAGUE = f"""{IMPORTS}
def f(db, q, x, text: str, guest: Guest):
    print(x.§title, x.title(), text.title(), guest.title, Guest.title)
    print([row.§title for row in db.execute(select(Event.title))])
    print(q.filter_by(§title=""), getattr(x, "§title"))
"""
VAGUE_PAGE = """{{ x.§title }} {{ x.title() }}
{{ x|attr("§title") }} {{ x|map(attribute="§title") }}
{{ x.order("§title") }} {{ loop.title }}"""


def test_what_may_be_meant_needs_an_answer(changed_club):
    texts = {"views/extra.py": VAGUE, "templates/extra.html": VAGUE_PAGE}
    changed_club.write({file: text.replace(MARK, "") for file, text in texts.items()})
    found = changed_club.rename(*TITLE, "heading")
    assert isinstance(found, Renaming), found
    assert sorted(str(edit.place) for edit in found.doubtful) == marked(texts)


OPEN = """
LIST = Listing(Event, sort=[Event.title], first="-title")


def f(x):
    return Event(**x)


def g(x, y="title"):
    return getattr(x, y)
"""


def test_what_may_hold_the_name_is_said(changed_club, club):
    changed_club.write({"views/extra.py": f"{IMPORTS}{OPEN}"})
    found = changed_club.rename(*TITLE, "heading")
    assert isinstance(found, Renaming), found
    first, second, third = found.unsure
    assert first == "views/extra.py computes names of attributes, and has 'title' in it."
    assert second.startswith("views/extra.py:6:35: the addresses of this list change with it")
    assert third == "views/extra.py:10:12 passes **names, which may hold it."
    assert 'sort=[Event.heading], first="-heading"' in after(club, found.edits)["views/extra.py"]


BOTH = """
def f(request: Request, x: Event, y{annotation}):
    render(request, "extra.html", x=x)
    render(request, "extra.html", x=y)
"""


def test_a_place_that_gets_something_else_too_is_said_or_refused(changed_club):
    page = {"templates/extra.html": "{{ x.title }}"}
    changed_club.write({"views/extra.py": IMPORTS + BOTH.format(annotation=""), **page})
    found = changed_club.rename(*TITLE, "heading")
    assert isinstance(found, Renaming), found
    assert [str(edit.place) for edit in found.doubtful] == ["templates/extra.html:1:6"]
    either = IMPORTS + BOTH.replace("x=y", "x=None").format(annotation="")
    changed_club.write({"views/extra.py": either, **page})
    found = changed_club.rename(*TITLE, "heading")
    assert isinstance(found, Renaming), found
    assert found.doubtful == ()
    changed_club.write({"views/extra.py": IMPORTS + BOTH.format(annotation=": Guest"), **page})
    found = changed_club.rename(*TITLE, "heading")
    assert isinstance(found, Refusal), found
    assert "is also given a Guest whose 'title' is another attribute" in found.reason


def test_a_pattern_keeps_its_column(changed_club):
    pattern = "def f(x):\n    match x:\n        case Event(title='a'): return 1\n"
    changed_club.write({"views/extra.py": f"{IMPORTS}{pattern}"})
    found = changed_club.rename(*TITLE, "heading")
    assert isinstance(found, Refusal), found
    assert "a pattern names it (views/extra.py:7:14)" in found.reason


BOX = """
from dataclasses import dataclass, replace
from typing import NamedTuple


@dataclass
class Box:
    §width: int

    @property
    def area(self) -> int:
        return self.§width * self.§width


class Lid(NamedTuple):
    width: int


def f(box: Box, lid: Lid):
    return replace(box, §width=lid._replace(width=2).width), Box(§width=1).§width
"""


def test_a_class_that_is_no_model_is_renamed_with_its_copies(changed_club):
    changed_club.write({"views/extra.py": BOX.replace(MARK, "")})
    found = changed_club.rename("views/extra.py", "class Box:\n    |width", "breadth")
    assert isinstance(found, Renaming), found
    assert after(changed_club, found.edits) == {
        "views/extra.py": BOX.replace(f"{MARK}width", "breadth")
    }
    assert found.doubtful == ()


@pytest.mark.parametrize(
    ("column", "renamed"),
    [
        (
            "mapped_column(\n        String(80),\n    )",
            'mapped_column(\n        "title", String(80),\n    )',
        ),
        ("deferred(mapped_column(String(80)))", 'deferred(mapped_column("title", String(80)))'),
        ('mapped_column("title", String(80))', 'mapped_column("title", String(80))'),
        ('mapped_column(String(80), name="title")', 'mapped_column(String(80), name="title")'),
        ("mapped_column()", 'mapped_column("title")'),
    ],
)
def test_a_column_is_given_its_name_where_it_has_none(column, renamed):
    def model(written: str) -> Module:
        source = f"class Event:\n    title: Mapped[str] = {written}\n"
        names = {one: f"sqlalchemy.orm.{one}" for one in ("deferred", "mapped_column")}
        tree = ast.parse(source)
        return Module("e", "e.py", None, tree, source.encode(), TopNames(names))

    module = model(column)
    statement = module.tree.body[0].body[0]
    edits = kept_name(module, statement, "title", "heading")
    assert edited(module.text, edits) == model(renamed).source.decode()


def test_what_accounts_need_keeps_its_name():
    names = {*NEEDED_BY_ACCOUNTS, *SessionColumns.__annotations__}
    accounts(type("User", (), dict.fromkeys(names)))
    for name in NEEDED_BY_ACCOUNTS:
        with pytest.raises(TypeError, match=f"it has no {name}"):
            accounts(type("User", (), dict.fromkeys(names - {name})))
