"""access_log(): one record for each request, with an id that all records of the request share."""

from __future__ import annotations

import logging
import re
import threading
from contextlib import contextmanager
from wsgiref.util import FileWrapper

import pytest

from mtvgen.runtime import Application, Forbidden, Response, allowed_hosts, path
from mtvgen.runtime.logs import RequestIdFilter, request_id
from mtvgen.runtime.logs.access import access_log
from tests.support.wsgi_calls import call, environ_for

MADE = re.compile(r"[0-9a-f]{32}")


class Kept(logging.Handler):
    """A handler that keeps what it is given."""

    def __init__(self):
        super().__init__()
        self.records = []
        self.addFilter(RequestIdFilter())

    def emit(self, record):
        self.records.append(record)

    @property
    def accesses(self):
        return [record for record in self.records if record.name == "mtvgen.access"]

    @property
    def access(self):
        (record,) = self.accesses
        return record


@contextmanager
def kept():
    """All that the loggers `mtvgen` and below log inside the block."""
    handler, logger = Kept(), logging.getLogger("mtvgen")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def note(request, id):
    logging.getLogger("mtvgen.site").info("reading")
    return str(id)


def broken(request):
    raise ZeroDivisionError


def closed(request):
    raise Forbidden


def stream(request):
    def pieces():
        logging.getLogger("mtvgen.site").info("streaming")
        yield b"one"
        yield b"two"

    return Response(pieces())


def site(*below):
    return Application(
        [
            path("/notes/<int:id>", note, name="note"),
            path("/broken", broken),
            path("/closed", closed),
            path("/stream", stream),
        ],
        middleware=[access_log(), *below],
    )


@pytest.mark.parametrize(
    ("method", "url", "status", "pattern", "route"),
    [
        ("GET", "/notes/7?token=secret", 200, "/notes/<int:id>", "note"),
        ("HEAD", "/notes/7", 200, "/notes/<int:id>", "note"),
        ("POST", "/notes/7", 405, None, None),
        ("GET", "/nowhere", 404, None, None),
        ("GET", "/broken", 500, "/broken", "broken"),
        ("GET", "/closed", 403, "/closed", "closed"),
        ("GET", "/stream", 200, "/stream", "stream"),
    ],
)
def test_each_request_is_one_record(method, url, status, pattern, route):
    with kept() as log:
        call(site(), method, url, REMOTE_ADDR="192.0.2.1")

    record = log.access
    assert record.levelno == logging.INFO
    assert (record.method, record.path) == (method, url.partition("?")[0])
    assert (record.status, record.pattern) == (status, pattern)
    assert record.route is None or record.route.endswith(route)
    assert record.client == "192.0.2.1"
    assert record.duration_ms >= 0
    assert "secret" not in record.getMessage()
    assert re.fullmatch(
        rf"{method} {re.escape(record.path)} {status} \d+\.\d ms", record.getMessage()
    )


def test_what_another_layer_refuses_is_logged_too():
    with kept() as log:
        call(site(allowed_hosts(["example.com"])), HTTP_HOST="evil.test")

    assert log.access.status == 400


def test_the_client_is_the_one_that_a_trusted_proxy_names():
    layers = allowed_hosts(["example.com"], trusted_proxies=["127.0.0.1"])
    with kept() as log:
        call(
            site(layers),
            HTTP_HOST="example.com",
            HTTP_X_FORWARDED_FOR="192.0.2.7",
            REMOTE_ADDR="127.0.0.1",
        )

    assert log.access.client == "192.0.2.7"


def test_every_record_of_a_request_has_its_id():
    with kept() as log:
        answer = call(site(), url="/notes/7")
        failed = call(site(), url="/broken")
        streamed = call(site(), url="/stream")

    ids = [answer.headers["x-request-id"], failed.headers["x-request-id"]]
    ids += [streamed.headers["x-request-id"]]
    assert len(set(ids)) == 3
    assert [record.request_id for record in log.records] == [one for one in ids for _ in range(2)]


def test_outside_a_request_there_is_no_id():
    with kept() as log:
        call(site(), url="/notes/7")
        logging.getLogger("mtvgen.site").info("idle")

    assert request_id() is None
    assert log.records[-1].request_id == "-"


@pytest.mark.parametrize(
    "sent",
    [
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "0123456789abcdef",
        "Root=1-67891233-abcdef012345678912345678",
        "a",
        "x" * 128,
    ],
)
def test_an_id_that_came_is_kept(sent):
    with kept() as log:
        answer = call(site(), url="/notes/7", headers={"X-Request-Id": sent})

    assert answer.headers["x-request-id"] == log.access.request_id == sent


@pytest.mark.parametrize(
    "sent",
    [
        "",
        " ",
        "a b",
        'a"',
        "a\tb",
        "a\x1b[31m",
        "x" * 129,
        "é",
        "a,b",
        "<script>",
        "{}",
        "a\u2028b",
    ],
)
def test_an_id_that_is_unfit_for_a_log_is_replaced(sent):
    with kept() as log:
        answer = call(site(), url="/notes/7", HTTP_X_REQUEST_ID=sent)

    assert MADE.fullmatch(answer.headers["x-request-id"])
    assert log.access.request_id == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("/a%0d%0aGET%20/%20200", r"/a\r\nGET / 200"),
        ("/%1b%5b31m", r"/\x1b[31m"),
        ("/caf%C3%A9", "/café"),
        ("/%ff", r"/\xff"),
        ("/%E2%80%A8", r"/\u2028"),
        ("", "/"),
    ],
)
def test_a_path_starts_no_line_of_the_log(url, shown):
    with kept() as log:
        call(site(), url=url)

    assert log.access.path == shown
    assert "\n" not in log.access.getMessage()


def test_a_stream_is_logged_when_it_has_been_sent():
    with kept() as log:
        answer = site()(environ_for(url="/stream"), lambda status, fields: None)
        assert log.accesses == []
        assert b"".join(answer) == b"onetwo"
        answer.close()

    assert log.access.status == 200


def test_a_stream_that_breaks_off_is_logged():
    with kept() as log:
        answer = site()(environ_for(url="/stream"), lambda status, fields: None)
        next(iter(answer))
        answer.close()

    assert log.access.path == "/stream"


FILE = bytes(100_000)  # more than is read at once


def with_file(tmp_path, *below):
    (tmp_path / "film.bin").write_bytes(FILE)
    return Application([], static=tmp_path, middleware=[access_log(), *below])


def asked_for_file(application):
    """The body of a file's answer, wrapped by the server's own means."""
    environ = environ_for(url="/static/film.bin", **{"wsgi.file_wrapper": FileWrapper})
    return application(environ, lambda *start: None)


def test_a_file_goes_out_by_the_servers_own_wrapper_and_is_logged_once_when_it_is_sent(tmp_path):
    with kept() as log:
        body = asked_for_file(with_file(tmp_path))
        assert isinstance(body, FileWrapper)
        assert log.accesses == []
        assert b"".join(body) == FILE
        body.close()
        body.close()

    assert log.access.status == 200
    assert request_id() is None


def test_a_file_that_another_answer_takes_the_place_of_is_logged_as_that(tmp_path):
    def fails_behind(handler):
        def failing(request):
            handler(request).body.close()
            raise ZeroDivisionError

        return failing

    with kept() as log:
        asked_for_file(with_file(tmp_path, fails_behind)).close()

    assert log.access.status == 500


def test_what_else_waits_for_the_end_is_called_behind_a_file(tmp_path):
    called = []

    def waits(handler):
        def waiting(request):
            request.on_close(lambda: called.append(request_id() is not None))
            return handler(request)

        return waiting

    with kept() as log:
        asked_for_file(with_file(tmp_path, waits)).close()

    assert called == [True]
    assert log.access.status == 200


def test_requests_at_once_keep_their_ids_apart():
    meeting = threading.Barrier(8, timeout=30)

    def meet(request):
        mine = request_id()
        meeting.wait()
        assert request_id() == mine
        return mine

    application = Application([path("/", meet)], middleware=[access_log()])
    answers = []

    def ask(number):
        answers.append(call(application, headers={"X-Request-Id": f"id-{number}"}).text)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == [f"id-{number}" for number in range(8)]


def test_the_logger_can_be_another():
    handler, logger = Kept(), logging.getLogger("site.visits")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        call(Application([], middleware=[access_log("site.visits")]))
    finally:
        logger.removeHandler(handler)

    assert [record.status for record in handler.records] == [404]
