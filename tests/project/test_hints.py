"""Each hint leads somewhere: the mistake is made, the cure is taken at its word, and it works."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2
import pytest

from mtvgen import runtime
from mtvgen.project.cures import suggest_fix
from mtvgen.runtime import Application, Templates, accounts, path, render
from mtvgen.runtime.support.other_frameworks import FILTERS, FROM_ELSEWHERE, REQUEST_ATTRIBUTES
from mtvgen.runtime.testing import Client

AN_EXPRESSION = re.compile(r"request\.[\w.]+(?:\([^)]*\)|\[[^\]]*\])?(?: == \"\w+\")?")


def answer(view: Any, tmp_path: Path, template: str = "", **filters: Any) -> str:
    """What a POST with JSON gets from a view of its own, and from a template."""
    (tmp_path / "page.html").write_text(template)

    def with_user(handler: Any) -> Any:
        def handle(request: Any) -> Any:
            request.state.user = "Ada"
            return handler(request)

        return handle

    application = Application(
        [path("/notes/<int:id>", view, methods=["POST"], name="note")],
        templates=Templates(tmp_path, filters=filters),
        middleware=[with_user],
    )
    return Client(application).post("/notes/7?q=a", json={"a": 1}).text


@pytest.mark.parametrize("attribute", REQUEST_ATTRIBUTES)
def test_what_a_request_has_instead_is_there_in_views_and_templates(attribute, tmp_path):
    cure = REQUEST_ATTRIBUTES[attribute]
    instead = AN_EXPRESSION.findall(cure)
    assert instead

    def wrong(request, id):
        return str(getattr(request, attribute))

    with pytest.raises(AttributeError) as raised:
        answer(wrong, tmp_path)
    assert suggest_fix(raised.value) == cure

    def wrong_in_template(request, id):
        return render(request, "page.html")

    with pytest.raises(jinja2.UndefinedError) as undefined:
        answer(wrong_in_template, tmp_path, f"{{{{ request.{attribute} }}}}")
    assert str(undefined.value).endswith(f"-> {cure}")
    assert "Did you mean" not in str(undefined.value)

    def right(request, id):
        return repr([eval(expression, {"request": request}) for expression in instead])

    answer(right, tmp_path)
    if all("form" not in expression for expression in instead):
        answer(wrong_in_template, tmp_path, "".join(f"{{{{ {each} }}}}" for each in instead))


CONTEXT: dict[str, Any] = {
    "a": 1, "b": 2, "n": 3, "value": "text", "number": 1.5, "count": 1,
}  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_what_there_is_in_place_of_a_filter_can_be_rendered(name, tmp_path):
    import datetime

    cure = FILTERS[name]
    moment = datetime.datetime(2026, 1, 2, 3, 4, tzinfo=datetime.UTC)
    context = {**CONTEXT, "day": moment.date(), "moment": moment}

    def view(request, id):
        return render(request, "page.html", **context)

    if name not in jinja2.Environment().filters:
        with pytest.raises(jinja2.TemplateSyntaxError) as raised:
            answer(view, tmp_path, f"{{{{ value|{name} }}}}")
        assert cure in str(raised.value)
        assert "Did you mean" not in str(raised.value)
    if cure.startswith("a filter of your own"):
        assert f'Templates("templates", filters={{"{name}": ...}})' in cure
        assert answer(view, tmp_path, f"{{{{ value|{name} }}}}", **{name: str.upper}) == "TEXT"
    elif cure.startswith("|"):
        context["value"] = {"a": 1} if name == "dictsort" else context["value"]
        assert answer(view, tmp_path, f"{{{{ value{cure} }}}}")
    elif cure.startswith("{%"):
        assert answer(view, tmp_path, f"{cure}yes{{% endif %}}") == "yes"
    else:
        assert answer(view, tmp_path, cure)


# What each piece of advice comes to where it is taken; what imports is run as it is.
TAKEN = {
    "Blueprint": 'include("/blog", [path("/", view)])',
    "Flask": "Application([path('/', view)])",
    "Http404": "NotFound()",
    "HttpResponse": "Response(text)",
    "HttpResponseRedirect": "redirect(url)",
    "JsonResponse": "json_response(value, 201)",
    "abort": "NotFound(), Forbidden(), BadRequest(text)",
    "app": "request.app",
    "current_app": "request.app",
    "current_user": "request.user",
    "db": "request.db",
    "g": "request.state",
    "get_object_or_404": "get_or_404",
    "jsonify": "json_response(value, 201)",
    "login_required": "path('/notes', view, access=signed_in)",
    "login_user": "start_session(request, user)",
    "logout_user": "end_session(request)",
    "make_response": "Response(text, 201)",
    "messages": 'flash(request, "Saved.")',
    "permission_required": "path('/notes', view, access=role('staff'))",
    "re_path": 'path("/notes/<int:id>", view)',
    "render_template": 'render(request, "page.html", name=value)',
    "request": "request",
    "reverse": 'request.url_for("note", id=1)',
    "send_from_directory": "send_file",
    "session": "request.session",
    "url_for": 'request.url_for("note", id=1)',
}


NEEDS_MIDDLEWARE = re.compile("session|request.db|request.user|flash")


@pytest.mark.parametrize("name", FROM_ELSEWHERE)
def test_what_there_is_in_place_of_a_name_from_elsewhere_works(name, tmp_path):
    cure = FROM_ELSEWHERE[name]
    with pytest.raises(ImportError) as raised:
        exec(f"from mtvgen.runtime import {name}", {})
    assert suggest_fix(raised.value) == cure

    if cure.startswith("from "):
        exec(cure, {})
        return
    taken = TAKEN[name]
    assert taken.partition("(")[0].split(".")[-1] in cure
    names = {
        **vars(runtime),
        **vars(accounts),
        "text": "text",
        "url": "/",
        "value": 1,
        "view": lambda request: "",
    }

    def view(request, id):
        if not NEEDS_MIDDLEWARE.search(taken):  # and says so
            eval(taken, {**names, "request": request})
        return "right"

    assert answer(view, tmp_path, "{{ name }}") == "right"


def test_a_name_of_another_kind_is_never_proposed(tmp_path):
    """`request.user` is near `query`, and `pluralize` near `urlize`, by their letters alone."""

    def view(request, id):
        return render(request, "page.html", q="a")

    for template, wrong in [
        ("{{ request.user }}", "query"),
        ("{{ request.args }}", "params"),
        ("{{ q|pluralize }}", "urlize"),
    ]:
        refused = (jinja2.TemplateSyntaxError, jinja2.UndefinedError, RuntimeError)
        with pytest.raises(refused) as raised:
            answer(view, tmp_path, template)
        assert "->" in str(raised.value)
        assert f"Did you mean {wrong!r}" not in str(raised.value)
