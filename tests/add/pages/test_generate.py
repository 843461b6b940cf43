"""Pages for a model: `thing.py` has a column of each type; what is written holds in a project."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mtvgen.add.pages.folding import folded
from mtvgen.add.pages.generate import generate
from mtvgen.add.pages.names import is_secret, plural_of
from mtvgen.errors import UsageError
from mtvgen.runtime.models import Model
from tests.support.live_site import BIN, environment, make_project

MODELS = ["City", "Country", "LongFormOfBookReview", "Member", "Page", "Thing"]


class Listed(Model):
    """Model with tables of its own."""

    __abstract__ = True
    metadata = MetaData(naming_convention=Model.metadata.naming_convention)


class Shelf4(Listed):
    __tablename__ = "shelf4"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Volume4(Listed):
    __tablename__ = "volume4"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    api_key: Mapped[str | None]
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf4.id"))
    shelf: Mapped[Shelf4] = relationship()


class Pair4(Listed):
    __tablename__ = "pair4"

    left: Mapped[int] = mapped_column(primary_key=True)
    right: Mapped[int] = mapped_column(primary_key=True)


class Bare4(Listed):
    __tablename__ = "bare4"

    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf4.id"))


class Person4(Listed):
    __tablename__ = "person4"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    password_hash: Mapped[str]
    key: Mapped[str]


@pytest.mark.parametrize(
    ("name", "table", "plural"),
    [
        ("Book", "book", "books"),
        ("Category", "category", "categories"),
        ("Day", "day", "days"),
        ("Box", "box", "boxes"),
        ("Person", "person", "people"),
        ("Person", "persons", "persons"),
        ("BookReview", "book_review", "book_reviews"),
        ("Book", "library_book", "books"),
        ("书", "书", "书"),
    ],
)
def test_a_plural_is_plain_english_or_the_tables_name(name, table, plural):
    assert plural_of(name, table) == plural


@pytest.mark.parametrize(
    ("attribute", "secret"),
    [
        ("password_hash", True),
        ("reset_token", True),
        ("api_key", True),
        ("key", False),
        ("hashtag", False),
        ("monkey", False),
    ],
)
def test_a_secret_is_known_by_its_name(attribute, secret):
    assert is_secret(attribute, frozenset({attribute})) is secret
    assert is_secret("key", frozenset({"key", "password_hash"}))


def test_the_files_of_a_model_are_python_and_never_show_a_secret():
    files = generate(Volume4)
    assert {name for name in files if name.startswith(("views", "tests"))} == {
        "views/volume4s.py",
        "tests/test_volume4s.py",
    }
    for name, text in files.items():
        assert "api_key" not in text
        if name.endswith(".py"):
            ast.parse(text)
            assert max(map(len, text.splitlines())) <= 100
    assert 'shelf: Annotated[Shelf4, rows("name")]' in files["views/volume4s.py"]


def test_an_account_is_shown_and_not_changed():
    files = generate(Person4)
    text = "".join(files.values())
    assert ".password_hash" not in text
    assert not any(name.endswith("form.html") for name in files)
    assert "person4.key" not in files["views/person4s.py"]


def test_a_key_of_two_columns_is_refused():
    with pytest.raises(UsageError, match=r"Pair4 has a key of several columns \(left, right\)"):
        generate(Pair4)


def test_a_foreign_key_without_a_relationship_is_refused_with_the_line_to_write():
    with pytest.raises(UsageError) as raised:
        generate(Bare4)
    assert "shelf: Mapped[Shelf4] = relationship()" in str(raised.value)


def test_a_long_line_is_folded_as_ruff_does():
    items = ", ".join(f"name{n}={n}" for n in range(20))
    assert folded(f"    row = Thing({items})").splitlines()[:2] == [
        "    row = Thing(",
        "        name0=0,",
    ]
    middle = ", ".join(f"n{n}={n}" for n in range(11))
    assert folded(f"    return render(request, {middle}, text='a, (b')").count("\n") == 2


@pytest.mark.skipif("MTVGEN_FULL" not in os.environ, reason="takes a minute: set MTVGEN_FULL=1")
def test_the_pages_of_each_type_hold_in_a_project(tmp_path):
    root = make_project(tmp_path)
    things = Path(__file__).with_name("thing.py").read_text(encoding="utf-8")
    (root / "models" / "thing.py").write_text(things, encoding="utf-8")
    face = root / "models" / "__init__.py"
    names = ", ".join(MODELS)
    text = face.read_text(encoding="utf-8")
    text = text.replace("from settings", f"from models.thing import Colour, {names}\nfrom settings")
    listed = ", ".join(f'"{name}"' for name in ["Colour", *MODELS])
    face.write_text(text.replace("__all__ = [", f"__all__ = [{listed}, "), encoding="utf-8")

    def run(*command: str) -> str:
        done = subprocess.run(
            command,
            cwd=root,
            env={**environment(root.parent), "PYTHONPATH": str(root)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    for command in (["migrate"], ["makemigrations", "-m", "things"], ["migrate"]):
        run("mtvgen", *command)
    program = f"""
from pathlib import Path
import models
from mtvgen.add.pages.generate import generate
for name in {MODELS!r}:
    for file, text in generate(getattr(models, name)).items():
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).write_text(text, encoding="utf-8")
"""
    run(sys.executable, "-c", program)
    modules = ["cities", "countries", "long_form_of_book_reviews", "members", "pages", "things"]
    urls = root / "urls.py"
    text = urls.read_text(encoding="utf-8").replace("import path", "import include, path")
    text = text.replace("import home", f"import {', '.join(modules)}, home")
    lines = "".join(f'    include("/{name}", {name}.urlpatterns),\n' for name in modules)
    urls.write_text(text.replace("]\n", f"{lines}]\n"), encoding="utf-8")

    assert run("mtvgen", "check").strip().endswith("no problems.")
    assert ": note:" not in run("mtvgen", "check")
    run(str(BIN / "mypy"), "views")
    run(str(BIN / "ruff"), "check", "views", *(f"tests/test_{name}.py" for name in modules))
    formatted = ["views", *(f"tests/test_{name}.py" for name in modules)]
    run(str(BIN / "ruff"), "format", "--check", *formatted)
    run(sys.executable, "-m", "pytest", "-q")
