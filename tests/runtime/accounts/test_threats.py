"""What somebody may try against accounts: guesses, links, clocks."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update
from werkzeug.security import generate_password_hash

from mtvgen.runtime import hash_password
from mtvgen.runtime.accounts import credentials, guesses, set_password
from mtvgen.runtime.models import Database
from mtvgen.runtime.testing import Client, cheap_passwords
from tests.runtime.accounts.account_site import Guess, Model, User, account_site

ADA = {"email": "ada@example.com", "password": "correct horse"}


@pytest.fixture(autouse=True)
def cheap():
    with cheap_passwords():
        yield


@pytest.fixture
def database(url):
    database = Database(url)
    Model.metadata.create_all(database.engine)
    with database.session() as db:
        password_hash = hash_password(ADA["password"])
        db.add(User(id=1, key="ada-key", email=ADA["email"], password_hash=password_hash))
    yield database
    database.close()


@pytest.fixture
def client(database):
    return Client(account_site(database))


def kept_hash(database):
    with database.session() as db:
        return db.scalar(select(User.password_hash))


def ask(client, path, form, address="192.0.2.1"):
    return client.post(path, data=form, environ_overrides={"REMOTE_ADDR": address}).text


# --- Guesses


@pytest.mark.parametrize("addresses", [1, 50])
def test_guesses_of_fifty_at_once_let_no_more_through_than_the_limit(database, addresses):
    application = account_site(database)

    def guess(number):
        form = {**ADA, "password": f"guess {number}"}
        return ask(Client(application), "/log-in", form, f"192.0.2.{number % addresses}")

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(guess, range(50)))
    assert answers.count("wrong") == guesses.PER_ACCOUNT
    assert answers.count("too often") == 50 - guesses.PER_ACCOUNT


def test_guesses_at_many_accounts_are_counted_for_the_address(client):
    answers = [
        ask(client, "/log-in", {**ADA, "email": f"u{n}@example.com"}, f"2001:db8::{n}")
        for n in range(guesses.PER_ADDRESS + 2)  # of one network
    ]
    assert answers.count("wrong") == guesses.PER_ADDRESS
    assert ask(client, "/log-in", ADA, "2001:db8:0:1::1") == "right"


def test_guesses_at_an_unknown_account_are_counted_as_at_a_known_one(client):
    def answers(email):
        form = {"email": email, "password": "a guess"}
        return [ask(client, "/log-in", form, f"192.0.2.{n}") for n in range(25)]

    assert answers("nobody@example.com") == answers(ADA["email"])


def test_guesses_end_after_an_hour_and_old_rows_are_swept(client, database):
    wrong = {**ADA, "password": "a guess"}
    assert [ask(client, "/log-in", wrong) for _ in range(21)][-1] == "too often"
    assert ask(client, "/log-in", ADA) == "too often"
    with database.session() as db:
        db.add(Guess(who="old", since=0, tries=9))
        db.execute(update(Guess).values(since=Guess.since - guesses.WINDOW))
    assert ask(client, "/log-in", ADA) == "right"
    with database.session() as db:
        assert db.scalars(select(Guess.tries)).all() == [0]  # the address's


def test_an_own_account_takes_no_guesses_of_an_address_back(client):
    for number in range(guesses.PER_ADDRESS):
        ask(client, "/log-in", {"email": f"u{number}@example.com", "password": "a guess"})
        if number < 5:
            assert ask(client, "/log-in", ADA) == "right"
    assert ask(client, "/log-in", ADA) == "too often"


def test_what_is_stored_of_a_guess_names_nobody(client, database):
    ask(client, "/log-in", ADA | {"password": "wrong"})
    with database.session() as db:
        assert all(len(who) == 64 and "ada" not in who for who in db.scalars(select(Guess.who)))
        assert db.scalar(select(func.count()).select_from(Guess)) == 2


# --- Enumeration by time, and passwords


def test_enumeration_by_time_the_same_hashes_are_computed_for_nobody(client, monkeypatch):
    work = []
    scrypt = hashlib.scrypt
    monkeypatch.setattr(
        hashlib, "scrypt", lambda *args, **costs: work.append(costs) or scrypt(*args, **costs)
    )
    for email in ADA["email"], "nobody@example.com":
        ask(client, "/log-in", {"email": email, "password": "a guess"})
    assert len(work) == 2
    assert [{**costs, "salt": b""} for costs in work[:1]] == [{**work[1], "salt": b""}]


def test_a_password_of_a_megabyte_is_wrong_and_nothing_more(client):
    assert ask(client, "/log-in", {**ADA, "password": "p" * 1_000_000}) == "wrong"


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param(lambda p: generate_password_hash(p, "scrypt:1024:8:1"), id="werkzeug scrypt"),
        pytest.param(lambda p: generate_password_hash(p, "pbkdf2:sha256:9"), id="werkzeug pbkdf2"),
        pytest.param(
            lambda p: "pbkdf2_sha256$1000$salty$DzvaoPDWHNlO+0p5E04mScIUiNVjJ8YpgYitYTNqHo8=",
            id="django pbkdf2",
        ),
    ],
)
def test_a_foreign_hash_is_taken_over_and_hashed_again_at_login(client, database, foreign):
    with database.session() as db:
        db.execute(update(User).values(password_hash=foreign(ADA["password"])))
    before = kept_hash(database)
    assert ask(client, "/log-in", {**ADA, "password": "a guess"}) == "wrong"
    assert kept_hash(database) == before
    assert ask(client, "/log-in", ADA) == "right"
    assert kept_hash(database).startswith("$scrypt$")
    assert ask(client, "/log-in", ADA) == "right"


@pytest.mark.parametrize("kept", ["", "!unusable", "pbkdf2_sha256$1$salt$hash", "md5$a$b"])
def test_what_is_not_a_hash_fits_no_password(client, database, kept):
    with database.session() as db:
        db.execute(update(User).values(password_hash=kept))
    assert ask(client, "/log-in", ADA) == "wrong"
    assert ask(client, "/log-in", {**ADA, "password": kept}) == "wrong"


def test_others_write_while_a_password_is_hashed(client, database, monkeypatch):
    verify = credentials.verify_password

    def meanwhile(password, hashed):
        with database.session() as db:
            db.add(Guess(who="meanwhile", since=9e9, tries=1))
        return verify(password, hashed)

    monkeypatch.setattr(credentials, "verify_password", meanwhile)
    assert ask(client, "/log-in", ADA) == "right"


def test_a_password_that_is_changed_while_it_is_checked_opens_nothing(
    client, database, monkeypatch
):
    verify = credentials.verify_password

    def changed(password, hashed):
        with database.session() as db:
            db.execute(update(User).values(password_hash=hash_password("another")))
        return verify(password, hashed)

    monkeypatch.setattr(credentials, "verify_password", changed)
    assert ask(client, "/log-in", ADA) == "wrong"


# --- Links


def test_a_reset_link_is_used_once(client):
    token = ask(client, "/forgotten", ADA)
    assert ask(client, "/reset", {"token": token, "password": "a new one"}) == "set"
    assert ask(client, "/reset", {"token": token, "password": "a third"}) == "dead"
    assert ask(client, "/log-in", {**ADA, "password": "a new one"}) == "right"


def test_of_two_links_at_once_one_is_good(client, database, monkeypatch):
    tokens = [ask(client, "/forgotten", ADA) for _ in range(2)]
    hash_it = credentials.hash_password
    answers = []

    def hashing(password):
        if not answers:  # the other link, while the password of the first is hashed
            answers.append("")
            other = {"token": tokens[1], "password": "the second"}
            answers[0] = ask(Client(account_site(database)), "/reset", other)
        return hash_it(password)

    monkeypatch.setattr(credentials, "hash_password", hashing)
    answers.append(ask(client, "/reset", {"token": tokens[0], "password": "the first"}))
    assert sorted(answers) == ["dead", "set"]


@pytest.mark.parametrize(
    "change",
    [
        {"email": "another@example.com"},
        {"password_hash": "another"},
        {"key": "another"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_link_is_dead_when_what_it_was_signed_over_has_changed(client, database, change):
    token = ask(client, "/forgotten", ADA)
    with database.session() as db:
        db.execute(update(User).values(**change))
    assert ask(client, "/reset", {"token": token, "password": "mine"}) == "dead"


def test_a_link_ends(client, monkeypatch):
    token = ask(client, "/forgotten", ADA)
    later = guesses.time.time() + 31 * 60
    monkeypatch.setattr("mtvgen.runtime.accounts.tokens.time.time", lambda: later)
    assert ask(client, "/reset", {"token": token, "password": "mine"}) == "dead"


def test_a_forged_link_is_dead(client):
    token = ask(client, "/forgotten", ADA)
    key, end, signature = token.split(".")
    for forged in (
        f"{key}.{int(end) + 1}.{signature}",
        f"x{key}.{end}.{signature}",
        f"{key}.{end}.{'0' * 64}",
        f"{key}.{end}",
        "",
        "\u0660" * 90,
        token + "\n",
        token * 1000,
    ):
        assert ask(client, "/reset", {"token": forged, "password": "mine"}) == "dead"


def test_a_link_of_an_old_key_of_the_site_is_good_while_the_key_is_accepted(client, database):
    token = ask(client, "/forgotten", ADA)
    form = {"token": token, "password": "mine"}
    assert ask(Client(account_site(database, "another")), "/reset", form) == "dead"
    assert ask(Client(account_site(database, ["another", "a key"])), "/reset", form) == "set"


def test_a_new_person_gets_a_password_without_a_database():
    user = User(email=ADA["email"])
    assert set_password(user, "correct horse")
    assert user.password_hash.startswith("$scrypt$")
