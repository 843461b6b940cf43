from __future__ import annotations

import mmap
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import click
import pytest

from mtvgen.commands.runserver import runserver as command
from mtvgen.errors import UsageError
from tests.devserver.running import SITE, runserver, session_of, until

MODES = [("0",), ("0", "--no-reload")]


@pytest.mark.parametrize("arguments", MODES, ids=["reloading", "single"])
def test_it_says_where_the_site_is_and_logs_each_request(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    with runserver(tmp_path / "mysite", *arguments) as server:
        assert server.get("/").status == 200
        server.wait_for_line(r"GET +/ ")  # a line is written when its answer is under way
        assert server.get("/nowhere").status == 404
        server.wait_for_line(r"GET +/nowhere")
        assert server.get("/static/style.css").status == 200
        assert server.get("/favicon.ico").status == 404
        line = server.wait_for_line(r"GET +/favicon")
        lines = server.terminal()[: line.end()].splitlines()

    assert lines[0] == "No .env here: using a temporary SECRET_KEY until Ctrl-C."
    assert lines[1] == f"mysite is at http://127.0.0.1:{server.port}/   (4 routes, debug)"
    assert lines[2].endswith("Ctrl-C stops.")
    assert lines[3] == ""
    assert lines[4][10:34] == "GET   /              200"
    assert lines[5][10:34] == "GET   /nowhere       404"
    assert not any("/static/" in line for line in lines)


@pytest.mark.parametrize("arguments", MODES, ids=["reloading", "single"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_ends_without_a_word(
    tmp_path: Path, arguments: tuple[str, ...], number: signal.Signals, code: int
) -> None:
    with runserver(tmp_path / "mysite", *arguments) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as half:
            half.sendall(b"GET / HTTP/1.1\r\nHo")
            before = server.terminal()
            assert server.end(number) == code
        assert server.terminal() == before
        assert session_of(server.process.pid) == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("mode", ["fork", "spawn", "restart", "--no-reload"])
def test_it_closes_what_it_has_opened(tmp_path: Path, mode: str) -> None:
    """Python in its development mode reports what a process has left open at its end."""
    arguments = ["0", mode] if mode.startswith("-") else ["0"]
    environ = {"PYTHONDEVMODE": "1", "MTVGEN_DEVSERVER": mode}
    with runserver(tmp_path / "mysite", *arguments, environ=environ) as server:
        server.wait_for("<h1>first</h1>")
        if not mode.startswith("-"):
            server.replace("views/home.py", "first", "second")
            server.wait_for("<h1>second</h1>")
        assert server.end(signal.SIGINT) == 130
        assert "ResourceWarning" not in server.terminal()


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes descriptors")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("mode", ["fork", "spawn", "restart", "--no-reload"])
def test_closed_streams_do_not_keep_it_from_serving(tmp_path: Path, mode: str, closed: str) -> None:
    root = tmp_path / "mysite"
    for path, text in SITE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    option = mode if mode.startswith("-") else ""
    process = subprocess.Popen(
        ["sh", "-c", f'exec "$0" -m mtvgen runserver {port} {option} {closed}', sys.executable],
        cwd=root,
        env={**os.environ, "MTVGEN_DEVSERVER": mode},
        start_new_session=True,
    )
    try:
        until(lambda: "<h1>first</h1>" in page(port))
        if not option:
            (root / "views/home.py").write_text(
                SITE["views/home.py"].replace("first", "printed") + "print('for nobody')\n",
                encoding="utf-8",
            )
            until(lambda: "<h1>printed</h1>" in page(port))
    finally:
        process.terminate()
        code = process.wait(20)

    assert code == 0
    assert session_of(process.pid) == []


def page(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
        return str(answer.read().decode())


def test_a_failed_view_shows_its_page_and_two_lines(tmp_path: Path) -> None:
    view = SITE["views/home.py"].replace("    return render", "    1 / 0\n    return render")
    with runserver(tmp_path / "mysite", site={**SITE, "views/home.py": view}) as server:
        assert "division by zero" in server.get("/").text
        server.wait_for_line(
            r"GET   /              500 +\d+ ms  ZeroDivisionError: division by zero\n"
            r"          views/home\.py:7 in index:  1 / 0\n"
        )


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    root.mkdir(exist_ok=True)
    return subprocess.run(
        [sys.executable, "-m", "mtvgen", "runserver", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


def test_outside_a_project_it_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: no project here: looked for urls.py and wsgi.py")
    assert done.stderr.count("\n") == 1


def test_a_bad_address_is_a_mistake_of_the_command_line(tmp_path: Path) -> None:
    done = run(tmp_path, "everywhere")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "Error: 'everywhere' is not a valid [HOST:]PORT: 8001, 0.0.0.0:8000, [::1]:8000. "
        "-> mtvgen runserver 8000\n"
    )


def test_a_port_in_use_names_another(tmp_path: Path) -> None:
    with runserver(tmp_path / "mysite") as server:
        done = run(server.root, str(server.port))

    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: port {server.port} is in use. -> mtvgen runserver ")


@pytest.mark.parametrize(
    ("typed", "cure"),
    [
        ("--port 8765", "8765"),
        ("--port=8765", "8765"),
        ("-p 8765", "8765"),
        ("--host 0.0.0.0", "0.0.0.0:8000"),
        ("--host 0.0.0.0 --port 8765", "0.0.0.0:8765"),
    ],
)
def test_the_options_of_other_servers_are_told_as_the_argument(typed: str, cure: str) -> None:
    with pytest.raises(UsageError, match=f"is an argument. -> mtvgen runserver {cure}$"):
        command.main(typed.split(), standalone_mode=False)


@pytest.mark.parametrize("typed", ["--port", "--debug"])
def test_other_options_are_refused_as_usual(typed: str) -> None:
    with pytest.raises(click.NoSuchOption):
        command.main([typed], standalone_mode=False)


def test_a_broken_project_without_reloading_is_the_users_traceback(tmp_path: Path) -> None:
    site = tmp_path / "mysite"
    for path, text in {**SITE, "views/home.py": "import nowhere\n"}.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text, encoding="utf-8")

    done = run(site, "0", "--no-reload")

    assert done.returncode == 1
    assert "Error: views/home.py:1: ModuleNotFoundError: No module named 'nowhere'" in done.stderr
    assert "mtvgen/project.py" not in done.stderr


def test_an_env_file_is_left_to_the_project(tmp_path: Path) -> None:
    with runserver(tmp_path / "mysite", site={**SITE, ".env": "SECRET_KEY=own\n"}) as server:
        assert "temporary SECRET_KEY" not in server.terminal()


def test_open_to_the_network_it_says_so_and_shows_no_error_pages(tmp_path: Path) -> None:
    site = {**SITE, "views/home.py": SITE["views/home.py"] + "\nprint(os.environ['ALLOWED_HOSTS'])"}
    with runserver(tmp_path / "mysite", "0.0.0.0:0", site=site) as server:
        server.wait_for_line("Open to your network. Error pages are shown on this machine only.")
        server.wait_for_line(rf"is at http://127\.0\.0\.1:{server.port}/")
        assert "No route for" in server.get("/nowhere").text
        assert "No route for" not in server.get("/nowhere", host="example.test").text
    assert socket.gethostname().lower() in server.terminal()


def test_ipv6(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    with (
        runserver(tmp_path / "mysite", "[::1]:0") as server,
        socket.create_connection(("::1", server.port)) as client,
    ):
        client.sendall(b"GET / HTTP/1.1\r\nHost: [::1]\r\nConnection: close\r\n\r\n")
        assert client.recv(15) == b"HTTP/1.1 200 OK"


def test_edits_can_be_polled_for(tmp_path: Path) -> None:
    with runserver(tmp_path / "mysite", "0", "--poll") as server:
        server.wait_for("<h1>first</h1>")
        view = server.root / "views/home.py"
        # An edit that nothing reports.
        with view.open("r+b") as file, mmap.mmap(file.fileno(), 0) as text:
            place = text.find(b"first")
            text[place : place + 5] = b"other"
        server.wait_for("<h1>other</h1>")

        assert "polling" not in server.terminal()


def test_one_process_does_not_poll(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UsageError, match="--no-reload ignores edits"):
        command.main(["--no-reload", "--poll"], standalone_mode=False)
