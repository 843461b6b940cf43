"""A real PostgreSQL server for the tests: its own data directory, a free port, an ordinary user."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

# Debian keeps the server's programs out of PATH.
PLACES = (*map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)),)
CUT_CONNECTIONS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
START_TIMEOUT = 60  # seconds; the machine may be busy with the other tests


class Server:
    """One server, which can be stopped and started again.

    Attributes:
        port: Where it listens, on 127.0.0.1.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._user = _ordinary_user()
        _hand_over(directory, self._user)
        self._run("initdb", "-D", "data", "-U", "mtvgen", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["-D", "data", "-p", str(self.port), "-k", "", "-c", "listen_addresses=127.0.0.1"]
        options += ["-c", "fsync=off", "-c", "max_connections=100"]
        with (self.directory / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program("postgres"), *options], stdout=log, stderr=log, **self._surroundings()
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.directory / "server.log").read_text())
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop it at once, whoever is connected."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            self._process.wait(timeout=START_TIMEOUT)

    @property
    def url(self) -> str:
        """Its one database, as it is."""
        return f"postgresql://mtvgen@127.0.0.1:{self.port}/postgres"

    def empty_database(self) -> str:
        """The URL of a database with nothing in it, whatever the test before left there."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(CUT_CONNECTIONS)
            connection.execute("SET client_min_messages = warning")
            # A new schema takes a tenth of the time that a new database takes.
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        return self.url

    def cut_connections(self) -> None:
        """End every connection that somebody has, and wait until it has ended."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(CUT_CONNECTIONS)

    def _answers(self) -> bool:
        command = [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(command, check=False).returncode == 0

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [_program(program), *arguments],
            capture_output=True,
            text=True,
            check=False,
            **self._surroundings(),
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr or done.stdout}")

    def _surroundings(self) -> dict[str, object]:
        environ = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        surroundings: dict[str, object] = {"cwd": self.directory, "env": environ}
        if self._user is not None:
            surroundings |= {"user": self._user.pw_uid, "group": self._user.pw_gid}
            surroundings |= {"extra_groups": []}
        return surroundings


def _ordinary_user() -> pwd.struct_passwd | None:
    """Who the server runs as: ourselves, or somebody else where we are root, whom it refuses."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("postgres") or names["nobody"]


def _hand_over(directory: Path, user: pwd.struct_passwd | None) -> None:
    if user is not None:
        os.chown(directory, user.pw_uid, user.pw_gid)


def _program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join((*PLACES, os.environ.get("PATH", ""))))
    if found is None:
        raise FileNotFoundError(name)
    return found


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running_server() -> Iterator[Server]:
    """A server for the length of the block.

    Raises:
        FileNotFoundError: PostgreSQL is not installed.
    """
    _program("initdb")
    _program("postgres")
    # Not pytest's tmp_path, which only its owner may enter.
    directory = Path(tempfile.mkdtemp(prefix="mtvgen-postgresql-"))
    try:
        server = Server(directory)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """The session's server; a test that stops it starts it again."""
    pytest.importorskip("psycopg", reason="psycopg 3 is not installed")
    try:
        _program("postgres")
    except FileNotFoundError as error:
        pytest.skip(
            f"PostgreSQL is not installed here: no program {error} (apt install postgresql)"
        )
    with running_server() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> str:
    """The URL of an empty PostgreSQL database for one test."""
    return postgresql_server.empty_database()
