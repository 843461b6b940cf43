"""Many processes, one site: nothing that was acknowledged is lost, whatever ends and begins."""

from __future__ import annotations

import json
import os
import threading

import pytest

from tests.cluster.demo import deploy, kill_one, migrate_twice_at_once, missing, visited
from tests.cluster.machines import cluster, why_not
from tests.servers.site_calls import Site, link_to_static


@pytest.fixture
def browser(site):
    return Site(site.port, site.root)


@pytest.mark.skipif(not os.environ.get("MTVGEN_FULL"), reason="runs with MTVGEN_FULL=1")
@pytest.mark.skipif(why_not() is not None, reason=why_not() or "")
def test_two_that_migrate_at_once_do_so_once():
    with cluster() as fresh:
        said = migrate_twice_at_once(fresh)

    assert sum("0001_notes" in one and "already" not in one for one in said) == 1
    assert sum("already at 0001_notes" in one for one in said) == 1


def test_a_process_that_dies_and_comes_back_costs_no_acknowledged_write(site):
    seen = visited(site, kill_one)

    assert missing(site, seen) == []
    assert seen.lost == []
    assert len(seen.acknowledged) > 100
    # What was on its way inside the process that died; nginx asks the other one from then on.
    assert len(seen.failed) <= 16


def test_a_new_version_costs_no_request(site):
    seen = visited(site, deploy)

    assert seen.failed == []
    assert missing(site, seen) == []
    assert seen.lost == []
    assert seen.versions == {"first version", "second version"}


def test_an_old_worker_finishes_what_it_has(site, browser):
    answers = []

    def wait():
        answers.append(browser.get("/slow?seconds=2"))

    waiting = [threading.Thread(target=wait) for _ in range(4)]
    for thread in waiting:
        thread.start()
    site.reload(0)
    site.reload(1)
    for thread in waiting:
        thread.join()

    assert [answer.status for answer in answers] == [200] * 4


def test_a_static_file_has_one_address_in_every_process_and_is_kept_for_a_year(site, browser):
    addresses = {link_to_static(browser.get("/").text, "style.css") for _ in range(8)}
    (address,) = addresses
    first = browser.get(address)
    again = [browser.get(address, If_None_Match=first.headers["ETag"]).status for _ in range(8)]

    assert "max-age=31536000" in first.headers["Cache-Control"]
    assert again == [304] * 8


def test_the_id_that_nginx_gives_a_request_is_in_the_log_and_in_the_answer(site, browser):
    identifier = browser.get("/notes/7").headers["X-Request-Id"]
    lines = [json.loads(line) for line in site.logged().splitlines() if line.startswith("{")]
    (record,) = [line for line in lines if line["request_id"] == identifier]

    assert record["pattern"] == "/notes/<int:id>"
    assert record["client"] == "127.0.0.1"


def test_the_processes_know_what_nginx_says_of_the_visitor(site, browser):
    answer = browser.get("/notes/", Host="localhost", X_Forwarded_Proto="https")

    # nginx has put its own word in the place of the visitor's.
    assert "Strict-Transport-Security" not in answer.headers
    assert answer.headers["Location"] == "/notes"
