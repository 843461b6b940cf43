"""100,000 requests of mixed kinds at 16 connections under gunicorn: nothing grows."""

from __future__ import annotations

import http.client
import os
import re
import threading
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cluster.machines import until
from tests.servers.serving import HOST, free_port, start_process, wait_until_it_answers
from tests.servers.site_calls import Site, ask, cookie_of, multipart
from tests.servers.trial_site import make_trial_site
from tests.support.live_site import environment

pytestmark = [
    pytest.mark.skipif(not os.environ.get("MTVGEN_FULL"), reason="runs with MTVGEN_FULL=1"),
    pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counted in /proc"),
    pytest.mark.timeout(1800),
]
CONNECTIONS = 16
WARM_UP = 10_000  # caches fill, pools open, the allocator finds its size
HALF = 45_000
# SQLite keeps the file of a connection that is closed until no other one holds a lock (POSIX drops
# all locks with any descriptor), and opens it again for the next: 5 + 10 connections to the
# database, 5 logs, one index.
POOLED_FILES = 15 + 5 + 1
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
UPLOAD = multipart("file", "a.bin", bytes(100_000))


class State(NamedTuple):
    """What a worker holds."""

    # kB that no file stands behind: what it shares with other processes changes as they come and go
    memory: int
    files: int
    sockets: int
    threads: int


def state(process):
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    (worker,) = (Path("/proc") / child for child in children)
    held = re.search(r"^Anonymous: +(\d+) kB", (worker / "smaps_rollup").read_text(), re.M)
    opened = descriptors(worker)
    sockets = [one for one in opened if one.startswith("socket:")]
    threads = list((worker / "task").iterdir())
    return State(int(held[1]), len(opened) - len(sockets), len(sockets), len(threads))


def descriptors(worker):
    found = []
    for entry in (worker / "fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.append(str(entry.readlink()))
    return found


def kinds(number):
    """The next request of a visitor: method, path, body, fields, and the status that it gets."""
    return [
        ("GET", "/", None, {}, 200),
        ("GET", f"/notes/{number}", None, {}, 404),
        ("GET", "/notes/1", None, {}, 200),
        ("GET", "/static/style.css", None, {}, 200),
        ("GET", f"/nowhere/{number}", None, {}, 404),
        ("HEAD", "/", None, {}, 200),
        ("GET", "/trial/stream", None, {}, 200),
        # No note is added: what SQLite caches of a growing table would grow with it.
        ("POST", "/notes", b"text=+", FORM, 303),
        ("POST", "/trial/change", b"text=%d" % number, FORM, 200),
        ("GET", "/trial/count", None, {}, 200),
        ("GET", f"/trial/echo/{number}?q={number}", None, {}, 200),
        ("POST", "/trial/upload", *UPLOAD, 200),
        ("GET", "/trial/broken", None, {}, 500),
        ("GET", "/static/large.bin", None, {"Range": "bytes=0-99"}, 206),
        ("DELETE", "/notes", None, {}, 405),
        ("GET", "/notes/", None, {}, 308),
    ]


def visit(port, numbers, total, wrong):
    """One connection of many requests, opened again where the server has closed it."""
    connection, cookie = http.client.HTTPConnection(HOST, port, timeout=30), ""
    for number in iter(lambda: next(numbers), None):
        if number >= total:
            break
        known = kinds(number + 1_000_000)
        method, path, body, fields, expected = known[number % len(known)]
        answer = ask(connection, method, path, body, {**fields, "Cookie": cookie})
        cookie = cookie_of(answer) or cookie
        if answer.status != expected:
            wrong.append(f"{method} {path}: {answer.status}")
    connection.close()


def send(port, total):
    """Send so many requests over 16 connections; what was not as expected."""
    numbers, wrong = count(), []
    visitors = [
        threading.Thread(target=visit, args=[port, numbers, total, wrong])
        for _ in range(CONNECTIONS)
    ]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return wrong


def test_nothing_grows_in_a_hundred_thousand_requests(tmp_path):
    root, port = make_trial_site(tmp_path), free_port()
    command = ["gunicorn", "wsgi:application", "--bind", f"{HOST}:{port}", "--threads", "16"]
    command += ["--keep-alive", "30"]
    with start_process(command, root, environment(tmp_path)) as process:
        wait_until_it_answers(process, port, root)
        idle = state(process)
        assert Site(port, root).post_form("/notes", "text=first").status == 303
        assert send(port, WARM_UP) == []
        warm = state(process)
        assert send(port, HALF) == []
        halfway = state(process)
        assert send(port, HALF) == []
        until(lambda: state(process).sockets <= idle.sockets, "connections stay open")
        after = state(process)

    print(f"idle: {idle}\nwarm: {warm}\nhalfway: {halfway}\nafter: {after}")
    assert after.files <= idle.files + POOLED_FILES
    assert after.threads <= warm.threads
    # The caches of SQLite's connections fill up; a leak of 50 bytes a request would be 2,250 kB
    # in the second half.
    assert after.memory - halfway.memory < 1_500
    assert after.memory - warm.memory < 4_000
