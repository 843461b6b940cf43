"""Error pages and live reload, which the development server adds to the application's answers."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mtvgen.devserver.pages.held_answer import HeldAnswer
from mtvgen.devserver.pages.live_reload import SCRIPT_FILES, with_script
from mtvgen.devserver.pages.visitors import is_local, is_near, may_follow
from mtvgen.devserver.refusals import Refusals
from mtvgen.devserver.urls import REFUSAL_REPORTS, readable_path

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from mtvgen.disk.open_directory import OpenDirectory

_OWN = "/__mtvgen__/"


class DevelopmentPages:
    """WSGI middleware around a project's application.

    Args:
        application: The project's; it is replaced when the import of the project ends.
        root: The project's directory.
        live: Have pages reload themselves; somebody must say when.
        problems_directory: Where the checks leave what they found, for the error page.

    Attributes:
        generation: The one of live reload, written into each page.
    """

    def __init__(
        self,
        application: WSGIApplication,
        root: Path,
        *,
        live: bool = True,
        problems_directory: OpenDirectory | None = None,
    ) -> None:
        self._live = live
        self.application: Any = application
        self.generation = 0
        self._root = root
        self._problems_directory = problems_directory
        self._refusals = Refusals()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        path = environ["PATH_INFO"]
        if path.startswith(_OWN) and may_follow(environ):
            if path in SCRIPT_FILES:
                return _send_script(path, start_response)
            if path == REFUSAL_REPORTS:
                return self._take_refusals(environ, start_response)
        # The generation first: a page must never claim to be newer than it is.
        generation = self.generation
        answer = HeldAnswer(start_response)
        try:
            result = self.application(environ, answer.start_response)
        except Exception:  # the runtime answers its own; this is another framework's
            result = answer.fail()
        if not answer.is_held:
            answer.let_through()
            return result  # type: ignore[no-any-return]
        return self._finish(environ, answer, result, generation)

    def _finish(
        self, environ: WSGIEnvironment, answer: HeldAnswer, result: Any, generation: int
    ) -> Iterable[bytes]:
        page = self._own_page(environ, answer)
        # Only what a GET answered can be asked for again without a question from the browser.
        reloads = self._live and environ["REQUEST_METHOD"] == "GET" and is_near(environ)
        if page is None and not (reloads and answer.is_page(result)):
            answer.release()
            return result  # type: ignore[no-any-return]
        try:
            body = b"".join(result) if page is None else page
        finally:
            if hasattr(result, "close"):
                result.close()
        scripted = body
        if reloads and answer.is_html:
            has_policy = page is None and answer.has_policy  # of ours, nothing is refused
            scripted = with_script(body, generation, has_policy=has_policy)
        if scripted is not body:
            answer.keep_out_of_caches()
        answer.set_length(len(scripted))
        answer.release()
        return [scripted]

    def _own_page(self, environ: WSGIEnvironment, answer: HeldAnswer) -> bytes | None:
        """Return the page that replaces the application's, for whoever develops it."""
        page = None
        if answer.exc_info is not None:
            page = self._error_page(environ, answer, answer.exc_info[1])
        elif "mtvgen.answered" in environ and answer.status[:3] == "400":
            page = self._page_of_field(environ, answer, environ["mtvgen.answered"])
        elif "mtvgen.unmatched" in environ and answer.status[:3] in ("404", "405"):
            page = self._missing_page(environ, answer)
        return page.encode("utf-8", "backslashreplace") if page is not None else None

    # What is imported here is imported on use: a project without mistakes never needs it. And what
    # the terminal says of the request is found for everybody, the page for who is on this machine.

    def _error_page(
        self, environ: WSGIEnvironment, answer: HeldAnswer, error: BaseException
    ) -> str | None:
        from mtvgen.devserver.pages import error_page
        from mtvgen.devserver.pages.error_hints import correct_cure

        is_routed = "mtvgen.route" in environ  # the runtime has said which view was reached, if any
        if not is_routed:
            environ["mtvgen.route"] = _matched(environ, self._router())
        correct_cure(error, self._root)
        if not is_local(environ):
            return None
        route = environ["mtvgen.route"]
        page, answer.fields = error_page.render(
            environ,
            error,
            route,
            self._root,
            self._problems_directory,
            is_routed=is_routed,
        )
        return page

    def _page_of_field(
        self, environ: WSGIEnvironment, answer: HeldAnswer, error: BaseException
    ) -> str | None:
        """Return the error page for a field that is not in the form.

        A mistake of the page or the view.
        """
        from mtvgen.devserver.pages.error_page import wants_html
        from mtvgen.runtime import MissingField

        # A program gets what the project has for programs, such as its errors as JSON.
        is_for_people = wants_html(environ) or answer.is_html
        if not (isinstance(error, MissingField) and is_for_people):
            return None
        return self._error_page(environ, answer, error)

    def _missing_page(self, environ: WSGIEnvironment, answer: HeldAnswer) -> str | None:
        from mtvgen.devserver.pages import error_page, missing_page

        routes = missing_page.candidates(environ, self._router())
        environ["mtvgen.hint"] = environ.get("mtvgen.hint") or missing_page.hint(routes)
        # A program gets what the project has for programs, such as its errors as JSON.
        if not is_local(environ) or not (error_page.wants_html(environ) or answer.is_html):
            return None
        allow = [pair for pair in answer.fields if pair[0].lower() == "allow"]
        allowed = allow[0][1] if allow else ""
        page, fields = missing_page.render(environ, routes, answer.status, allowed)
        answer.fields = [*fields, *allow]
        return page

    def _take_refusals(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer the report of what the browser refused of a page."""
        status = HTTPStatus(self._refusals.take(environ))
        start_response(f"{status.value} {status.phrase}", [("Content-Length", "0")])
        return [b""]

    def _router(self) -> Any:
        return getattr(self.application, "router", None)


def _matched(environ: WSGIEnvironment, router: Any) -> Any:
    """Return the request's route, if one matches."""
    if router is None:
        return None
    match = router.match(environ["REQUEST_METHOD"], readable_path(environ["PATH_INFO"]))
    return match[0] if match else None


def _send_script(path: str, start_response: StartResponse) -> Iterable[bytes]:
    body = SCRIPT_FILES[path].read_bytes()
    start_response(
        "200 OK",
        [
            ("Content-Type", "text/javascript; charset=utf-8"),
            ("Content-Length", str(len(body))),
            # They change with mtvgen alone, and one that is kept for a day does no harm.
            ("Cache-Control", "max-age=86400"),
        ],
    )
    return [body]
