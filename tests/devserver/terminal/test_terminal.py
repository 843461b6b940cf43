from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.devserver.terminal.terminal import Terminal, request_line
from mtvgen.runtime import path as route_to


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
    assert second == ([] if has_place else [f"          {place} in index"])


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
