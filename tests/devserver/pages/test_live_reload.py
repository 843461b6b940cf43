"""A real browser before a real server: what a person sees after each save."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.devserver.running import SITE, Running, runserver, session_of, until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# As strict as the generated project's own.
WSGI = """
from pathlib import Path
from mtvgen.runtime import Application, security_headers
from urls import urlpatterns
root = Path(__file__).parent
application = Application(
    urlpatterns,
    templates=root / "templates",
    static=root / "static",
    middleware=[security_headers()],
    debug=True,
)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with runserver(tmp_path / "mysite", site={**SITE, "wsgi.py": WSGI}) as running:
        yield running


@pytest.fixture
def page(browser: Browser, server: Running) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    context.set_default_timeout(10_000)
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on(
        "console",
        lambda message: complaints.append(message.text) if "Security" in message.text else None,
    )
    opened.goto(f"http://localhost:{server.port}/")
    opened.wait_for_selector("h1")
    yield opened
    context.close()
    assert complaints == []


def heading(page: Page, text: str) -> None:
    page.wait_for_selector(f"h1:has-text({text!r})")


def test_edits_appear_by_themselves(server: Running, page: Page) -> None:
    heading(page, "first")
    server.replace("views/home.py", "first", "second")
    heading(page, "second")
    server.replace("templates/home.html", "{{ word }}", "{{ word }} in a new template")
    heading(page, "second in a new template")


def test_a_style_is_swapped_without_a_reload(server: Running, page: Page) -> None:
    page.evaluate("window.kept = true")
    server.write("static/style.css", "h1 { color: rgb(9, 8, 7) }")
    colour = "getComputedStyle(document.querySelector('h1')).color"
    until(lambda: page.evaluate(colour) == "rgb(9, 8, 7)")

    assert page.evaluate("window.kept") is True


def test_a_broken_project_shows_its_error_and_heals(server: Running, page: Page) -> None:
    server.replace("views/home.py", "def index", "def (\ndef index")
    heading(page, "SyntaxError")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    server.write("views/home.py", SITE["views/home.py"])
    heading(page, "first")


def test_a_page_added_by_hand_replaces_the_404(server: Running, page: Page) -> None:
    page.goto(f"http://localhost:{server.port}/hello")
    heading(page, "No route for GET /hello")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    server.write("templates/hello.html", "<!doctype html><body><h1>Hello by hand</h1></body>")
    server.write(
        "views/hello.py",
        "from mtvgen.runtime import render\n"
        "def index(request):\n    return render(request, 'hello.html')\n",
    )
    server.replace("urls.py", "import home", "import hello, home")
    server.replace("urls.py", "[path(", '[path("/hello", hello.index), path(')
    heading(page, "Hello by hand")


def test_a_hidden_page_is_fresh_when_it_comes_back_from_the_history(
    server: Running, page: Page
) -> None:
    page.goto(f"http://localhost:{server.port}/pid")
    server.replace("views/home.py", "first", "second")
    server.wait_for("second")
    page.go_back()
    heading(page, "second")


def test_five_tabs_follow_at_once(server: Running, page: Page) -> None:
    tabs = [page.context.new_page() for _ in range(4)]
    for tab in tabs:
        tab.goto(f"http://localhost:{server.port}/")
    server.replace("views/home.py", "first", "second")
    for tab in (page, *tabs):
        heading(tab, "second")


def test_the_error_page_can_be_copied_and_used_by_keyboard(server: Running, page: Page) -> None:
    server.replace("views/home.py", "    return render", "    1 / 0\n    return render")
    heading(page, "division by zero")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.focus("#copy")
    page.keyboard.press("Enter")
    page.wait_for_selector("#copied:has-text('Copied.')")

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("ZeroDivisionError: division by zero\n")
    assert "views/home.py:7 in index" in copied


def test_what_the_browser_refuses_is_in_the_terminal(server: Running, browser: Browser) -> None:
    server.write(
        "templates/home.html",
        """<!doctype html><html><head><title>t</title><style>h1 { color: red }</style></head>
<body><h1 onclick="a()" style="color: red">{{ word }}</h1>
<img src="https://images.example.com/a.png"><script>b()</script></body></html>""",
    )
    server.wait_for("images.example.com")
    opened = browser.new_context().new_page()
    opened.goto(f"http://localhost:{server.port}/")
    opened.locator("h1").click()
    for words in (
        r"refused a style element \(style-src-elem\) on /, line 1\. -> <style nonce=",
        r"refused a style attribute \(style-src-attr\) on /, line 2\. Use a class",
        r"refused an attribute such as onclick \(script-src-attr\) on /",
        r"refused a script inside the page.* on /, line 3\.",
        (
            r"refused https://images\.example\.com.* or write security_headers\("
            r"""content_security_policy={"img-src": "'self' https://images\.example\.com"}\)"""
        ),
    ):
        server.wait_for_line(words)
    assert "/__mtvgen__" not in server.terminal()
    opened.context.close()


def test_ctrl_c_with_open_tabs_ends_at_once(server: Running, page: Page) -> None:
    page.wait_for_load_state()
    assert server.end(signal.SIGINT) == 130
    assert session_of(server.process.pid) == []
