"""Mail leaves after the commit, to a real server, and never otherwise than it should."""

from __future__ import annotations

import contextlib
import os
import shutil
import ssl
import subprocess
import sys
import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

import mtvgen.runtime.mail.delivery
import mtvgen.runtime.mail.queue
from mtvgen.runtime import Application, Forbidden, Settings, SettingsError, path
from mtvgen.runtime.mail import Mailer, MailError, send, send_now
from mtvgen.runtime.mail.queue import MailQueue
from mtvgen.runtime.models import Database, database_session
from mtvgen.runtime.settings.mail_server import MailServer, WrongMailURL, read_mail_url
from mtvgen.runtime.testing import Client, sent_mail
from tests.support.smtp import mail_server

SENDER = "Notes <notes@example.org>"


def site(*sends, tmp_path=None, ends=lambda: "Saved."):
    """A client of a site whose only page sends mails."""

    def page(request):
        for call in sends:
            call(request)
        return ends()

    middleware = []
    if tmp_path is not None:
        middleware.append(database_session(Database(f"sqlite:///{tmp_path / 'db.sqlite3'}")))
    return Client(Application([path("/", page, methods=["POST"])], middleware=middleware))


def mail(mailer, **parts):
    parts = {"to": "ada@example.org", "subject": "Hello", "text": "A note.\n", **parts}
    return lambda request: mailer.send(request, **parts)


def plain(server):
    return Mailer(f"smtp://{server.address}", SENDER)


def test_the_mails_of_a_request_arrive_over_one_connection():
    with mail_server() as server:
        mailer = plain(server)
        client = site(
            mail(mailer, subject="Tea, 茶", text="One\n.\nTwo 茶\n", html="<p>One</p>"),
            mail(mailer, to=["bob@example.org", "eve@example.org"]),
        )
        assert client.post("/").text == "Saved."
        first, second = server.next_mail(), server.next_mail()

    assert first.sender == "notes@example.org"
    assert first.to == ["ada@example.org"]
    assert first.message["From"] == SENDER
    assert first.message["Subject"] == "Tea, 茶"
    assert first.message["Message-ID"].endswith("@example.org>")
    assert first.message["Date"]
    assert first.message["Auto-Submitted"] == "auto-generated"
    assert first.message.get_body(("plain",)).get_content().replace("\r", "") == "One\n.\nTwo 茶\n"
    assert first.message.get_body(("html",)).get_content().replace("\r", "") == "<p>One</p>\n"
    assert second.to == ["bob@example.org", "eve@example.org"]
    assert first.conversation == second.conversation == 1


@pytest.mark.parametrize("has_database", [True, False])
@pytest.mark.parametrize("error", [ZeroDivisionError(), Forbidden("No.")], ids=["bug", "answer"])
def test_a_request_that_is_rolled_back_sends_nothing(tmp_path, error, has_database):
    def ends():
        raise error

    client = site(mail(Mailer("", SENDER)), tmp_path=tmp_path if has_database else None, ends=ends)
    with sent_mail() as outbox, contextlib.suppress(ZeroDivisionError):
        assert client.post("/").status_code == 403
    assert outbox == []


def test_a_commit_that_fails_sends_nothing(tmp_path):
    def breaks_the_commit(request):
        request.db.execute(text("CREATE TABLE a (id INTEGER PRIMARY KEY)"))
        request.db.execute(
            text("CREATE TABLE b (a INTEGER REFERENCES a (id) DEFERRABLE INITIALLY DEFERRED)")
        )
        request.db.execute(text("INSERT INTO b VALUES (1)"))

    client = site(breaks_the_commit, mail(Mailer("", SENDER)), tmp_path=tmp_path)
    with sent_mail() as outbox, pytest.raises(IntegrityError):
        client.post("/")
    assert outbox == []


def test_the_answer_does_not_wait_for_a_server_that_hangs(caplog, monkeypatch):
    monkeypatch.setattr(mtvgen.runtime.mail.delivery, "TIMEOUT", 0.2)
    with mail_server(greeting=None) as server:
        answer = site(mail(plain(server))).post("/")
        # The server says nothing before `released`: an answer that waited would be none.
        assert answer.text == "Saved."
        assert not server.released.is_set()
        logged(caplog, 1)
    assert "The mail to ada@example.org was not sent: " in caplog.text
    assert "timed out" in caplog.text


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"greeting": b"421 come again later"}, "421 come again later"),
        ({"refused": {"ada@example.org"}}, r"550 no such\x1b[2Juser"),
        ({"hangs_up_at_data": True}, "Connection unexpectedly closed"),
    ],
)
def test_a_server_that_refuses_is_logged_and_costs_no_answer(caplog, behaviour, reason):
    with mail_server(**behaviour) as server:
        assert site(mail(plain(server))).post("/").status_code == 200
        logged(caplog, 1)
        with pytest.raises(MailError, match=r"The mail to ada@example.org was not sent"):
            plain(server).send_now(to="ada@example.org", subject="Hello", text="A note.")
    assert caplog.messages == [f"The mail to ada@example.org was not sent: {reason}"]


def test_a_mail_that_is_refused_does_not_hold_up_the_next(caplog):
    with mail_server(refused={"nobody@example.org"}) as server:
        mailer = plain(server)
        site(mail(mailer, to="nobody@example.org"), mail(mailer)).post("/")
        assert server.next_mail().to == ["ada@example.org"]
    logged(caplog, 1)


def test_nobody_at_the_port_is_logged(caplog):
    with mail_server() as server:
        mailer = plain(server)
    assert site(mail(mailer)).post("/").status_code == 200
    logged(caplog, 1)
    assert "Connection refused" in caplog.text


@pytest.mark.parametrize(
    "parts",
    [
        {"subject": "Hello\r\nBcc: eve@example.org"},
        {"subject": "Hello\nBcc: eve@example.org"},
        {"subject": "Hello\u2028Bcc: eve@example.org"},
        {"subject": "\x1b]0;owned\x07"},
        {"subject": "\ud800"},
        {"to": "ada@example.org\nBcc: eve@example.org"},
        {"to": "ada@example.org, eve@example.org"},
        {"to": "ada@example.org eve@example.org"},
        {"to": "Ada <ada@example.org>"},
        {"to": "(eve) ada@example.org"},
        {"to": "ada"},
        {"to": "ada@"},
        {"to": "@example.org"},
        {"to": ""},
        {"to": []},
        {"to": "a" * 300 + "@example.org"},
        {"to": "ada@stra\u00dfe.example"},  # IDNA 2003 takes it for strasse.example
    ],
    ids=str,
)
def test_what_would_become_another_header_or_address_is_refused_in_the_view(parts):
    refused = []

    def sends(request):
        with pytest.raises(ValueError, match=r"mail|control|place") as error:
            mail(Mailer("", SENDER), **parts)(request)
        refused.append(error.value)

    with sent_mail() as outbox:
        assert site(sends).post("/").text == "Saved."
    assert len(refused) == 1
    assert outbox == []


def test_addresses_of_every_language_arrive(caplog):
    with mail_server() as server:
        site(mail(plain(server), to=["ada@b\u00fccher.example", "\u8336@example.org"])).post("/")
        delivered = server.next_mail()
    assert delivered.to == ["ada@xn--bcher-kva.example", "\u8336@example.org"]
    assert b"SMTPUTF8" in b"".join(server.lines)

    with mail_server(has_utf8=False) as server:
        site(mail(plain(server), to="\u8336@example.org")).post("/")
        logged(caplog, 1)
        site(mail(plain(server), to="ada@b\u00fccher.example")).post("/")
        assert server.next_mail().to == ["ada@xn--bcher-kva.example"]
    assert "SMTPUTF8" in caplog.text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of `localhost`, and the file that makes a client trust it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    place = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", place / "key.pem", "-out", place / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "cert.pem", place / "key.pem")
    return context, str(place / "cert.pem")


@pytest.mark.parametrize(("scheme", "at_once"), [("smtp", False), ("smtps", True)])
def test_a_password_travels_encrypted_to_a_server_that_proves_its_name(
    certificate, monkeypatch, caplog, scheme, at_once
):
    context, file = certificate
    with mail_server(certificate=context, is_encrypted_at_once=at_once, password="p@:") as server:
        port = server.server_address[1]

        def failure(url):
            with pytest.raises(MailError) as error:
                Mailer(url, SENDER).send_now(to="ada@example.org", subject="Hi", text="Hi")
            return str(error.value)

        good = f"{scheme}://ada:p%40%3a@localhost:{port}"
        assert "certificate verify failed" in failure(good)

        monkeypatch.setenv("SSL_CERT_FILE", file)
        assert "certificate verify failed" in failure(good.replace("localhost", "127.0.0.1"))
        assert not any(line.startswith((b"AUTH", b"MAIL")) for line in server.lines)

        assert "535 who are you?" in failure(good.replace("p%40", "q"))
        site(mail(Mailer(good, SENDER))).post("/")
        delivered = server.next_mail()
    assert delivered.is_encrypted
    assert delivered.login == ("ada", "p@:")
    assert caplog.messages == []


def test_a_password_never_travels_in_plain_text():
    with mail_server(password="secret") as server:
        mailer = Mailer(f"smtp://ada:secret@{server.address}", SENDER)
        with pytest.raises(MailError, match="offers no TLS, and a password needs it"):
            mailer.send_now(to="ada@example.org", subject="Hi", text="Hi")
    assert not any(line.startswith((b"AUTH", b"MAIL")) for line in server.lines)


def test_a_server_elsewhere_gets_nothing_unencrypted_unless_the_url_says_so():
    assert not read_mail_url("smtp://relay.example").may_be_plain
    assert read_mail_url("smtp://relay.example?tls=never").may_be_plain
    assert read_mail_url("smtp://localhost").may_be_plain


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example", MailServer("mail.example", 587)),
        ("smtps://mail.example/", MailServer("mail.example", 465, is_encrypted_at_once=True)),
        ("smtp://a:b%40c@mail.example:25", MailServer("mail.example", 25, "a", "b@c")),
        ("smtp://[::1]:1025", MailServer("::1", 1025, may_be_plain=True)),
    ],
)
def test_a_url_names_a_server(url, server):
    assert read_mail_url(url) == server


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mail.example", "does not begin with smtp://"),
        ("http://mail.example", "does not begin with smtp://"),
        ("smtp://", "names no host"),
        ("smtp://ada@mail.example", "has no password"),
        ("smtp://:pw@mail.example", "has no user"),
        ("smtp://ada:p/w@mail.example", "ends it.*%2F"),
        ("smtp://ada:p#w@mail.example", "ends it.*%23"),
        ("smtp://mail.example:many", "not a number"),
        ("smtp://mail.example:99999", "not a number"),
        ("smtp://mail.example/inbox", "a path has no meaning"),
        ("smtp://mail.example?tls=maybe", "only option"),
        ("smtps://mail.example?tls=never", "TLS"),
        ("smtp://ada:pw@mail.example?tls=never", "unencrypted"),
        ("smtp://[::1", "not a URL"),
    ],
)
def test_a_wrong_url_is_one_mistake_of_the_settings_with_its_cure(tmp_path, url, message):
    with pytest.raises(WrongMailURL, match=message):
        read_mail_url(url)
    with pytest.raises(SettingsError, match=message) as error:
        settings_of(tmp_path, MAIL_URL=url, MAIL_FROM=SENDER)
    (problem,) = error.value.problems
    assert problem.startswith("MAIL_URL is wrong: ")
    assert " -> " in problem
    assert "pw" not in problem
    assert "p/w" not in problem


def settings_of(root, **variables):
    needed = {"SECRET_KEY": "a key", "ALLOWED_HOSTS": "example.org"}
    return Settings.from_environment(root, {**needed, **variables})


def test_a_url_without_a_sender_is_a_mistake_of_the_settings_and_so_is_a_wrong_sender(tmp_path):
    with pytest.raises(SettingsError, match=r"MAIL_FROM is not set. -> export MAIL_FROM='My site"):
        settings_of(tmp_path, MAIL_URL="smtp://mail.example")
    with pytest.raises(SettingsError, match=r"MAIL_FROM is wrong: 'Notes' is not a mail address"):
        settings_of(tmp_path, MAIL_URL="smtp://mail.example", MAIL_FROM="Notes")


def test_the_settings_of_the_site_are_those_of_send(tmp_path):
    def note(request):
        send(request, to="ada@example.org", subject="Hello", text="https://example.org/n/1\n")

    with mail_server() as server:
        settings = settings_of(tmp_path, MAIL_URL=f"smtp://{server.address}", MAIL_FROM=SENDER)
        client = site(note)
        client.post("/")
        assert server.next_mail().sender == "notes@example.org"
        send_now(to="ada@example.org", subject="Hello", text="Hi")
        assert server.next_mail().message["Subject"] == "Hello"
        with sent_mail() as outbox:
            client.post("/")
        assert [found.links for found in outbox] == [["https://example.org/n/1"]]
        assert outbox.to("ada@example.org") == list(outbox)
        with settings.temporarily(mail_url=""):
            with pytest.raises(MailError, match="MAIL_URL is not set"):
                client.post("/")
            with pytest.raises(MailError, match=r"MAIL_URL is not set.*-> export MAIL_URL="):
                send_now(to="ada@example.org", subject="Hello", text="Hi")
        assert server.mails.empty()
    assert "mail_url=..." in repr(settings)


def test_while_developing_the_mail_is_text_in_the_terminal(tmp_path, capsys):
    settings = settings_of(tmp_path, DEBUG="1", MAIL_URL="smtp://mail.invalid", MAIL_FROM=SENDER)

    def note(request):
        words = "茶\r\n\x1b]0;owned\x07\x9b2J\u202e\n"
        send(request, to="ada@example.org", subject="Hello", text=words)

    site(note).post("/")
    shown = capsys.readouterr().out
    assert "To: ada@example.org\nSubject: Hello\n\n茶" in shown
    assert r"\x1b]0;owned\x07\x9b2J\u202e" in shown
    assert all(character.isprintable() or character == "\n" for character in shown)

    with mail_server() as server, settings.temporarily(mail_url=f"smtp://{server.address}"):
        site(note).post("/")
        assert server.next_mail().to == ["ada@example.org"]  # one that catches mail, here


def test_what_waits_for_a_server_that_hangs_has_a_limit(caplog, monkeypatch):
    monkeypatch.setattr(mtvgen.runtime.mail.queue, "MOST_WAITING", 2)
    with mail_server(greeting=None) as server:
        full = MailQueue()
        for _ in range(3):
            full.put(read_mail_url(f"smtp://{server.address}"), [])
        assert caplog.messages == ["0 mails were not sent: too many are waiting already."]


def test_mail_is_loaded_by_those_who_send_it():
    script = "import sys, mtvgen.runtime; print(sorted(m for m in sys.modules if 'mail' in m))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"


def logged(caplog, number):
    """Wait until so many lines are in the log, which another thread writes."""
    waiting = threading.Event()
    for _ in range(400):
        if len(caplog.messages) >= number:
            break
        waiting.wait(0.05)
    assert len(caplog.messages) == number


FORKING = """
import os, signal, time
from mtvgen.runtime.mail.messages import Mail, as_message
from mtvgen.runtime.mail.queue import queue
from mtvgen.runtime.settings.mail_server import read_mail_url

message = as_message(Mail("a@example.org", ("b@example.org",), "Hello", "text"))
nobody = read_mail_url("smtp://127.0.0.1:1")
for moment in range(0, 20, 2):
    queue.put(nobody, [message])
    time.sleep(moment / 1000)
    child = os.fork()
    if not child:
        signal.alarm(20)  # one that hangs ends, too
        queue.put(nobody, [message])
        queue.finish()
        os._exit(0)
    os.waitpid(child, 0)
queue.finish()
print("done")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_process_that_is_forked_while_mail_is_sent_sends_its_own():
    """Such as a worker of gunicorn behind --preload, or a child of multiprocessing."""
    run = subprocess.run(
        [sys.executable, "-c", FORKING], capture_output=True, text=True, timeout=30, check=False
    )
    assert (run.stdout, run.stderr.count("was not sent")) == ("done\n", 20)
