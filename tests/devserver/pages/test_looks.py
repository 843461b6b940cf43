"""Every page about an error in a real browser: light and dark, at a desk and on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.devserver.pages.shown_pages import (
    Shown,
    pages_of_a_new_site,
    pages_of_broken_projects,
    pages_of_errors,
    pages_of_routes,
)
from tests.support.axe import violations
from tests.support.live_site import make_project, running
from tests.support.wsgi_calls import call

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

pytestmark = pytest.mark.skipif(
    not os.environ.get("MTVGEN_FULL"), reason="takes a minute: MTVGEN_FULL=1"
)
PHONE, DESK = 390, 1200  # CSS pixels
ADDRESS = "http://localhost:8000"
PICTURES = os.environ.get("MTVGEN_PICTURES", "")  # a directory: the pages as pictures, to look at


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Shown]]:
    directory = tmp_path_factory.mktemp("pages").resolve()
    in_production = "import os, runpy; os.environ['PORT'] = '0'; "
    in_production += "runpy.run_path('wsgi.py', run_name='__main__')"
    with running(make_project(directory), "python", "-c", in_production) as address:
        yield [
            *pages_of_errors(directory),
            *pages_of_broken_projects(directory),
            *pages_of_routes(directory),
            *pages_of_a_new_site(address),
        ]


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[PHONE, DESK])
def page(request: pytest.FixtureRequest, browser: Browser, theme: str) -> Iterator[Page]:
    size = {"width": request.param, "height": 800}
    # The pages allow no script but their own, and axe is one.
    context = browser.new_context(viewport=size, color_scheme=theme, bypass_csp=True)
    yield context.new_page()
    context.close()


def open_page(page: Page, shown: Shown) -> None:
    """Have the browser show what the site answers, with all that the page asks for."""

    def answer(route: Route) -> None:
        target = route.request.url.removeprefix(ADDRESS)
        is_page = route.request.is_navigation_request()
        more: dict[str, Any] = {"body": shown.body} if is_page else {}
        headers = {"Host": "localhost:8000", "Accept": "text/html", **shown.headers}
        method = shown.method if is_page else "GET"
        got = call(shown.site, method, target, headers=headers, REMOTE_ADDR="127.0.0.1", **more)
        route.fulfill(status=got.status, headers=dict(got.fields), body=got.body)

    page.unroute_all()
    page.route("**/*", answer)
    page.goto(f"{ADDRESS}{shown.target}")


def test_every_page_fits_and_axe_finds_nothing(
    page: Page, shown: list[Shown], axe: str, theme: str
) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    wrong = []
    for each in shown:
        open_page(page, each)
        if PICTURES:
            page.screenshot(path=Path(PICTURES, f"{each.name}-{theme}-{width}.png"), full_page=True)
        # What is folded is looked at too.
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if overflow > 0:
            wrong.append(f"{each.name}: {overflow} px wider than the screen")
        wrong += [f"{each.name}: {violation}" for violation in violations(page, axe)]
    assert wrong == []
