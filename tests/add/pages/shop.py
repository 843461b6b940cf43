"""A new project with two models of its own and their migration, as a person would have them."""

from __future__ import annotations

from pathlib import Path

from mtvgen.startproject.create import create_project

MODELS = '''"""Books and their authors."""

from datetime import date
from decimal import Decimal
from enum import Enum

from mtvgen.runtime.models import Model
from sqlalchemy import ForeignKey, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column, relationship


class Genre(Enum):
    NOVEL = "novel"
    POEMS = "poems"


class Author(Model):
    __tablename__ = "author"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    born: Mapped[date | None]
    books: Mapped[list["Book"]] = relationship(back_populates="author", lazy="raise")


class Book(Model):
    __tablename__ = "book"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    genre: Mapped[Genre]
    price: Mapped[Decimal] = mapped_column(Numeric(8, 2))
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"), index=True)
    author: Mapped[Author] = relationship(back_populates="books", lazy="raise")
'''
MIGRATION = '''"""books"""

import sqlalchemy as sa
from alembic import op

revision = "0002_books"
down_revision = "0001_notes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "author",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("born", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_author"),
        sa.UniqueConstraint("name", name="uq_author_name"),
    )
    op.create_table(
        "book",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("genre", sa.Enum("NOVEL", "POEMS", name="genre"), nullable=False),
        sa.Column("price", sa.Numeric(precision=8, scale=2), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["author.id"], name="fk_book_author_id_author"),
        sa.PrimaryKeyConstraint("id", name="pk_book"),
    )
    op.create_index("ix_book_author_id", "book", ["author_id"])


def downgrade() -> None:
    op.drop_table("book")
    op.drop_table("author")
'''


def make_shop(root: Path) -> Path:
    """Create it in a directory."""
    create_project("shop", str(root))
    (root / "models/book.py").write_text(MODELS)
    (root / "migrations/0002_books.py").write_text(MIGRATION)
    face = root / "models/__init__.py"
    text = face.read_text()
    text = text.replace(
        "from models.note", "from models.book import Author, Book, Genre\nfrom models.note"
    )
    face.write_text(text.replace('"Note",', '"Author", "Book", "Genre", "Note",'))
    return root
