"""Mistakes in what views return and call, with the cure that the message names."""

from __future__ import annotations

from tests.support.hints import Slip


def of_view(wrong: str, says: str, right: str) -> Slip:
    """The expressions of two views."""
    return Slip(f"get(lambda request: {wrong})", says, f"get(lambda request: {right})")


RESULTS = [
    of_view(
        "None",
        "A view returns a Response, render(...), text or a dict. Is a 'return' missing?",
        '"text"',
    ),
    Slip(
        'async def view(request): return "text"\nget(view)',
        "Views are plain functions: 'def', not 'async def'.",
        'def view(request): return "text"\nget(view)',
    ),
    of_view('("text", 422)', "With a status: Response(text, 422).", 'Response("text", 422)'),
    of_view('("text", "201 Created")', "With a status: Response(text, 201).", 'Response("", 201)'),
    of_view(
        '({"a": 1}, 201)',
        "With a status: json_response(value, 201).",
        'json_response({"a": 1}, 201)',
    ),
    of_view(
        '("text", {"X-A": "1"})',
        "With header fields: Response(text, headers={...}).",
        'Response("text", headers={"X-A": "1"})',
    ),
    of_view(
        '("text", 201, {"X-A": "1"})',
        "With a status: Response(text, 201, headers={...}).",
        'Response("text", 201, headers={"X-A": "1"})',
    ),
    Slip(
        'page("a")\ndef view(request):\n    return render(request, "page.html"), 422\nget(view)',
        "With a status: render(..., status_code=422), or response.status = 422.",
        'page("a")\ndef view(request):\n'
        '    response = render(request, "page.html", status_code=422)\n'
        "    response.status = 422\n    return response\nget(view)",
    ),
    of_view(
        '(Response("text"), {"X-A": "1"})',
        'With header fields: response.headers["..."] = "...".',
        'setattr(request.state, "answer", Response("text"))'
        ' or request.state.answer.headers.__setitem__("X-A", "1") or request.state.answer',
    ),
    of_view('(b"a" for _ in "ab")', "To stream a generator: Response(...) around it.",
            'Response(b"a" for _ in "ab")'),
    of_view(
        '("a" for _ in "ab")',
        "To stream a generator: Response(...) around it.",
        'Response("a".encode() for _ in "ab")',
    ),
    of_view("{1, 2}", "returned {1, 2}", "[1, 2]"),
    of_view(
        'NotFound("no")',
        "Write: raise NotFound(...).",
        '(_ for _ in ()).throw(NotFound("no")) if request.query else "a"',
    ),
    of_view("7", "A view returns a Response, render(...), text or a dict.", '"7"'),
    of_view("True", "A view returns a Response, render(...), text or a dict.", '"yes"'),
    of_view(
        '{"at": {1, 2}}', "It is at in the value. Write a list of it.", '{"at": [1, 2]}'
    ),
    of_view('[float("nan")]', "It is [0] in the value. Write None, or a string.", "[None]"),
    of_view(
        '{"row": home}', "It is row in the value. Write a dict of its fields.", '{"row": {"a": 1}}'
    ),
]  # fmt: skip

CALLS = [
    Slip(
        "from mtvgen.runtime import HTTPError\nraise HTTPError(404)",
        "Write NotFound().",
        "from mtvgen.runtime import NotFound\nNotFound()",
    ),
    Slip(
        "from mtvgen.runtime import BadRequest\nBadRequest(ValueError('no number'))",
        "Write BadRequest(str(...)).",
        "from mtvgen.runtime import BadRequest\nBadRequest(str(ValueError('no number')))",
    ),
    Slip('flash("Saved.")', 'flash(request, "Saved.")', "callable(flash)"),
    of_view(
        'flash("Saved.", "info")',
        'flash(request, "Saved.")',
        'setattr(request, "opened_session", {}) or flash(request, "Saved.") or ""',
    ),
    of_view(
        "get_flashed_messages()",
        "-> get_flashed_messages(request)",
        'setattr(request, "opened_session", {}) or get_flashed_messages(request)',
    ),
    Slip(
        'page("{{ name }}", name=1)\n'
        'def view(request): return render("page.html", name=1)\nget(view)',
        '-> render(request, "page.html", name=value)',
        'page("{{ name }}", name=1)\n'
        'def view(request): return render(request, "page.html", name=1)\nget(view)',
    ),
    Slip(
        'page("a")\ndef view(request): return render("page.html")\nget(view)',
        '-> render(request, "page.html", name=value)',
        'page("a")\ndef view(request): return render(request, "page.html")\nget(view)',
    ),
    Slip(
        'def view(): return "a"\nget(view)',
        "-> def view(request): a view takes the request, then one argument for each <parameter>",
        'def view(request): return "a"\nget(view)',
    ),
    Slip(
        'def view(request): return "a"\nsite(path("/<int:id>", view)).get("/7")',
        "-> def view(request, id): a view takes the request, then one argument for each",
        'def view(request, id): return "a"\nsite(path("/<int:id>", view)).get("/7")',
    ),
    Slip(
        'def view(id, request): return request.path\nsite(path("/<int:id>", view)).get("/7")',
        "-> def view(request, id): a view takes the request, then one argument",
        'def view(request, id): return request.path\nsite(path("/<int:id>", view)).get("/7")',
    ),
    Slip(
        "class notes:\n    def index(request): return ''\n"
        'site(\n    path("/notes", notes.index()),\n)',
        "-> path() takes the function itself: notes.index without ()",
        "class notes:\n    def index(request): return ''\n"
        'site(\n    path("/notes", notes.index),\n)',
    ),
    Slip(
        "def guard(role):\n    def decorate(view):\n        return view\n    return decorate\n"
        'site(path("/", guard(home), name="x"), path("/<int:id>", guard(detail), name="y"))'
        '.get("/7")',
        "guard(...) makes a decorator: @guard lacks its brackets",
        "def guard(role):\n    def decorate(view):\n        return view\n    return decorate\n"
        'site(path("/<int:id>", guard("staff")(detail), name="y")).get("/7")',
    ),
]

FORM = (
    "from mtvgen.runtime.forms import Form\nclass NoteForm(Form):\n    text = 1\n"
    "    __annotations__ = {'text': str}\n"
)

FORMS = [
    Slip(
        f"{FORM}get(lambda request: NoteForm.read())",
        "-> NoteForm.read(request)",
        f"{FORM}get(lambda request: str(NoteForm.read(request)))",
    ),
    Slip(
        f"{FORM}get(lambda request: NoteForm.read(request).is_valid())",
        "-> form.value, which is None where something is wrong",
        f"{FORM}get(lambda request: str(NoteForm.read(request).value))",
    ),
    Slip(
        f"{FORM}get(lambda request: NoteForm.read(request).save())",
        "-> form.save(request.db)",
        f"{FORM}callable(NoteForm.read)",
    ),
]

SLIPS = [*RESULTS, *CALLS, *FORMS]
