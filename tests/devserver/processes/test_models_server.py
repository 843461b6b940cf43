"""A generated project with its database: what is held between edits never hides an edit."""

from __future__ import annotations

import http.client
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mtvgen.devserver.holding.models import WORTH_HOLDING
from tests.devserver.running import Running, runserver, until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    place = tmp_path_factory.mktemp("generated")
    command = [sys.executable, "-m", "mtvgen", "startproject", "mysite"]
    subprocess.run(command, cwd=place, check=True, capture_output=True)
    with runserver(place / "mysite", site={}) as running:
        add_page(running)
        # Few models are imported in no time, and not held.
        assert ancestors(running) == 2
        running.write("models/tags.py", MORE_MODELS)
        running.replace(
            "models/__init__.py", "from models.note", "import models.tags\nfrom models.note"
        )
        until(lambda: ancestors(running) == 3)
        yield running


MORE_MODELS = """
from sqlalchemy.orm import Mapped, mapped_column
from mtvgen.runtime.models import Model
""" + "".join(
    f"""
class Tag{number}(Model):
    __tablename__ = "tag{number}"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
    for number in range(WORTH_HOLDING - 1)
)


def add_page(server: Running) -> None:
    """A page that shows its process, a setting, a model and what came with this process."""
    server.write(
        "views/inside.py",
        "import os, sys\n"
        "from sqlalchemy import func, select\n"
        "from models import Note\n"
        "from settings import settings\n"
        "import models\n"
        "UNNEEDED = ['alembic', 'sqlalchemy.dialects.postgresql']\n"
        "def index(request):\n"
        "    count = request.db.scalar(select(func.count(Note.id)))\n"
        "    return {'pid': os.getpid(), 'parent': os.getppid(), 'count': count,\n"
        "            'unneeded': [name for name in UNNEEDED if name in sys.modules],\n"
        "            'hosts': settings.allowed_hosts, 'mark': getattr(models, 'MARK', '')}\n",
    )
    server.replace("urls.py", "from views import", "from views import inside,")
    server.replace(
        "urls.py", "urlpatterns = [", 'urlpatterns = [\n    path("/inside", inside.index),'
    )
    server.wait_for("pid", "/inside")


def ancestors(server: Running) -> int:
    """How many processes are above the worker: the two that hold modules, and the supervisor."""
    # Any edit forks a worker from what is held by then.
    before = server.get("/inside").text
    (server.root / "views/inside.py").touch()
    until(lambda: server.get("/inside").text != before)
    process, count = int(server.get("/inside").text.partition('"pid":')[2].split(",")[0]), 0
    while process != server.process.pid:
        status = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        process, count = int(status[1]), count + 1
    return count


def test_the_first_start_makes_the_database(server: Running) -> None:
    assert "Made db.sqlite3: applied 0001_notes." in server.terminal()
    assert "sqlite db.sqlite3, debug)" in server.terminal()
    assert server.get("/notes").status == 200


def test_workers_are_forked_from_the_models_server_again_after_the_models_changed(
    server: Running,
) -> None:
    text = (server.root / "models/__init__.py").read_text()
    server.write("models/__init__.py", text + "\nMARK = 'edited model'\n")
    server.wait_for("edited model", "/inside")
    until(lambda: ancestors(server) == 3)
    server.write("models/__init__.py", text)
    until(lambda: "edited model" not in server.get("/inside").text)


def test_a_worker_that_makes_the_database_keeps_nothing_that_only_this_needs(
    server: Running,
) -> None:
    before = server.get("/inside").text
    for file in server.root.glob("db.sqlite3*"):
        file.unlink()
    (server.root / "views/inside.py").touch()
    until(lambda: server.get("/inside").text.partition(",")[0] != before.partition(",")[0])
    assert server.terminal().count("Made db.sqlite3: applied 0001_notes.") == 2
    assert '"unneeded":[]' in server.get("/inside").text.replace(" ", "")


@pytest.mark.parametrize("path", ["models/note.py", "settings.py", "views/inside.py"])
def test_what_is_held_does_not_hide_what_is_broken(server: Running, path: str) -> None:
    text = (server.root / path).read_text()
    server.write(path, text + "\ndef (\n")
    server.wait_for("SyntaxError", "/inside", status=500)
    server.write(path, text)
    server.wait_for("pid", "/inside")


@pytest.mark.parametrize(
    ("models", "file", "is_held"),
    [
        ("from mtvgen.runtime.models import Database\n", "urls.py", True),
        ("", "urls.py", False),
        ("from mtvgen.runtime.models import Database\n", "calendar.py", False),
    ],
)
def test_sqlalchemy_is_held_from_the_start_for_a_project_that_needs_it(
    tmp_path: Path, models: str, file: str, is_held: bool
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/__init__.py").write_text(models)
    (tmp_path / file).touch()
    program = (
        "import os, sys\nfrom pathlib import Path\n"
        "from mtvgen.devserver.holding.models import hold_runtime_models\n"
        f"hold_runtime_models(Path({str(tmp_path)!r}))\n"
        "print('sqlalchemy.orm' in sys.modules, len(os.listdir('/proc/self/task')))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == f"{is_held} 1\n"


def test_an_edit_of_the_environment_is_heard(server: Running) -> None:
    text = (server.root / ".env").read_text()
    server.write(".env", text.replace("ALLOWED_HOSTS=", "ALLOWED_HOSTS=edited.test,"))
    server.wait_for("edited.test", "/inside")
    server.write(".env", text)
    until(lambda: "edited.test" not in server.get("/inside").text)


def test_the_database_is_read_and_written_across_edits(server: Running) -> None:
    for number in range(3):
        count = server.get("/inside").text.partition('"count":')[2].split(",")[0]
        assert int(count) == number
        connection = http.client.HTTPConnection("localhost", server.port, timeout=10)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/notes", f"text=note+{number}", form)
        assert connection.getresponse().status == 303
        connection.close()
        ancestors(server)  # an edit


def test_a_column_that_no_migration_holds_is_told_with_the_command_that_helps(
    server: Running,
) -> None:
    before = (server.root / "models/note.py").read_text(encoding="utf-8")
    server.replace(
        "models/note.py", "    text: Mapped[str]", "    mood: Mapped[str]\n    text: Mapped[str]"
    )

    page = server.wait_for("SchemaMismatch", "/notes", status=500)
    hint = page.text.partition('class="hint"')[2].partition("</section>")[0]
    assert "models/note.py has changes that no migration holds." in hint
    assert "mtvgen makemigrations" in hint
    assert "mtvgen migrate" not in hint
    server.wait_for_line(r"no such column: note\.mood\. -> mtvgen makemigrations\n")
    server.write("models/note.py", before)
    server.wait_for("<form", "/notes")
