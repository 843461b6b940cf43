"""The programs of docs/tutorial/ do over a real socket what their pages say."""

from __future__ import annotations

import os
import re
import shutil
import socket
import struct
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.support import live_site
from tests.support.live_site import address_of, environment, get, make_project
from tests.support.pages import examples
from tests.tools.source_lines import corrected, line_of

ROOT = Path(__file__).resolve().parents[2]
TUTORIAL = ROOT / "docs" / "tutorial"
STEPS = TUTORIAL / "steps"
TRANSLATED = ROOT / "docs" / "zh" / "tutorial"
SHOWN = sorted([*TUTORIAL.glob("[1-5]*.md"), *TRANSLATED.glob("[1-5]*.md")])


@contextmanager
def running(program: str | Path, port: str = "0"):
    """A program of the tutorial, as a reader starts it, on a free port; gives its address."""
    process = subprocess.Popen(
        [sys.executable, STEPS / program],
        env=os.environ | {"PORT": port, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield address_of(process)
    finally:
        process.terminate()
        process.communicate(timeout=10)


def call(address: str) -> socket.socket:
    """A connection to a running program."""
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def ask(address: str, *pieces: bytes) -> bytes:
    """Everything that is answered to these bytes, sent piece by piece."""
    with call(address) as connection:
        for piece in pieces:
            connection.sendall(piece)
        return b"".join(iter(lambda: connection.recv(4096), b""))


# Step 1


def test_the_first_program_answers_on_port_1234():
    text = (STEPS / "step1" / "hello.py").read_text()
    assert 'PORT = int(os.environ.get("PORT", "1234"))' in text
    with running("step1/hello.py") as address:
        assert ask(address, b"GET / HTTP/1.1\r\n\r\n") == b"HTTP/1.1 200 OK\r\n\r\nHello, Morra!"


def test_who_is_silent_stops_the_first_program():
    with running("step1/hello.py") as address, call(address) as silent, call(address) as other:
        other.sendall(b"GET / HTTP/1.1\r\n\r\n")
        other.settimeout(0.1)
        with pytest.raises(TimeoutError):
            other.recv(4096)
        silent.close()
        other.settimeout(10)
        assert other.recv(4096).endswith(b"Hello, Morra!")


@pytest.fixture(scope="module")
def server():
    with running("step1/server.py") as address:
        yield address


def test_a_request_may_come_in_pieces(server):
    answer = ask(server, b"GET / HT", b"TP/1.1\r\nHost: x\r", b"\n\r", b"\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nContent-Length: 13\r\n" in head
    assert body == b"Hello, Morra!"


def test_who_is_silent_keeps_nobody_waiting(server):
    with call(server):
        assert get(server) == (200, "Hello, Morra!")


def test_an_answer_to_head_has_no_body(server):
    answer = ask(server, b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"Content-Length: 13\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n" + b"x" * 9999, b"405"),
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.0\r\n\r\n", b"200"),
        (b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost : x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"\xff\x00\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 100_000, b"431"),
    ],
)
def test_what_is_no_plain_request_gets_its_status(server, sent, status):
    assert ask(server, sent).split(b" ")[1] == status


def test_a_connection_that_is_cut_does_not_end_the_program(server):
    with call(server) as connection:
        cut_on_close = struct.pack("ii", 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, cut_on_close)
        connection.sendall(b"GET / HT")
    assert get(server) == (200, "Hello, Morra!")


def test_a_request_that_breaks_off_is_answered_as_one(server):
    with call(server) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHo")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(4096).startswith(b"HTTP/1.1 400 Bad Request\r\n")


# Step 2


@pytest.mark.parametrize("program", ["step2/web.py", "step2/server.py"])
def test_the_same_application_runs_on_wsgiref_and_on_our_own_server(program):
    with running(program) as address:
        assert get(address) == (200, "<h1>Hello, web!</h1>")


def test_a_spare_connection_does_not_end_our_own_server():
    with running("step2/server.py") as address:
        call(address).close()
        assert get(address) == (200, "<h1>Hello, web!</h1>")


def test_a_length_that_the_application_gives_is_not_sent_twice(tmp_path):
    shutil.copy(STEPS / "step2" / "server.py", tmp_path)
    (tmp_path / "web.py").write_text(
        "def application(environ, start_response):\n"
        "    start_response('200 OK', [('content-length', '2')])\n"
        "    return [b'Hi']\n"
    )
    with running(tmp_path / "server.py") as address:
        answer = ask(address, b"GET / HTTP/1.1\r\n\r\n")

    assert answer.lower().count(b"content-length: 2\r\n") == 1
    assert answer.lower().count(b"content-length") == 1


# Step 3


@pytest.mark.parametrize(
    ("program", "pages"),
    [
        (
            "step3/table.py",
            {
                "/index": (200, "<h1>Index</h1>"),
                "/morra": (200, "<h1>Hello, Morra!</h1>"),
                "/": (404, "<h1>There is nothing here</h1>"),
            },
        ),
        (
            "step3/parameters.py",
            {
                "/hello/孙悟空": (200, "<h1>Hello, 孙悟空!</h1>"),
                "/add/1/2": (200, "<h1>3</h1>"),
                "/add/1/-2": (404, "<h1>There is nothing here</h1>"),
                f"/add/1/{'9' * 5000}": (404, "<h1>There is nothing here</h1>"),
            },
        ),
    ],
)
def test_an_address_leads_to_its_function(program, pages):
    with running(program) as address:
        assert {path: get(f"{address}{path}") for path in pages} == pages


def test_another_method_is_405_with_those_that_would_do():
    with running("step3/parameters.py") as address:
        answer = ask(address, b"DELETE /index HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 405 " in answer
    assert b"\r\nAllow: GET\r\n" in answer


# Step 4

SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize(("program", "runs"), [("step4/unsafe.py", True), ("step4/web.py", False)])
def test_a_script_in_a_name_runs_only_without_escaping(program, runs):
    with running(program) as address:
        _, page = get(f"{address}/?name={SCRIPT}")
    assert (SCRIPT in page) is runs
    assert ("<h1>&lt;script&gt;alert(1)&lt;/script&gt;</h1>" in page) is not runs


# Step 5


def test_everything_in_one_file():
    with running("step5/one_file.py") as address:
        assert "<p>孙悟空, 500</p>" in get(f"{address}/people")[1]


@pytest.mark.parametrize("program", ["step5/mtv/wsgi.py", "step5/mvc/wsgi.py"])
def test_mtv_and_mvc_are_two_divisions_of_the_same_page(program):
    with running(program) as address:
        status, page = get(f"{address}/people")
        assert status == 200
        assert '<a href="/people/%E5%AD%99%E6%82%9F%E7%A9%BA">孙悟空</a>' in page
        status, page = get(f"{address}/people/孙悟空")
        assert status == 200
        assert re.search(r"<h1>孙悟空</h1>\n<p>500 years old. It is [\d-]{10} [\d:]{5}.</p>", page)
        assert get(f"{address}/people/nobody")[0] == 404


def test_models_and_html_are_the_same_files_whatever_the_directories_are_called():
    mtv, mvc = STEPS / "step5" / "mtv", STEPS / "step5" / "mvc"
    assert _texts(mtv / "models") == _texts(mvc / "models")
    assert _texts(mtv / "templates") == _texts(mvc / "views")


def _texts(directory):
    files = [file for file in directory.rglob("*") if file.suffix in {".py", ".html"}]
    return {str(file.relative_to(directory)): file.read_text() for file in files}


# Step 6


def test_the_site_of_the_last_step_is_served_as_its_page_says(tmp_path):
    page = examples(TUTORIAL / "6-mtvgen.md")
    project = make_project(tmp_path)
    for step in page:  # of a file that is written twice, the last
        if step.file:
            (project / step.file).parent.mkdir(exist_ok=True)
            (project / step.file).write_text(step.text)
    migration = ["mtvgen", "makemigrations", "-m", "people"]
    subprocess.run(migration, cwd=project, env=environment(tmp_path), check=True)
    [production] = [step.text for step in page if "gunicorn wsgi:application" in step.text]
    command = production.replace("127.0.0.1:8000", "127.0.0.1:0").replace(
        "gunicorn ", "exec gunicorn "
    )
    with live_site.running(project, "bash", "-euc", command) as address:
        asked = Request(f"{address}/people", headers={"Host": "www.example.com"})
        with urlopen(asked, timeout=10) as answer:
            assert "<h1>People</h1>" in answer.read().decode()


# What the pages show


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("page", SHOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_session_of_a_page_says_what_the_page_says(page):
    """`python PROGRAM` starts a program of the page, each `curl ...` behind it asks it."""
    typed = [step for step in examples(page) if step.language == "sh" and step.output]
    starts = [step for step in typed if step.text.startswith("python steps/")]
    assert starts, "no program is started"
    assert typed[0] is starts[0], f"{page.name}:{typed[0].line} asks no program"
    for start, end in zip(starts, [*starts[1:], None], strict=True):
        asked = typed[typed.index(start) + 1 : end and typed.index(end)]
        assert start.output == "http://127.0.0.1:1234/\n"
        with running(start.text.split("/", 1)[1].strip()) as address:
            for step in asked:
                said = subprocess.run(
                    step.text.replace("http://127.0.0.1:1234", address),
                    shell=True,
                    capture_output=True,
                    text=True,
                ).stdout
                assert _fits(said, step.output), f"{page.name}:{step.line}\n{said}"


def _fits(said, expected):
    """Whether it is what the page shows; `...` stands for anything."""
    pattern = re.escape(expected.strip()).replace(r"\.\.\.", "[^|]*?")
    return re.fullmatch(pattern, said.replace("\r\n", "\n").strip()) is not None


@pytest.mark.parametrize("page", sorted(TUTORIAL.glob("[1-5]*.md")), ids=lambda page: page.stem)
def test_every_program_of_a_step_is_on_its_page(page):
    shown = {step.file for step in examples(page)}
    programs = (STEPS / f"step{page.stem[0]}").rglob("*.py")
    kept = {str(program.relative_to(TUTORIAL)) for program in programs}
    # That one is a copy; a test above holds it equal.
    assert kept - shown <= {"steps/step5/mvc/models/people.py"}


# References to the source


@pytest.mark.parametrize(
    "page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: str(page.relative_to(ROOT))
)
def test_a_reference_to_a_line_names_what_stands_there(page):
    _, wrong = corrected(page.read_text(encoding="utf-8"))
    assert wrong == [], "lines have moved: python tests/tools/source_lines.py --write docs/"


def test_a_reference_is_put_right_where_the_line_has_moved():
    line = line_of(ROOT / "mtvgen" / "runtime" / "routing" / "router.py", "Router.find")
    text, wrong = corrected("See `mtvgen/runtime/routing/router.py:1` (`Router.find`).")
    assert text == f"See `mtvgen/runtime/routing/router.py:{line}` (`Router.find`)."
    assert wrong == [f"mtvgen/runtime/routing/router.py:1: Router.find is in line {line}"]


@pytest.mark.parametrize(
    "reference",
    ["`mtvgen/runtime/routing/router.py:1` (`Router.lost`)", "`mtvgen/nowhere.py:1` (`Router`)"],
)
def test_a_reference_to_what_is_not_there_is_found(reference):
    text, [problem] = corrected(reference)
    assert text == reference
    assert "there is no" in problem
