"""20,000 requests leave memory, descriptors and threads as they were."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.browser import Browser
from tests.support.guarded_site import HOST, make_site
from tests.support.wire import serving
from tests.support.wsgi_calls import environ_for

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").is_dir(), reason="descriptors are counted in /proc"
)

FORM = "application/x-www-form-urlencoded"
UPLOAD = b'--X\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n%b\r\n--X--\r\n' % (
    b"x" * 100_000
)


class State(NamedTuple):
    memory: int  # bytes that Python holds
    objects: int
    descriptors: int
    threads: int


def state() -> State:
    gc.collect()
    return State(
        tracemalloc.get_traced_memory()[0],
        len(gc.get_objects()),
        len(list(Path("/proc/self/fd").iterdir())),
        threading.active_count(),
    )


def assert_nothing_grew(before: State, after: State) -> None:
    # Bounded caches fill up meanwhile; 20,000 leaks of the smallest object would be twice this.
    assert after.memory - before.memory < 500_000
    assert after.objects - before.objects < 500
    assert after.descriptors == before.descriptors
    assert after.threads == before.threads


@pytest.fixture
def traced():
    tracemalloc.start(1)
    yield
    tracemalloc.stop()


@pytest.fixture
def site(tmp_path):
    application = make_site(tmp_path)
    (tmp_path / "static/large.bin").write_bytes(b"x" * 200_000)
    return application


def requests(application, number: int):
    """Some of everything, with something in each that never came before."""
    browser = Browser(application)
    browser.get("/session", headers={"Host": HOST})
    cookie = f"session={browser.cookies['session']}; n{number}={number}"
    host = f"h{number}.example.net"
    common = {"Host": host, "Cookie": cookie, f"X-N{number % 5000}": "1"}
    for url in ("/", f"/echo?text={number}", f"/show/{number}?a{number}=1", f"/nowhere/{number}",
                "/broken", "/session", f"/static/style.css?{number}", f"/static/{number}.css",
                "/static/large.bin", "/slash", "/%ff", f"/next?next=/{number}"):  # fmt: skip
        yield environ_for(url=url, headers=common)
    yield environ_for("HEAD", "/static/large.bin", headers=common)
    yield environ_for("GET", "/", headers={**common, "Host": f"{number}.evil.test"})
    yield environ_for("GET", "/session", headers={**common, "Cookie": f"session={number}"})
    yield environ_for("POST", "/form", headers={**common, "Sec-Fetch-Site": "cross-site"})
    for body, kind in (
        (f"a{number}=1".encode(), FORM),
        (UPLOAD, "multipart/form-data; boundary=X"),
    ):
        yield environ_for("POST", "/form", body=body, headers={**common, "Content-Type": kind})


def answer(application, environ) -> None:
    result = application(environ, lambda status, headers, exc_info=None: None)
    try:
        for _ in result:
            break  # the client goes after the first block
    finally:
        if close := getattr(result, "close", None):
            close()


def test_20_000_requests_leave_the_process_as_it_was(site, traced, caplog):
    caplog.set_level("CRITICAL")
    rounds, answered, before = 1_060, 0, None
    for number in range(rounds):
        if number == 60:  # by then all is imported and the bounded caches are full or steady
            before = state()
        for environ in requests(site, number):
            answer(site, environ)
            answered += before is not None
    assert answered + rounds >= 19_000
    assert before is not None
    assert_nothing_grew(before, state())


def test_requests_over_a_socket_leave_the_process_as_it_was(site, traced, caplog):
    caplog.set_level("CRITICAL")

    def visit(running, count):
        for number in range(count):
            urls = ("/", f"/show/{number}", "/static/style.css", "/broken", "/session")
            heads = [f"GET {url} HTTP/1.1\r\nHost: {HOST}\r\n\r\n" for url in urls]
            last = f"GET / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
            answers = running.send("".join([*heads, last]).encode())
            assert [answer.status for answer in answers] == [200, 200, 200, 500, 200, 200]
        running.log.answers.clear()

    with serving(site) as running:
        visit(running, 20)
        before = state()
        visit(running, 200)
        wait_for_threads(before.threads)
        assert_nothing_grew(before, state())


def wait_for_threads(count: int) -> None:
    """A connection's thread ends a moment after its client has gone."""
    for thread in threading.enumerate():
        if threading.active_count() <= count:
            return
        if thread.name.startswith("Thread-") and thread is not threading.current_thread():
            thread.join(2)
