"""When a request is over for each of its layers: the table of docs/middleware.md, row by row."""

from __future__ import annotations

from threading import Thread

import pytest
from sqlalchemy import select, text

from mtvgen.runtime import (
    Application,
    NotFound,
    Response,
    conditional,
    path,
    redirect,
    render,
    security_headers,
    send_file,
    signed_sessions,
)
from mtvgen.runtime.logs.access import access_log
from tests.support.library import Author, library, names
from tests.support.wsgi_calls import call, environ_for

LARGE = 200_000  # bytes; a file of this size is streamed


@pytest.fixture
def events():
    return []


def writing(events, answer):
    """A view that writes a row, asks to be told of the commit and of the end, and answers."""

    def view(request):
        request.on_commit(lambda: events.append("committed"))
        request.on_close(lambda: events.append("closed"))
        request.db.add(Author(name="Ada"))
        return answer(request)

    return path("/write", view, methods=["POST"])


def fail(error):
    raise error


def in_use(database):
    return database.engine.pool.checkedout()


# --- Committed or rolled back


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda request: "saved", 200),
        (lambda request: redirect("/authors"), 303),
        (lambda request: Response(status=204), 204),
        (lambda request: Response(iter([b"sa", b"ved"])), 200),
    ],
    ids=["text", "redirect", "no content", "stream"],
)
def test_a_good_answer_commits_then_tells_then_closes(database, events, answer, status):
    site = library(database, writing(events, answer))
    assert call(site, "POST", "/write").status == status
    assert events == ["committed", "closed"]
    assert names(database) == ["Ada"]
    assert in_use(database) == 0


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (lambda request: Response("taken", 409), 409),
        (lambda request: fail(NotFound()), 404),
        (lambda request: fail(ZeroDivisionError()), 500),
        (lambda request: request.db.add(Author(name="Ada")) or "twice", 500),  # at the commit
    ],
    ids=["409", "raised 404", "a bug", "the commit fails"],
)
def test_any_other_answer_rolls_back_and_tells_nobody_of_a_commit(database, events, answer, status):
    site = library(database, writing(events, answer))
    assert call(site, "POST", "/write").status == status
    assert events == ["closed"]
    assert names(database) == []
    assert in_use(database) == 0


def test_an_error_answered_with_a_redirect_is_rolled_back(database, events):
    answers = {ZeroDivisionError: lambda request, error: redirect("/authors")}
    route = writing(events, lambda request: 1 / 0)
    assert call(library(database, route, error_handlers=answers), "POST", "/write").status == 303
    assert (events, names(database)) == (["closed"], [])


def test_a_layer_that_answers_for_a_404_below_it_commits_what_it_wrote(database, events):
    def catch_all(handler):
        def catch(request):
            response = handler(request)
            if response.status == 404:
                request.on_commit(lambda: events.append("committed"))
                request.db.add(Author(name=request.path))
                return Response("made", 201)
            return response

        return catch

    assert call(library(database, below=[catch_all]), "POST", "/new").status == 201
    assert (events, names(database)) == (["committed"], ["/new"])


def test_a_layer_above_the_database_that_fails_undoes_nothing_and_told_the_commit(database, events):
    def broken_on_the_way_up(handler):
        def broken(request):
            handler(request)
            raise ZeroDivisionError

        return broken

    site = library(database, writing(events, lambda r: "saved"), above=[broken_on_the_way_up])
    assert call(site, "POST", "/write").status == 500
    assert (events, names(database)) == (["committed", "closed"], ["Ada"])


def test_an_error_after_the_commit_is_logged_and_changes_nothing(database, events, caplog):
    def answer(request):
        request.on_commit(lambda: 1 / 0)
        request.on_commit(lambda: events.append("the next"))
        return "saved"

    assert call(library(database, writing(events, answer)), "POST", "/write").text == "saved"
    assert events == ["committed", "the next", "closed"]
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    ("answer", "told"), [(lambda: "sent", ["sent"]), (lambda: Response("no", 400), [])]
)
def test_without_a_database_a_good_answer_stands_for_the_commit(events, answer, told):
    def view(request):
        request.on_commit(lambda: events.append("sent"))
        return answer()

    call(Application([path("/", view)]), "GET", "/")
    assert events == told


def test_on_commit_comes_too_late_for_a_body_that_is_being_sent():
    raised = []

    def view(request):
        def body():
            try:
                request.on_commit(print)
            except RuntimeError as error:
                raised.append(str(error))
            yield b"sent"

        return Response(body())

    assert call(Application([path("/", view)]), "GET", "/").body == b"sent"
    assert "comes too late" in raised[0]


def test_on_close_is_heard_from_a_generator_that_is_being_sent(events):
    def view(request):
        def body():
            request.on_close(lambda: events.append("closed"))
            yield b"sent"

        return Response(body())

    call(Application([path("/", view)]), "GET", "/")
    assert events == ["closed"]


# --- Pages about an error


def with_user(tmp_path, database, view):
    """A site whose every page, that of an error too, names the user of the session."""
    folder = tmp_path / "templates"
    folder.mkdir()
    for name in ("404.html", "500.html"):
        (folder / name).write_text("{{ request.state.user.name }}: {{ error.status }}")

    def load_user(handler):
        def load(request):
            request.state.user = request.db.get(Author, request.session.get("user", 1))
            return handler(request)

        return load

    return library(
        database,
        path("/view", view, methods=["GET", "POST"]),
        below=[signed_sessions("k" * 40), load_user],
        templates=folder,
    )


def write_half(request):
    request.db.add(Author(name="half"))
    request.db.flush()
    raise NotFound


def break_the_flush(request):
    request.db.add(Author(name="Ada"))
    request.db.flush()


def break_the_commit(request):
    request.db.add(Author(name="Ada"))
    return "saved"


@pytest.mark.parametrize(
    ("view", "status"),
    [(write_half, 404), (break_the_flush, 500), (break_the_commit, 500)],
)
def test_the_page_about_an_error_still_knows_the_user(tmp_path, database, view, status):
    with database.session() as db:
        db.add(Author(name="Ada"))
    got = call(with_user(tmp_path, database, view), "POST", "/view")
    assert got.text == f"Ada: {status}"
    assert names(database) == ["Ada"]
    assert in_use(database) == 0


def test_a_page_about_an_error_that_fails_too_is_the_plain_one(tmp_path, database):
    (tmp_path / "500.html").write_text("{{ request.db.execute(1) }}")
    site = library(database, path("/view", lambda request: 1 / 0), templates=tmp_path)
    got = call(site, "GET", "/view")
    assert (got.status, "<h1>500" in got.text) == (500, True)
    assert in_use(database) == 0


# --- Bodies


@pytest.fixture
def file(tmp_path):
    return tmp_path / "file.bin"


@pytest.mark.parametrize("size", [1_000, LARGE])
def test_a_layer_below_the_database_asks_it_whatever_the_size_of_the_file(database, file, size):
    file.write_bytes(b"x" * size)

    def count_downloads(handler):
        def count(request):
            response = handler(request)
            request.db.add(Author(name="download"))
            return response

        return count

    site = library(
        database,
        path("/file", lambda request: send_file(request, file), methods=["POST"]),
        below=[count_downloads],
    )
    assert len(call(site, "POST", "/file").body) == size
    assert (names(database), in_use(database)) == (["download"], 0)


@pytest.mark.parametrize("size", [1_000, LARGE])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_file_leaves_no_connection_in_use_while_it_is_sent(database, file, size, method):
    file.write_bytes(b"x" * size)

    def download(request):
        request.db.execute(text("SELECT 1"))
        return send_file(request, file)

    body = library(database, path("/file", download))(
        environ_for(method, "/file"), lambda *more: None
    )
    assert in_use(database) == 0
    for close in filter(None, [getattr(body, "close", None)]):
        close()


def streaming(events, *, fails=False):
    def view(request):
        rows = request.db.scalars(select(Author.name)).yield_per(1)

        def body():
            for row in rows:
                yield row.encode()
                if fails:
                    raise ZeroDivisionError
            events.append("exhausted")

        return Response(body())

    return path("/stream", view)


@pytest.fixture
def two_authors(database):
    with database.session() as db:
        db.add_all([Author(name="Ada"), Author(name="Bob")])


@pytest.mark.usefixtures("two_authors")
def test_a_streamed_body_ends_its_session_when_it_is_exhausted_though_nobody_closes_it(
    database, events
):
    body = library(database, streaming(events))(environ_for("GET", "/stream"), lambda *more: None)
    pieces = iter(body)
    assert (next(pieces), in_use(database)) == (b"Ada", 1)
    assert (list(pieces), events, in_use(database)) == ([b"Bob"], ["exhausted"], 0)


@pytest.mark.usefixtures("two_authors")
def test_a_streamed_body_that_raises_ends_its_session(database, events):
    site = library(database, streaming(events, fails=True))
    body = site(environ_for("GET", "/stream"), lambda *more: None)
    with pytest.raises(ZeroDivisionError):
        list(body)
    assert in_use(database) == 0


@pytest.mark.usefixtures("two_authors")
def test_a_client_that_has_gone_ends_the_session_of_a_body(database, events):
    body = library(database, streaming(events))(environ_for("GET", "/stream"), lambda *more: None)
    next(iter(body))
    body.close()
    assert (events, in_use(database)) == ([], 0)


@pytest.mark.usefixtures("two_authors")
def test_head_of_a_streamed_body_ends_its_session(database, events):
    assert call(library(database, streaming(events)), "HEAD", "/stream").body == b""
    assert (events, in_use(database)) == ([], 0)


# --- Responses that somebody keeps


def noting(handler):
    """A layer that writes on every response."""

    def note(request):
        response = handler(request)
        response.headers.add("X-Layer", request.query.get("n", "0"))
        return response

    return note


LAYERS = {
    "own": [noting],
    "nonce": [security_headers(), noting],
    "log": [access_log(), noting],
    "session": [signed_sessions("k" * 40), noting],
}


def asked(site, url, **options):
    got = call(site, "GET", url, **options)
    return got.status, got.text, sorted(f for f in got.fields if f[0] != "X-Request-Id")


@pytest.mark.parametrize("layers", LAYERS.values(), ids=LAYERS)
def test_a_response_that_a_view_keeps_stays_as_the_view_made_it(layers):
    kept = Response("pong")
    fields = list(kept.headers.items())
    site = Application([path("/ping", lambda request: kept)], middleware=layers)
    first, again = asked(site, "/ping?n=1"), asked(site, "/ping?n=1")
    assert first == again
    assert list(kept.headers.items()) == fields


def test_a_response_that_a_middleware_keeps_stays_as_it_was():
    kept = Response("closed", 503)

    def closed(handler):
        return lambda request: kept

    site = Application([], middleware=[noting, closed])
    assert asked(site, "/") == asked(site, "/")
    assert "X-Layer" not in kept.headers


def test_a_response_that_an_error_handler_keeps_stays_as_it_was():
    kept = Response("sold out", 410)
    site = Application(
        [path("/", lambda request: fail(NotFound(headers=[("X-Why", "gone")])))],
        error_handlers={404: lambda request, error: kept},
        middleware=[noting],
    )
    assert asked(site, "/") == asked(site, "/")
    assert kept.error is None
    assert "X-Why" not in kept.headers


def test_one_visitors_304_is_nobody_elses():
    kept = Response("feed")
    site = Application([path("/feed", lambda request: conditional(request, kept))])
    first = call(site, "GET", "/feed")
    known = {"If-None-Match": first.headers["etag"]}
    assert call(site, "GET", "/feed", headers=known).status == 304
    assert (call(site, "GET", "/feed").status, kept.status) == (200, 200)
    assert "ETag" not in kept.headers


def test_each_of_many_threads_gets_its_own_copy():
    kept = Response("pong")
    site = Application([path("/ping", lambda request: kept)], middleware=[noting])
    got = []
    ask = [Thread(target=lambda n=n: got.append(asked(site, f"/ping?n={n}"))) for n in range(40)]
    for thread in ask:
        thread.start()
    for thread in ask:
        thread.join()
    layers = [dict(fields)["X-Layer"] for _, _, fields in got]
    assert sorted(layers, key=int) == [str(n) for n in range(40)]


def test_a_kept_page_with_a_nonce_is_refused_to_the_next_visitor(tmp_path):
    (tmp_path / "page.html").write_text("<script nonce='{{ csp_nonce }}'></script>")
    kept = []

    def page(request):
        if not kept:
            kept.append(render(request, "page.html"))
        return kept[0]

    site = Application(
        [path("/page", page, name="page")], templates=tmp_path, middleware=[security_headers()]
    )
    assert call(site, "GET", "/page").status == 200
    got = call(site, "GET", "/page")
    assert got.status == 500
    with pytest.raises(RuntimeError, match=r"page returned a Response .* csp_nonce"):
        raise got.exc_info[1]
