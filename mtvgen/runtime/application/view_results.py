"""View results: what a view may return besides a Response, and what becomes of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from mtvgen.runtime.http.errors import HTTPError
from mtvgen.runtime.responses.json_response import json_response
from mtvgen.runtime.responses.response import Response, bytes_response
from mtvgen.runtime.support import locations

# Views take the request and their route's parameters; which ones differs from view to view.
View = Callable[..., Any]

_RESPONSE_FOR: dict[type, Callable[[Any], Response]] = {
    str: Response,
    dict: json_response,
    list: json_response,
    bytes: bytes_response,
}


def to_response(answer: Any, view: View) -> Response:
    """Return what a view returned, as a Response.

    Raises:
        TypeError: It can't become one; says which view it was, and where.
        ValueError: A number of it can't be written as JSON; the same.
    """
    try:
        make = _RESPONSE_FOR.get(answer.__class__)
        if make is not None:
            return make(answer)
        if isinstance(answer, Response):
            return answer
        for kind, make in _RESPONSE_FOR.items():  # subclasses, such as markupsafe.Markup
            if isinstance(answer, kind):
                return make(answer)
    except (TypeError, ValueError) as error:
        _name_the_view(error, view)
        raise
    raise TypeError(_complaint(answer, view))


def name_of(view: View) -> str:
    """Return a view as a person names it: `views.notes.detail`."""
    return f"{view.__module__}.{getattr(view, '__qualname__', view)}"


def _name_the_view(error: Exception, view: View) -> None:
    """No frame of the view is on the stack any more, so the message has to say who it was."""
    if type(error) in (TypeError, ValueError):  # others, as of text, have no message to add to
        error.args = (f"{error} {name_of(view)} returned it{_place_of(view)}.",)


def _place_of(view: View) -> str:
    where = locations.of_function(view)
    return f" ({where})" if where else ""


def _instead_of_tuple(answer: tuple[object, ...]) -> str:
    """Return what to write instead of `return answer, 422` and `return answer, 422, {...}`."""
    first, *others = answer or ("",)
    status = next((code for code in map(_status_of, others) if code), 0)
    has_fields = any(isinstance(other, dict | list) for other in others)
    if isinstance(first, Response):
        if not status:
            return 'With header fields: response.headers["..."] = "..."'
        return f"With a status: render(..., status_code={status}), or response.status = {status}"
    name, value = (
        ("json_response", "value") if isinstance(first, dict | list) else ("Response", "text")
    )
    arguments = [value]
    if status or not has_fields:
        arguments.append(str(status or 201))
    if has_fields:
        arguments.append("headers={...}")
    title = "With a status" if len(arguments) > has_fields + 1 else "With header fields"
    return f"{title}: {name}({', '.join(arguments)})"


def _status_of(value: object) -> int:
    """Return the status in a tuple of Flask's: 201, HTTPStatus.CREATED, "201 Created"; else 0."""
    if isinstance(value, str) and value[:3].isdecimal():
        return int(value[:3])
    return int(value) if isinstance(value, int) else 0


def _complaint(answer: Any, view: View) -> str:
    place = _place_of(view)
    if answer is None:
        what, question = "None", " Is a 'return' missing?"
    elif inspect.iscoroutine(answer):
        answer.close()
        what, question = "a coroutine", " Views are plain functions: 'def', not 'async def'."
    elif isinstance(answer, tuple):
        what = f"{answer!r:.60}"
        question = f" {_instead_of_tuple(answer)}."
    elif isinstance(answer, HTTPError):
        what, question = f"{answer!r:.60}", f" Write: raise {type(answer).__name__}(...)."
    elif not isinstance(answer, Iterable):
        what, question = f"{answer!r:.60}", ""
    else:
        what = f"{answer!r:.60}"
        question = f" To stream a {type(answer).__name__}: Response(...) around it."
    return (
        f"{name_of(view)} returned {what}{place}. "
        f"A view returns a Response, render(...), text or a dict.{question}"
    )
