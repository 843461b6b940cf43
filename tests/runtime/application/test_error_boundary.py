"""The one error boundary: which answer an exception becomes, what is logged, what is handed on."""

from __future__ import annotations

import inspect
import logging
import re

import pytest

from mtvgen.runtime import (
    Application,
    HTTPError,
    MethodNotAllowed,
    NotFound,
    Response,
    ServiceUnavailable,
    path,
)
from mtvgen.runtime.http import errors as exceptions
from mtvgen.runtime.http.errors import PHRASES
from tests.support.wsgi_calls import call


class OutOfStockError(Exception):
    """An error of the project's own."""


def raising(error):
    def view(request):
        raise error

    return path("/x", view, name="x")


def answer(error, **options):
    return call(Application([raising(error)], **options), "GET", "/x")


@pytest.fixture
def templates(tmp_path):
    (tmp_path / "404.html").write_text("<h1>Gone fishing</h1>{{ error.detail }} {{ error.status }}")
    (tmp_path / "500.html").write_text("<h1>Sorry</h1>{{ error }}")
    return tmp_path


STATUSES = [
    error
    for error in vars(exceptions).values()
    if inspect.isclass(error) and issubclass(error, HTTPError) and error is not HTTPError
]


@pytest.mark.parametrize("error", STATUSES, ids=lambda error: error.__name__)
def test_an_http_error_answers_with_its_status_and_is_not_logged(error, caplog):
    made = {
        MethodNotAllowed: lambda: MethodNotAllowed(["GET"]),
        exceptions.MissingField: lambda: exceptions.MissingField("the form", "text"),
    }.get(error, error)()
    got = answer(made)
    assert (got.status, got.reason) == (error.status, PHRASES[error.status])
    assert got.exc_info is None
    assert caplog.records == []


def test_the_family_covers_every_client_and_server_error_of_rfc_9110():
    named = {error.status for error in STATUSES}
    assert named >= {*range(400, 418), 421, 422, 426, 500, 501, 502, 503, 504, 505}


def test_an_http_error_carries_its_header_fields_and_its_text():
    got = answer(ServiceUnavailable("Back <soon>", headers=[("Retry-After", "30")]))
    assert got.headers["retry-after"] == "30"
    assert "<p>Back &lt;soon&gt;</p>" in got.text


def test_a_header_field_that_repeats_is_sent_each_time():
    ways = [("WWW-Authenticate", "Basic"), ("WWW-Authenticate", "Bearer")]
    got = answer(exceptions.Unauthorized(headers=ways))
    assert [field for field in got.fields if field[0] == "WWW-Authenticate"] == ways


def test_the_template_named_after_the_status_is_shown(templates):
    got = answer(NotFound("Note <7>"), templates=templates)
    assert (got.status, got.text) == (404, "<h1>Gone fishing</h1>Note &lt;7&gt; 404")


@pytest.mark.parametrize("debug", [False, True])
def test_one_template_is_for_every_status_without_its_own(templates, debug):
    (templates / "error.html").write_text("{{ status_code }} {{ error.phrase }} {{ error.detail }}")
    got = answer(exceptions.Forbidden("Not <you>"), templates=templates, debug=debug)
    assert (got.status, got.text) == (403, "403 Forbidden Not &lt;you&gt;")
    assert "Gone fishing" in answer(NotFound(), templates=templates, debug=debug).text
    (templates / "500.html").unlink()
    assert "500 Internal" in answer(KeyError("x"), templates=templates, debug=debug).text
    application = Application([raising(NotFound())], templates=templates, debug=debug)
    got = call(application, "DELETE", "/x")
    assert (got.status, got.text) == (405, "405 Method Not Allowed ")


def test_a_template_for_all_errors_that_is_broken_gives_the_plain_page(templates, caplog):
    (templates / "error.html").write_text("{{ nope }}")
    got = answer(exceptions.Forbidden("Not you"), templates=templates)
    assert "<h1>403 Forbidden</h1>\n<p>Not you</p>" in got.text
    assert [record.page for record in caplog.records] == ["error.html"]


def test_a_visitor_never_reads_the_text_of_an_unexpected_exception(templates):
    got = answer(ZeroDivisionError("secret"), templates=templates)
    assert (got.status, got.text) == (500, "<h1>Sorry</h1>Internal Server Error")


def test_a_template_for_errors_that_is_broken_itself_gives_the_plain_page(templates, caplog):
    (templates / "404.html").write_text("{{ nope }}")
    got = answer(NotFound("Note 7"), templates=templates)
    assert got.status == 404
    assert "<h1>404 Not Found</h1>\n<p>Note 7</p>" in got.text
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_500_template_that_is_broken_leaves_both_errors_in_the_log(templates, caplog):
    (templates / "500.html").write_text("{% if %}")
    got = answer(ZeroDivisionError("first"), templates=templates)
    assert got.status == 500
    assert "<h1>500 Internal Server Error</h1>" in got.text
    assert len(caplog.records) == 2
    assert isinstance(got.exc_info[1], ZeroDivisionError)
    assert [getattr(record, "page", None) for record in caplog.records] == [None, "500.html"]
    assert caplog.records[1].getMessage() == "GET /x: 500.html: TemplateSyntaxError"


def test_an_unexpected_exception_is_logged_once_and_handed_to_the_server(caplog):
    error = ZeroDivisionError("division by zero")
    got = answer(error)
    assert got.status == 500
    assert got.exc_info[1] is error
    [record] = caplog.records
    assert (record.name, record.levelno) == ("mtvgen", logging.ERROR)
    assert record.getMessage() == "GET /x: ZeroDivisionError"
    assert (record.method, record.path, record.route) == ("GET", "/x", "x")
    assert record.exc_info[1] is error


def test_a_visitor_starts_no_line_of_the_log(caplog):
    def view(request, p):
        raise ZeroDivisionError

    application = Application([path("/<path:p>", view)])
    call(application, "GET", "/a%E2%80%A8b")
    [record] = caplog.records
    assert len(record.getMessage().splitlines()) == 1


@pytest.mark.parametrize(
    ("handlers", "error", "status", "text"),
    [
        ({404: lambda request, error: f"none: {error}"}, NotFound("x"), 404, "none: x"),
        ({404: lambda request, error: Response("moved", 410)}, NotFound(), 410, "moved"),
        ({NotFound: lambda request, error: "by class"}, NotFound(), 404, "by class"),
        ({HTTPError: lambda request, error: "by its parent"}, NotFound(), 404, "by its parent"),
        ({OutOfStockError: lambda r, e: Response("sold", 409)}, OutOfStockError(), 409, "sold"),
        ({LookupError: lambda r, e: Response("none", 404)}, KeyError("k"), 404, "none"),
    ],
    ids=["status", "own status", "class", "parent", "own class", "parent of a builtin"],
)
def test_a_handler_answers_by_status_or_by_class(handlers, error, status, text, caplog):
    got = answer(error, error_handlers=handlers)
    assert (got.status, got.text) == (status, text)
    assert got.exc_info is None
    assert caplog.records == []


def test_a_handler_of_500_does_not_hide_the_bug(caplog):
    got = answer(ZeroDivisionError(), error_handlers={500: lambda request, error: {"error": "us"}})
    assert (got.status, got.text) == (500, '{"error":"us"}')
    assert got.exc_info[0] is ZeroDivisionError
    assert len(caplog.records) == 1


def test_a_phrase_is_that_of_rfc_9110_whatever_python_says():
    for error in (exceptions.ContentTooLarge, exceptions.UnprocessableContent):
        name = re.sub("(?<=[a-z])(?=[A-Z])", " ", error.__name__)
        assert error().phrase == answer(error()).reason == name


def test_a_handler_that_hands_the_error_back_leaves_it_its_page(templates, caplog):
    (templates / "404.html").write_text("{{ error.detail }}")
    handlers = {HTTPError: lambda request, error: error}
    got = answer(NotFound("None."), templates=templates, error_handlers=handlers)
    assert (got.status, got.text) == (404, "None.")
    got = answer(MethodNotAllowed({"GET"}), error_handlers=handlers)
    assert (got.status, got.headers["allow"]) == (405, "GET")
    assert "<h1>405 Method Not Allowed</h1>" in got.text
    assert caplog.records == []


@pytest.mark.parametrize("caught", [500, Exception])
def test_a_bug_that_is_handed_back_is_logged_once(caught, caplog):
    got = answer(ZeroDivisionError("secret"), error_handlers={caught: lambda r, error: error})
    assert got.status == 500
    assert "secret" not in got.text
    assert got.exc_info[0] is ZeroDivisionError
    assert len(caplog.records) == 1


def test_a_handler_that_raises_gives_the_plain_page(caplog):
    got = answer(NotFound(), error_handlers={404: lambda request, error: 1 / 0})
    assert got.status == 500
    assert got.exc_info[0] is ZeroDivisionError
    assert len(caplog.records) == 1


@pytest.mark.parametrize("address", ["/%ff", "/api/%01", "/a%00b"])
@pytest.mark.parametrize("caught", [400, HTTPError, Exception])
def test_a_handler_that_looks_at_a_path_which_is_no_text_is_no_bug(address, caught, caplog):
    def as_asked(request, error):
        return {"error": "api"} if request.path.startswith("/api/") else error

    got = call(Application([], error_handlers={caught: as_asked}), "GET", address)
    assert (got.status, got.exc_info, caplog.records) == (400, None, [])


def test_a_bug_stays_one_when_its_handler_refuses_the_request(caplog):
    def careless(request, error):
        raise NotFound()

    got = answer(ZeroDivisionError(), error_handlers={500: careless})
    assert got.status == 500
    assert "ZeroDivisionError" in caplog.text


def test_what_ends_the_process_is_not_held_up():
    with pytest.raises(SystemExit):
        answer(SystemExit(3))


def test_uwsgi_is_not_handed_the_exception_that_it_would_raise():
    application = Application([path("/broken", lambda request: 1 / 0, name="broken")])

    answer = call(application, url="/broken", **{"uwsgi.version": b"2.0.31"})

    assert (answer.status, answer.exc_info) == (500, None)
