"""Every WSGI server that a project is promised to run under, and how it is started."""

from __future__ import annotations

import http.client
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.support.live_site import BIN, environment

HOST = "127.0.0.1"
START_SECONDS = 30.0  # until a test gives up; a server needs less than one
RUNNERS = Path(__file__).with_name("runners.py")
APACHE_MODULES = Path("/usr/lib/apache2/modules")


@dataclass(frozen=True)
class Start:
    """What a server is to serve, and where."""

    root: Path
    port: int
    prefix: str

    @property
    def at(self) -> str:
        return f"{HOST}:{self.port}"


@dataclass(frozen=True)
class Server:
    """A server: how to start it, and what it needs.

    Attributes:
        command: The command, started in the project's directory.
        package: What `import` finds where it is installed; None: nothing beyond Python.
        reads_chunked: Whether it hands chunked bodies on with `wsgi.input_terminated`; where it
            does not, such a body is refused.
        always: Whether it is in every run of the tests.
        prefix_variable: Whether SCRIPT_NAME is an environment variable of the process.
    """

    name: str
    command: Callable[[Start], list[str]]
    package: str | None = None
    reads_chunked: bool = False
    always: bool = False
    prefix_variable: bool = False


def _runner(name: str) -> Callable[[Start], list[str]]:
    def command(start: Start) -> list[str]:
        prefix = [start.prefix] if start.prefix else []
        return [sys.executable, str(RUNNERS), name, str(start.port), *prefix]

    return command


def _gunicorn(*options: str) -> Callable[[Start], list[str]]:
    return lambda start: ["gunicorn", "wsgi:application", "--bind", start.at, *options]


def _waitress(start: Start) -> list[str]:
    prefix = ["--url-prefix", start.prefix] if start.prefix else []
    return ["waitress-serve", "--listen", start.at, *prefix, "wsgi:application"]


def _granian(start: Start) -> list[str]:
    command = ["granian", "--interface", "wsgi", "--host", HOST, "--port", str(start.port)]
    prefix = ["--url-path-prefix", start.prefix] if start.prefix else []
    return [*command, "--blocking-threads", "4", *prefix, "wsgi:application"]


def _uwsgi(start: Start) -> list[str]:
    command = ["uwsgi", "--http-socket", start.at, "--master", "--die-on-term", "--need-app"]
    command += ["--threads", "4", "--virtualenv", sys.prefix, "--disable-logging"]
    # Without it the connection is reset where an application has not read the whole body.
    command += ["--post-buffering", "65536"]
    if start.prefix:
        return [*command, "--manage-script-name", "--mount", f"{start.prefix}=wsgi.py"]
    return [*command, "--module", "wsgi:application"]


def _apache(start: Start) -> list[str]:
    conf = start.root / f"apache-{start.port}.conf"
    libraries = next(path for path in sys.path if path.endswith("site-packages"))
    text = APACHE.format(root=start.root, at=start.at, port=start.port, libraries=libraries)
    conf.write_text(text + f"WSGIScriptAlias {start.prefix or '/'} {start.root}/wsgi.py\n")
    return [_apache_program() or "apache2", "-D", "FOREGROUND", "-f", str(conf)]


# Without its last line, which says where the site is; docs/deployment.md shows what matters here.
APACHE = """
ServerRoot /usr/lib/apache2
ServerName localhost
Listen {at}
PidFile {root}/apache-{port}.pid
DefaultRuntimeDir {root}
ErrorLog {root}/apache.log
LoadModule mpm_event_module modules/mod_mpm_event.so
LoadModule authz_core_module modules/mod_authz_core.so
LoadModule wsgi_module modules/mod_wsgi.so
WSGISocketPrefix {root}/wsgi
WSGIDaemonProcess mysite processes=1 threads=8 home={root} python-path={root}:{libraries}
WSGIProcessGroup mysite
WSGIApplicationGroup %{{GLOBAL}}
WSGIChunkedRequest On
<Directory {root}>
  Require all granted
</Directory>
"""

SERVERS = [
    Server("wsgiref", _runner("wsgiref"), always=True),
    Server(
        "gunicorn sync",
        _gunicorn("--workers", "2"),
        "gunicorn",
        reads_chunked=True,
        always=True,
        prefix_variable=True,
    ),
    Server(
        "gunicorn gthread",
        _gunicorn("--workers", "1", "--threads", "8"),
        "gunicorn",
        reads_chunked=True,
        always=True,
        prefix_variable=True,
    ),
    Server("waitress", _waitress, "waitress", reads_chunked=True, always=True),
    Server("cheroot", _runner("cheroot"), "cheroot", reads_chunked=True),
    Server("granian", _granian, "granian", reads_chunked=True),
    Server("uWSGI", _uwsgi, "uwsgidecorators"),
    Server("Tornado", _runner("tornado"), "tornado"),
    Server("Twisted", _runner("twisted"), "twisted"),
    Server("Apache mod_wsgi", _apache, reads_chunked=True),
]


def why_not(server: Server) -> str | None:
    """Why a server can't be had here or is left out of this run; None where nothing is amiss."""
    if not server.always and not os.environ.get("MTVGEN_FULL"):
        return "runs with MTVGEN_FULL=1"
    if server.name.startswith("Apache"):
        return _why_no_apache()
    if server.package and not _is_installed(server.package):
        return 'not installed: pip install "mtvgen[servers]"'
    return None


def _is_installed(package: str) -> bool:
    # uWSGI is a program; the module beside it can be imported inside of it only.
    if package == "uwsgidecorators":
        return (BIN / "uwsgi").exists()
    return find_spec(package) is not None


def _why_no_apache() -> str | None:
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    if _apache_program() is None or not (APACHE_MODULES / "mod_wsgi.so").exists():
        return "not installed: apt-get install apache2 libapache2-mod-wsgi-py3"
    if not (APACHE_MODULES / f"mod_wsgi.so-{version}").exists():
        return f"Debian's mod_wsgi is not for Python {version}"
    user = ordinary_user()
    if user is not None:
        look = ["python3", "-c", "import mtvgen"]
        path = {"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"}
        ids = {"user": user.pw_uid, "group": user.pw_gid}
        if subprocess.run(look, env=path, capture_output=True, cwd="/", **ids).returncode:
            return f"{user.pw_name}, whom Apache runs as, may not read this checkout"
    return None


def _apache_program() -> str | None:
    return shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")


def ordinary_user() -> pwd.struct_passwd | None:
    """Whom servers run as that refuse to be root; None: we are an ordinary user already."""
    if os.geteuid() != 0:
        return None
    names = {user.pw_name: user for user in pwd.getpwall()}
    return names.get("www-data") or names["nobody"]


@contextmanager
def serve(server: Server, root: Path, prefix: str = "") -> Iterator[int]:
    """Run a server in front of a project; gives its port."""
    port = free_port()
    start = Start(root, port, prefix)
    environ = environment(root.parent)
    if server.prefix_variable and prefix:
        environ["SCRIPT_NAME"] = prefix
    with start_process(server.command(start), root, environ, _ids(server)) as process:
        wait_until_it_answers(process, port, root, f"{prefix}/")
        yield port


def _ids(server: Server) -> dict[str, int]:
    user = ordinary_user()
    if user is None or not server.name.startswith("Apache"):
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid}


@contextmanager
def start_process(
    command: list[str], root: Path, environ: dict[str, str], ids: dict[str, int] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A server's process, with a session of its own; nothing of it is left behind."""
    with (root / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **(ids or {}),
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)


def wait_until_it_answers(
    process: subprocess.Popen[bytes], port: int, root: Path, path: str = "/"
) -> None:
    """Wait for the first page.

    Raises:
        RuntimeError: The process has ended, or takes too long.
    """
    _wait(process, lambda: _answers(port, path), root)


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int, root: Path) -> None:
    """Wait until somebody takes connections, whatever they are for.

    Raises:
        RuntimeError: The process has ended, or takes too long.
    """
    _wait(process, lambda: _listens(port), root)


def _wait(process: subprocess.Popen[bytes], is_ready: Callable[[], bool], root: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            logs = "".join(log.read_text() for log in root.glob("*.log"))
            raise RuntimeError(f"{process.args} does not answer:\n{logs[-4000:]}")
        time.sleep(0.05)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=5).close()
    except OSError:
        return False
    return True


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])
