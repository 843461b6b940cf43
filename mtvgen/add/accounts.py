"""Accounts as an addition: the files that come with mtvgen, and a line each in the user's own."""

from __future__ import annotations

from pathlib import Path

from mtvgen.add.addition import Addition, Edit
from mtvgen.add.fixture_edits import with_signed_in_client
from mtvgen.add.project_edits import with_middleware, with_models, with_routes
from mtvgen.add.template_edits import with_include
from mtvgen.bundled import bundled

_FILES = Path(__file__).parent / "templates" / "accounts"
_NEW_PROJECT = bundled("project_template") / "{{cookiecutter.project_name}}"
# Build tools compile what ends in .py, and pytest collects it.
_SUFFIX = "-tpl"

MODELS = Edit(
    "models/__init__.py",
    "from models.user import Guess, User",
    "below the other imports",
    lambda data: with_models(data, "user", ["Guess", "User"]),
)
MIDDLEWARE = Edit(
    "wsgi.py",
    "accounts(User, access=signed_in)",
    "to the list of middleware, below signed_sessions(...)",
    lambda data: with_middleware(
        data,
        ("mtvgen.runtime.accounts", "accounts"),
        "{User}, access={signed_in}",
        {"User": "models", "signed_in": "mtvgen.runtime.accounts"},
        {"database_session", "signed_sessions"},
    ),
)
ROUTES = Edit(
    "urls.py",
    'include("", accounts.urlpatterns, name="accounts.")',
    "at the end of urlpatterns",
    lambda data: with_routes(data, "accounts"),
)
NAVIGATION = Edit(
    "templates/base.html",
    '{% include "accounts/nav.html" %}',
    "where your layout has its navigation",
    lambda data: with_include(data, "accounts/nav.html"),
    is_needed=False,
)
_TESTS = "tests/test_accounts.py"
_CONFTEST = "tests/conftest.py"


def accounts(root: Path) -> Addition:
    """Return the addition: models, views, templates and tests of accounts.

    Args:
        root: The project's directory, which may have its fixtures in one place or another.
    """
    files, edits = _files(), [MODELS, MIDDLEWARE, ROUTES, NAVIGATION]
    fixtures = next((name for name in (_CONFTEST, "conftest.py") if (root / name).exists()), None)
    if fixtures is None:
        files[_CONFTEST] = with_signed_in_client((_NEW_PROJECT / _CONFTEST).read_bytes())
    else:
        edits.append(_fixtures(fixtures))
    return Addition("accounts", files, tuple(edits), tests=(_TESTS,), migration="accounts")


def _fixtures(file: str) -> Edit:
    return Edit(
        file,
        "a fixture 'visitor', a browser that is not logged in, and 'client', the same logged in",
        "for tests of pages that are closed to visitors",
        with_signed_in_client,
        is_needed=False,
        served=(_TESTS,),
    )


def _files() -> dict[str, bytes]:
    """Return the new files by their paths in the project."""
    return {
        file.relative_to(_FILES).as_posix().removesuffix(_SUFFIX): file.read_bytes()
        for file in sorted(_FILES.rglob("*"))
        if file.is_file()
    }
