"""Names of projects: which are allowed, and what to use instead."""

from __future__ import annotations

import re
import shlex
import unicodedata

from mtvgen.errors import UsageError, printable

LONGEST = 64  # characters: a folder, a distribution and a host name can all hold that many

# A name becomes a folder and the name of a distribution in pyproject.toml: ASCII letters and
# digits, with "-", "_" and "." inside (https://packaging.python.org/specifications/name-normalization/).
_NAME = re.compile(rf"[A-Za-z0-9](?:[A-Za-z0-9._-]{{0,{LONGEST - 2}}}[A-Za-z0-9])?")

# Windows opens a device under these names, whatever follows behind a dot.
_DEVICES = frozenset({"con", "prn", "aux", "nul"}) | {
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
}

# A project of that name could not be installed: pip would take it for what it needs.
REQUIREMENTS = frozenset(
    {
        "alembic", "click", "cookiecutter", "itsdangerous", "jinja2", "mako", "mtvgen",
        "multipart", "pyflakes", "pytest", "python-dotenv", "sqlalchemy", "tzdata", "watchfiles",
        "werkzeug",
    }
)  # fmt: skip


def check_name(name: str) -> None:
    """Nothing, if a project may be called that.

    Raises:
        UsageError: With the rule, the name, and a command that passes.
    """
    if not _NAME.fullmatch(name):
        rule = f"letters, digits, '-', '_' and '.', up to {LONGEST}"
        if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", name):
            rule += "; the first and the last are a letter or a digit"
    elif _is_device(name):
        rule = "Windows keeps it for a device"
    elif _normalized(name) in REQUIREMENTS:
        rule = "the project needs a package of that name"
    else:
        return
    raise UsageError(
        f"{_quoted(name)} is not a project name: {rule}.",
        cure=f"mtvgen startproject {_instead(name)}",
    )


def suggestion(name: str) -> str:
    """Return a name that passes, as near to this one as can be.

    `mysite` where nothing is left of it.
    """
    # NFKD takes accents off: "café" is suggested as "cafe".
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_only).strip("-_.")[:LONGEST].strip("-_.")
    if not plain:
        return "mysite"
    if _is_device(plain) or _normalized(plain) in REQUIREMENTS:
        return f"my-{plain}"
    return plain


def _instead(name: str) -> str:
    """Return the arguments that were meant: `blog sites/blog` for a path, or the nearest name."""
    *folders, last = re.split(r"[/\\]", name.rstrip("/\\"))
    is_path = folders or last in {".", ".."}
    if is_path and len(name) <= LONGEST and name.isprintable():
        return f"{suggestion(last)} {shlex.quote(name)}"
    return suggestion(last)


def _is_device(name: str) -> bool:
    return name.partition(".")[0].lower() in _DEVICES


def _normalized(name: str) -> str:
    """Return the name as pip compares it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _quoted(name: str) -> str:
    """Return the name between quotes, on one line and not much longer than a name may be."""
    return f"'{printable(name[:LONGEST])}{'...' if len(name) > LONGEST else ''}'"
