"""The pages of docs/ as a site: each link leads somewhere, and nothing comes from elsewhere."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import pytest

import mtvgen
from tests.support.axe import violations
from tests.support.pages import examples

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "docs").rglob("*.md"))
# What a browser fetches for a page by itself; a link is followed by a person.
LOADED = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}
FOLLOWED = {"a": "href", **LOADED}
PHONE = {"width": 390, "height": 844}

pytest.importorskip("zensical", reason="needs zensical")


@dataclass(frozen=True)
class Site:
    """A finished site: its files, and the addresses of its pages."""

    files: Path
    pages: dict[str, Html]


class Html(HTMLParser):
    """What a page points at, and what can be pointed at in it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.text = file.read_text(encoding="utf-8")
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(self.text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if given.get("id"):
            self.anchors.add(str(given["id"]))
        if target := given.get(FOLLOWED.get(tag, "")):
            self.links.append(target)
        if target := given.get(LOADED.get(tag, "")):
            self.loads.append(target)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site, made by the command that CONTRIBUTING.md names."""
    place = tmp_path_factory.mktemp("manual")
    for part in ("docs", ".zensical"):
        # The programs of the tutorial may be compiled by other tests meanwhile.
        shutil.copytree(ROOT / part, place / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".zensical.toml", place)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "-f", ".zensical.toml"]
    made = subprocess.run(command, cwd=place, capture_output=True, text=True)
    said = re.sub(r"\x1b\[[\d;]*m", "", made.stdout + made.stderr)
    assert made.returncode == 0, said
    assert "No issues found" in said
    files = place / "build" / "site"
    return Site(
        files, {_address(page): Html(files / _address(page) / "index.html") for page in NAV}
    )


def _address(page: str) -> str:
    """Where the page `howto/forms.md` is on the site: `howto/forms/`."""
    return re.sub(r"(^|/)index/$", r"\1", f"{page.removesuffix('.md')}/")


def _pages_of(nav: list[object]) -> Iterator[str]:
    for entry in nav:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            for part in entry.values():
                yield from _pages_of(part)


CONFIGURATION = tomllib.loads((ROOT / ".zensical.toml").read_text(encoding="utf-8"))
NAV = list(_pages_of(CONFIGURATION["project"]["nav"]))


def test_every_page_is_in_the_navigation_once():
    assert sorted(NAV) == sorted(page.relative_to(ROOT / "docs").as_posix() for page in SOURCES)


def test_the_navigation_has_the_order_of_the_index():
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    # The language beside the title is no part of the order. A page that is named twice,
    # as one of the commands and for itself, stands where it is named last.
    mentioned = re.findall(r"\]\((?!zh/)([\w./-]+\.md)\)", index)
    listed = list(reversed(dict.fromkeys(reversed(mentioned))))

    assert [page for page in NAV if page in listed] == listed


def test_every_link_leads_to_a_page_and_to_an_anchor_in_it(site):
    broken = []
    for address, page in site.pages.items():
        for link in page.links:
            target = urlsplit(urljoin(f"/{address}", link))
            if target.scheme or target.netloc:
                continue
            path, anchor = unquote(target.path).lstrip("/"), unquote(target.fragment)
            if path in site.pages:
                found = not anchor or anchor in site.pages[path].anchors
            else:
                found = not anchor and (site.files / path).is_file()
            if not found:
                broken.append((address, link))

    assert broken == []


def test_a_link_is_relative_so_that_the_site_can_be_anywhere(site):
    absolute = {
        (address, link)
        for address, page in site.pages.items()
        for link in page.links
        if link.startswith("/")
    }

    assert absolute == set()


def test_no_page_and_no_stylesheet_names_a_part_that_is_elsewhere(site):
    elsewhere = [link for page in site.pages.values() for link in page.loads if "//" in link]
    for sheet in site.files.rglob("*.css"):
        elsewhere += re.findall(
            r"(?:url\(|@import\s)[\"']?(?:https?:)?//[^)\"']+", sheet.read_text()
        )

    assert elsewhere == []


def test_a_block_is_copied_as_it_is_written_below_its_files_name(site):
    for source in SOURCES:
        page = site.pages[_address(source.relative_to(ROOT / "docs").as_posix())]
        fences = examples(source)
        blocks = re.findall(r"<pre\b[^>]*>(.*?)</pre>", page.text, re.S)
        copied = [unescape(re.sub(r"<[^>]+>", "", block)).strip("\n") for block in blocks]
        assert copied == [fence.text.strip("\n") for fence in fences], source
        shown = re.findall(r"<p><code>([^<]+)</code></p>\s*<div", page.text)
        assert [unescape(name) for name in shown] == [
            fence.file for fence in fences if fence.file
        ], source


def test_blocks_are_coloured(site):
    assert '<span class="nt">' in site.pages["templates/"].text  # the HTML of a Jinja2 template


def test_no_list_is_swallowed_by_the_paragraph_above_it(site):
    for address, page in site.pages.items():
        assert re.findall(r"<p>[^<]*\n(?:[-*]|\d+\.) .*", page.text) == [], address


class Quiet(SimpleHTTPRequestHandler):
    """A plain file server."""

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def base(site: Site) -> Iterator[str]:
    """The address of the site, which is not at the top of its server."""
    handler = functools.partial(Quiet, directory=str(site.files.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{site.files.name}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def phone(browser: Browser, base: str) -> Iterator[Page]:
    """A narrow page that must not complain, nor fetch anything from elsewhere."""
    context = browser.new_context(viewport=PHONE)
    context.set_default_timeout(10_000)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda made: None if made.url.startswith(base) else wrong.append(made.url))
    page.goto(base)
    yield page
    context.close()
    assert wrong == []


def test_no_page_is_wider_than_a_phone(site, base, browser):
    # Scripts lay nothing out, and without them this takes half the time.
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)
    page = context.new_page()
    wide = []
    for address in site.pages:
        page.goto(base + address)
        if page.evaluate("document.documentElement.scrollWidth > document.body.clientWidth"):
            wide.append(address)
    context.close()

    assert wide == []


# The words that people of other frameworks look for, and the page that answers them.
FOUND = [
    ("converter", "routing/"),
    ("installation", ""),
    ("authentication", "howto/login/"),
    ("validation", "howto/forms/"),
    ("docker", "deployment/"),
    ("cors", "howto/cors/"),
    ("csrf", "security/"),
    ("time zone", "models/"),
    ("upgrade", "howto/upgrade/"),
    ("inheritance", "templates/"),
    ("rate limit", "howto/rate-limits/"),
    ("套接字", "zh/tutorial/1-socket/"),
]


def test_the_search_finds_a_page(base, phone):
    phone.locator("label[for=__search]:visible").click()
    for words, address in FOUND:
        phone.get_by_role("combobox").fill(words)
        found = phone.get_by_role("option").and_(phone.locator(f"[href*='/{address}']")).first
        found.wait_for()
    found.click()
    phone.wait_for_url(f"{base}{address}**")


def test_chinese_is_a_language_and_no_chapter(site):
    """Each page lists those of its own language; the header leads to the other one."""
    for address, page in site.pages.items():
        listed = re.findall(r'<a href="([^"]*)" class="md-nav__link', page.text)
        of_chinese = {urljoin(f"/{address}", link).startswith("/zh/") for link in listed}
        assert of_chinese == {address.startswith("zh/")}, address


def test_each_page_says_which_version_it_is_about(site):
    assert all(f"mtvgen {mtvgen.__version__}, MIT" in page.text for page in site.pages.values())


def test_each_page_describes_itself(site):
    described = [
        re.findall(r'<meta name="description" content="([^"]{10,})">', page.text)
        for page in site.pages.values()
    ]
    assert [len(found) for found in described] == [1] * len(site.pages)
    assert len({found[0] for found in described}) == len(site.pages)


def test_a_page_of_the_tutorial_leads_to_itself_in_the_other_language(base, phone):
    phone.goto(f"{base}tutorial/2-wsgi/")
    phone.locator("header [hreflang=zh]").click()
    phone.wait_for_url(f"{base}zh/tutorial/2-wsgi/")
    assert phone.locator("html").get_attribute("lang") == "zh"

    phone.locator("header [hreflang=en]").click()
    phone.wait_for_url(f"{base}tutorial/2-wsgi/")
    assert phone.locator("html").get_attribute("lang") == "en"


@pytest.mark.skipif("MTVGEN_FULL" not in os.environ, reason="takes a while: MTVGEN_FULL=1")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(base, browser, axe, scheme):
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    wrong = []
    for address in ["", "sessions/", "reference/", "zh/"]:
        page.goto(base + address)
        wrong += [f"{address}: {violation}" for violation in violations(page, axe)]
    context.close()

    assert wrong == []


def test_light_and_dark_are_a_choice(phone):
    def colour() -> str:
        return phone.evaluate("getComputedStyle(document.body).backgroundColor")

    phone.get_by_title("Switch to light").click()
    light = colour()
    phone.get_by_title("Switch to dark").click()
    dark = colour()
    phone.reload()

    assert light != dark
    assert colour() == dark
