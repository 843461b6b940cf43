"""What probably helps against an exception: the hint of the error page."""

from __future__ import annotations

import re
from pathlib import Path

from mtvgen.devserver.pages.error_frames import Frame
from mtvgen.project.cures import suggest_fix
from mtvgen.project.database import describe_database_state
from mtvgen.project.loading import OWN_MODULES, Project


def schema_hint(error: BaseException, root: Path) -> str:
    """What `runserver` says of the database at its start, which may be newer than the start."""
    if type(error).__name__ != "SchemaMismatch":
        return ""
    try:
        return next(describe_database_state(Project(root)), _ALL_IS_MIGRATED)
    except Exception:  # a hint must not fail; the general one is good enough
        return ""


_ALL_IS_MIGRATED = (
    "The database is at its newest migration and holds all that the models describe: "
    "is the name spelled right?"
)


def likely_fix(error: BaseException, frames: tuple[Frame, ...]) -> str:
    """The first hint that knows the error, or empty."""
    return (
        suggest_fix(error)
        or _hint_of_method(error, frames)
        or _hint_of_constraint(error)
        or _hint_of_text(error)
    )


def _hint_of_method(error: BaseException, frames: tuple[Frame, ...]) -> str:
    """`request.json() is a method here.` where the line has `request.json["title"]`."""
    if "'method' object is not subscriptable" not in str(error) or not frames:
        return ""
    line = next((each.text for each in frames[-1].source if each.failed), "")
    names = re.findall(r"([A-Za-z_][\w.]*\.\w+)\[", line)
    # With more than one of them, which is the method is a guess.
    return f"{names[0]}() is a method here." if len(set(names)) == 1 else ""


def _hint_of_constraint(error: BaseException) -> str:
    """What the database refused, by its own words: mostly a value that must be unique."""
    if type(error).__name__ != "IntegrityError":
        return ""
    said = str(getattr(error, "orig", "")).partition("\n")[0]
    return (
        f"{said}. To answer it beside the field, write in the view: try: request.db.flush(), "
        "except IntegrityError as error (from sqlalchemy.exc), and ask violated(error).columns; "
        "docs/howto/forms.md shows it."
    )


_HINTS = [
    (
        re.compile(
            r"no such (table|column)|UndefinedTable|UndefinedColumn|relation .* does not exist"
        ),
        "The database lacks what the models describe. -> mtvgen migrate",
    ),
    (
        re.compile(rf"ModuleNotFoundError: No module named '(?P<name>{'|'.join(OWN_MODULES)})'"),
        "It is a module of the project: is it still in the project's directory?",
    ),
    (
        re.compile(r"ModuleNotFoundError: No module named '(?P<name>\w+)'"),
        "Is it spelled right? If it is a package: pip install {name}",
    ),
    (
        re.compile(r"circular import"),
        "Two modules import each other: move what both need into a third one.",
    ),
    (re.compile(r"database is locked"), "Another process writes to the database. Try again."),
]


def _hint_of_text(error: BaseException) -> str:
    text = f"{type(error).__name__}: {error}"
    for pattern, hint in _HINTS:
        match = pattern.search(text)
        if match:
            return hint.format(**match.groupdict())
    return ""
