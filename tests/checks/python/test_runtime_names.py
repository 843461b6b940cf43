"""A project may import a thing of the runtime by its public name, or from the file that has it."""

from __future__ import annotations

import importlib
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from mtvgen.checks.deployment.middleware import ORDER, PROTECTIVE
from mtvgen.checks.python.runtime_names import MODEL, MODELS, dotted_names, is_of_runtime
from mtvgen.runtime import (
    Application,
    Templates,
    allowed_hosts,
    get_or_404,
    redirect,
    render,
    same_origin,
    security_headers,
    signed_sessions,
)
from mtvgen.runtime.models import Model, database_session

MIDDLEWARE = (allowed_hosts, security_headers, same_origin, database_session, signed_sessions)
KNOWN = (render, redirect, get_or_404, Application, Templates, Model, *MIDDLEWARE)


def modules_of(*things) -> list:
    """Each thing, with each module that it can be imported from."""
    return [
        pytest.param(thing, name.rpartition(".")[0], id=name)
        for thing in things
        for name in sorted(dotted_names(thing))
    ]


@pytest.mark.parametrize(("thing", "module"), modules_of(*KNOWN))
def test_each_name_is_that_of_the_thing(thing, module):
    assert getattr(importlib.import_module(module), thing.__name__) is thing


@pytest.mark.parametrize("thing", KNOWN, ids=lambda thing: thing.__name__)
def test_the_public_name_is_among_them_and_that_of_the_file(thing):
    public = MODELS if thing in (Model, database_session) else "mtvgen.runtime"

    assert {f"{public}.{thing.__name__}", f"{thing.__module__}.{thing.__name__}"} <= dotted_names(
        thing
    )


def test_a_package_that_has_another_thing_of_the_name_is_left_out():
    class Application:
        pass

    Application.__module__ = "mtvgen.runtime"
    assert dotted_names(Application) == set()


def test_the_models_are_where_they_are_looked_for():
    assert find_spec(MODELS) is not None
    assert Model.__module__ == MODELS
    assert dotted_names(Model) == {MODEL}


def test_naming_the_models_does_not_load_them():
    code = "import sys, mtvgen.checks.run; print('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert done.stdout.strip() == b"False"


def test_the_order_of_middleware_names_each():
    assert [thing.__name__ for thing in MIDDLEWARE] == ORDER


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mtvgen.runtime", True),
        ("mtvgen.runtime.sessions", True),
        ("mtvgen.runtimes", False),
        ("runtime", False),
        ("", False),
    ],
)
def test_what_is_of_the_runtime(name, expected):
    assert is_of_runtime(name) is expected


# A mistake of each kind, with the thing imported from each of its modules.

WSGI = """from pathlib import Path
from mtvgen.runtime import Application
from urls import urlpatterns
application = Application(urlpatterns, templates=Path(__file__).parent / "templates")
"""
URLS = """from mtvgen.runtime import path
from views import home
urlpatterns = [path("/", home.index)]
"""
VIEW = "def index(request):\n    return 'Hello'\n"


@pytest.fixture
def site(tmp_path) -> Path:
    """A site of one page, without a mistake."""
    root = tmp_path.resolve()
    for name, text in {
        "wsgi.py": WSGI,
        "urls.py": URLS,
        "views/__init__.py": "",
        "views/home.py": VIEW,
        "templates/home.html": "{{ note.text }}",
    }.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text)
    return root


def test_the_site_has_no_mistake(site, checker):
    assert checker.check(site).errors == ()


@pytest.mark.parametrize(("thing", "module"), modules_of(render))
def test_a_template_that_is_not_there(site, checker, module, thing):
    (site / "views/home.py").write_text(
        f"from {module} import render\n"
        "def index(request):\n    return render(request, 'hom.html')\n"
    )

    assert ids(checker.check(site)) == ["views.template-not-found"]


@pytest.mark.parametrize(("thing", "module"), modules_of(redirect))
def test_a_redirect_that_nothing_returns(site, checker, module, thing):
    (site / "views/home.py").write_text(
        f"from {module} import redirect\ndef index(request):\n    redirect('/')\n"
    )

    assert ids(checker.check(site)) == ["views.not-returned"]


@pytest.mark.parametrize(("thing", "module"), modules_of(get_or_404))
def test_an_attribute_that_what_was_looked_up_lacks(site, checker, module, thing):
    (site / "views/home.py").write_text(
        f"from mtvgen.runtime import render\nfrom {module} import get_or_404\n"
        "class Note:\n    title: str\n"
        "def index(request):\n"
        "    return render(request, 'home.html', note=get_or_404(request.db, Note, 1))\n"
    )

    assert "templates.unknown-attribute" in ids(checker.check(site))


@pytest.mark.parametrize(("thing", "module"), modules_of(Application))
def test_an_application_without_protection(site, checker, module, thing):
    wsgi = WSGI.replace(
        "from mtvgen.runtime import Application", f"from {module} import Application"
    )
    (site / "wsgi.py").write_text(wsgi)

    found = [one for one in ids(checker.check(site, deploy=True)) if "middleware" in one]
    assert found == ["project.middleware-missing"] * len(PROTECTIVE)


@pytest.mark.parametrize(("thing", "module"), modules_of(*MIDDLEWARE))
def test_middleware_that_is_in_the_wrong_place(site, checker, module, thing):
    others = [other for other in MIDDLEWARE if other is not thing]
    imports = [f"from {other.__module__} import {other.__name__}\n" for other in others]
    imports.append(f"from {module} import {thing.__name__}\n")
    # What protects is last, behind the database and the session; or one of those is first.
    order = [*others, thing] if thing.__name__ in PROTECTIVE else [thing, *others]
    calls = ", ".join(f"{factory.__name__}()" for factory in order)
    call = WSGI.replace('"templates")', f'"templates", middleware=[{calls}])')
    (site / "wsgi.py").write_text("".join(imports) + call)

    found = [one for one in checker.check(site, deploy=True).problems if "middleware" in one.id]
    assert {one.id for one in found} == {"project.middleware-order"}
    assert any(f"{thing.__name__}()" in one.message for one in found)


@pytest.mark.parametrize(("thing", "module"), modules_of(Templates))
def test_filters_of_a_site_that_can_not_be_imported_may_exist(site, checker, module, thing):
    (site / "wsgi.py").write_text(
        f"from {module} import Templates\nfrom mtvgen.runtime import Application\n1 / 0\n"
        "application = Application([], templates=Templates('templates', filters={'loud': str}))\n"
    )
    (site / "templates/home.html").write_text("{{ 'a'|loud }}")

    assert ids(checker.check(site)) == ["project.import-error"]


@pytest.mark.parametrize(("thing", "module"), modules_of(Model))
def test_a_model_that_no_migration_would_see(site, checker, module, thing):
    (site / "models").mkdir()
    (site / "models/__init__.py").write_text("")
    (site / "models/note.py").write_text(
        f"from {module} import Model\nfrom sqlalchemy.orm import Mapped, mapped_column\n"
        "class Note(Model):\n    __tablename__ = 'note'\n"
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    )

    assert ids(checker.check(site)) == ["models.not-imported"]


def ids(report) -> list[str]:
    return [problem.id for problem in report.errors]
