from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mtvgen.project.loading import NoProjectError, Project, find_project

ROOT = Path(__file__).parents[2]
SITE = {
    "urls.py": "from mtvgen.runtime import path\nfrom views import home\n"
    'urlpatterns = [path("/", home.index)]\n',
    "wsgi.py": "from mtvgen.runtime import Application\nfrom urls import urlpatterns\n"
    "application = Application(urlpatterns)\n",
    "views/__init__.py": "",
    "views/home.py": 'def index(request):\n    return "hello"\n',
}
LOAD = """
import sys
from pathlib import Path
from mtvgen.errors import MtvgenError
from mtvgen.project.loading import find_project, load_application
try:
    print(len(load_application(find_project(Path.cwd())).router.routes))
except MtvgenError as error:
    sys.exit(str(error))
"""


def make(root: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def load(root: Path, *more_path: Path) -> subprocess.CompletedProcess[str]:
    """The project loaded in a process of its own, as every command does."""
    places = os.pathsep.join(map(str, [*more_path, ROOT]))
    return subprocess.run(
        [sys.executable, "-P", "-c", LOAD],
        cwd=root,
        env={**os.environ, "PYTHONPATH": places},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("below", [".", "views", "views/deep/inside"])
def test_a_project_is_found_from_every_directory_in_it(tmp_path: Path, below: str) -> None:
    make(tmp_path, SITE)
    (tmp_path / below).mkdir(parents=True, exist_ok=True)

    assert find_project(tmp_path / below) == Project(tmp_path.resolve())


def test_a_link_into_a_project_is_followed(tmp_path: Path) -> None:
    make(tmp_path / "site", SITE)
    (tmp_path / "link").symlink_to(tmp_path / "site" / "views")

    assert find_project(tmp_path / "link").name == "site"


@pytest.mark.parametrize(
    ("held", "below", "message"),
    [
        ("wsgi.py", ".", "wsgi.py is here, urls.py is missing, and a project has both. -> bring"),
        ("urls.py", ".", "urls.py is here, wsgi.py is missing, and a project has both. -> bring"),
        ("wsgi.py", "views", r"wsgi.py is in \S+/site, urls.py is missing, and a project has both"),
    ],
)
def test_half_a_project_names_the_other_half(
    tmp_path: Path, held: str, below: str, message: str
) -> None:
    root = make(tmp_path / "site", {held: "", "views/home.py": ""})

    with pytest.raises(NoProjectError, match=message):
        find_project(root / below)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("below", [".", "mine", "mine/notes"])
def test_a_project_that_anybody_may_have_planted_above_is_not_imported(
    tmp_path: Path, below: str
) -> None:
    shared = make(tmp_path / "shared", SITE)
    shared.chmod(0o1777)  # as /tmp
    (shared / below).mkdir(parents=True, exist_ok=True)

    message = f"urls.py is in {shared}, where anyone can put files: .* -> cd into a project"
    with pytest.raises(NoProjectError, match=message):
        find_project(shared / below)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o1777, 0o1757])
def test_a_project_of_ones_own_below_a_shared_directory_is_found(tmp_path: Path, mode: int) -> None:
    shared = make(tmp_path / "shared", {"urls.py": ""})
    site = make(shared / "site", SITE)
    shared.chmod(mode)

    assert find_project(site / "views") == Project(site)
    with pytest.raises(NoProjectError, match="anyone can put files"):
        find_project(shared)


@pytest.mark.parametrize("files", [{}, {"urls.py/wsgi.py": ""}])
def test_outside_a_project(tmp_path: Path, files: dict[str, str]) -> None:
    make(tmp_path, files)

    message = (
        "no project here: looked for urls.py and wsgi.py in this directory and its parents. "
        "-> cd into a project, or: mtvgen startproject mysite"
    )
    with pytest.raises(NoProjectError) as raised:
        find_project(tmp_path)
    assert str(raised.value) == message


def test_the_application_is_loaded(tmp_path: Path) -> None:
    assert load(make(tmp_path, SITE)).stdout == "1\n"


WHAT_IT_IS = "It is the list of path(...) that wsgi.py imports."
BROKEN = {
    "an exception": (
        {"views/home.py": "def index(request):\n    pass\n1 / 0\n"},
        "views/home.py:3: ZeroDivisionError: division by zero\nTraceback (most recent call last):",
    ),
    "a name that a module lacks": (
        {"urls.py": SITE["urls.py"].replace("home.index", "home.indx")},
        "urls.py:3: AttributeError: module 'views.home' has no attribute 'indx'. Did you mean 'ind",
    ),
    "SystemExit": ({"urls.py": "raise SystemExit(3)\n"}, "urls.py:1: SystemExit: 3\n"),
    "a syntax error": (
        {"views/home.py": "def index(request:\n"},
        "views/home.py:1: SyntaxError: '(' was never closed\n    def index(request:\n",
    ),
    "another name": (
        {"urls.py": SITE["urls.py"].replace("urlpatterns", "routes")},
        f"urls.py: found 'routes' but no 'urlpatterns'. {WHAT_IT_IS} -> in urls.py, call 'routes' ",
    ),
    "no list at all": (
        {"urls.py": "\n"},
        f"urls.py: no 'urlpatterns'. {WHAT_IT_IS} -> urlpatterns = [path(",
    ),
    "no list": (
        {"urls.py": "def urlpatterns(): pass\n"},
        "urls.py: 'urlpatterns' must be a list of path(...), not function. -> urlpatterns = [",
    ),
    "a bad route": (
        {"urls.py": SITE["urls.py"].replace('"/"', '"x"')},
        "urls.py:3: ",
    ),
    "one route twice": (
        {"urls.py": SITE["urls.py"].replace("[", "[path('/', home.index), ")},
        "urls.py:3: GET / is already urls.py:3 (home.index). -> change or delete one of the",
    ),
    "no application": (
        {"wsgi.py": SITE["wsgi.py"].replace("application =", "app =")},
        "wsgi.py: found 'app' but no 'application'. -> application = Application(urlpatterns)",
    ),
    "nothing in wsgi.py": ({"wsgi.py": "\n"}, "wsgi.py: no 'application'."),
    "no callable": (
        {"wsgi.py": "application = 1\n"},
        "wsgi.py: 'application' is int, which can't be called.",
    ),
}


@pytest.mark.parametrize(("files", "message"), BROKEN.values(), ids=BROKEN.keys())
def test_what_keeps_a_project_from_being_loaded(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    done = load(make(tmp_path, {**SITE, **files}))

    assert done.returncode == 1
    assert done.stderr.startswith(message)
    assert "mtvgen/project.py" not in done.stderr
    assert "importlib" not in done.stderr


def test_a_module_of_the_same_name_from_elsewhere_is_refused(tmp_path: Path) -> None:
    elsewhere = make(tmp_path / "elsewhere", {"views/__init__.py": "home = None\n"})
    site = make(tmp_path / "site", SITE)
    (site / "views/__init__.py").unlink()

    done = load(site, elsewhere)

    assert (
        f"the module 'views' came from {elsewhere}/views/__init__.py, not from {site}."
        in done.stderr
    )
    assert "-> give the project's own views its __init__.py" in done.stderr


@pytest.mark.parametrize("part", ["views", "urls.py", "wsgi.py"])
def test_a_part_that_is_a_link_to_another_place_is_the_projects_own(
    tmp_path: Path, part: str
) -> None:
    root = make(tmp_path / "site", SITE)
    (root / part).rename(tmp_path / part)
    (root / part).symlink_to(tmp_path / part)

    assert load(root).stdout == "1\n"


def test_a_project_below_a_link_on_the_path_is_the_projects_own(tmp_path: Path) -> None:
    root = make(tmp_path / "site", SITE)
    (tmp_path / "link").symlink_to(root)

    assert load(root, tmp_path / "link").stdout == "1\n"


def test_a_package_of_an_environment_in_the_project_is_not_the_projects_own(
    tmp_path: Path,
) -> None:
    root = make(tmp_path, {**SITE, ".venv/lib/site-packages/settings.py": ""})
    (root / "urls.py").write_text("import settings\n" + SITE["urls.py"], encoding="utf-8")

    refused = load(root, root / ".venv/lib/site-packages")

    assert "the module 'settings' came from " in refused.stderr
