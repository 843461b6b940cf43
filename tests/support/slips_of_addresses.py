"""Mistakes in `url_for()`, with the cure that the message names."""

from __future__ import annotations

from tests.support.hints import Slip

APPLICATION = "application = Application([path('/notes/<int:id>', detail, name='note'), {}])\n"
NOTE = APPLICATION.format("")


def of_address(call: str, says: str, right: str, route: str = "") -> Slip:
    """A call of `application.url_for()` with its cure."""
    program = APPLICATION.format(route)
    return Slip(program + call, says, program + right)


SLIPS = [
    of_address(
        'application.url_for("nots")',
        "no route has that name. Did you mean 'note'? Names: note.",
        'application.url_for("note", id=1)',
    ),
    Slip(
        'Application([]).url_for("note")',
        "no route has that name. Names: none.",
        f'{NOTE}application.url_for("note", id=1)',
    ),
    Slip(
        "Application([path(f'/{n}', home, name=f'{n:c}') for n in range(97, 123)]).url_for('note')",
        "no route has that name. Names: a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t"
        " and 6 more.",
        f'{NOTE}application.url_for("note", id=1)',
    ),
    of_address(
        "application.url_for(detail)",
        "no route has that name. Did you mean 'note'?",
        'application.url_for("note", id=1)',
    ),
    of_address(
        'application.url_for("note", 3)',
        '-> url_for("...", name=value): the parameters of a route go by name',
        'application.url_for("note", id=3)',
    ),
    Slip(
        "page('{{ url_for(\"note\", 3) }}')",
        '-> url_for("...", name=value): the parameters of a route go by name',
        "page('{{ url_for(\"note\", id=3) }}')",
    ),
    of_address(
        'application.url_for("note", pk=3)',
        "needs id (and got pk): /notes/<int:id>",
        'application.url_for("note", id=3)',
    ),
    of_address(
        'application.url_for("note", id="seven")',
        "takes an int as id (digits, up to ",
        'application.url_for("note", id=7)',
    ),
    of_address(
        'application.url_for("note", id=1, _external=True)',
        'takes no _external. -> request.absolute_url(request.url_for("note", ...))',
        'get(lambda request: request.absolute_url(application.url_for("note", id=1)))',
    ),
    of_address(
        'application.url_for("note", id=1, _anchor="end")',
        'takes no _anchor. -> url_for("note", ...) + "#..."',
        'application.url_for("note", id=1) + "#end"',
    ),
    of_address(
        'application.url_for("note", id=1, q="a\\0")',
        r"can't put q='a\x00' into the query",
        'application.url_for("note", id=1, q="a")',
    ),
    of_address(
        'application.url_for("file", name="../a")',
        "browsers take the segments '.' and '..' out",
        'application.url_for("file", name="a")',
        "path('/files/<path:name>', detail, name='file')",
    ),
    of_address(
        'application.url_for("file", a="a", b="b-c")',
        "can't tell the values apart in '/a-b-c': /<a>-<b>",
        'application.url_for("file", a="a", b="b")',
        "path('/<a>-<b>', detail, name='file')",
    ),
    of_address(
        'application.url_for("tag", name="\\ud800")',
        "which is not Unicode: /<name>",
        'application.url_for("tag", name="é")',
        "path('/<name>', detail, name='tag')",
    ),
    of_address(
        'application.url_for("tag", name="a/b")',
        "takes a str as name (text without '/' or control characters)",
        'application.url_for("tag", name="é")',
        "path('/<name>', detail, name='tag')",
    ),
    of_address(
        'application.url_for("tag", name="a b")',
        "(ASCII letters, digits, '-' and '_')",
        'application.url_for("tag", name="a-b")',
        "path('/<slug:name>', detail, name='tag')",
    ),
    of_address(
        'application.url_for("tag", name=7)',
        "(32 hexadecimal digits with dashes, 8-4-4-4-12)",
        "import uuid\napplication.url_for('tag', name=uuid.uuid4())",
        "path('/<uuid:name>', detail, name='tag')",
    ),
    of_address(
        'application.url_for("tag", name="/a")',
        "(text without control characters that does not begin with '/')",
        'application.url_for("tag", name="a")',
        "path('/files/<path:name>', detail, name='tag')",
    ),
    of_address(
        'application.url_for("note", id=10**5000)',
        "an int too long to write",
        'application.url_for("note", id=10)',
    ),
]
