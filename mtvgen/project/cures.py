"""Slips that Python's own words do not explain: what to write instead, for the line of an error."""

from __future__ import annotations

import linecache
import re
from collections.abc import Iterator
from types import FrameType

_RUNTIME = "mtvgen.runtime"

# What other frameworks call by these names, and what stands for it here.
_ELSEWHERE = {
    "Blueprint": 'include("/blog", [path(...), ...]) in urls.py',
    "Database": "from mtvgen.runtime.models import Database",
    "Flask": "Application(urlpatterns) in wsgi.py",
    "Http404": "raise NotFound()",
    "HttpResponse": "Response(text), or return the text itself",
    "HttpResponseRedirect": "redirect(url)",
    "JsonResponse": "return a dict or a list, or json_response(value, 201)",
    "Model": "from mtvgen.runtime.models import Model",
    "abort": "raise NotFound(), Forbidden(), BadRequest(...)",
    "current_app": "request.app",
    "database_session": "from mtvgen.runtime.models import database_session",
    "g": "request.state",
    "get_object_or_404": "get_or_404(request.db, Note, id)",
    "jsonify": "return a dict or a list, or json_response(value, 201)",
    "make_response": "Response(text, 201)",
    "render_template": 'render(request, "notes/index.html", notes=notes)',
    "request": "the request is the first argument of each view: def index(request)",
    "reverse": 'request.url_for("notes.index")',
    "session": "request.session",
    "url_for": 'request.url_for("notes.index"); in templates url_for("notes.index")',
}

# The runtime's functions that want the request first.
_WITH_REQUEST = {
    "flash": 'flash(request, "Saved.")',
    "get_flashed_messages": "get_flashed_messages(request)",
    "render": 'render(request, "notes/index.html", notes=notes)',
}

_NO_SUCH_NAME = re.compile(rf"cannot import name '(\w+)' from '{re.escape(_RUNTIME)}'")
_WRONG_CALL = re.compile(r"(?:[\w<>]+\.)*(?P<name>\w+)\(\) (?:missing|takes|got)\b")


def cure_of(error: BaseException) -> str:
    """What to write instead, as it follows `->`; empty where nothing is known to help."""
    if isinstance(error, ImportError):
        found = _NO_SUCH_NAME.match(_said_by(error))
        return _ELSEWHERE.get(found[1], "") if found else ""
    if not isinstance(error, TypeError | AttributeError):
        return ""
    if getattr(getattr(error, "obj", None), "__name__", "") == f"{_RUNTIME}.request":
        return _ELSEWHERE["request"]  # its import has worked: a module of ours is called so
    frame, line = _innermost(error)
    if frame is None:
        return ""
    if isinstance(error, AttributeError):
        return _of_text_as_request(frame)
    found = _WRONG_CALL.match(_said_by(error))
    return next(_of_call(frame, line, found["name"]), "") if found else ""


def _said_by(error: BaseException) -> str:
    """The message as it was given: __str__() of a class of the user's own may fail itself."""
    return next((each for each in error.args if isinstance(each, str)), "")


def _innermost(error: BaseException) -> tuple[FrameType | None, int]:
    """The frame that raised, and its line."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return (None, 0) if traceback is None else (traceback.tb_frame, traceback.tb_lineno)


def _of_call(frame: FrameType, line: int, name: str) -> Iterator[str]:
    """The cures of a call with the wrong arguments, by the frame that called."""
    if _is_in(frame, "application", "_dispatch"):
        arguments = ", ".join(["request", *frame.f_locals.get("params", ())])
        yield (
            f"def {name}({arguments}): a view takes the request, "
            "then one argument for each <parameter> of its path"
        )
    if name in _WITH_REQUEST and _is_ours(frame, name):
        yield _WITH_REQUEST[name]
    if frame.f_code.co_name == "<module>" and _is_ours(frame, "path"):
        source = linecache.getline(frame.f_code.co_filename, line)
        call = re.search(rf"((?:\w+\.)*{name})\(\)", source)
        if call:  # path("/notes", notes.index())
            yield f"path() takes the function itself: {call[1]} without ()"


def _is_ours(frame: FrameType, name: str) -> bool:
    """Whether a name of the frame's module is the runtime's function."""
    module = getattr(frame.f_globals.get(name), "__module__", "")
    return str(module).startswith(f"{_RUNTIME}.")


def _of_text_as_request(frame: FrameType) -> str:
    """`flash("Saved.", "info")`: the runtime has a text where it expects the request."""
    name = frame.f_code.co_name
    is_ours = str(frame.f_globals.get("__name__", "")).startswith(f"{_RUNTIME}.")
    if is_ours and isinstance(frame.f_locals.get("request"), str):
        return _WITH_REQUEST.get(name, "")
    return ""


def _is_in(frame: FrameType, module: str, function: str) -> bool:
    is_there = frame.f_globals.get("__name__") == f"{_RUNTIME}.{module}"
    return is_there and frame.f_code.co_name == function
