"""A large project: most of its modules are held between edits, and none of them is ever stale."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mtvgen.devserver.supervisor.fork_machine import MANY_MODULES
from tests.devserver.running import Running, runserver, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")

NAMES = [f"a{number}" for number in range(MANY_MODULES)]
VIEW = "from views.base import WORD\nMARK = 0\n"
SITE = {
    "wsgi.py": "from mtvgen.runtime import Application\nfrom urls import urlpatterns\n"
    "application = Application(urlpatterns, debug=True)\n",
    "urls.py": "from mtvgen.runtime import path\nfrom views import page\n"
    "urlpatterns = [path('/', page.index)]\n",
    "views/__init__.py": "",
    "views/base.py": "WORD = 'word'\n",
    "views/page.py": "import os\n"
    + "".join(f"from views import {name}\n" for name in NAMES)
    + f"ALL = [{', '.join(NAMES)}]\n"
    "def index(request):\n"
    "    return {'pid': os.getpid(), 'parent': os.getppid(), 'marks': [a.MARK for a in ALL],\n"
    "            'words': sorted({a.WORD for a in ALL})}\n",
    **{f"views/{name}.py": VIEW for name in NAMES},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with runserver(tmp_path_factory.mktemp("large") / "site", site=SITE) as running:
        yield running


def page(server: Running) -> dict[str, Any]:
    answer = server.get()
    return json.loads(answer.text) if answer.status == 200 else {}


def edit(server: Running, **marks: int) -> None:
    """Give some modules another mark, and wait until the page shows all of them."""
    for name, mark in marks.items():
        server.write(f"views/{name}.py", VIEW.replace("0", str(mark)))
    numbers = {NAMES.index(name): mark for name, mark in marks.items()}

    def is_shown() -> bool:
        shown = page(server).get("marks")
        return bool(shown) and all(shown[number] == mark for number, mark in numbers.items())

    until(is_shown)


def is_forked_from_held_modules(server: Running) -> bool:
    """Return whether the process that answers has the fork server for a grandparent."""
    status = Path(f"/proc/{page(server)['parent']}/stat").read_text()
    return int(status.rpartition(")")[2].split()[1]) != server.process.pid


def await_held_modules(server: Running) -> None:
    numbers = iter(range(1000, 2000))

    def is_held() -> bool:
        edit(server, a9=next(numbers))
        if is_forked_from_held_modules(server):
            return True
        time.sleep(0.5)  # one edit after the other would leave no time to hold anything
        return False

    until(is_held)


def test_edits_of_modules_that_are_held_are_served(server: Running) -> None:
    await_held_modules(server)
    for number, name in enumerate((NAMES[0], NAMES[77], NAMES[-1], NAMES[0]), 1):
        edit(server, **{name: number})
    edit(server, a5=1, a6=2)
    assert is_forked_from_held_modules(server)
    marks = page(server)["marks"]
    assert (marks[0], marks[77], marks[-1], marks[5], marks[6], marks[7]) == (4, 2, 3, 1, 2, 0)


def test_what_is_held_does_not_hide_what_is_broken(server: Running) -> None:
    await_held_modules(server)
    server.write("views/a7.py", "def (\n")
    server.wait_for("SyntaxError", status=500)
    (server.root / "views/a7.py").unlink()
    server.wait_for("a7", status=500)
    edit(server, a7=1)


def test_a_name_that_the_project_replaces_is_replaced_for_all_that_read_it(
    server: Running,
) -> None:
    await_held_modules(server)
    server.write("wsgi.py", f"import views.base as b\nb.WORD = 'patched'\n{SITE['wsgi.py']}")
    until(lambda: page(server)["words"] == ["patched"])
    edit(server, a8=1)
    assert page(server)["words"] == ["patched"]
