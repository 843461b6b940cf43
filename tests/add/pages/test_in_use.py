"""Pages of two models behind a guard, in use: what they cost, what they send, how they look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.add.pages.shop import make_shop
from tests.support.axe import violations
from tests.support.live_site import BIN, environment, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(
    not os.environ.get("MTVGEN_FULL"), reason="takes a minute: MTVGEN_FULL=1"
)
PHONE, DESK = 390, 1200  # CSS pixels
PICTURES = os.environ.get("MTVGEN_PICTURES", "")  # a directory: the pages as pictures, to look at
PAGES = {
    "list": "/books",
    "found": "/books?q=tale&genre=POEMS&sort=-title",
    "row": "/books/30",
    "new": "/books/new",
    "form": "/books/30/edit",
    "question": "/books/30/delete",
    "rows": "/authors/1",
}
PASSWORD = "correct horse battery"
FILL = f"""
from decimal import Decimal
from mtvgen.runtime.accounts import set_password
import models
user = User(email="ada@example.com", roles=["staff"])
set_password(user, {PASSWORD!r})
authors = [Author(name=name) for name in ("Jane Austen", "Lu Xun", "Toni Morrison")]
db.add_all([user, *authors])
db.add_all(
    Book(
        title="=Tides" if number == 7 else f"Tale of {{number}}",
        genre=models.Genre.POEMS if number % 3 else models.Genre.NOVEL,
        price=Decimal(number),
        author=authors[number % 3],
    )
    for number in range(1, 1201)
)
db.commit()
"""
# Statements of one page; the first request of a process opens what later ones find open.
COUNT = f"""
import json
from sqlalchemy import Engine, event
from mtvgen.runtime.testing import Client
from wsgi import application

client = Client(application)
client.post("/login", data={{"email": "ada@example.com", "password": {PASSWORD!r}}})
statements = []
event.listen(
    Engine, "before_cursor_execute", lambda *args: statements.append(args[2])
)


def cost(path):
    statements.clear()
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    answer.data
    return [text for text in statements if text.startswith("SELECT") or "WITH" in text]


costs = {{path: cost(path) for path in json.loads(input())}}
file = client.get("/books/export.csv").data
needed = client.post("/authors/1/delete")
print(json.dumps([costs, file.decode("utf-8"), needed.status_code, needed.text]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = make_shop(tmp_path_factory.mktemp("pages") / "shop")
    run(root, "mtvgen", "add", "accounts")
    run(root, "mtvgen", "add", "pages", "Author")
    run(root, "mtvgen", "add", "pages", "Book")
    run(root, "mtvgen", "migrate")
    run(root, "mtvgen", "shell", given=FILL)
    return root


def run(root: Path, *command: str, given: str = "") -> str:
    done = subprocess.run(
        command,
        cwd=root,
        env=environment(root.parent),
        input=given,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def counted(site: Path) -> list[Any]:
    """What pages cost; how deep a page is does not matter, nor what it shows."""
    paths = ["/books", "/books?after=600", "/books?sort=title&after=900&at=Tale+of+500"]
    paths += ["/books?q=tale&genre=POEMS&author=1", "/authors", "/books/30", "/authors/1"]
    return json.loads(run(site, sys.executable, "-c", COUNT, given=json.dumps(paths)))


def test_what_was_added_is_as_ruff_and_mypy_want_it(site):
    run(site, str(BIN / "ruff"), "check", ".")
    run(site, str(BIN / "ruff"), "format", "--check", "views", "tests")
    run(site, str(BIN / "mypy"), "views")
    assert run(site, "mtvgen", "check").endswith("no problems.\n")


def test_a_list_is_two_queries_and_one_for_who_asks(counted):
    costs = {path: len(statements) for path, statements in counted[0].items()}
    assert costs.pop("/books/30") == 2  # the author comes along
    assert costs.pop("/authors/1") == 3  # and the rows that refer to it
    assert set(costs.values()) == {3}


def test_the_file_has_each_row_and_starts_no_formula(counted):
    file = counted[1]
    assert file.startswith("\ufeffid,title,genre,price,author\r\n")
    assert file.count("\r\n") == 1201
    assert "'=Tides," in file


def test_a_row_that_others_need_is_not_deleted_but_says_so(counted):
    assert counted[2] == 409
    assert "can&#39;t be deleted" in counted[3] or "can't be deleted" in counted[3]
    assert "book (400)." in counted[3]


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with running(site) as address:
        yield address


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[PHONE, DESK])
def page(
    request: pytest.FixtureRequest, browser: Browser, theme: str, address: str
) -> Iterator[Page]:
    """A page of somebody of the staff."""
    size = {"width": request.param, "height": 800}
    context = browser.new_context(viewport=size, color_scheme=theme)
    page = context.new_page()
    page.goto(f"{address}/login?next=/books")
    page.fill("[name=email]", "ada@example.com")
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/books")
    yield page
    context.close()


def test_everybody_can_read_the_pages(page, address, axe, theme):
    """On a phone nothing is wider than the screen; the policy of the site is not broken."""
    broken: list[str] = []
    page.on("console", lambda message: broken.append(message.text))
    for name, path in PAGES.items():
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
        assert broken == []
        if PICTURES:
            width = page.viewport_size["width"]
            page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png")
        # Chromium's own door around the policy, which lets no script in but the site's.
        client = page.context.new_cdp_session(page)
        client.send("Page.setBypassCSP", {"enabled": True})
        page.reload()
        assert violations(page, axe) == [], name
        client.send("Page.setBypassCSP", {"enabled": False})


def test_a_row_is_made_changed_and_deleted_by_keys_alone(page, address):
    page.goto(f"{address}/books/new")
    press_to(page, "title")
    page.keyboard.type("Typed")
    press_to(page, "genre")
    page.keyboard.type("poems")
    press_to(page, "price")
    page.keyboard.type("12.5")
    press_to(page, "author")
    page.keyboard.type("Lu Xun")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Typed')")
    assert "12.50" in page.inner_text("main")
    assert "Lu Xun" in page.inner_text("main")
    for _ in range(2):  # the question, and the answer
        page.focus("text=Delete >> nth=-1")
        page.keyboard.press("Enter")
        page.wait_for_load_state()
    page.wait_for_url(f"{address}/books")
    assert "Deleted." in page.inner_text("main")


def test_what_is_wrong_is_next_to_its_field_and_what_was_typed_stays(page, address):
    page.goto(f"{address}/books/new")
    page.eval_on_selector_all("[required]", "all => all.forEach(one => one.required = false)")
    page.fill("[name=title]", "Kept")
    page.click("button:has-text('Save')")
    page.wait_for_selector("#price-error")
    assert page.input_value("[name=title]") == "Kept"
    assert page.evaluate("document.activeElement.name") == "genre"


def press_to(page: Page, name: str) -> None:
    for _ in range(20):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {name} by Tab")
