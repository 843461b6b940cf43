"""A column is found wherever it is named, in every language, and is another one everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.loading.kept import GivenFacts
from mtvgen.checks.places import Text
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.run import check_project
from mtvgen.checks.uses.definitions import definitions, references
from mtvgen.checks.uses.index import Index
from tests.checks.uses.club import marked, write_club
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
        return list(map(str, check_project(self.root, self.cache).problems))

    def text(self, file: str) -> str:
        return self.cache.files.read(self.root / file).decode()

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
    everywhere = marked()
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
