"""Mistakes in imports and with databases, with the hint of the error page."""

from __future__ import annotations

from tests.support.hints import Slip

NOTES = (
    "write('views/__init__.py', '')\nwrite('views/notes.py', 'def index(request): return \"\"')\n"
)

IMPORTS = [
    Slip(
        "import nosuchpackage",
        "Is it spelled right? If it is a package: pip install nosuchpackage",
        "import json",
    ),
    Slip(
        "write('models/__init__.py', '')\nimport model",
        "Is it spelled right? Did you mean 'models'? If it is a package: pip install model",
        "write('models/__init__.py', '')\nimport models",
    ),
    Slip(f"{NOTES}import views\nimport views.nots", "Did you mean 'views.notes'?",
         f"{NOTES}import views\nimport views.notes"),
    Slip(
        "import settings",
        "It is a module of the project: is it still in the project's directory?",
        "write('settings.py', '')\nimport settings",
    ),
    Slip(f"{NOTES}import views.notes\nimport views.zzz",
         "It is a module of the project: is it still in the project's directory?",
         f"{NOTES}write('views/zzz.py', '')\nimport views.zzz"),
    Slip(
        f"{NOTES}from views import nots", "Did you mean 'notes'?", f"{NOTES}from views import notes"
    ),
    Slip("from mtvgen.runtime import rendr", "Did you mean 'render'?",
         "from mtvgen.runtime import render"),
    Slip(f"{NOTES}import views\nnotes.index", "-> from views import notes",
         f"{NOTES}from views import notes\nnotes.index"),
    Slip("select(1)", "-> from sqlalchemy import select",
         "from sqlalchemy import select\nselect(1)"),
    Slip("import json.zzz", "Is it spelled right?", "import json.decoder"),
    Slip(
        "write('one.py', 'from two import b\\na = 1')\n"
        "write('two.py', 'from one import a\\nb = 1')\n"
        "import one",
        "Two modules import each other: move what both need into a third one.",
        "write('one.py', 'from two import b\\nfrom three import a')\n"
        "write('two.py', 'from three import a\\nb = 1')\nwrite('three.py', 'a = 1')\nimport one",
    ),
]  # fmt: skip

TWO_CONNECTIONS = (
    "import sqlite3\n"
    "one, two = (sqlite3.connect(directory / 'a.db', timeout=0) for _ in range(2))\n"
    "one.execute('create table a (b)')\none.execute('insert into a values (1)')\n"
)

MODELS = (
    "write('models/__init__.py', f'from mtvgen.runtime.models import Database\\n'\n"
    "    f'database = Database(\"sqlite:///{directory}/a.db\")')\n"
    "from sqlalchemy import text\nfrom models import database\n"
    "with database.session() as db:\n    db.execute(text('create table note (slug unique)'))\n"
)
ADD = "    db.execute(text('insert into note values (1)'))\n"

QUERY = (
    "from sqlalchemy import ForeignKey, Integer, select\n"
    "from sqlalchemy.orm import DeclarativeBase, mapped_column, relationship\n"
    "from mtvgen.runtime.models import Database\n"
    "class Base(DeclarativeBase): pass\n"
    "class Maker(Base):\n    __tablename__ = 'maker'\n"
    "    id = mapped_column(Integer, primary_key=True)\n"
    "class Cup(Base):\n    __tablename__ = 'cup'\n"
    "    id = mapped_column(ForeignKey(Maker.id), primary_key=True)\n"
    "    maker = relationship(Maker)\n"
    "database = Database(f'sqlite:///{directory}/a.db')\nBase.metadata.create_all(database.engine)\n"
)

DATABASES = [
    Slip(
        f"{QUERY}select(Cup).all()",
        "-> request.db.scalars(select(...)).all()",
        f"{QUERY}with database.session() as db: db.scalars(select(Cup)).all()",
    ),
    Slip(
        f"{QUERY}select(Cup).where(Cup.id > 1 and Cup.id < 3)",
        "-> and_(a, b), or_(a, b), ~a, from sqlalchemy",
        f"{QUERY}from sqlalchemy import and_\nselect(Cup).where(and_(Cup.id > 1, Cup.id < 3))",
    ),
    Slip(
        f"{QUERY}page('{{% for cup in cups %}}{{{{ cup.id }}}}{{% endfor %}}', cups=select(Cup))",
        "request.db.scalars(select(...)).all().",
        f"{QUERY}with database.session() as db:\n"
        "    cups = db.scalars(select(Cup)).all()\n"
        "    page('{% for cup in cups %}{{ cup.id }}{% endfor %}', cups=cups)",
    ),
    Slip(
        f"{QUERY}select(Cup).where(Cup.maker.id == 1)",
        "-> .join(Cup.maker), and Maker.id",
        f"{QUERY}select(Cup).join(Cup.maker).where(Maker.id == 1)",
    ),
    Slip(
        f"{MODELS}with database.session() as db:\n    db.execute(text('select * from nowhere'))",
        "holds all that the models describe: is the name spelled right?",
        f"{MODELS}with database.session() as db:\n    db.execute(text('select * from note'))",
    ),
    Slip(
        f"{MODELS}with database.session() as db:\n{ADD}{ADD}",
        "UNIQUE constraint failed: note.slug. To answer it next to the field, write in the view:",
        "from sqlalchemy.exc import IntegrityError\nfrom mtvgen.runtime.models import violated\n"
        f"{MODELS}with database.session() as db:\n{ADD}    try:\n    {ADD}"
        "    except IntegrityError as error:\n"
        "        assert violated(error).columns == ('slug',)\n",
    ),
    Slip(
        f"{TWO_CONNECTIONS}two.execute('insert into a values (2)')",
        "Another connection writes to the database. Try again.",
        f"{TWO_CONNECTIONS}one.commit()\ntwo.execute('insert into a values (2)')",
    ),
    Slip(
        "get(lambda request: request.json['title'])",
        "Hint: request.json() is a method here.",
        "site(path('/', lambda request: request.json()['title'], methods=['POST']))"
        ".post('/', json={'title': 'a'})",
    ),
]

SLIPS = [*IMPORTS, *DATABASES]
