"""What runs out under load: the room on SQLite's disk, and the connections of a pool.

The same in one process is in tests/runtime/models/test_faults.py; what goes away and comes back
is in test_faults.py.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import threading
from collections import Counter
from contextlib import closing, contextmanager, suppress

import pytest

from tests.cluster.demo import amiss, noted
from tests.cluster.machines import make_clustered_project, until
from tests.cluster.visitors import visitors
from tests.servers.serving import HOST, free_port, start_process, wait_until_it_answers
from tests.servers.site_calls import Site
from tests.support.live_site import environment

pytestmark = pytest.mark.skipif(
    not os.environ.get("MTVGEN_FULL"), reason="under load: runs with MTVGEN_FULL=1"
)
LONGEST = 6  # seconds that a visitor waits for an answer when the database fails
DISK = 4 * 1024 * 1024  # bytes
REFUSALS = {"500", "503"}


@contextmanager
def served(directory, url, *options):
    """A project on a database of its own, under gunicorn with threads."""
    root, port = make_clustered_project(directory), free_port()
    environ = {**environment(directory), "DATABASE_URL": url}
    migrate = ["mtvgen", "migrate"]
    subprocess.run(migrate, cwd=root, env=environ, check=True, capture_output=True)
    command = ["gunicorn", "wsgi:application", "--bind", f"{HOST}:{port}", *options]
    with start_process(command, root, environ) as process:
        wait_until_it_answers(process, port, root)
        yield Site(port, root)


def failures(seen):
    """What failed, without the path: `POST 500`."""
    return {re.sub(r"^(\S+) \S+: ", r"\1 ", what) for what in seen.failed}


def all_is_well_again(site):
    """Nobody has done anything; whoever comes now is served."""
    with visitors(site.port) as after:
        until(lambda: len(after.acknowledged) > 50, "nothing is written any more")
    assert after.failed == []


# --- the disk


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True)
    except FileNotFoundError as error:
        pytest.skip(f"no file systems of its own here: {error}")
    if done.returncode:
        pytest.skip(f"no file systems of its own here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@contextmanager
def no_room(disk):
    """Fill a file system to the last byte, for the length of the block."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(1024)):
            pass
    yield
    ballast.unlink()


def notes_in(file):
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return Counter(text for (text,) in connection.execute("SELECT text FROM note"))


def test_a_full_disk_refuses_what_writes_and_nothing_else(tmp_path, small_disk):
    file = small_disk / "db.sqlite3"
    options = ["--workers", "2", "--threads", "8"]
    with served(tmp_path, f"sqlite:///{file}", *options) as site:
        with visitors(site.port) as seen:
            until(lambda: len(seen.acknowledged) > 50, "nothing is written")
            with no_room(small_disk):
                until(lambda: len(seen.failed) > 50, "the disk is not full")
                pages = [site.get(path).status for path in ("/", "/notes", "/health")]
            before = len(seen.acknowledged)
            until(lambda: len(seen.acknowledged) > before + 50, "nothing is written any more")
        all_is_well_again(site)
        said = (site.root / "server.log").read_text()

    assert failures(seen) <= {f"POST {status}" for status in REFUSALS}
    assert pages == [200, 200, 200]
    assert seen.slowest < LONGEST
    assert seen.lost == []
    assert amiss(notes_in(file), seen) == []
    assert "Nothing was written. -> make room (df -h)" in said


# --- the pool


HOLDERS = 15  # as many as a process has connections (DatabaseLimits)
HELD = 8  # seconds: longer than anybody waits for a connection


def test_a_pool_without_a_free_connection_refuses_until_one_is_free(tmp_path, postgresql_url):
    # More threads than connections, so that a page which needs none is answered meanwhile.
    with served(tmp_path, postgresql_url, "--threads", "40") as site:
        held = []
        holders = [
            threading.Thread(target=lambda: held.append(site.get(f"/held?seconds={HELD}").status))
            for _ in range(HOLDERS)
        ]
        for holder in holders:
            holder.start()
        until(lambda: connections_of(postgresql_url) >= HOLDERS, "the pool has connections left")
        with visitors(site.port) as seen:
            until(lambda: len(seen.failed) >= 16, "the pool is not exhausted")
            static = site.get("/static/style.css").status
            for holder in holders:
                holder.join()
            until(lambda: len(seen.acknowledged) > 50, "nothing is written any more")
        all_is_well_again(site)
        said = (site.root / "server.log").read_text()

    assert held == [200] * HOLDERS
    assert static == 200
    assert {what.rpartition(" ")[2] for what in seen.failed} <= REFUSALS
    assert seen.slowest < LONGEST
    assert seen.lost == []
    assert amiss(noted(postgresql_url), seen) == []
    assert f"All {HOLDERS} connections of this process to the database are taken" in said


def connections_of(url):
    """How many connections a server has, beside the one that asks."""
    import psycopg

    with psycopg.connect(url) as connection:
        count = (
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        row = connection.execute(count).fetchone()
    return row[0]
