from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from mtvgen.devserver.terminal.log_handler import show_log_in
from mtvgen.devserver.terminal.terminal import Terminal, request_line
from mtvgen.runtime import NotFound
from mtvgen.runtime import path as route_to
from tests.support.terminals import on_a_terminal


@pytest.mark.parametrize(
    ("method", "path", "status", "seconds", "note", "line"),
    [
        ("GET", "/", "200", 0.003, "", "GET   /              200   3 ms"),
        ("POST", "/notes", "500", 0.0083, "why", "POST  /notes         500   8 ms  why"),
        ("GET", "/nots", "404", 0.0005, "did you mean /notes ?",
         "GET   /nots          404   0 ms  did you mean /notes ?"),
        ("DELETE", "/a/long/path/to/see", "204", 1.5, "",
         "DELETE  /a/long/path/to/see 204 1500 ms"),
        ("DELETE", "/notes/7", "303", 0.003, "", "DELETE  /notes/7     303   3 ms"),
        ("GET", "/é".encode().decode("latin-1"), "200", 0, "",
         "GET   /é             200   0 ms"),
        ("GET", "/a\x1b[2J\r\nb", "200", 0, "", "GET   /a\\x1b[2J\\r\\nb 200   0 ms"),
        ("GET", "/中文/页".encode().decode("latin-1"), "200", 0, "",
         "GET   /中文/页       200   0 ms"),
        ("GET", "/\xff", "200", 0, "", "GET   /\\xff          200   0 ms"),
        ("GET", "/", "500", 0, "two\nlines", "GET   /              500   0 ms  two\\nlines"),
    ],
)  # fmt: skip
def test_one_line_a_request(
    method: str, path: str, status: str, seconds: float, note: str, line: str
) -> None:
    assert request_line(method, path, status, seconds, note) == line


def tell(
    root: Path, status: int, seconds: float, error: Exception | None = None, **environ: object
) -> None:
    terminal = Terminal(root)
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/notes", **environ}
    terminal.answered(environ, status, seconds, error)
    terminal.flush()


def test_a_failed_request_has_two_lines(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "views.py").write_text("def create():\n    return 1 / 0\n", encoding="utf-8")
    scope: dict[str, object] = {}
    source = compile((tmp_path / "views.py").read_text(), str(tmp_path / "views.py"), "exec")
    exec(source, scope)
    try:
        scope["create"]()  # type: ignore[operator]
    except ZeroDivisionError as error:
        tell(tmp_path, 500, 0.008, error)

    first, second = capfd.readouterr().out.splitlines()
    assert first[10:] == "GET   /notes         500   8 ms  ZeroDivisionError: division by zero"
    assert second == "          views.py:2 in create:  return 1 / 0"


def test_what_a_view_raised_to_answer_has_its_place(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "views.py"
    file.write_text("def detail(error):\n    raise error\n", encoding="utf-8")
    scope: dict[str, object] = {}
    exec(compile(file.read_text(), str(file), "exec"), scope)
    with pytest.raises(NotFound) as raised:
        scope["detail"](NotFound())  # type: ignore[operator]
    tell(tmp_path, 404, 0.001, **{"mtvgen.answered": raised.value})

    first, second = capfd.readouterr().out.splitlines()
    assert first[10:] == "GET   /notes         404   1 ms"
    assert second == "          views.py:2  raise NotFound"


def test_causes_and_members_of_a_group_have_a_line_each(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cause = KeyError("missing")
    group = ExceptionGroup("both", [ValueError("first"), RuntimeError("second")])
    group.__cause__ = cause
    tell(tmp_path, 500, 0.001, group)

    lines = [line.strip() for line in capfd.readouterr().out.splitlines()[1:]]
    assert lines == [
        "1 of 2  ValueError: first",
        "2 of 2  RuntimeError: second",
        "caused by  KeyError: 'missing'",
    ]


def index(request: object) -> None:
    """A view, for its place."""


@pytest.mark.parametrize("has_place", [False, True])
def test_an_error_after_the_view_has_the_view_as_its_place(
    has_place: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    root = Path(__file__).parent
    place = f"test_terminal.py:{index.__code__.co_firstlineno}"
    error = TypeError(f"index returned None ({place})" if has_place else "no")
    tell(root, 500, 0.008, error, **{"mtvgen.route": route_to("/", index)})

    second = capfd.readouterr().out.splitlines()[1:]
    assert second == ([] if has_place else [f"          {place} in index (after it returned)"])


def test_the_error_of_a_broken_project_is_not_told_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tell(tmp_path, 500, 0.001, SyntaxError("one\ntwo"), **{"mtvgen.broken": True})

    (line,) = capfd.readouterr().out.splitlines()
    assert line.endswith("500   1 ms  the project can't be loaded; the error is above")


@pytest.mark.parametrize(
    ("path", "status", "lines"),
    [("/static/a.css", 200, 0), ("/static/a.css", 404, 1), ("/__mtvgen__/live.js", 200, 0)],
)
def test_static_files_and_live_reload_are_worth_a_line_when_they_fail(
    path: str, status: int, lines: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tell(tmp_path, status, 0.001, PATH_INFO=path)

    assert len(capfd.readouterr().out.splitlines()) == lines


def test_no_colour_in_a_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(tmp_path)
    terminal.refused(400, "the request line is too long")
    terminal.flush()

    assert capfd.readouterr().out[10:] == "400   the request line is too long\n"


@pytest.mark.parametrize(
    ("record", "extra", "line"),
    [
        (
            "GET /: 500.html: KeyError",
            {"page": "500.html"},
            "templates/500.html fails too: KeyError: 'b'",
        ),
        ("after the commit", {}, "error: after the commit: KeyError: 'b'"),
    ],
)
def test_what_failed_besides_is_below_the_request_and_says_what_it_is(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], record: str, extra: dict[str, str], line: str
) -> None:
    terminal, shown = Terminal(tmp_path), ValueError("a")
    handlers = logging.getLogger("mtvgen").handlers[:]
    show_log_in(terminal)
    try:
        logging.getLogger("mtvgen").error("first", exc_info=shown)
        logging.getLogger("mtvgen").error(record, exc_info=KeyError("b"), extra=extra)
        terminal.answered({"REQUEST_METHOD": "GET", "PATH_INFO": "/"}, 500, 0.001, shown)
    finally:
        logging.getLogger("mtvgen").handlers[:] = handlers
    terminal.flush()

    first, second = capfd.readouterr().out.splitlines()
    assert first.endswith("ValueError: a")
    assert second.strip() == line


def test_a_long_exception_takes_two_lines_of_a_terminal(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from mtvgen.devserver.terminal.terminal import Terminal\n"
        "terminal = Terminal(Path(sys.argv[1]))\n"
        "request = {'REQUEST_METHOD': 'GET', 'PATH_INFO': '/notes'}\n"
        "terminal.answered(request, 500, 0.008, ValueError('much too long ' * 100))\n"
        "terminal.flush()\n"
    )
    command = (sys.executable, "-c", program, str(tmp_path))
    said = on_a_terminal(tmp_path, *command, columns=80, NO_COLOR="1").rstrip("\n")
    assert said.endswith("...")
    assert 80 < len(said) <= 160
    assert "\n" not in said
    coloured = on_a_terminal(tmp_path, *command, columns=80).rstrip("\n")
    assert "\x1b[31m500\x1b[0m" in coloured
    assert "\x1b[31mValueError: much" in coloured


def test_a_long_exception_is_whole_in_a_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    tell(tmp_path, 500, 0.008, ValueError("much too long " * 100))
    assert capfd.readouterr().out.count("much too long") == 100
