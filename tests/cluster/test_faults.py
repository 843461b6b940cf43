"""What fails is answered, what was acknowledged is there, and nobody has to lend a hand.

A full disk and a pool without a free connection are in test_exhaustion.py; these in one process,
locked and read-only files and statements that take too long in
tests/runtime/models/test_faults.py.
"""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections import Counter
from contextlib import suppress

import pytest

from tests.cluster.demo import kept, missing, visited
from tests.cluster.machines import until
from tests.cluster.visitors import visitors
from tests.servers.site_calls import Site

LONGEST = 6  # seconds that a visitor waits for an answer when the database fails


@pytest.fixture
def browser(site):
    return Site(site.port, site.root)


def restart_postgresql(site):
    time.sleep(1)
    site.database.stop()
    time.sleep(1)
    site.database.start()
    time.sleep(1)


def cut_connections(site):
    for _ in range(10):
        time.sleep(0.2)
        site.database.cut_connections()
    time.sleep(1)


def kill_workers(site):
    for turn in range(6):
        time.sleep(0.5)
        with suppress(ProcessLookupError, IndexError):
            os.kill(site.workers(turn % 2)[0], signal.SIGKILL)
    time.sleep(1)


def restart_nginx(site):
    time.sleep(1)
    site.stop_nginx()
    time.sleep(0.5)
    site.start_nginx()
    time.sleep(1)


def kinds(seen):
    """What failed, without the paths: `500`, `502`, `ConnectionRefusedError`."""
    return {re.sub(r"^\S+ \S+: |\(.*$", "", what) for what in seen.failed}


@pytest.mark.parametrize(
    ("happening", "answered"),
    [
        (restart_postgresql, {"500", "503"}),
        (cut_connections, {"500", "503"}),
        (kill_workers, {"502", "IncompleteRead"}),
        (restart_nginx, {"ConnectionRefusedError", "ConnectionResetError", "RemoteDisconnected"}),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_what_was_acknowledged_is_there_and_all_is_well_again(site, happening, answered):
    seen = visited(site, happening)

    assert kinds(seen) <= answered, (site.root.parent / "nginx" / "nginx-error.log").read_text()
    assert missing(site, seen) == []
    assert seen.lost == []
    assert seen.slowest < LONGEST
    # Nobody has done anything; whoever comes now is served.
    with visitors(site.port) as after:
        until(lambda: len(after.acknowledged) > 50, "nothing is written any more")
    assert after.failed == []


def test_a_worker_that_is_killed_within_a_write_leaves_nothing_of_it(site, browser, tmp_path):
    pid_file = tmp_path / "pid"
    before = kept(site)

    def end():
        until(pid_file.exists, "no worker has begun")
        until(pid_file.read_text, "no worker has begun")
        os.kill(int(pid_file.read_text()), signal.SIGKILL)

    ending = threading.Thread(target=end)
    ending.start()
    answer = browser.post_form("/half", f"text=half&pid_file={pid_file}")
    ending.join()

    assert answer.status == 502
    assert kept(site) - before == Counter()
    assert browser.post_form("/notes", "text=whole").status == 303
