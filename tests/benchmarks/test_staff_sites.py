"""docs/comparison.md: accounts and a staff area in Django and Flask, attacked as the page says."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.smtp import mail_server
from tests.support.staff_sites import NAMES, Browser, Site, running, table

OTHER = "another horse battery"


@pytest.fixture(scope="module")
def sites(tmp_path_factory) -> Iterator[dict[str, Site]]:
    libraries = ("django", "flask_admin", "flask_login", "flask_sqlalchemy", "flask_wtf")
    if missing := [name for name in libraries if importlib.util.find_spec(name) is None]:
        pytest.skip(f'not installed: {", ".join(missing)}; pip install -e ".[bench]"')
    directory = tmp_path_factory.mktemp("staff")
    with ExitStack() as stack:
        mails = stack.enter_context(mail_server())
        yield {name: stack.enter_context(running(name, directory, mails)) for name in NAMES}


def wrong_password(site: Site) -> str:
    Browser(site).sign_up("ada")
    known, unknown = (Browser(site).log_in(name, OTHER).text for name in ("ada", "nob"))
    return (
        "one answer"
        if without_tokens(known, "ada") == without_tokens(unknown, "nob")
        else "two answers"
    )


def taken_name(site: Site) -> str:
    Browser(site).sign_up("bob")
    return "says so" if "already" in Browser(site).sign_up("bob").text else "one answer"


def forgotten(site: Site) -> str:
    Browser(site).sign_up("cy")
    known, unknown = (
        Browser(site).send(site.names.forgotten, email=f"{name}@example.com")
        for name in ("cy", "xy")
    )
    site.next_link()
    pages = without_tokens(known.text, "cy"), without_tokens(unknown.text, "xy")
    return "one answer" if pages[0] == pages[1] else "two answers"


def guesses(site: Site) -> str:
    browser = Browser(site)
    browser.sign_up("dora")
    for number in range(50):
        browser.log_in("dora", f"guess {number}")
    return "gets in" if browser.log_in("dora").leads_on else "refused"


def copied_cookie(site: Site) -> str:
    browser = Browser(site).joined("eve")
    copy = Browser(site, dict(browser.cookies))
    browser.ask("POST", site.names.log_out, **tokens_of(browser))
    assert not browser.is_in()
    return "opens the account" if copy.is_in() else "refused"


def other_sessions(site: Site) -> str:
    here, elsewhere = Browser(site).joined("fay"), Browser(site)
    assert elsewhere.log_in("fay").leads_on
    here.change_password(OTHER)
    assert here.is_in()
    return "go on" if elsewhere.is_in() else "end"


def second_use(site: Site) -> str:
    Browser(site).sign_up("gil")
    link = Browser(site).link_for("gil")
    assert Browser(site).opens(link, OTHER)
    return verdict(site, link)


def two_links(site: Site) -> str:
    Browser(site).sign_up("hal")
    older, newer = (Browser(site).link_for("hal") for _ in range(2))
    assert Browser(site).opens(newer, OTHER)
    return verdict(site, older)


def changed_password(site: Site) -> str:
    browser = Browser(site).joined("ian")
    link = browser.link_for("ian")
    browser.change_password(OTHER)
    return verdict(site, link)


def changed_address(site: Site) -> str:
    Browser(site).sign_up("jan")
    link = Browser(site).link_for("jan")
    change = f'UPDATE "{site.names.users}" SET email = ? WHERE email = ?'
    site.sql(change, "new@example.com", "jan@example.com")
    return verdict(site, link)


def open_redirect(site: Site) -> str:
    Browser(site).sign_up("kim")
    places = ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example"]
    answers = [Browser(site).log_in("kim", to=place) for place in places]
    assert all(answer.leads_on for answer in answers)
    return "leads away" if any("evil" in answer.location for answer in answers) else "stays"


def letter_case(site: Site) -> str:
    Browser(site).sign_up("lea")
    return "two accounts" if Browser(site).sign_up("Lea").leads_on else "one account"


def long_password(site: Site) -> str:
    password = "x" * 1_000_000
    browser = Browser(site)
    browser.sign_up("max", password)
    return "taken" if browser.log_in("max", password).leads_on else "refused"


def lost_role(site: Site) -> str:
    browser = Browser(site).joined("ned")
    assert browser.ask("GET", site.names.staff).status != 200
    given, taken = site.names.is_staff
    update = f'UPDATE "{site.names.users}" SET '
    site.sql(f"{update} {given} WHERE email = ?", "ned@example.com")
    assert browser.ask("GET", site.names.staff).status == 200
    site.sql(f"{update} {taken} WHERE email = ?", "ned@example.com")
    return "at the next login" if browser.ask("GET", site.names.staff).status == 200 else "at once"


def returned_id(site: Site) -> str:
    browser = Browser(site).joined("ola")
    site.sql(f'DELETE FROM "{site.names.users}" WHERE email = ?', "ola@example.com")
    Browser(site).sign_up("pat")
    return "opens another's account" if browser.is_in() else "refused"


def verdict(site: Site, link: str) -> str:
    return "still good" if Browser(site).opens(link, f"{OTHER} 2") else "dead"


def tokens_of(browser: Browser) -> dict[str, str]:
    """What proves to Django and Flask-WTF that a form is theirs."""
    page = browser.ask("GET", browser.site.names.password).text
    found = re.search(r'name="(csrf\w+)"[^>]*value="([^"]+)"', page)
    assert found
    return {found[1]: found[2]}


def without_tokens(page: str, name: str) -> str:
    return re.sub(r'(name="csrf\w+"[^>]*value)="[^"]+"', r"\1", page).replace(name, "")


PROBES: dict[str, Callable[[Site], str]] = {
    "a wrong password, an unknown name": wrong_password,
    "sign-up with a name that is taken": taken_name,
    "a reset link for an unknown address": forgotten,
    "50 wrong passwords, then the right one": guesses,
    "a session's cookie, copied before the logout": copied_cookie,
    "other sessions after a new password": other_sessions,
    "a reset link, the second time": second_use,
    "the older of two reset links": two_links,
    "a reset link after a new password": changed_password,
    "a reset link after a new address": changed_address,
    "`next=//evil.example` at the login": open_redirect,
    "`ada` and `Ada`": letter_case,
    "a password of 1 MB": long_password,
    "a role taken away during a session": lost_role,
    "a deleted account's session, its `id` given away again": returned_id,
}


@pytest.mark.skipif(not os.environ.get("MTVGEN_FULL"), reason="runs with MTVGEN_FULL=1")
def test_the_table_says_what_becomes_of_an_attack(sites):
    page, column = table("what is tried"), {"django": 2, "flask": 3}
    said = {row[0]: row for row in page}
    happened = {
        label: [*said[label][:2], *(probe(sites[name]) for name in column), *said[label][4:]]
        for label, probe in PROBES.items()
    }
    assert {label: said[label] for label in PROBES} == happened
