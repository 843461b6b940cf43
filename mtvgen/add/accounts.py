"""Accounts as an addition: the files that come with mtvgen, and a line each in the user's own."""

from __future__ import annotations

from pathlib import Path

from mtvgen.add.addition import Addition, Edit
from mtvgen.add.fixture_edits import with_signed_in_client
from mtvgen.add.layout import Layout, layout_of
from mtvgen.add.project_edits import with_middleware, with_models, with_routes
from mtvgen.add.template_edits import with_include
from mtvgen.bundled import bundled

_FILES = Path(__file__).parent / "templates" / "accounts"
_SUFFIX = "-tpl"  # build tools compile what ends in .py, and pytest collects it
_TESTS = "tests/test_accounts.py"
_CONFTEST = "tests/conftest.py"
_CLOSED = "{User}, access={signed_in}"
# Closes nothing, and works with `urls.py` as it was and as it will be: a closed site needs the
# login page, and the routes of accounts need accounts().
_OPEN = "{User}, log_in=None"


def accounts(root: Path) -> Addition:
    """Return the addition: models, views, templates and tests of accounts.

    Args:
        root: The project's directory, which may have its fixtures in one place or another.
    """
    layout = layout_of(root)
    files = _files(layout)
    edits = [_models(), _middleware(), _routes(), _navigation(layout)]
    fixtures = next((name for name in (_CONFTEST, "conftest.py") if (root / name).exists()), None)
    if fixtures is None:
        files[_CONFTEST] = with_signed_in_client(_conftest_of_a_new_project())
    else:
        edits.append(_fixtures(fixtures))
    return Addition("accounts", files, tuple(edits), tests=(_TESTS,), migration="accounts")


def _files(layout: Layout) -> dict[str, bytes]:
    """Return the new files by their paths in the project."""
    files = {}
    for file in sorted(path for path in _FILES.rglob("*") if path.is_file()):
        name = file.relative_to(_FILES).as_posix().removesuffix(_SUFFIX)
        content = file.read_bytes()
        files[name] = layout.fitted(content) if name.startswith("templates/") else content
    return files


def _conftest_of_a_new_project() -> bytes:
    project = bundled("project_template") / "{{cookiecutter.project_name}}"
    return (project / _CONFTEST).read_bytes()


def _models() -> Edit:
    return Edit(
        "models/__init__.py",
        "from models.user import Guess, User",
        "below the other imports",
        lambda data: with_models(data, "user", ["Guess", "User"]),
        imported="models.user.User",
    )


def _middleware() -> Edit:
    return Edit(
        "wsgi.py",
        "accounts(User, access=signed_in)",
        "to the list of middleware, below signed_sessions(...)",
        lambda data: _with_accounts(data, _CLOSED, instead=_OPEN),
        meanwhile=lambda data: _with_accounts(data, _OPEN),
        imported="mtvgen.runtime.accounts.accounts",
    )


def _with_accounts(wsgi: bytes, arguments: str, *, instead: str = "") -> bytes:
    return with_middleware(
        wsgi,
        ("mtvgen.runtime.accounts", "accounts"),
        arguments,
        {"User": "models", "signed_in": "mtvgen.runtime.accounts"},
        {"database_session", "signed_sessions"},
        instead=instead,
    )


def _routes() -> Edit:
    return Edit(
        "urls.py",
        'include("", accounts.urlpatterns, name="accounts.")',
        "at the end of urlpatterns",
        lambda data: with_routes(data, "accounts"),
        imported="views.accounts",
    )


def _navigation(layout: Layout) -> Edit:
    return Edit(
        layout.file,
        '{% include "accounts/nav.html" %}',
        "where your layout has its navigation",
        lambda data: with_include(data, "accounts/nav.html"),
        is_needed=False,
    )


def _fixtures(file: str) -> Edit:
    return Edit(
        file,
        "a fixture 'visitor', a browser that is not logged in, and 'client', the same logged in",
        "for tests of pages that are closed to visitors",
        with_signed_in_client,
        is_needed=False,
        served=(_TESTS,),
    )
