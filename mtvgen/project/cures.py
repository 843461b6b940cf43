"""Mistakes that Python's own words do not explain: what to write instead."""

from __future__ import annotations

import linecache
import re
import sys
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any

from mtvgen.project.missing_imports import import_of
from mtvgen.project.model_cures import cure_of_model

# The one place in which Python 3.11 says which name it was; later ones have it in `name_from`.
_NO_SUCH_NAME = re.compile(r"cannot import name '(\w+)'")
# Python says in its message alone which function was called wrongly.
_WRONG_CALL = re.compile(r"(?P<owner>(?:[\w<>]+\.)*)(?P<name>\w+)\(\) (?:missing|takes|got)\b")
_UNKNOWN_KEYWORD = re.compile(r"unexpected keyword argument '(\w+)'")
_HAVE_URL_FOR = ("Application.", "Request.")


def suggest_fix(error: BaseException) -> str:
    """Return what to write instead, as it follows `->`; empty where nothing is known to help."""
    if isinstance(error, ImportError):
        is_of_runtime = error.name == _runtime().__name__
        return _words("FROM_ELSEWHERE").get(name_not_imported(error), "") if is_of_runtime else ""
    if type(error) is NameError:  # an UnboundLocalError has a name of the user's own
        return _words("FROM_ELSEWHERE").get(error.name or "", "") or _missing_import(error)
    if not isinstance(error, TypeError | AttributeError):
        return cure_of_model(error)
    frame, line = _innermost(error)
    if frame is None:
        return ""
    if isinstance(error, AttributeError):
        return (
            _attribute_of_request(error)
            or _attribute_of_response(error)
            or _attribute_of_form(error)
            or _attribute_of_model(error)
            or _attribute_of_query(error)
            or _text_as_request(frame)
        )
    wrong_call = _WRONG_CALL.match(_message(error))
    if wrong_call and wrong_call["name"] == "url_for" and wrong_call["owner"] in _HAVE_URL_FOR:
        return 'url_for("...", name=value): the parameters of a route go by name'
    if not wrong_call:
        return _condition_of_python(error)
    if cure := _words("FORM_CALLS").get(f"{wrong_call['owner']}{wrong_call['name']}"):
        return cure
    keyword = _UNKNOWN_KEYWORD.search(_message(error))
    if keyword and (called := _called_of_runtime(frame, wrong_call["owner"], wrong_call["name"])):
        return _keyword_meant(keyword[1], called)
    return next(_wrong_arguments(frame, line, wrong_call["name"]), "")


def _called_of_runtime(frame: FrameType, owner: str, name: str) -> Any:
    """Return the function, class or method of the runtime that code has called; None for others.

    The code may have a child of the class alone: the `__init__()` of NotFound is HTTPError's.

    Args:
        frame: The code.
        owner: The class as Python names it, with a dot; empty for a function.
        name: The function or the method.
    """
    things = [thing for thing in frame.f_globals.values() if _is_of_runtime(thing)]
    kin = [kin for thing in things for kin in getattr(thing, "__mro__", (thing,))]
    top = owner.strip(".") or name
    found = next((thing for thing in kin if getattr(thing, "__name__", "") == top), None)
    return getattr(found, name, None) if owner else found


def _keyword_meant(keyword: str, called: Any) -> str:
    """`status=...` for `status_code`, `methods=...` for `method`."""
    import inspect  # nothing but a mistake needs these

    from mtvgen.runtime.support.suggestions import closest

    known = inspect.signature(called).parameters
    other = _words("KEYWORDS").get(keyword, "")
    meant = other if other in known else closest(keyword, known)
    return f"{meant}=..." if meant else ""


def name_not_imported(error: ImportError) -> str:
    """Return the name that `from ... import ...` asked for in vain; empty for other errors."""
    missing = _NO_SUCH_NAME.match(_message(error))
    return str(getattr(error, "name_from", None) or (missing[1] if missing else ""))


def _missing_import(error: NameError) -> str:
    """Return the import that would bind a name, where nothing around it is spelled like it."""
    name = error.name or ""
    frame, _ = _innermost(error)
    imported = import_of(name)
    if not imported or frame is None:
        return imported
    from mtvgen.runtime.support.suggestions import closest  # nothing but a mistake needs it

    is_at_top = frame.f_code.co_name == "<module>"
    return "" if not is_at_top and name.islower() and closest(name, frame.f_locals) else imported


def _message(error: BaseException) -> str:
    """Return the message as it was given: __str__() of a user's class may fail itself."""
    return next((argument for argument in error.args if isinstance(argument, str)), "")


def _innermost(error: BaseException) -> tuple[FrameType | None, int]:
    """Return the frame that raised, and its line."""
    traceback = error.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return (None, 0) if traceback is None else (traceback.tb_frame, traceback.tb_lineno)


def _wrong_arguments(frame: FrameType, line: int, name: str) -> Iterator[str]:
    """Yield the fixes of a call with the wrong arguments, by the frame that called."""
    if enters_view(frame):
        yield from _decorator_without_brackets(frame.f_locals["route"].view)
        arguments = ", ".join(["request", *frame.f_locals["params"]])
        yield (
            f"def {name}({arguments}): a view takes the request, "
            "then one argument for each <parameter> of its path"
        )
    if name in _words("WITH_REQUEST") and _is_of_runtime(frame.f_globals.get(name)):
        yield _words("WITH_REQUEST")[name]
    if frame.f_code.co_name == "<module>" and _is_of_runtime(frame.f_globals.get("path")):
        source = linecache.getline(frame.f_code.co_filename, line)
        call = re.search(rf"\bpath\(.*?((?:\w+\.)*{name})\(\)", source)
        if call:  # path("/notes", notes.index())
            yield f"path() takes the function itself: {call[1]} without ()"


def _condition_of_python(error: BaseException) -> str:
    """`where(a > 1 and b > 2)`: Python asks SQLAlchemy whether a condition is true."""
    link = error.__traceback__
    while link is not None and link.tb_next is not None:
        link = link.tb_next
    sqlalchemy = sys.modules.get("sqlalchemy")
    if link is None or sqlalchemy is None or link.tb_frame.f_code.co_name != "__bool__":
        return ""
    asked = link.tb_frame.f_locals.get("self")
    is_condition = isinstance(asked, sqlalchemy.ColumnElement)
    return (
        "and_(a, b), or_(a, b), ~a, from sqlalchemy: Python's own decide it" if is_condition else ""
    )


def _attribute_of_request(error: AttributeError) -> str:
    """`request.args`: what another framework's request has."""
    is_request = isinstance(error.obj, _runtime().Request)
    return _words("REQUEST_ATTRIBUTES").get(error.name or "", "") if is_request else ""


def _attribute_of_response(error: AttributeError) -> str:
    """`response.status_code`: what another framework's response has."""
    is_response = isinstance(error.obj, _runtime().Response)
    cure = _words("RESPONSE_ATTRIBUTES").get(error.name or "", "") if is_response else ""
    return cure.format(response="response")


def _attribute_of_form(error: AttributeError) -> str:
    """`form.is_valid()`: what another framework's form has."""
    filled = sys.modules.get(f"{_runtime().__name__}.forms.filled")
    is_form = filled is not None and isinstance(error.obj, filled.Filled)
    cure = _words("FORM_ATTRIBUTES").get(error.name or "", "") if is_form else ""
    return cure.format(form="form")


def _attribute_of_query(error: AttributeError) -> str:
    """`select(Note).all()`: the session runs it; and `Note.author.name`, which is joined."""
    sqlalchemy, orm = sys.modules.get("sqlalchemy"), sys.modules.get("sqlalchemy.orm")
    if sqlalchemy is None or orm is None:
        return ""
    if isinstance(error.obj, sqlalchemy.Select):
        return _words("SELECT_METHODS").get(error.name or "", "").format(select="select(...)")
    relation = getattr(error.obj, "property", None)
    if not isinstance(relation, orm.RelationshipProperty):
        return ""
    target = relation.mapper.class_.__name__
    return f".join({error.obj}), and {target}.{error.name}"


def _attribute_of_model(error: AttributeError) -> str:
    """`Note.query`, `note.save()`: what another framework's model has."""
    models = sys.modules.get(f"{_runtime().__name__}.models")
    model = error.obj if isinstance(error.obj, type) else type(error.obj)
    if models is None or not issubclass(model, models.Model):
        return ""
    from mtvgen.runtime.support.other_frameworks import cure_of_model_attribute

    written = model.__name__ if model is error.obj else model.__name__.lower()
    return cure_of_model_attribute(error.name or "", model.__name__, written)


def _decorator_without_brackets(view: Any) -> Iterator[str]:
    """`@login_required` for `@login_required("staff")`: what replaces the view takes a view."""
    maker, is_made, _ = getattr(view, "__qualname__", "").rpartition(".<locals>.")
    code = getattr(view, "__code__", None)
    if is_made and code is not None and code.co_argcount == 1 and code.co_varnames[0] != "request":
        yield f"{maker}(...) makes a decorator: @{maker} lacks its brackets"


def is_call_of_view(error: BaseException) -> bool:
    """Return whether an error is that a view could not be called: it takes other arguments."""
    frame, _ = _innermost(error)
    return frame is not None and enters_view(frame)


def enters_view(frame: FrameType) -> bool:
    """Return whether the application was about to enter a view.

    Then it has a route, and its parameters.
    """
    application, route = _runtime().Application, _runtime().Route
    has_route = isinstance(frame.f_locals.get("route"), route) and "params" in frame.f_locals
    return frame.f_globals.get("__name__") == application.__module__ and has_route


def _text_as_request(frame: FrameType) -> str:
    """`flash("Saved.", "info")`: the runtime has a text where it expects the request."""
    is_runtime = _is_below_runtime(frame.f_globals.get("__name__"))
    if is_runtime and isinstance(frame.f_locals.get("request"), str):
        return _words("WITH_REQUEST").get(frame.f_code.co_name, "")
    return ""


def _is_of_runtime(function: Any) -> bool:
    return _is_below_runtime(getattr(function, "__module__", None))


def _is_below_runtime(module: object) -> bool:
    return str(module).startswith(f"{_runtime().__name__}.")


def _runtime() -> ModuleType:
    # Imported on use: a process that meets no mistake may not need it.
    from mtvgen import runtime

    return runtime


def _words(table: str) -> dict[str, str]:
    """Return a table of the runtime's; imported on use, as `_runtime()` is."""
    from mtvgen.runtime.support import other_frameworks

    return dict(vars(other_frameworks)[table])
