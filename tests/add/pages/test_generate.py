"""From a model to the files of its pages."""

from __future__ import annotations

import ast
from decimal import Decimal

import pytest
from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mtvgen.add.pages.described.fields import Pages
from mtvgen.add.pages.described.names import is_secret, plural_of
from mtvgen.add.pages.folding import folded
from mtvgen.add.pages.generate import Wanted, describe_wanted, generate
from mtvgen.add.pages.rules import Rule, rule_of
from mtvgen.errors import UsageError
from mtvgen.runtime.models import Model


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
    weight: Mapped[Decimal]
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


def files_of(model, at=None, pages_of=lambda other: None, rule=None, user=None):
    wanted = Wanted.of(model, at, rule, user)
    return generate(wanted, describe_wanted(wanted, pages_of))


@pytest.mark.parametrize(
    ("name", "table", "plural"),
    [
        ("Book", "book", "books"),
        ("Category", "category", "categories"),
        ("Day", "day", "days"),
        ("Box", "box", "boxes"),
        ("Address", "address", "addresses"),
        ("Details", "details", "details"),
        ("Analysis", "analysis", "analyses"),
        ("BookShelf", "book_shelf", "book_shelves"),
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
    files = files_of(Volume4)
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


def test_a_decimal_without_a_scale_is_shown_without_the_zeros_of_sqlite():
    shown = '{{ "{:f}".format(volume4.weight.normalize()) }}'
    for name in ("index", "detail"):
        assert shown in files_of(Volume4)[f"templates/volume4s/{name}.html"]


def test_an_account_is_shown_and_not_changed():
    files = files_of(Person4)
    text = "".join(files.values())
    assert ".password_hash" not in text
    assert not any(name.endswith("form.html") for name in files)
    assert "person4.key" not in files["views/person4s.py"]


def test_a_key_of_two_columns_is_refused():
    with pytest.raises(UsageError, match=r"Pair4 has a key of several columns \(left, right\)"):
        files_of(Pair4)


def test_a_foreign_key_without_a_relationship_is_refused_with_the_line_to_write():
    with pytest.raises(UsageError) as raised:
        files_of(Bare4)
    assert "shelf: Mapped[Shelf4] = relationship()" in str(raised.value)


def test_a_long_line_is_folded_as_ruff_does():
    items = ", ".join(f"name{n}={n}" for n in range(20))
    assert folded(f"    row = Thing({items})").splitlines()[:2] == [
        "    row = Thing(",
        "        name0=0,",
    ]
    middle = ", ".join(f"n{n}={n}" for n in range(11))
    assert folded(f"    return render(request, {middle}, text='a, (b')").count("\n") == 2


@pytest.mark.parametrize(
    ("at", "module"),
    [
        (None, "volume4s"),
        ("/staff/volumes", "staff_volumes"),
        ("/the-volumes", "the_volumes"),
        ("/class", "class_"),
    ],
)
def test_an_address_of_ones_own_names_the_module(at, module):
    files = files_of(Volume4, at)
    assert f"views/{module}.py" in files
    assert f"templates/{module}/index.html" in files
    assert f'ADDRESS = "{at or "/volume4s"}"' in files[f"tests/test_{module}.py"]


@pytest.mark.parametrize("at", ["staff", "/", "/staff/", "/<int:id>", "/7", "//evil.test", "/a b"])
def test_an_address_that_is_none_is_refused_with_one_that_is(at):
    with pytest.raises(UsageError) as raised:
        files_of(Volume4, at)
    assert str(raised.value).endswith("-> --at /staff/volume4s")


def test_a_row_of_a_model_that_has_pages_is_a_link():
    shelves = Pages("shelves", "id", ("room",))
    files = files_of(Volume4, pages_of={Shelf4: shelves}.get)
    link = '<a href="{{ url_for("shelves.detail", id=volume4.shelf.id) }}">'
    assert link in files["templates/volume4s/detail.html"]
    assert link in files["templates/volume4s/index.html"]


def test_the_tests_of_closed_pages_need_somebody_with_the_role():
    files = files_of(Volume4, rule=Rule("role", "staff"), user=Person4)
    tests = files["tests/test_volume4s.py"]
    assert 'update(User).values(roles=["staff"])' in tests
    assert "def test_nobody_without_the_role_may_use_them(" in tests
    assert "def test_a_new_row_has_a_page(editor: Client" in tests
    # Where nobody knows how to log in, they show that the pages are closed.
    tests = files_of(Volume4, rule=Rule("signed_in"))["tests/test_volume4s.py"]
    assert "def test_visitors_may_not_use_them(client: Client" in tests
    assert "def test_a_new_row" not in tests


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (None, Rule("role", "staff")),
        ("everybody", Rule("everybody")),
        ("signed-in", Rule("signed_in")),
        ("role:news desk", Rule("role", "news desk")),
    ],
)
def test_a_rule_is_what_access_says(text, rule):
    assert rule_of(text, has_accounts=True) == rule


@pytest.mark.parametrize("text", ["staff", "role:", 'role:x"', "", "nobody at all"])
def test_a_rule_that_there_is_not_is_refused_with_one_that_there_is(text):
    with pytest.raises(UsageError, match="everybody, signed_in or role:NAME") as raised:
        rule_of(text, has_accounts=True)
    assert "-> --access role:" in str(raised.value)


def test_a_site_without_accounts_has_no_rules():
    assert rule_of(None, has_accounts=False) is None
    assert rule_of("everybody", has_accounts=False) is None
    with pytest.raises(UsageError, match="-> mtvgen add accounts"):
        rule_of("signed_in", has_accounts=False)
