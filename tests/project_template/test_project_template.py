"""The generated project as its owner, their tools and their visitors meet it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from mtvgen.startproject.create import create_project
from tests.support.forked_commands import mtvgen
from tests.support.type_checker import mypy

# Every page that a visitor can reach by links, one that is not there, and one that fails.
CRAWL = """
import json, re
from mtvgen.runtime import Application, InternalServerError, path
from mtvgen.runtime.testing import Client
import wsgi

client = Client(wsgi.application)
pages, waiting = {}, ["/", "/no/such/page"]
if (wsgi.settings.root / "views" / "notes.py").exists():
    client.post("/notes", data={"text": "A note"})
while waiting:
    address = waiting.pop()
    response = client.get(address)
    pages[address] = [response.status_code, response.content_type, response.text]
    if response.content_type.startswith("text/html"):
        links = re.findall(r'(?:href|src|action)="(/[^"]*)"', response.text)
        waiting += [link for link in links if link not in pages]
def fail(request):
    raise InternalServerError
failing = Application(
    [*wsgi.urlpatterns, path("/fails", fail)],
    templates=wsgi.settings.root / "templates",
    static=wsgi.settings.root / "static",
)
response = Client(failing).get("/fails")
pages["/fails"] = [response.status_code, response.content_type, response.text]
print(json.dumps(pages))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    place = tmp_path_factory.mktemp("generated")
    before = Path.cwd()
    os.chdir(place)
    try:
        create_project("mysite")
    finally:
        os.chdir(before)
    return place / "mysite"


@pytest.fixture(scope="module")
def pages(project):
    """Address -> status, content type, text."""
    run(project, "mtvgen", "migrate")
    done = run(project, "-c", CRAWL)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def html(pages):
    return {address: Page(text) for address, (_, kind, text) in pages.items() if "html" in kind}


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """`python -m ...` in the project, or `python -c ...`."""
    if command[0] == "mypy":
        return mypy(project, *command[1:])
    if command[0] == "mtvgen":
        return mtvgen(*command[1:], cwd=project, env=os.environ)
    how = command if command[0] == "-c" else ("-m", *command)
    return subprocess.run([sys.executable, *how], cwd=project, capture_output=True, text=True)


class Page(HTMLParser):
    """What is in a page: its elements in order, and how they nest."""

    EMPTY = frozenset({"meta", "link", "input", "br", "img", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if self._open:
            self.words.setdefault(self._open[-1], []).append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for each, attributes in self.elements if each == tag]


# --- its owner and their tools ---


@pytest.mark.parametrize(
    "command",
    [
        ["mypy", "--strict", "."],
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
    ],
    ids=lambda command: command[0] + command[1],
)
def test_the_tools_of_the_trade_are_content(project, command):
    done = run(project, *command)

    assert done.returncode == 0, done.stdout + done.stderr


# What its tests do not need, of what they could import -> who needs it.
UNNEEDED = {
    "alembic": "migrations that do more than create tables",
    "asyncio": "asynchronous drivers, and a statement that fails",
    "mtvgen.runtime.mail": "a site that sends mail",
    "smtplib": "the same",
    "sqlalchemy.dialects.postgresql": "a site on PostgreSQL",
}
ITS_TESTS = f"""
import os, sys
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
import pytest
code = pytest.main(["-q", "-p", "no:cacheprovider"])
print("imported:", [name for name in {[*UNNEEDED]} if name in sys.modules])
sys.exit(code)
"""


def test_its_tests_pass_and_import_only_what_they_need(project):
    done = run(project, "-c", ITS_TESTS)

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "imported: []"


def test_what_get_or_404_finds_has_its_type(project, tmp_path):
    (tmp_path / "typed.py").write_text(
        """
from typing import assert_type
from mtvgen.runtime import Request, get_or_404
from sqlalchemy import select
from models import Note

def view(request: Request) -> None:
    assert_type(get_or_404(request.db, Note, 1), Note)
    assert_type(get_or_404(request.db, select(Note).where(Note.text == "Milk")), Note)
"""
    )

    done = run(project, "mypy", "--strict", str(tmp_path / "typed.py"))

    assert done.returncode == 0, done.stdout


def test_it_serves_itself_at_the_port_of_the_environment_and_says_where(project):
    process = subprocess.Popen(
        [sys.executable, "wsgi.py"],
        cwd=project,
        env={**os.environ, "PORT": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    said = process.stdout.readline()
    process.terminate()
    _, wrong = process.communicate(timeout=30)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\n", said), wrong


def test_every_python_file_says_what_it_is(project):
    for file in project.rglob("*.py"):
        assert file.read_text(encoding="utf-8").startswith('"""'), file


def test_git_ignores_what_must_not_be_shared(project):
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    for name in ("db.sqlite3", "db.sqlite3-wal"):
        (project / name).touch()
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert {".env.example", ".gitignore", "urls.py"} <= set(listed)
    assert not [name for name in listed if name == ".env" or "sqlite3" in name or "cache" in name]


def test_the_readme_has_a_heading_for_each_of_the_first_questions(project):
    readme = (project / "README.md").read_text(encoding="utf-8")

    headings = re.findall(r"^## (.*)", readme, re.M)
    assert headings[:3] == ["Run it", "Test it", "Add a page in three steps"]
    assert headings[-1] == "Put it into production"
    assert "{%" not in readme.replace('{% extends "base.html" %}', "").partition("```jinja")[0]


def test_the_three_steps_of_the_readme_add_a_page(project, tmp_path):
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", project, copy], check=True)
    readme = (copy / "README.md").read_text(encoding="utf-8")
    steps = readme.partition("## Add a page")[2].partition("\n## ")[0]
    blocks = re.findall(r"^   ```\w+\n(.*?)^   ```", steps, re.M | re.S)
    _, view, template = (re.sub(r"^   ", "", block, flags=re.M) for block in blocks)
    (copy / "views" / "about.py").write_text(view, encoding="utf-8")
    (copy / "templates" / "about.html").write_text(template, encoding="utf-8")
    urls = (copy / "urls.py").read_text(encoding="utf-8")
    urls = urls.replace("from views import ", "from views import about, ")
    urls = urls.replace("urlpatterns = [\n", 'urlpatterns = [\n    path("/about", about.index),\n')
    (copy / "urls.py").write_text(urls, encoding="utf-8")

    done = run(copy, "-c", f"{CRAWL.partition('pages,')[0]}print(client.get('/about').text)")

    assert "<li>Ada</li><li>Grace</li>" in done.stdout, done.stderr
    assert run(copy, "mypy", "--strict", ".").returncode == 0


# --- its visitors ---


def test_every_address_that_a_page_links_to_answers(pages):
    assert {address: page[0] for address, page in pages.items() if page[0] != 200} == {
        "/no/such/page": 404,
        "/fails": 500,
    }


def test_every_page_can_be_read_aloud_and_on_a_phone(html):
    for address, page in html.items():
        assert page.text.startswith("<!doctype html>"), address
        assert page.all("html") == [{"lang": "en"}], address
        assert page.all("meta")[0] == {"charset": "utf-8"}, address
        viewport = {"name": "viewport", "content": "width=device-width, initial-scale=1"}
        assert viewport in page.all("meta"), address
        assert page.words["title"][0], address
        assert len(page.all("main")) == len(page.all("h1")) == 1, address
        assert all(nav.get("aria-label") for nav in page.all("nav")), address


def test_headings_go_down_one_level_at_a_time(html):
    for address, page in html.items():
        levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
        steps = [after - before for before, after in pairwise(levels)]
        assert levels[0] == 1, address
        assert max(steps, default=0) <= 1, address


def test_every_field_has_a_label_and_no_two_elements_one_id(html):
    for address, page in html.items():
        ids = Counter(given["id"] for _, given in page.elements if "id" in given)
        labelled = {label["for"] for label in page.all("label")}
        assert not [each for each, count in ids.items() if count > 1], address
        assert {field["id"] for field in page.all("input")} <= labelled, address


def test_nothing_in_a_page_needs_more_than_its_own_site(html):
    """`Content-Security-Policy: default-src 'self'` fits, and no one else hears of the visit."""
    for address, page in html.items():
        for tag, attributes in page.elements:
            assert tag != "style", address
            assert tag != "script" or attributes.get("src"), address
            assert "style" not in attributes, address
            assert not [name for name in attributes if name.startswith("on")], address
            for name in ("href", "src", "action"):
                target = attributes.get(name) or "/"
                assert re.match(r"/(?!/)|#", target), f"{address}: {target}"


def test_the_style_sheet_knows_light_dark_and_asks_for_nothing(project):
    css = (project / "static" / "style.css").read_text(encoding="utf-8")

    assert "color-scheme: light dark" in css
    assert "@media (prefers-color-scheme: dark)" in css
    assert not re.search(r"url\(|@import|https?:", css)
    assert set(re.findall(r"var\((--\w+)\)", css)) <= set(re.findall(r"^\s+(--\w+):", css, re.M))


def test_colours_have_contrast_in_light_and_in_dark(project):
    """WCAG 2.2, 1.4.3: at least 4.5 to 1 for text."""
    css = (project / "static" / "style.css").read_text(encoding="utf-8")
    schemes = [dict(re.findall(r"--(\w+): (#\w{6});", part)) for part in css.split("@media")[:2]]

    assert len(schemes) == 2
    for colours in schemes:
        for text in ("text", "muted", "accent"):
            for ground in ("background", "surface", "code"):
                if (text, ground) != ("muted", "code"):  # no rule puts one on the other
                    assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        # What is written on a button, which has the accent's colour.
        assert contrast(colours["background"], colours["accent"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_first_page_names_files_that_are_there(project, pages):
    named = re.findall(r"<code>([\w/]+(?:\.(?:py|html|css|md|sqlite3)|/))</code>", pages["/"][2])

    assert {"urls.py", "views/home.py", "templates/home.html"} <= set(named)
    missing = {name for name in named if not (project / name).exists()}
    assert missing <= {"db.sqlite3"}


# --- when the example has served ---

# What the first page says, step by step, as a person carries it out in an editor.
EDITS = {
    "urls.py": [(r".*\bnotes\.\w+.*\n", ""), ("home, notes", "home")],
    "models/__init__.py": [("from models.note import Note\n", ""), ('"Note", ', "")],
    "templates/base.html": [(r".*notes\.index.*\n", "")],
    "views/home.py": [
        ("from sqlalchemy .*\n", ""),
        ("from models .*\n", ""),
        (" +count = .*\n", ""),
        (", count=count", ""),
    ],
    "templates/home.html": [
        (r"(?s)\{% block content %\}.*", "{% block content %}<h1>Mine</h1>{% endblock %}\n")
    ],
}


def test_the_example_can_be_deleted_as_the_first_page_says(project, pages, tmp_path):
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", project, copy], check=True)
    lesson = pages["/"][2].partition("When you no longer need the example")[2]
    steps = re.findall(r"<li>(.*?)</li>", lesson, re.S)
    named = [re.findall(r"<code>([\w/]+\.(?:py|html)|[\w/]+/)</code>", step) for step in steps]
    deleted, edited = named[0], [name for step in named[1:] for name in step]
    assert sorted(edited) == sorted(EDITS)

    for name in deleted:
        path = copy / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, changes in EDITS.items():
        text = (copy / name).read_text(encoding="utf-8")
        for pattern, replacement in changes:
            text, count = re.subn(pattern, replacement, text)
            assert count, f"{name}: {pattern}"
        (copy / name).write_text(text, encoding="utf-8")
    for leftover in copy.glob("db.sqlite3*"):
        leftover.unlink()

    left = [path for path in copy.rglob("*.*") if path.suffix in {".py", ".html"}]
    assert not [path for path in left if re.search(r"\bnotes?\b", path.read_text("utf-8").lower())]
    for command in (["pytest", "-q"], ["mypy", "--strict", "."], ["ruff", "check", "."]):
        done = run(copy, *command)
        assert done.returncode == 0, done.stdout + done.stderr
