"""Form classes in a real browser: what a person types is saved, or comes back with its sentence."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from sqlalchemy import delete, func, select

from mtvgen.runtime.models import Database
from tests.runtime.forms.form_site import MAX_PHOTO, PNG, Article, form_site
from tests.support import shop
from tests.support.axe import violations
from tests.support.orders import Line
from tests.support.shop import Product, a_product

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.skipif(
    not os.environ.get("MTVGEN_FULL"), reason="takes a while: MTVGEN_FULL=1"
)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serving(application) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application, Server, Quiet)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def database(tmp_path_factory) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('forms')}/shop.sqlite3")
    shop.fill(database)
    yield database
    database.close()


@pytest.fixture(scope="module")
def address(database, tmp_path_factory) -> Iterator[str]:
    with serving(form_site(database, tmp_path_factory.mktemp("templates"))) as address:
        yield address


@pytest.fixture(params=[True])
def page(request, browser, database) -> Iterator[Page]:
    """A page on a shop without products; no answer of the site may be a 5xx."""
    with database.session() as db:
        for model in (Line, shop.product_tag, Product, Article):
            db.execute(delete(model))
    context = browser.new_context(java_script_enabled=request.param)
    page = context.new_page()
    statuses: list[int] = []
    page.on("response", lambda response: statuses.append(response.status))
    yield page
    context.close()
    assert [status for status in statuses if status >= 500] == []


def fill_product(page: Page, **typed: str) -> None:
    """Type a product, by its labels; a box of numbers or dates is made a plain one before."""
    labels = {"Code": "AB-12", "Name": "Tea", "Price": "12.5", "In stock": "3"}
    labels |= {label.replace("_", " "): text for label, text in typed.items()}
    for label, text in labels.items():
        box = page.get_by_label(label, exact=True)
        if box.get_attribute("type") in ("number", "date", "datetime-local"):
            box.evaluate("(element) => { element.type = 'text' }")
        box.fill(text)
    page.get_by_label("red").check()
    page.get_by_label("Maker").select_option(label="Ada & Co")
    page.get_by_label("warm").check()


def save(page: Page) -> None:
    """Press the button; the browser's own questions are another test's."""
    page.evaluate("document.forms[0].noValidate = true")
    page.get_by_role("button", name="Save").click()


def shown(page: Page, label: str) -> str:
    return page.get_by_label(label, exact=True).input_value()


def test_a_product_is_typed_saved_and_shown(page, address, axe):
    page.goto(f"{address}/product")
    assert violations(page, axe) == []
    fill_product(page, Sold_from="2026-03-31", Announced="2026-03-30T12:15", Text="茶 🍵\nx")
    page.get_by_label("Photo").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": PNG}
    )
    save(page)

    assert page.url == f"{address}/product/{page.url.rpartition('/')[2]}"
    assert (shown(page, "Code"), shown(page, "Price")) == ("AB-12", "12.50")
    assert (shown(page, "Sold from"), shown(page, "Text")) == ("2026-03-31", "茶 🍵\nx")
    assert shown(page, "Announced") == "2026-03-30T12:15"
    assert page.get_by_label("red").is_checked()
    assert page.get_by_label("warm").is_checked()
    assert not page.get_by_label("green").is_checked()
    assert violations(page, axe) == []


MISTAKES = {
    "Code": ("x", "Two capitals, a dash, digits: AB-12."),
    "Name": ("茶" * 10_000, "Write 80 characters at most; there are 10,000."),
    "Price": ("1,234", "Write 1234 or 1.234: 1,234 can mean either."),
    "In stock": ("1,5", "Write a whole number, such as 12."),
    "Sold from": ("31 February", "Write a date, such as 2026-03-31."),
    "Announced": ("2026-02-31T10:00", "There is no such day."),
}


def test_each_mistake_is_at_its_field_and_nothing_typed_is_lost(page, address, axe):
    page.goto(f"{address}/product")
    fill_product(page, **{label.replace(" ", "_"): text for label, (text, _) in MISTAKES.items()})
    page.get_by_label("Photo").set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": PNG + bytes(MAX_PHOTO)}
    )
    save(page)

    for label, (text, sentence) in MISTAKES.items():
        box = page.get_by_label(label, exact=True)
        assert box.input_value() == text
        # What a screen reader says after the label.
        described = box.get_attribute("aria-describedby")
        assert page.locator(f"[id='{described}']").inner_text() == sentence
    assert page.get_by_label("red").is_checked()
    assert page.get_by_label("warm").is_checked()
    assert "Choose a smaller file" in page.locator("#photo-error").inner_text()
    assert page.locator(".error").count() == len(MISTAKES) + 1
    assert page.evaluate("document.activeElement.id") == "code"
    assert violations(page, axe) == []


@pytest.mark.parametrize(
    ("label", "typed", "kept"),
    [
        ("Price", "1,5", "1.50"),
        ("In_stock", "".join(chr(ord(char) + 0xFEE0) for char in "12"), "12"),
        ("In_stock", "+1e3", "1000"),
        ("Name", "👩‍🚀 中文 ｶﾅ", "👩‍🚀 中文 ｶﾅ"),
        ("Text", "x" * 10_000, "x" * 10_000),
    ],
)
def test_what_is_typed_in_another_way_is_understood(page, address, label, typed, kept):
    page.goto(f"{address}/product")
    fill_product(page, **{label: typed})
    save(page)

    assert page.locator(".error").count() == 0
    assert shown(page, label.replace("_", " ")) == kept


def test_a_code_that_is_taken_is_told_and_the_rest_stays(page, address, database):
    with database.session() as db:
        db.add(a_product(code="AB-12"))
    page.goto(f"{address}/product")
    fill_product(page, Text="a long story")
    save(page)

    assert page.locator("#code-error").inner_text() == "This is taken already."
    assert page.locator(".error").count() == 1
    assert (shown(page, "Text"), shown(page, "Price")) == ("a long story", "12.5")


def test_a_double_click_saves_once(page, address, database):
    page.goto(f"{address}/product")
    fill_product(page)
    page.evaluate("document.forms[0].noValidate = true")
    page.get_by_role("button", name="Save").dblclick()
    # The first answer is cancelled by the second click; the page that stays says either thing.
    page.wait_for_function("document.querySelector('#code-error') || /\\d$/.test(location.href)")

    with database.session() as db:
        assert db.scalar(select(func.count(Product.id))) == 1


def test_a_row_that_somebody_deleted_is_a_404(page, address, database):
    with database.session() as db:
        db.add(row := a_product())
        db.flush()
        number = row.id
    page.goto(f"{address}/product/{number}")
    with database.session() as db:
        db.execute(delete(Product))
    with page.expect_response(f"{address}/product/{number}") as answer:
        save(page)
    assert answer.value.status == 404


def test_what_somebody_else_wrote_is_not_lost(page, address, database, axe):
    with database.session() as db:
        db.add(Article(id=1, title="Tea", text="x"))
    page.goto(f"{address}/article/1")
    other = page.context.new_page()
    other.goto(f"{address}/article/1")
    other.get_by_label("Title").fill("Green tea")
    save(other)
    page.get_by_label("Text").fill("mine")
    save(page)

    assert "Somebody else has changed this" in page.get_by_role("alert").inner_text()
    assert shown(page, "Text") == "mine"
    assert violations(page, axe) == []
    save(page)
    assert page.get_by_role("alert").count() == 0
    with database.session() as db:
        assert (db.get_one(Article, 1).text, db.get_one(Article, 1).title) == ("mine", "Tea")


@pytest.mark.parametrize("page", [False], indirect=True, ids=["without scripts"])
def test_lines_come_and_go_without_a_script(page, address):
    page.goto(f"{address}/order")
    page.get_by_label("What").fill("Tea")
    page.get_by_label("How many").fill("2")
    page.get_by_role("button", name="Another line").click()  # though the customer is not there yet
    assert page.get_by_label("What").count() == 2
    page.get_by_label("What").nth(1).fill("Cup")
    page.get_by_label("Price").nth(1).fill("1.5")
    page.get_by_role("button", name="Remove line 1").click()
    assert (page.get_by_label("What").count(), shown(page, "What")) == (1, "Cup")
    page.get_by_label("Customer").fill("Ada")
    page.get_by_label("Customer").press("Enter")  # the first button is Save

    page.wait_for_url(f"{address}/order/*")
    assert (shown(page, "Customer"), shown(page, "What")) == ("Ada", "Cup")
    assert shown(page, "Price") == "1.50"


def test_the_browser_itself_asks_for_what_is_missing(page, address):
    page.goto(f"{address}/product")
    page.get_by_role("button", name="Save").click()

    assert page.url == f"{address}/product"
    assert page.evaluate("document.querySelector(':invalid:not(form)').id") == "code"


def test_a_search_is_in_the_address(page, address, axe):
    page.goto(f"{address}/search")
    assert violations(page, axe) == []
    page.get_by_label("Word").fill("茶")
    page.get_by_label("Word").press("Enter")

    page.wait_for_url("**/search?word=*")
    assert shown(page, "Word") == "茶"


def test_a_password_is_never_shown_again(page, address, axe):
    page.goto(f"{address}/login")
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(" hunter2 ")
    page.get_by_role("button").click()

    assert page.get_by_role("alert").inner_text() == "Name or password is wrong."
    assert (shown(page, "Name"), shown(page, "Password")) == ("ada", "")
    assert "hunter2" not in page.content()
    assert violations(page, axe) == []


FORM_WITH_A_FILE = """const form = new FormData();
    form.set("photo", new File([new Uint8Array(1100000)], "x.png")); return form"""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("'code=%00'", 400),
        ("'a=1&'.repeat(100000)", 413),
        ("new URLSearchParams({name: 'x'.repeat(2000000)})", 413),
        ("(() => {" + FORM_WITH_A_FILE + "})()", 413),
        ("'code=a&code=b&price=%FF%FE'", 422),
        ("'code=%ED%A0%80'", 422),
    ],
)
def test_what_no_person_types_is_a_documented_4xx(page, address, body, status):
    page.goto(f"{address}/search")
    sent = f"""async () => (await fetch('/product', {{method: 'POST', body: {body}, headers:
        typeof {body} == 'string' ? {{'Content-Type': 'application/x-www-form-urlencoded'}} : {{}}
    }})).status"""

    assert page.evaluate(sent) == status
