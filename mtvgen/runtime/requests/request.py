"""Request: what came in, read on first use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol

from mtvgen.runtime.http.cookies import parse_cookies
from mtvgen.runtime.http.errors import BadRequest, UnsupportedMediaType
from mtvgen.runtime.http.headers import RequestHeaders
from mtvgen.runtime.http.json_values import decode_json
from mtvgen.runtime.http.multidict import MultiDict
from mtvgen.runtime.http.negotiation import preferred_type
from mtvgen.runtime.http.urlencoded import parse_urlencoded
from mtvgen.runtime.requests import form_data
from mtvgen.runtime.requests.body import read_body
from mtvgen.runtime.requests.environ import decode_path, host, link_to, query_part, script_name
from mtvgen.runtime.requests.life import Callbacks, NoAccountsError, OpenedUser, RequestLife
from mtvgen.runtime.requests.uploads import UploadedFile

if TYPE_CHECKING:
    from datetime import tzinfo
    from wsgiref.types import WSGIEnvironment

    from sqlalchemy.orm import Session

    from mtvgen.runtime.accounts.account import Account
    from mtvgen.runtime.requests.limits import Limits
    from mtvgen.runtime.responses.response import Response
    from mtvgen.runtime.routing.router import Router
    from mtvgen.runtime.routing.routes import Route


class RequestApplication(Protocol):
    """The application, as far as a request and the layers that it goes through need it.

    Attributes:
        debug: Whether the site is being developed.
        limits: How much of a body is taken.
        router: Which path leads to a route.
        time_zone: The one that pages show.
        language: The one of the runtime's own sentences for visitors.
        templates: The site's `Templates`, or None.
        static: The site's `StaticFiles`, or None.
    """

    debug: bool
    limits: Limits
    router: Router
    time_zone: tzinfo
    language: str
    templates: Any  # the rooms above are nothing that this one knows
    static: Any

    def answer_error(self, request: Any, error: Exception) -> Response:
        """Answer an exception; never raises."""


class RequestState(SimpleNamespace):
    """A place where middleware leaves attributes for views."""

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(self.without(name), name=name, obj=None)

    def without(self, name: str) -> str:
        """Return the sentence for an attribute that nobody has set."""
        held = ", ".join(sorted(vars(self))) or "nothing"
        return (
            f"request.state has no {name!r}: no middleware or view has set it for this request. "
            f"It has: {held}."
        )


class Request(RequestLife):
    """One HTTP request, over the WSGI environ (PEP 3333); nothing is parsed before it is asked for.

    Attributes:
        environ: The WSGI environ.
        app: The Application that answers.
        method: The method as it was sent; methods are case-sensitive (RFC 9110, section 9.1).
        route: The route that matched; None above the router and where none did.
        params: The route's parameters, converted.
    """

    # Defaults live on the class: a request that asks for nothing stores few values.
    route: Route | None = None
    params: Mapping[str, Any] = {}  # never written to: the router puts its own here
    _path: str | None = None
    _query: MultiDict[str] | None = None
    _cookies: dict[str, str] | None = None
    _body: bytes | None = None
    _form: MultiDict[str] | None = None
    _files: MultiDict[UploadedFile] | None = None
    _state: RequestState | None = None

    def __init__(self, environ: WSGIEnvironment, app: RequestApplication) -> None:
        self.environ = environ
        self.app = app
        self.method: str = environ["REQUEST_METHOD"]
        # The record: assigned here, because a call of its own __init__() would cost more than this.
        self.session_store = self.opened_session = self.database = self.opened_db = None
        self.callbacks = None

    @property
    def path(self) -> str:
        """The path below the application, decoded, always beginning with `/`.

        Raises:
            BadRequest: It is not UTF-8, or holds a control character.
        """
        if self._path is None:
            self._path = decode_path(self.environ.get("PATH_INFO", ""))
        return self._path

    @property
    def query(self) -> MultiDict[str]:
        """The fields behind the `?`; bytes that are not UTF-8 become U+FFFD (WHATWG URL, 5.1).

        Raises:
            BadRequest: It holds NUL, which is not in any text.
        """
        if self._query is None:
            text = self.environ.get("QUERY_STRING", "")
            if "%00" in text or "\0" in text:  # "%2500" is the text "%00"
                raise BadRequest("The query holds NUL (%00).")
            self._query = MultiDict(parse_urlencoded(text), "the query")
        return self._query

    @property
    def headers(self) -> RequestHeaders:
        """The header fields: a mapping that ignores case."""
        return RequestHeaders(self.environ)

    def accepts(self, *media_types: str) -> str | None:
        """Return the media type that the client likes best (RFC 9110, section 12.5.1), if any.

        An answer that depends on it says so: `response.headers.add("Vary", "Accept")`.

        Args:
            media_types: What a view can answer with, its favourite first.
        """
        return preferred_type(self.environ.get("HTTP_ACCEPT"), media_types)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies; of one that came twice, the first."""
        if self._cookies is None:
            self._cookies = parse_cookies(self.environ.get("HTTP_COOKIE", ""))
        return self._cookies

    @property
    def body(self) -> bytes:
        """The body, whole.

        Raises:
            HTTPError: 400, 411, 413 or 415: too short, without a length, too large, compressed.
            RuntimeError: A multipart form was read first: such a body comes once.
        """
        if self._body is None:
            if self._form is not None and form_data.is_multipart(self.environ):
                raise RuntimeError("request.body is gone: request.form has read it.")
            self._body = read_body(self.environ, self.app.limits)
        return self._body

    def json(self, *, exact: bool = False) -> Any:
        """Return the body as JSON (RFC 8259).

        Args:
            exact: Have a number with a fraction as a Decimal, digit by digit, and not as a float.

        Raises:
            UnsupportedMediaType: The Content-Type names no JSON.
            BadRequest: The body is not JSON in UTF-8, or holds what can't be stored or written
                again: NUL, half a surrogate pair, a fraction beyond a float.
        """
        content_type = self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        if content_type != "application/json" and not content_type.endswith("+json"):
            raise UnsupportedMediaType(f"This accepts application/json, not {content_type!r}.")
        try:
            return decode_json(self.body, exact=exact)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"The body is not JSON that this accepts: {error}") from error

    @property
    def form(self) -> MultiDict[str]:
        """The text fields of a form, urlencoded or multipart; empty for any other body.

        Raises:
            HTTPError: 400, 411, 413 or 415: malformed, without a length, too large, compressed.
        """
        if self._form is None:
            self._read_form()
        return self._form  # type: ignore[return-value]  # _read_form() has set it

    @property
    def files(self) -> MultiDict[UploadedFile]:
        """The files of a multipart form; they are closed when the answer has been sent."""
        if self._files is None:
            self._read_form()
        return self._files  # type: ignore[return-value]  # _read_form() has set it

    def _read_form(self) -> None:
        # The body is kept where it can be: a signature covers it, and not the fields.
        self._form, self._files, self._body = form_data.parse_form(
            self.environ, self.app.limits, self._body
        )
        if self._files is not form_data.NO_FILES:
            for _, file in self._files.pairs:
                self.on_close(file.close)

    @property
    def session(self) -> dict[str, Any]:
        """The session of this browser: a plain dict, kept in a signed cookie.

        Raises:
            RuntimeError: `signed_sessions()` is not in the middleware list, or is below.
        """
        if self.opened_session is None:
            if self.session_store is None:
                raise RuntimeError(
                    "request.session needs its middleware. -> in wsgi.py, "
                    "signed_sessions(settings.secret_key) goes into middleware=[...], "
                    "above what asks for the session"
                )
            self.opened_session = self.session_store.load(self)
        return self.opened_session

    @property
    def db(self) -> Session:
        """The database session of this request (`sqlalchemy.orm.Session`), opened on first use.

        Raises:
            RuntimeError: `database_session()` is not in the middleware list, or is below.
        """
        if self.opened_db is None:
            if self.database is None:
                raise RuntimeError(
                    "request.db needs its middleware. -> in wsgi.py, "
                    "database_session(database) goes into middleware=[...], "
                    "above what asks for the database"
                )
            self.opened_db = self.database.open(self)
        return self.opened_db

    @property
    def user(self) -> Account | None:
        """Who is signed in; None for a visitor. The first use costs a query, if anybody is.

        Raises:
            RuntimeError: `accounts()` is not in the middleware list, or is below.
        """
        if self.opened_user is None:
            if self.user_source is None:
                raise NoAccountsError
            self.opened_user = self.user_source.load(self)
        return self.opened_user.account

    @user.setter
    def user(self, account: Account | None) -> None:
        """Say who is signed in, on a site whose own middleware knows."""
        self.opened_user = OpenedUser(account)

    @property
    def state(self) -> RequestState:
        """A place for what middleware leaves for views: `request.state.shop = shop`."""
        if self._state is None:
            self._state = RequestState()
        return self._state

    def url_for(self, name: str, /, **params: object) -> str:
        """Return the path of a route, below the prefix that the application is mounted at.

        Args:
            name: The route's name, such as `notes.detail`.
            params: Its parameters; what the pattern does not name becomes the query string.

        Raises:
            URLBuildError: No route has the name, or a parameter is missing or does not fit.
        """
        return script_name(self.environ) + self.app.router.url_for(name, params)

    def absolute_url(self, url: str | None = None) -> str:
        """Return an address with scheme and host, for mails and feeds.

        Args:
            url: A path from `url_for()`; None: the address of this request, with its query.

        Raises:
            ValueError: `url` begins with no `/`, so that it would change the host.
        """
        environ = self.environ
        if url is None:
            url = link_to(environ, self.path) + query_part(environ)
        elif not url.startswith("/"):  # "@evil.test" would make this site's name a user's
            raise ValueError(
                f"absolute_url({url!r}): a path begins with '/', as url_for() gives it."
            )
        return f"{environ['wsgi.url_scheme']}://{host(environ)}{url}"

    def on_commit(self, callback: Callable[[], object]) -> None:
        """Call `callback` once what the request wrote is committed; never if it is rolled back.

        For what can't be taken back: a mail, a job, a file that goes with a row. It is called
        before the answer is sent; an error in it is logged, and changes neither the answer nor
        the calls after it. Without `database_session()`, a good response counts as the commit.

        Raises:
            RuntimeError: The answer is settled, and nothing will be committed any more.
        """
        callbacks = self._callbacks()
        if callbacks.is_settled:
            raise RuntimeError(
                "request.on_commit() comes too late: the response is being sent, and nothing is "
                "committed anymore. -> call it in the view"
            )
        callbacks.commit.append(callback)

    def on_close(self, callback: Callable[[], object]) -> None:
        """Call `callback` when the answer has been sent, or the client has gone.

        It is called however the request ended. What depends on that belongs in `on_commit()`.

        Raises:
            RuntimeError: The answer is being sent, and nothing will call this any more.
        """
        callbacks = self._callbacks()
        if not callbacks.is_closed_by_us:
            raise RuntimeError(
                "request.on_close() comes too late: the response is being sent. "
                "-> call it in the view"
            )
        callbacks.close.append(callback)

    def _callbacks(self) -> Callbacks:
        if self.callbacks is None:
            self.callbacks = Callbacks()
        return self.callbacks

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.environ.get('PATH_INFO', '')!r}>"
