"""A real server, edited as people edit, and broken as programs break."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.devserver.running import (
    SITE,
    Page,
    Running,
    hang_until_released,
    runserver,
    session_of,
    until,
)
from tests.support.wire import read_one

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")

VIEW = SITE["views/home.py"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with runserver(tmp_path_factory.mktemp("site") / "mysite") as running:
        yield running


@pytest.fixture
def server(shared: Running) -> Running:
    """The shared server, with its project as it was."""
    for path, text in SITE.items():
        if not (shared.root / path).exists() or (shared.root / path).read_bytes() != text.encode():
            shared.write(path, text)
    shared.wait_for("<h1>first</h1>")
    time.sleep(0.1)  # the last reload may still be under way
    return shared


def test_an_edited_view_is_served_and_told(server: Running) -> None:
    server.replace("views/home.py", "first", "second")

    server.wait_for("<h1>second</h1>")
    server.wait_for_line(r"\d\d:\d\d:\d\d  reloaded views/home\.py in \d+\.\d\d s\n")


def test_an_edited_template_is_served_by_the_same_process(server: Running) -> None:
    worker = server.worker()
    server.replace("templates/home.html", "<h1>", "<h1>new ")

    server.wait_for("<h1>new first</h1>")
    assert server.worker() == worker


BREAKAGES: dict[str, tuple[str | bytes, str]] = {
    "syntax error": (VIEW + "def (", "SyntaxError"),
    "exception": (VIEW + "1 / 0\n", "ZeroDivisionError"),
    "unknown import": (VIEW + "import nowhere\n", "No module named"),
    "SystemExit": (VIEW + "raise SystemExit(3)\n", "SystemExit"),
    "sys.exit": (VIEW + "import sys; sys.exit('bye')\n", "SystemExit"),
    "KeyboardInterrupt": (VIEW + "raise KeyboardInterrupt\n", "KeyboardInterrupt"),
    "NUL bytes": (VIEW.encode() + b"\0", "null bytes"),
    "bad UTF-8": (VIEW.encode() + b"WORD = '\xff'\n", "codec"),
    "empty": ("", "no attribute"),
    "endless recursion": (VIEW + "def f(): f()\nf()\n", "RecursionError"),
    "os._exit": (VIEW + "os._exit(3)\n", "exited with 3"),
    "abort": (VIEW + "os.abort()\n", "SIGABRT"),
    "kill": (VIEW + "os.kill(os.getpid(), 9)\n", "SIGKILL"),
}


@pytest.mark.parametrize(("source", "message"), BREAKAGES.values(), ids=BREAKAGES.keys())
def test_a_broken_project_is_served_as_its_error_until_it_is_mended(
    server: Running, source: str | bytes, message: str
) -> None:
    server.write("views/home.py", source)
    server.wait_for(message, status=500)

    server.write("views/home.py", VIEW)
    server.wait_for("first")


def test_a_deleted_module_is_told_and_its_return_noticed(server: Running) -> None:
    (server.root / "views/home.py").unlink()
    server.wait_for("home", status=500)

    server.write("views/home.py", VIEW)
    server.wait_for("first")


def test_a_renamed_project_is_told_and_its_return_noticed(server: Running) -> None:
    server.wait_for("first")
    away = server.root.rename(server.root.with_name("renamed"))
    page = server.wait_for("directory is gone", status=500)
    assert f"It was {server.root}." in page.text
    server.wait_for_line(r"directory is gone\..*\nWaiting for the directory to come back\.\n")
    assert "pip install" not in page.text
    time.sleep(1)  # the checks begin when it is quiet, and find no directory either
    assert "importing the project ended" not in server.terminal()
    (away / "urls.py").write_text(SITE["urls.py"] + "# saved there\n", encoding="utf-8")
    assert server.get().status == 500

    away.rename(server.root)
    server.wait_for("first")
    assert "warning" not in server.terminal()
    assert server.terminal().count("temporary SECRET_KEY") <= 1


def test_a_module_of_the_project_is_no_package_to_install(server: Running) -> None:
    (server.root / "wsgi.py").rename(server.root / "x.py")

    page = server.wait_for("is it still in the project", status=500)
    assert "pip install" not in page.text


def test_a_misspelled_view_is_suggested_on_the_page_and_in_the_terminal(server: Running) -> None:
    server.replace("urls.py", "home.index", "home.indx")

    page = server.wait_for("Did you mean", status=500)
    heading, hint = page.text.split('class="hint"')
    assert "has no attribute &#39;indx&#39;." in heading
    assert re.search(r"<p>Did you mean:? &#39;index&#39;\?</p>", hint)
    server.wait_for_line(r"urls\.py:4: AttributeError: .*'indx'\. Did you mean 'index'\?")


def test_a_deleted_env_file_is_made_up_for_with_one_key(tmp_path: Path) -> None:
    view = VIEW.replace("return str(os.getpid())", "return os.environ.get('SECRET_KEY', 'none')")
    site = {**SITE, "views/home.py": view, ".env": "GREETING=Hi\n"}
    with runserver(tmp_path / "mysite", site=site, environ={"SECRET_KEY": ""}) as server:
        server.wait_for("none", "/pid")
        (server.root / ".env").unlink()
        server.wait_for_line("using a temporary SECRET_KEY until Ctrl-C")
        until(lambda: server.get("/pid").text != "none")
        key = server.get("/pid").text
        server.replace("views/home.py", "first", "second")
        server.wait_for("second")
        assert server.get("/pid").text == key
        assert server.terminal().count("temporary SECRET_KEY") == 1

        server.write(".env", "GREETING=Hi\n")
        server.wait_for("none", "/pid")


def test_the_terminal_shows_where_a_syntax_error_is(server: Running) -> None:
    server.write("views/home.py", VIEW + "def broken(:\n")

    server.wait_for_line(
        r"views/home\.py:13: SyntaxError: .*\n +def broken\(:\n +\^\n*"
        r"Waiting for you to save a fix\."
    )


def test_a_broken_urls_is_shown_with_the_sentence_of_the_runtime(server: Running) -> None:
    server.replace("urls.py", '"/slow"', '"slow"')
    page = server.wait_for("urls.py:4", status=500)

    assert "Caused by" not in page.text
    assert "<code>urls.py:4</code>" in first_place(page)
    assert "<small>The project can&#39;t be loaded</small>" in page.text
    assert "urlpatterns = [" in page.text.partition('class="failed"')[2]
    assert server.terminal().count("'slow'") == 1
    server.wait_for_line("500 .* the project can't be loaded; the error is above")


def first_place(page: Page) -> str:
    """Where the error page says that it happened."""
    return page.text.partition('<p class="place">')[2].partition("</p>")[0]


def test_several_mistakes_of_urls_are_shown_with_their_lines(server: Running) -> None:
    urls = SITE["urls.py"].replace(", path(", ",\n    path(")
    server.write("urls.py", urls.replace('"/slow"', '"slow"').replace('"/pid"', '"/<itn:id>"'))
    page = server.wait_for("no converter", status=500)

    assert "<code>urls.py:5</code>" in first_place(page)
    assert "<h2>The other places</h2>" in page.text
    assert "<summary><code>urls.py:6</code></summary>" in page.text


def test_the_page_shows_where_a_syntax_error_is(server: Running) -> None:
    server.write("views/home.py", VIEW + "def broken(:\n")

    page = server.wait_for("SyntaxError", status=500)
    assert "<td>def broken(<mark>:</mark></td></tr>" in page.text


def test_a_file_in_a_new_directory_is_heard(server: Running) -> None:
    server.write("blog/deep/words.py", 'WORD = "deep"\n')
    time.sleep(0.3)  # so that the edit below is not what makes the directory known
    server.replace("views/home.py", 'WORD = "first"', "from blog.deep.words import WORD")
    server.wait_for("deep")
    server.write("blog/deep/words.py", 'WORD = "deeper"\n')
    server.wait_for("deeper")
    shutil.rmtree(server.root / "blog")
    server.wait_for("No module named", status=500)


def test_an_atomic_save_is_heard(server: Running) -> None:
    temporary = server.root / "views/.home.py.tmp"
    temporary.write_text(VIEW.replace("first", "atomic"), encoding="utf-8")
    temporary.replace(server.root / "views/home.py")

    server.wait_for("atomic")


def test_a_linked_directory_is_watched(server: Running, tmp_path: Path) -> None:
    (tmp_path / "words.py").write_text('WORD = "linked"\n', encoding="utf-8")
    link = server.root / "linked"
    link.symlink_to(tmp_path)
    try:
        time.sleep(0.3)
        server.replace("views/home.py", 'WORD = "first"', "from linked.words import WORD")
        server.wait_for("linked")
        (tmp_path / "words.py").write_text('WORD = "followed"\n', encoding="utf-8")
        server.wait_for("followed")
    finally:
        link.unlink()


def test_hundreds_of_files_at_once_are_few_reloads(server: Running) -> None:
    before = server.terminal().count("reloaded")
    for number in range(300):
        server.write(f"many/part{number}.py", f"NUMBER = {number}\n")
    server.replace("views/home.py", "first", "after many")
    server.wait_for("after many")

    assert server.terminal().count("reloaded") - before <= 300 / 10
    shutil.rmtree(server.root / "many")


def test_quick_edits_of_the_same_size_are_all_seen(server: Running) -> None:
    for number in range(10, 30):
        server.write("views/home.py", VIEW.replace("first", f"no-{number}"))
        server.wait_for(f"no-{number}")


def test_tests_and_notes_cause_no_reload(server: Running) -> None:
    worker = server.worker()
    server.write("tests/test_site.py", "def test(): pass\n")
    server.write("notes.txt", "nothing")
    server.write(".venv/lib/module.py", "x = 1\n")
    time.sleep(0.5)

    assert server.worker() == worker


def test_an_idle_connection_lives_through_a_reload(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        ask = b"GET /pid HTTP/1.1\r\nHost: localhost\r\n\r\n"
        client.sendall(ask)
        before = read_one(client).body
        server.replace("views/home.py", "first", "handed over")
        server.wait_for("handed over")
        client.sendall(ask)
        after = read_one(client).body

    assert before != after
    assert after == str(server.worker()).encode()


def test_a_request_in_hand_is_answered_by_who_began_it(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(b"GET /slow?seconds=1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.2)
        server.replace("views/home.py", "first", "second")
        server.wait_for("second")
        assert read_one(client).body == b"first"
        client.sendall(b"GET /slow?seconds=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert read_one(client).body == b"second"


def test_a_killed_worker_is_replaced(server: Running) -> None:
    worker = server.worker()
    os.kill(worker, signal.SIGKILL)

    until(lambda: server.worker() != worker)
    server.wait_for_line("was ended by SIGKILL; another one takes over")


def test_a_killed_fork_server_is_replaced(server: Running) -> None:
    for word in ("second", "third"):  # the first is a fork, the next one is executed
        worker = server.worker()
        os.kill(parent_of(worker), signal.SIGKILL)

        until(lambda worker=worker: server.worker() != worker)  # type: ignore[misc]
        server.write("views/home.py", VIEW.replace("first", word))
        server.wait_for(word)


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def stream(server: Running) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    client.sendall(b"GET /__mtvgen__/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return client


def read_until(client: socket.socket, text: bytes) -> bytes:
    received = b""
    while text not in received:
        data = client.recv(1024)
        assert data, received
        received += data
    return received


def generation(page: str) -> bytes:
    found = re.search(r"live\.js\?(\d+)", page)
    assert found
    return found[1].encode()


def test_a_stream_greets_and_tells_of_every_change(server: Running) -> None:
    with stream(server) as client:
        page = server.get()
        assert b"data: " + generation(page.text) in read_until(client, b"event: hello")
        server.replace("views/home.py", "first", "second")
        read_until(client, b"event: reload")
        server.replace("templates/home.html", "<h1>", "<h1>new ")
        read_until(client, b"event: reload")
        server.write("static/style.css", "h1 { color: red }")
        told = read_until(client, b"event: style\ndata: ")
        _, _, number = told.partition(b"style\ndata: ")
        if not number.endswith(b"\n"):
            number += read_until(client, b"\n")
    assert b"reload" not in told
    assert number.strip() == generation(server.get().text)
    assert int(generation(server.get().text)) > int(generation(page.text))


def test_the_script_stands_in_whole_pages_only(server: Running) -> None:
    page = server.get()
    assert int(page.headers["Content-Length"]) == len(page.text.encode())
    assert page.text.count("<script") == 1
    assert page.text.index("</h1>") < page.text.index("<script") < page.text.index("</body>")
    assert "<script" not in server.get("/pid").text
    assert "EventSource" in server.get("/__mtvgen__/live.js").text


def test_a_hanging_import_is_told_and_heals_by_itself(server: Running) -> None:
    hang_until_released(server)


def test_it_begins_with_a_broken_project(tmp_path: Path) -> None:
    site = {**SITE, "views/home.py": "def (\n"}
    with runserver(tmp_path / "mysite", site=site) as server:
        server.wait_for("SyntaxError", status=500)
        server.write("views/home.py", VIEW)
        server.wait_for("first")


def test_nothing_is_written_into_a_project_which_may_be_read_only(tmp_path: Path) -> None:
    root = tmp_path / "mysite"
    for path, text in SITE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    places = [root, *(place for place in root.rglob("*") if place.is_dir())]
    for place in places:
        place.chmod(0o555)
    try:
        with runserver(root, site={}, environ={"PYTHONDONTWRITEBYTECODE": ""}) as server:
            server.wait_for("first")
            server.replace("views/home.py", "first", "second")
            server.wait_for("second")
    finally:
        for place in places:
            place.chmod(0o755)
    assert not list(root.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0), (signal.SIGHUP, 0)]
)
def test_a_signal_ends_all_of_it_whatever_is_open(
    tmp_path: Path, number: signal.Signals, code: int
) -> None:
    with runserver(tmp_path / "mysite") as server:
        server.wait_for("first")
        with (
            stream(server) as events,
            socket.create_connection(("127.0.0.1", server.port)) as half,
            socket.create_connection(("127.0.0.1", server.port)) as slow,
        ):
            read_until(events, b"hello")
            half.sendall(b"GET / HT")
            slow.sendall(b"GET /slow?seconds=30 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            time.sleep(0.2)
            os.killpg(server.process.pid, number)  # as a terminal does
            assert server.process.wait(20) == code
    assert session_of(server.process.pid) == []
    assert "Traceback" not in server.terminal()
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", server.port))


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, and a fork at the start")
def test_the_first_page_waits_for_one_interpreter_only(tmp_path: Path) -> None:
    with runserver(tmp_path / "mysite") as server:
        command = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
        fork_server = parent_of(server.worker())

        assert fork_server != server.process.pid
        assert Path(f"/proc/{fork_server}/cmdline").read_bytes() == command


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is Linux's")
def test_a_killed_supervisor_leaves_nothing(tmp_path: Path) -> None:
    with runserver(tmp_path / "mysite") as server:
        server.wait_for("first")
        server.process.kill()
        server.process.wait()
        until(lambda: session_of(server.process.pid) == [])


def test_what_the_checks_find_is_a_warning_that_is_told_once(server: Running) -> None:
    server.write("templates/wrong.html", "{{ url_for('nowhere') }}")
    server.replace("views/home.py", '"home.html"', '"wrong.html"')
    server.wait_for_line(r"\nwarning: templates/wrong\.html:1:\d+: .*nowhere")
    server.write("templates/other.html", "other")
    server.wait_for("nowhere", status=500)
    time.sleep(3)

    assert len(re.findall(r"\nwarning: templates/wrong\.html:1:\d+: ", server.terminal())) == 1


def test_what_keeps_the_project_from_loading_is_no_warning_too(server: Running) -> None:
    server.write("views/apart.py", "def (\n")
    server.replace("urls.py", "urlpatterns", "routes")
    server.wait_for_line(r"\nurls\.py: found 'routes' but no 'urlpatterns'")
    server.wait_for_line(r"\nwarning: views/apart\.py:1:\d+: ")

    assert server.terminal().count("found 'routes'") == 1


def test_the_error_page_shows_what_the_checks_find_in_its_files(server: Running) -> None:
    server.write("templates/wrong.html", "{{ url_for('nowhere') }}\n{{ static('no.css') }}")
    server.write("templates/apart.html", "{{ url_for('elsewhere') }}")
    server.replace("views/home.py", '"home.html"', '"wrong.html"')
    server.wait_for_line(r"\nwarning: templates/wrong\.html:2:\d+: .*no\.css")

    found = server.get().text.partition("mtvgen check</code> finds here")[2]
    assert "templates/wrong.html:2:12: static(" in found
    assert "elsewhere" not in found


# Python code can't be interrupted while this is computed: the lock is held throughout.
HOLD_THE_LOCK = "import re; re.match('(a+)+$', 'a' * 50 + 'b')\n"


def test_an_import_that_lets_no_thread_run_is_ended(server: Running) -> None:
    server.write("views/home.py", VIEW + HOLD_THE_LOCK)
    server.wait_for("was ended by SIGABRT while importing", status=500)
    assert "home.py" in server.terminal().partition("Fatal Python error: Aborted")[2]

    server.write("views/home.py", VIEW)
    server.wait_for("first")


def test_a_view_that_lets_no_thread_run_does_not_hold_up_an_edit(server: Running) -> None:
    held = VIEW.replace("def pid(request):", f"def pid(request):\n    {HOLD_THE_LOCK}")
    server.write("views/home.py", held.replace("first", "holding"))
    server.wait_for("holding")
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        client.sendall(b"GET /pid HTTP/1.1\r\nHost: localhost\r\n\r\n")
        time.sleep(0.2)
        server.write("views/home.py", VIEW)
        server.wait_for("first")


def test_a_linked_file_and_a_linked_directory_are_served_and_followed(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    site = {path: text for path, text in SITE.items() if path != "urls.py"}
    (shared / "views").mkdir(parents=True)
    (shared / "urls.py").write_text(SITE["urls.py"], encoding="utf-8")
    (shared / "views/home.py").write_text(VIEW, encoding="utf-8")
    del site["views/home.py"], site["views/__init__.py"]
    root = tmp_path / "mysite"
    root.mkdir()
    (root / "views").symlink_to(shared / "views")
    (root / "urls.py").symlink_to(shared / "urls.py")
    with runserver(root, site=site) as server:
        server.wait_for("<h1>first</h1>")
        (shared / "views/home.py").write_text(VIEW.replace("first", "second"), encoding="utf-8")
        server.wait_for("<h1>second</h1>")
        more = SITE["urls.py"] + 'urlpatterns.append(path("/more", home.index, name="more"))\n'
        (shared / "urls.py").write_text(more, encoding="utf-8")
        server.wait_for("<h1>second</h1>", "/more")


def test_a_foreign_module_of_the_projects_name_is_named(tmp_path: Path) -> None:
    foreign = tmp_path / "elsewhere/models.py"
    foreign.parent.mkdir()
    foreign.write_text("", encoding="utf-8")
    site = {**SITE, "urls.py": "import models\n" + SITE["urls.py"]}
    with runserver(
        tmp_path / "mysite", site=site, environ={"PYTHONPATH": str(foreign.parent)}
    ) as server:
        page = server.get(accept="text/plain")

    assert page.status == 500
    assert f"the module 'models' came from {foreign}" in page.text
    assert f"the module 'models' came from {foreign}" in server.terminal()
