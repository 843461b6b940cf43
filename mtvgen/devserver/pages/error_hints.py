"""Hints of the error page: what probably helps against an exception."""

from __future__ import annotations

import re
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

from mtvgen.devserver.pages.error_frames import Frame
from mtvgen.project.cures import suggest_fix
from mtvgen.project.database import describe_database_state
from mtvgen.project.loading import OWN_MODULES, Project
from mtvgen.runtime.http.errors import MissingField
from mtvgen.runtime.support.faults import Fault, reword
from mtvgen.runtime.support.suggestions import closest, did_you_mean


def schema_fault(error: BaseException, root: Path) -> Fault | None:
    """Return what `runserver` says of the database at its start, as it is now."""
    # SQLAlchemy is loaded where its error is, and is not to be loaded for any other one.
    faults = sys.modules.get("mtvgen.runtime.models.faults")
    if faults is None or not isinstance(error, faults.SchemaMismatch):
        return None
    try:
        return next(describe_database_state(Project(root)), _ALL_IS_MIGRATED)
    except Exception:  # a hint must not fail; the general one is good enough
        return None


def correct_cure(error: Any, root: Path) -> None:
    """Have an error about a table or a column say what helps now, in the terminal as well.

    The runtime, which has made it, does not know the migrations.
    """
    if fault := schema_fault(error, root):
        reword(error, cure=fault.cure or fault.message)


_ALL_IS_MIGRATED = Fault(
    "migrated",
    "The database is at its newest migration and holds all that the models describe: "
    "is the name spelled right?",
)


def likely_fix(error: BaseException, frames: tuple[Frame, ...]) -> str:
    """Return the first hint that knows the error, or empty."""
    return (
        suggest_fix(error)
        or _hint_of_method(error, frames)
        or _hint_of_template(error, frames)
        or _hint_of_constraint(error)
        or _hint_of_import(error)
        or _hint_of_lock(error)
    )


def _hint_of_method(error: BaseException, frames: tuple[Frame, ...]) -> str:
    """`request.json() is a method here.` where the line has `request.json["title"]`."""
    if "'method' object is not subscriptable" not in str(error) or not frames:
        return ""
    line = next((each.text for each in frames[-1].source if each.failed), "")
    names = re.findall(r"([A-Za-z_][\w.]*\.\w+)\[", line)
    # With more than one of them, which is the method is a guess.
    return f"{names[0]}() is a method here." if len(set(names)) == 1 else ""


# What Python says of values in a template, and of what it can't do with them: its one sign.
_IN_TEMPLATES = {
    "'Select' object is not iterable": "The view passes a select() that nobody has run: "
    "request.db.scalars(select(...)).all().",
    "can only concatenate str": 'In a template, ~ joins texts and numbers: {{ "a" ~ number }}.',
}


def _hint_of_template(error: BaseException, frames: tuple[Frame, ...]) -> str:
    """`{{ "No. " + number }}`, and a loop over what the view has not asked the database for."""
    if not isinstance(error, TypeError) or not frames or frames[-1].function:
        return ""
    said = str(error)
    return next((hint for sign, hint in _IN_TEMPLATES.items() if said.startswith(sign)), "")


def _hint_of_constraint(error: BaseException) -> str:
    """Return what the database refused, by its own words: mostly a value that must be unique."""
    sqlalchemy = sys.modules.get("sqlalchemy.exc")
    if sqlalchemy is None or not isinstance(error, sqlalchemy.IntegrityError):
        return ""
    said = str(getattr(error, "orig", "")).partition("\n")[0]
    return (
        f"{said}. To answer it next to the field, write in the view: try: request.db.flush(), "
        "except IntegrityError as error (from sqlalchemy.exc), and ask violated(error).columns; "
        "docs/howto/forms.md shows it."
    )


def hint_of_field(error: MissingField, sent: Sequence[str]) -> str:
    """Return what came instead of a field that the view reads.

    Args:
        error: Names the field, and where it was looked for.
        sent: The names of the fields that came.
    """
    meant = did_you_mean(error.name, sent).strip()
    came = f"Sent were: {', '.join(dict.fromkeys(sent))}." if sent else "No field was sent."
    return f"{meant} {came}".strip()


# Packages that are installed under another name than they are imported by.
_PACKAGES = {
    "MySQLdb": "mysqlclient",
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "jwt": "PyJWT",
    "magic": "python-magic",
    "psycopg": '"mtvgen[postgresql]"',
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
_FRAMEWORKS = {"django": "docs/howto/from-django.md", "flask": "docs/howto/from-flask.md"}


def _hint_of_import(error: BaseException) -> str:
    """Return where a module that is not found may be."""
    if isinstance(error, ImportError) and "circular import" in str(error):  # its one sign
        return "Two modules import each other: move what both need into a third one."
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    top, _, inner = error.name.partition(".")
    if top in OWN_MODULES:
        return _hint_of_own_module(error.name)
    if top in _FRAMEWORKS:
        return f"mtvgen has words of its own for what {top} has: {_FRAMEWORKS[top]}"
    if inner:  # the package is there, and has no such part
        return "Is it spelled right?"
    meant = did_you_mean(top, OWN_MODULES)
    return f"Is it spelled right?{meant} If it is a package: pip install {_PACKAGES.get(top, top)}"


def _hint_of_own_module(name: str) -> str:
    """`views.nots`: the module of the project that was most likely meant."""
    package, _, last = name.rpartition(".")
    places = getattr(sys.modules.get(package), "__path__", [])
    beside = (module.name for module in iter_modules(places) if module.name != last)
    if package and (near := closest(last, beside)):
        return f"Did you mean '{package}.{near}'?"
    return "It is a module of the project: is it still in the project's directory?"


def _hint_of_lock(error: BaseException) -> str:
    """Return what holds a database of the project's own; that of models says it by itself."""
    is_busy = isinstance(error, sqlite3.OperationalError) and "is locked" in str(error)
    return "Another connection writes to the database. Try again." if is_busy else ""
