"""Pages for the models of a project: which one is meant, what is in the way, what is refused."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mtvgen.add.addition import plan_addition
from mtvgen.add.moving import move_in
from mtvgen.add.pages.addition import pages_addition
from mtvgen.add.pages.generated import GeneratedPages
from tests.add.pages.shop import make_shop

# Each question is asked in the same process: a project is loaded once.
PROGRAM = """
import json, sys
from pathlib import Path
from mtvgen.add.pages.generated import main

answers = []
for name, at, access in json.loads(sys.stdin.read()):
    main(Path.cwd(), Path("answer.json"), name, at, access)
    answers.append(json.loads(Path("answer.json").read_text()))
Path("answers.json").write_text(json.dumps(answers))
"""
QUESTIONS = {
    "Books": ("Books", "", ""),
    "models.book.Book": ("models.book.Book", "", ""),
    "Bok": ("Bok", "", ""),
    "Genre": ("Genre", "", ""),
    "Label": ("Label", "", ""),
    "Shelf": ("Shelf", "", ""),
    "Note": ("Note", "", ""),
    "at a route": ("Author", "", ""),
    "in another module": ("Note", "/staff/notes", ""),
    "closed": ("Book", "", "signed_in"),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_shop(tmp_path_factory.mktemp("pages") / "shop")
    models = (root / "models/book.py").read_text()
    label = 'class Label(Model):\n    __tablename__ = "label"\n'
    key = "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    (root / "models/label.py").write_text(models.partition("class Genre")[0] + label + key)
    # Two classes of one name, and one without a migration.
    shelf = label.replace("Label", "Shelf")
    (root / "models/shelf.py").write_text(
        models.partition("class Genre")[0] + shelf.replace('"label"', '"shelf"') + key
    )
    (root / "models/old.py").write_text(
        models.partition("class Genre")[0] + shelf.replace('"label"', '"old_shelf"') + key
    )
    urls = root / "urls.py"
    route = '    path("/authors", home.index, name="writers"),\n]\n'
    urls.write_text(urls.read_text().replace("]\n", route))
    with (root / "models/__init__.py").open("a") as face:
        face.write("\nfrom models import old, shelf  # noqa\n")
    return root


@pytest.fixture(scope="module")
def answers(shop: Path) -> dict[str, dict[str, object]]:
    subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=json.dumps(list(QUESTIONS.values())),
        cwd=shop,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        text=True,
        check=True,
    )
    answers = json.loads((shop / "answers.json").read_text())
    return dict(zip(QUESTIONS, answers, strict=True))


@pytest.mark.parametrize("name", ["Books", "models.book.Book"])
def test_a_model_has_several_spellings(answers, name):
    assert answers[name]["model"] == "Book"
    assert answers[name]["at"] == "/books"
    assert "views/books.py" in answers[name]["files"]


@pytest.mark.parametrize(
    ("question", "problem", "cure"),
    [
        ("Bok", "models/ has no 'Bok'. Did you mean 'Book'?", "one of: Author, Book, Note, Shelf"),
        (
            "Genre",
            "models.book.Genre is not a model: it has no table.",
            "one of: Author, Book, Note, Shelf",
        ),
        (
            "Label",
            "models/__init__.py does not import models/label.py.",
            "add there: from models.label import Label",
        ),
        (
            "Shelf",
            "'Shelf' can be models.old.Shelf or models.shelf.Shelf.",
            "mtvgen add pages models.old.Shelf",
        ),
        ("Note", "views/notes.py already exists.", "mtvgen add pages Note --at /staff/notes"),
        (
            "at a route",
            "/authors (writers) is a route already, at urls.py:12.",
            "mtvgen add pages Author --at /staff/authors",
        ),
        (
            "closed",
            "--access signed_in: the site has no accounts, so nobody could log in.",
            "mtvgen add accounts",
        ),
    ],
)
def test_what_is_wrong_is_a_sentence_with_what_to_type(answers, question, problem, cure):
    assert (answers[question]["problem"], answers[question]["cure"]) == (problem, cure)


def test_pages_may_have_an_address_of_their_own(answers):
    assert answers["in another module"]["at"] == "/staff/notes"
    assert "views/staff_notes.py" in answers["in another module"]["files"]


def test_mtvgen_check_has_nothing_to_say_of_them(answers, shop):
    for question in ("Books", "in another module"):
        addition = pages_addition(shop, GeneratedPages(**answers[question]))
        move_in(shop, plan_addition(shop, addition).moves)

    done = subprocess.run(
        [sys.executable, "-m", "mtvgen", "check"], cwd=shop, capture_output=True, text=True
    )
    # What it says of models/ was so before.
    found = [line for line in done.stdout.splitlines() if not line.startswith("models/")]
    assert found == ["3 problems."]
    assert 'include("/staff/notes", staff_notes.urlpatterns),' in (shop / "urls.py").read_text()
