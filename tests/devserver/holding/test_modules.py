"""What is held is what a fresh start would have made; an edit imports only what it concerns."""

from __future__ import annotations

import os

import pytest

from tests.devserver.edited_sites import EditedSite
from tests.devserver.holding.holders import Holder, stamps
from tests.devserver.holding.random_projects import RandomProject

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
STEPS, SEEDS = (100, range(20)) if os.environ.get("MTVGEN_FULL") else (25, [1])

VIEW = """
from mtvgen.runtime import Request, Response
def index(request: Request) -> Response: ...
"""
SITE = {
    "wsgi.py": "from urls import urlpatterns\nprint('started', file=open('/dev/null', 'w'))\n",
    "urls.py": "from mtvgen.runtime import path\nfrom views import a, b, c\n"
    "urlpatterns = [path('/', a.index), path('/b', b.index), path('/c', c.index)]\n",
    "views/__init__.py": "",
    "views/base.py": "class Base:\n    MARK = 1\n",
    "views/a.py": VIEW,
    "views/b.py": f"{VIEW}from views.base import Base\nclass Row(Base): pass\n",
    "views/c.py": f"import logging\n{VIEW}LOG = logging.getLogger(__name__)\n",
}
HARMLESS = {"views", "views.a", "views.b", "views.base", "views.c"}


def hold(project: Holder) -> set[str]:
    project.write(SITE)
    assert project.start()["outcome"] == "loaded"
    return project.renew()


def test_modules_without_side_effects_are_held(project: Holder) -> None:
    assert hold(project) == HARMLESS
    assert project.start()["imported"].keys() == {"wsgi", "urls"}


@pytest.mark.parametrize(
    ("path", "imported"),
    [
        ("views/a.py", {"views.a"}),
        ("views/c.py", {"views.c"}),
        ("views/base.py", {"views.base", "views.b"}),
        ("views/__init__.py", HARMLESS),
        ("urls.py", set()),
    ],
)
def test_an_edit_imports_what_changed_and_what_has_read_it(
    project: Holder, path: str, imported: set[str]
) -> None:
    hold(project)
    project.write({path: SITE[path] + "MARK = 2\n"})
    answer = project.start(path)
    assert answer["outcome"] == "loaded"
    assert answer["imported"].keys() == imported | {"wsgi", "urls"}
    assert project.renew(path) == HARMLESS
    assert project.start()["imported"].keys() == {"wsgi", "urls"}


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("urls.py", "import sys\nTHERE = 'views.a' in sys.modules\n"),
        ("urls.py", "import views\nTHERE = hasattr(views, 'a')\n"),
        ("urls.py", "def later():\n    import views.a\nlater()\n"),
        ("wsgi.py", "from views import *\n"),
        ("wsgi.py", "if print: import views\n"),
        ("views/a.py", "import views\ndef later(): return vars(views)\n"),
        ("urls.py", "import importlib\nTHERE = vars(importlib.import_module('views'))\n"),
        ("urls.py", "from views.base import Base\nALL = Base.__subclasses__()\n"),
        ("views/a.py", "from views.base import Base\ndef all(): return Base.__subclasses__()\n"),
        ("urls.py", "import logging\nALL = list(logging.root.manager.loggerDict)\n"),
        ("views/a.py", "import sys\nTHERE = sys.modules\n"),
        ("views/a.py", "import sys\ndef index(request): return getattr(sys, 'modules')\n"),
    ],
)
def test_nothing_is_held_where_a_module_may_see_it(project: Holder, path: str, more: str) -> None:
    hold(project)
    project.write({path: SITE[path] + more})
    assert project.start(path)["outcome"] == "misfit"
    assert project.renew(path) == set()
    assert project.start()["outcome"] == "loaded"


@pytest.mark.parametrize(
    "more",
    [
        "import mtvgen.runtime\nmtvgen.runtime.Request = int\n",
        "import views.a\nimport mtvgen.runtime as r\nr.Response = int\n",
        "from views import base\nbase.Base = int\n",
        "import sys\nsys.path.insert(0, '/nowhere')\n",
        "import os\nos.environ['NOTES_PER_PAGE'] = '5'\n",
        "import sys\nsys.meta_path.insert(0, sys.meta_path[0])\n",
        "import logging.config\nlogging.config.dictConfig({'version': 1})\n",
        "import logging\nlogging.setLoggerClass(type('Log', (logging.Logger,), {}))\n",
        "import builtins\nbuiltins.__import__ = lambda *a: None\n",
        "import sys\nsys.setprofile(lambda *a: None)\n",
    ],
)
def test_a_project_that_changes_what_is_held_is_started_without_it(
    project: Holder, more: str
) -> None:
    hold(project)
    project.write({"wsgi.py": SITE["wsgi.py"] + more})
    assert project.start("wsgi.py")["outcome"] == "misfit"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        # Nobody imports views.c any more, which urls.py still finds in the package.
        ("urls.py", SITE["urls.py"].replace("a, b, c", "a, b").replace("c.index", "a.index")),
        ("views/b.py", VIEW),
        ("views/b.py", f"{VIEW}'''\nfrom views.base import Base\n'''\n"),
        ("views/b.py", f"{VIEW}# from views.base import Base\n"),
        ("urls.py", SITE["urls.py"].replace("a, b, c", "(a, b)").replace("c.index", "a.index")),
        ("urls.py", SITE["urls.py"].replace("from views", "if 1: from views")),
        ("urls.py", SITE["urls.py"].replace("from views", "if True:\n  from views")),
    ],
)
def test_what_a_fresh_start_may_not_import_is_not_held(
    project: Holder, path: str, text: str
) -> None:
    hold(project)
    project.write({path: text})
    assert project.start(path)["outcome"] == "misfit"
    assert project.renew(path) < HARMLESS
    assert project.start()["outcome"] == "loaded"


@pytest.mark.parametrize(
    "more",
    [
        # Nobody has imported it yet, and who knows what it does.
        "from views import unused\n",
        "from views import nothing\n",
        "from views import base\ndef index(request: base.Base.MARK): pass\n",
    ],
)
def test_what_a_module_reads_must_be_there(project: Holder, more: str) -> None:
    project.write({"views/unused.py": "print('used', file=open('/dev/null', 'w'))\n"})
    hold(project)
    project.write({"urls.py": "1 / 0\n", "views/a.py": SITE["views/a.py"] + more})
    assert project.start("urls.py", "views/a.py")["outcome"] == "ZeroDivisionError"
    project.write({"urls.py": SITE["urls.py"]})
    assert "views.a" not in project.renew("urls.py", "views/a.py")


def test_a_module_does_not_hide_a_name_of_its_package(project: Holder) -> None:
    project.write(SITE | {"views/__init__.py": "def c(): pass\n"})
    project.write({"wsgi.py": f"from views.c import index\n{SITE['wsgi.py']}"})
    assert project.start()["outcome"] == "loaded"
    assert project.renew() == HARMLESS - {"views.c"}


def test_nothing_is_held_where_a_file_has_the_name_of_a_pure_module(project: Holder) -> None:
    hold(project)
    project.write({"fractions.py": "def Fraction(): print(end='')\n"})
    project.write({"views/a.py": f"{VIEW}from fractions import Fraction\nA = Fraction()\n"})
    project.begin()
    assert project.start()["outcome"] == "loaded"
    assert project.renew() == set()


def test_a_file_that_is_broken_or_deleted_is_not_hidden_by_what_is_held(project: Holder) -> None:
    hold(project)
    project.write({"views/base.py": "class Base(:\n"})
    assert project.start("views/base.py")["outcome"] == "SyntaxError"
    assert "views.b" not in project.renew("views/base.py")
    (project.root / "views/base.py").unlink()
    assert project.start("views/base.py")["outcome"] == "ModuleNotFoundError"
    assert "views.b" not in project.renew("views/base.py")
    project.write({"views/base.py": SITE["views/base.py"]})
    assert project.start("views/base.py")["outcome"] == "loaded"
    assert project.renew("views/base.py") == HARMLESS


@pytest.mark.parametrize(
    ("base", "not_held"),
    [
        ("class Base:\n    def __init_subclass__(cls): print(end='')", {"views.base", "views.b"}),
        ("class Base: pass\nclass Old(Base): pass\nBase = Old", {"views.b"}),
    ],
)
def test_what_a_module_does_is_asked_again_when_its_base_class_changes(
    project: Holder, base: str, not_held: set[str]
) -> None:
    hold(project)
    project.write({"views/base.py": base})
    assert project.start("views/base.py")["outcome"] == "loaded"
    assert project.renew("views/base.py") == HARMLESS - not_held


@pytest.mark.parametrize("kind", [EditedSite, RandomProject])
@pytest.mark.parametrize("seed", SEEDS)
def test_edits_at_random_end_as_a_fresh_start_would(
    project: Holder, fresh: Holder, seed: int, kind: type[EditedSite | RandomProject]
) -> None:
    site = kind(project.root, seed)
    project.write({"state.py": "def state(): pass\n"})
    outcomes, held = [], 0
    site.restore()
    before = stamps(project.root)
    for step in range(STEPS):
        edits = site.edit() if step % 5 else site.restore()
        now = stamps(project.root)
        changed = sorted(path for path, _ in now.items() ^ before.items())
        before = now
        if not project.knows(changed):
            project.begin()
        fast = project.start(*changed)
        held += len(project.renew(*changed))
        expected = fresh.start()
        if fast["outcome"] != "misfit":
            about = f"step {step}: {edits}"
            assert (fast["outcome"], fast["sentence"]) == (
                expected["outcome"],
                expected["sentence"],
            ), about
            if expected["outcome"] == "loaded":
                assert fast["state"] == expected["state"], about
        outcomes.append(fast["outcome"])
    assert held
    assert "loaded" in outcomes
