"""The sites of docs/comparison/accounts: each runs as a process, and a browser uses it."""

from __future__ import annotations

import http.client
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from tests.servers.serving import free_port
from tests.support.smtp import MailServer

PAGE = Path(__file__).parents[2] / "docs" / "comparison.md"
PROGRAMS = PAGE.with_suffix("") / "accounts"
SECONDS = 20.0  # until a program has failed to answer
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Names:
    """What the addresses, the fields and the table of users are called."""

    log_in: str
    log_out: str
    sign_up: str
    forgotten: str
    password: str  # where somebody who is logged in changes it
    staff: str
    login: str  # the field of whoever logs in
    at_sign_up: tuple[str, ...]  # the fields of the password there
    at_change: tuple[str, ...]  # and where another one is chosen
    old: str  # the field of the present password, if that page asks for it
    users: str  # the table
    is_staff: tuple[str, str]  # SQL that makes somebody staff, and that takes it away


NAMES = {
    "django": Names(
        log_in="/accounts/login/",
        log_out="/accounts/logout/",
        sign_up="/sign-up",
        forgotten="/accounts/password_reset/",
        password="/accounts/password_change/",
        staff="/admin/__main__/author/",
        login="username",
        at_sign_up=("password1", "password2"),
        at_change=("new_password1", "new_password2"),
        old="old_password",
        users="auth_user",
        is_staff=("is_staff = 1, is_superuser = 1", "is_staff = 0, is_superuser = 0"),
    ),
    "flask": Names(
        log_in="/login",
        log_out="/logout",
        sign_up="/sign-up",
        forgotten="/forgotten",
        password="/password",
        staff="/admin/author/",
        login="email",
        at_sign_up=("password",),
        at_change=("password",),
        old="",
        users="user",
        is_staff=("is_staff = 1", "is_staff = 0"),
    ),
}


@dataclass(frozen=True)
class Answer:
    """What a browser gets."""

    status: int
    location: str
    text: str

    @property
    def leads_on(self) -> bool:
        return self.status in (302, 303)


@dataclass(frozen=True)
class Site:
    """A running program."""

    port: int
    database: Path
    mails: MailServer
    names: Names

    def sql(self, statement: str, *values: object) -> None:
        with closing(sqlite3.connect(self.database, timeout=10)) as db, db:
            db.execute(statement, values)

    def next_link(self) -> str:
        """The path in the mail that arrives next."""
        text = self.mails.next_mail().message.get_content()
        found = re.search(r"https?://[^/\s]+(/\S+)", text)
        assert found, text
        return found[1]


@dataclass
class Browser:
    """Keeps cookies, and sends a page's hidden fields with its form."""

    site: Site
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, /, **form: str) -> Answer:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        body = urlencode(form) if method == "POST" else None
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=20)
        with closing(connection):
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value.strip('"')
            location = answer.headers.get("Location", "")
            return Answer(answer.status, location, answer.read().decode())

    def send(self, path: str, /, **form: str) -> Answer:
        """Open a page, fill in its form, and send it to where the page came from."""
        page = self.ask("GET", path)
        while page.leads_on and urlsplit(page.location).path != self.site.names.log_in:
            path = page.location  # Django hides a link's token in the session
            page = self.ask("GET", path)
        return self.ask("POST", path, **hidden_fields(page.text) | form)

    def sign_up(self, name: str, password: str = PASSWORD) -> Answer:
        """An account for `name`, which is an address or the first part of one."""
        names, address = self.site.names, name if "@" in name else f"{name}@example.com"
        who = {names.login: self.login_of(name), "email": address}
        return self.send(names.sign_up, **who, **dict.fromkeys(names.at_sign_up, password))

    def log_in(self, name: str, password: str = PASSWORD, *, to: str = "") -> Answer:
        names = self.site.names
        query = f"?{urlencode({'next': to})}" if to else ""
        return self.send(
            names.log_in + query, **{names.login: self.login_of(name), "password": password}
        )

    def login_of(self, name: str) -> str:
        """What somebody types to log in: a name in Django, an address elsewhere."""
        is_address = self.site.names.login == "email" and "@" not in name
        return f"{name}@example.com" if is_address else name

    def joined(self, name: str) -> Browser:
        """With an account, and logged in."""
        self.sign_up(name)
        assert self.log_in(name).leads_on
        assert self.is_in()
        return self

    def is_in(self) -> bool:
        return self.ask("GET", self.site.names.password).status == 200

    def change_password(self, new: str) -> None:
        names = self.site.names
        form = dict.fromkeys(names.at_change, new)
        assert self.send(names.password, **form, **{names.old: PASSWORD}).leads_on

    def link_for(self, name: str) -> str:
        """The link that somebody gets who has forgotten the password."""
        self.send(self.site.names.forgotten, email=f"{name}@example.com")
        return self.site.next_link()

    def opens(self, link: str, new: str) -> bool:
        """Whether a link takes another password."""
        return self.send(link, **dict.fromkeys(self.site.names.at_change, new)).leads_on


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden inputs of a page, by name."""
    inputs = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    pairs = [
        (re.search(r'name="([^"]+)"', one), re.search(r'value="([^"]*)"', one)) for one in inputs
    ]
    return {name[1]: unescape(value[1]) for name, value in pairs if name and value}


@contextmanager
def running(framework: str, directory: Path, mails: MailServer) -> Iterator[Site]:
    """A site of docs/comparison/accounts with an empty database."""
    port, database = free_port(), directory / f"{framework}.sqlite3"
    environ = {"PORT": str(port), "DATABASE": str(database), "PYTHONDONTWRITEBYTECODE": "1"}
    environ["MAIL_PORT"] = mails.address.rpartition(":")[2]
    process = subprocess.Popen(
        [sys.executable, PROGRAMS / f"{framework}_staff.py"],
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    site = Site(port, database, mails, NAMES[framework])
    try:
        wait_for(site, process)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def wait_for(site: Site, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            Browser(site).ask("GET", site.names.log_in)
        except OSError:
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline, f"{process.args} does not answer"
            time.sleep(0.02)
        else:
            return


def table(first: str) -> list[list[str]]:
    """The rows of the page's table whose first heading is this."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.search(rf"^\| {first} \|.*\n\|[-:| ]+\n((?:\|.*\n)+)", text, re.M)
    assert found, f"no table of {first}"
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in found[1].splitlines()]
