"""Threats to somebody's session, each by its name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from mtvgen.runtime.accounts import carried
from mtvgen.runtime.testing import Client
from tests.support.members_site import User, members_site

ADA, GRACE = "ada@example.com", "grace@example.com"


@pytest.fixture
def site(tmp_path):
    return members_site(tmp_path)


def signed_in_as(site, email):
    client = Client(site)
    client.post("/login", data={"email": email})
    return client


def copy_of(client):
    """A thief's browser, with the cookie as it is now."""
    thief = Client(client.application)
    thief.set_cookie("session", client.get_cookie("session").value)
    return thief


def who(client):
    return client.get("/hello").text


def change(site, email, **values):
    with site.database.session() as db:
        row = db.query(User).filter_by(email=email).one()
        for name, value in values.items():
            setattr(row, name, value)


def test_fixation(site):
    attacker = Client(site)
    attacker.get("/plant")
    victim = copy_of(attacker)
    victim.post("/login", data={"email": ADA})
    assert (who(victim), who(attacker)) == (ADA, "a visitor")
    assert victim.get("/contents").json == {}


def test_replay_after_logout(site):
    ada, phone = signed_in_as(site, ADA), signed_in_as(site, ADA)
    thief = copy_of(ada)
    assert who(thief) == ADA
    answer = ada.post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert ada.get_cookie("session") is None
    assert (who(ada), who(thief), who(phone)) == ("a visitor", "a visitor", ADA)


def test_replay_after_everywhere(site):
    ada, phone = signed_in_as(site, ADA), signed_in_as(site, ADA)
    thief, grace = copy_of(ada), signed_in_as(site, GRACE)
    ada.post("/everywhere", data={"id": 1})
    assert [who(c) for c in (ada, thief, phone, grace)] == [ADA, "a visitor", "a visitor", GRACE]


def test_everywhere_for_somebody_else_signs_nobody_in(site):
    ada, grace = signed_in_as(site, ADA), signed_in_as(site, GRACE)
    grace.post("/everywhere", data={"id": 1})
    assert (who(ada), who(grace)) == ("a visitor", GRACE)


def test_a_changed_password_ends_other_sessions(site):
    ada, phone = signed_in_as(site, ADA), signed_in_as(site, ADA)
    ada.post("/password", data={"password": "another hash"})
    assert (who(ada), who(phone)) == (ADA, "a visitor")
    change(site, ADA, password_hash="a third, by a script")
    assert who(ada) == "a visitor"


def test_a_role_taken_away_during_a_session(site):
    grace = signed_in_as(site, GRACE)
    assert grace.get("/staff").status_code == 200
    change(site, GRACE, roles=[])
    assert grace.get("/staff").status_code == 403


def test_a_deleted_user_with_a_session_whose_id_comes_back(site):
    grace = signed_in_as(site, GRACE)
    with site.database.session() as db:
        old = db.query(User).filter_by(email=GRACE).one()
        number = old.id
        db.delete(old)
    with site.database.session() as db:
        new = User(email="mallory@example.com")
        db.add(new)
        db.flush()
        assert new.id == number  # which SQLite gives away again
    assert who(grace) == "a visitor"
    assert grace.get("/mine").status_code == 401


@pytest.mark.parametrize(
    "target",
    ["https://evil.test/", "//evil.test", r"/\evil.test", "/\t/evil.test", "javascript:alert(1)"],
)
def test_open_redirects_on_the_way_back(site, target):
    for arguments in (
        {"query_string": {"next": target}, "data": {"email": ADA}},
        {"data": {"email": ADA, "next": target}},
    ):
        assert Client(site).post("/login", **arguments).headers["Location"] == "/"


def test_a_session_that_another_key_of_the_site_signed_is_a_visitors(site):
    client = Client(site)
    client.set_cookie("session", "W10.1800000000.1800000000.x")
    assert who(client) == "a visitor"


def test_a_clock_that_was_set_back_revives_no_session(site):
    from datetime import UTC, datetime

    ada = signed_in_as(site, ADA)
    change(site, ADA, sessions_valid_from=datetime(2020, 1, 1, tzinfo=UTC))
    assert who(ada) == "a visitor"


def test_the_list_of_ended_sessions_stays_short_and_none_comes_back(site, monkeypatch):
    thieves = []
    for _ in range(5):
        ada = signed_in_as(site, ADA)
        thieves.append(copy_of(ada))
        monkeypatch.setattr(carried, "_MOST_ENDED", 3)
        ada.post("/logout")
    with site.database.session(read_only=True) as db:
        assert len(db.query(User).filter_by(email=ADA).one().ended_sessions) <= 3
    assert {who(thief) for thief in thieves} == {"a visitor"}


def test_logouts_at_once_end_each_session(site):
    devices = [signed_in_as(site, ADA) for _ in range(6)]
    thieves = [copy_of(device) for device in devices]
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda device: device.post("/logout").status_code, devices))
    assert answers == [303] * 6
    assert {who(thief) for thief in thieves} == {"a visitor"}


def test_a_login_again_counts_the_lifetime_from_then(site):
    ada = signed_in_as(site, ADA)
    first = ada.get_cookie("session").value
    ada.post("/login", data={"email": GRACE})
    assert who(ada) == GRACE
    assert ada.get_cookie("session").value != first
