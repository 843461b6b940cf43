"""docs/comparison.md: one form of ten fields, in three frameworks, counted and really run."""

from __future__ import annotations

import http.client
import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.servers.serving import free_port

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "comparison.md"
PROGRAMS = ROOT / "docs" / "comparison" / "forms"
FRAMEWORKS = {"mtvgen": "mtvgen", "django": "Django", "flask": "Flask-WTF"}
SECONDS = 20.0  # until a program has failed to answer
GOOD = {
    "code": "AB-12",
    "name": "Tea",
    "text": "",
    "price": "3.50",
    "stock": "2",
    "colour": "RED",
    "sold_from": "2026-03-31",
    "listed": "on",
    "maker": "1",
    "tags": ["1", "2"],
}
TYPED = {
    "price `1,5`": ("price", "1,5"),
    "price `1,234`": ("price", "1,234"),
    "price `1.239`": ("price", "1.239"),
    "in stock `１２`": ("stock", "".join(chr(ord(digit) + 0xFEE0) for digit in "12")),  # noqa: RUF001
    "in stock `1,5`": ("stock", "1,5"),
    "in stock `99999999999`": ("stock", "99999999999"),
    "sold from `31 February`": ("sold_from", "31 February"),
    "a name of 10,000 characters": ("name", "x" * 10_000),
}
# What a browser leaves in a box, and does not empty (HTML, "value sanitization algorithm").
KEPT = {"number": r"-?\d+(\.\d+)?", "date": r"\d{4}-(0[1-9]|1[0-2])-\d\d"}


@pytest.fixture(scope="module")
def ports(tmp_path_factory) -> Iterator[dict[str, int]]:
    libraries = ("django", "flask_sqlalchemy", "flask_wtf")
    if missing := [name for name in libraries if importlib.util.find_spec(name) is None]:
        pytest.skip(f'not installed: {", ".join(missing)}; pip install -e ".[bench]"')
    directory = tmp_path_factory.mktemp("shops")
    with ExitStack() as stack:
        yield {name: stack.enter_context(running(name, directory)) for name in FRAMEWORKS}


@contextmanager
def running(name: str, directory: Path) -> Iterator[int]:
    port = free_port()
    environ = {"PORT": str(port), "DATABASE": f"{directory}/{name}.sqlite3"}
    process = subprocess.Popen(
        [sys.executable, PROGRAMS / f"{name}_form.py"],
        env={**os.environ, **environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                ask(port, "GET", "/new")
                break
            except OSError:
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < deadline, f"{name} does not answer"
                time.sleep(0.02)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def ask(port: int, method: str, path: str, /, **form: object) -> tuple[int, str, str]:
    """Status, where it leads, and text."""
    body = urlencode(form, doseq=True)
    fields = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, body or None, fields)
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location", ""), answer.read().decode()
    finally:
        connection.close()


def product(name: str, /, **more: str) -> dict[str, object]:
    """What a page of the framework sends; Flask's fields are called as its columns are."""
    form: dict[str, object] = GOOD | more
    if name == "flask":
        form |= {"maker_id": form.pop("maker"), "tag_ids": form.pop("tags")}
    return form


def outcome(port: int, name: str, field: str, typed: str, code: str) -> str:
    """What becomes of one strange value in a product that is right otherwise."""
    status, location, page = ask(
        port, "POST", "/new", **product(name, **{"code": code, field: typed})
    )
    if status in (302, 303):
        value = box(ask(port, "GET", location)[2], field)[1]
        return f"saved as `{value}`"
    assert status == 422
    kind, value = box(page, field)
    is_kept = value == typed and (kind not in KEPT or re.fullmatch(KEPT[kind], value))
    return "asks back" if is_kept else "asks back; the browser empties the box"


def box(page: str, name: str) -> tuple[str, str]:
    """The type of a field's `<input>`, and what it holds."""
    element = re.search(rf'<input[^>]*\bname="{name}"[^>]*>', page)
    assert element, page
    kind = re.search(r'type="([^"]*)"', element[0])
    value = re.search(r'value="([^"]*)"', element[0])
    assert kind is not None
    assert value is not None
    return kind[1], unescape(value[1])


def test_all_three_save_a_product_and_refuse_its_code_the_second_time(ports):
    for name, port in ports.items():
        status, location, _ = ask(port, "POST", "/new", **product(name))
        assert (status in (302, 303), location) == (True, "/1"), name
        page = ask(port, "GET", "/1")[2]
        assert (box(page, "price"), page.count("checked")) == (("number", "3.50"), 3), name
        status, _, page = ask(port, "POST", "/new", **product(name))
        assert (status, "already" in page) == (422, True), name


def test_the_table_says_what_becomes_of_what_is_typed(ports):
    rows = [
        [
            label,
            *(
                outcome(port, name, field, typed, f"AB-{100 + number}")
                for name, port in ports.items()
            ),
        ]
        for number, (label, (field, typed)) in enumerate(TYPED.items())
    ]

    assert [row for row in table("typed") if row] == rows


def test_the_lines_are_counted_as_the_page_says():
    counted = {
        FRAMEWORKS[name]: [lines_of(f"{name}_form.py"), lines_of(f"{name}/product.html")]
        for name in FRAMEWORKS
    }

    assert table("lines by hand") == [
        [framework, str(python), str(html), str(python + html)]
        for framework, (python, html) in counted.items()
    ]
    assert sum(counted["mtvgen"]) <= 45


def lines_of(file: str) -> int:
    """Lines that are not empty, without the first and without how the file is run."""
    text = (PROGRAMS / file).read_text(encoding="utf-8").partition("\n\nif __name__")[0]
    lines = [line for line in text.splitlines() if line.strip()]
    return len(lines) - file.endswith(".py")


def table(first: str) -> list[list[str]]:
    """The rows of the page's table whose first heading is this."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^\| {first} \|.*\n\|[-:| ]+\n((?:\|.*\n)+)", text, re.M)
    assert found, f"no table of {first}"
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in found[1].splitlines()]
