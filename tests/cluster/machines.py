"""Two gunicorns of one project behind nginx, on one PostgreSQL: the files of docs/deployment.md.

The pages of the documentation hold the configuration; nothing but ports, paths and the host's name
is changed here.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers import nginx
from tests.servers.manual import SITE, replaced
from tests.servers.serving import HOST, free_port, wait_until_it_answers
from tests.servers.trial_site import add_documented_files
from tests.support import postgresql
from tests.support.live_site import environment, make_project

# What the visitors of clients.py ask for, beside the pages of the example.
VISITS = '''
"""How often this visitor has been here, and which version of the site answers."""

import os
import time

from sqlalchemy import text

from models import Note

VERSION = "first version"


def index(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    return {"visits": request.session["visits"], "version": VERSION}


def slow(request):
    time.sleep(float(request.query["seconds"]))
    return {"version": VERSION}


def held(request):
    """Keep a connection to the database for so long."""
    request.db.execute(text("SELECT 1"))
    return slow(request)


def half(request):
    """Write, and stay before the commit for as long as somebody needs to end this process."""
    request.db.add(Note(text=request.form["text"]))
    request.db.flush()
    with open(request.form["pid_file"], "w") as file:
        file.write(str(os.getpid()))
    time.sleep(30)
    return "never"
'''
ROUTE = """
from views import visits

urlpatterns += [
    path("/visits", visits.index),
    path("/slow", visits.slow),
    path("/held", visits.held),
    path("/half", visits.half, methods=["POST"]),
]
"""


@dataclass
class Cluster:
    """The machines, all on this one.

    Attributes:
        root: The project.
        port: Where nginx listens.
        database: The PostgreSQL server.
        ports: Where the gunicorns listen.
        gunicorns: Their master processes.
    """

    root: Path
    database: postgresql.Server
    port: int = field(default_factory=free_port)
    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    gunicorns: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)
    proxy: subprocess.Popen[bytes] | None = None

    @property
    def environ(self) -> dict[str, str]:
        return {**environment(self.root.parent), "DATABASE_URL": self.database.url}

    def migrate(self) -> str:
        """Run the migrations; what the command said."""
        return finished(self.start_migrating())

    def start_migrating(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["mtvgen", "migrate"],
            cwd=self.root,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start_gunicorn(self, number: int) -> None:
        """Start one of the two, and wait until it answers."""
        port = self.ports[number]
        with (self.root / f"gunicorn-{number}.log").open("ab") as log:
            process = subprocess.Popen(
                ["sh", "deploy/serve", str(port)],
                cwd=self.root,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.gunicorns[number] = process
        wait_until_it_answers(process, port, self.root)

    def kill_gunicorn(self, number: int) -> None:
        """End it as a power cut would, master and workers."""
        process = self.gunicorns.pop(number)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def workers(self, number: int) -> list[int]:
        """The processes of a gunicorn's workers."""
        master = self.gunicorns[number].pid
        children = Path(f"/proc/{master}/task/{master}/children").read_text()
        return [int(child) for child in children.split()]

    def reload(self, number: int) -> None:
        """Replace the workers by new ones, and wait until the old ones have ended."""
        old = self.workers(number)
        self.gunicorns[number].send_signal(signal.SIGHUP)
        until(lambda: not set(old) & set(self.workers(number)), "the old workers go on")
        until(lambda: len(self.workers(number)) >= len(old), "no new workers")

    def start_nginx(self) -> None:
        place = self.root.parent / "nginx"
        with (self.root / "nginx.log").open("ab") as log:
            self.proxy = subprocess.Popen(
                nginx.command(place), stdout=log, stderr=log, **nginx.ids()
            )
        wait_until_it_answers(self.proxy, self.port, place)

    def stop_nginx(self) -> None:
        if self.proxy is not None:
            self.proxy.send_signal(signal.SIGTERM)
            self.proxy.wait(timeout=10)

    def stop(self) -> None:
        """End every process that was started here."""
        self.stop_nginx()
        for number in list(self.gunicorns):
            self.kill_gunicorn(number)

    def logged(self) -> str:
        """All that the gunicorns have written."""
        return "".join(log.read_text() for log in sorted(self.root.glob("gunicorn-*.log")))


def why_not() -> str | None:
    """Why there can be no cluster here; None where nothing is amiss."""
    if nginx.program() is None:
        return nginx.NOT_INSTALLED
    try:
        postgresql._program("postgres")
    except FileNotFoundError:
        return "PostgreSQL is not installed: apt-get install postgresql"
    return None


@contextmanager
def cluster() -> Iterator[Cluster]:
    """PostgreSQL and the project with its configuration; nothing else is started yet."""
    # Not pytest's tmp_path, which only its owner may enter: nginx is somebody else.
    directory = Path(tempfile.mkdtemp(prefix="mtvgen-cluster-"))
    directory.chmod(0o755)
    try:
        with postgresql.running_server() as database:
            made = Cluster(make_clustered_project(directory), database)
            _write_nginx_configuration(made, directory / "nginx")
            try:
                yield made
            finally:
                made.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """All of it, running."""
    with cluster() as made:
        made.migrate()
        made.start_gunicorn(0)
        made.start_gunicorn(1)
        made.start_nginx()
        yield made


def make_clustered_project(directory: Path) -> Path:
    """A generated project with what docs/deployment.md and docs/logging.md add; its root."""
    root = make_project(directory)
    add_documented_files(root, "deployment.md", "logging.md")
    (root / "views" / "visits.py").write_text(VISITS, encoding="utf-8")
    with (root / "urls.py").open("a", encoding="utf-8") as urls:
        urls.write(ROUTE)
    return root


def _write_nginx_configuration(made: Cluster, place: Path) -> None:
    documented = (made.root / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    here = {
        "listen 80;": f"listen {HOST}:{made.port};",
        "server_name example.com;": "server_name localhost;",
        "127.0.0.1:8001": f"{HOST}:{made.ports[0]}",
        "127.0.0.1:8002": f"{HOST}:{made.ports[1]}",
        SITE: str(made.root),
    }
    nginx.write_configuration(place, replaced(documented, here))


def finished(process: subprocess.Popen[str]) -> str:
    """What a command said.

    Raises:
        RuntimeError: It failed.
    """
    said, _ = process.communicate(timeout=60)
    if process.returncode:
        raise RuntimeError(said)
    return said


def until(condition: Callable[[], object], complaint: str, seconds: float = 30) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(complaint)
        time.sleep(0.05)
