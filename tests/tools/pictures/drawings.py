"""The drawings of the manual, one function each."""

from __future__ import annotations

from collections.abc import Callable

from tests.tools.pictures.drawing import WIDTH, Drawing, Kind

MIDDLE = WIDTH / 2

# A word of a drawing in the language of the page that shows it.
Translate = Callable[[str], str]


def request(_: Translate) -> Drawing:
    """The way of a request through the layers, and of its response back."""
    drawing = Drawing(
        _("The way of one request"),
        _(
            "A request goes down through the application, the layers that wsgi.py lists and the"
            " router to the view, which asks the models and renders a template; the response goes"
            " up through the same layers in reverse."
        ),
        566,
    )
    layers: list[tuple[str, str]] = [
        (_("WSGI server"), _("↓ environ · ↑ bytes")),
        ("Application", _("↓ Request(environ) · ↑ status, headers, body")),
        ("allowed_hosts()", _("↓ whose site is asked?")),
        ("security_headers()", _("↑ what browsers may do")),
        ("same_origin()", _("↓ from this site?")),
        ("database_session()", _("↑ commit, or roll back")),
        ("signed_sessions()", _("↓ cookie → session · ↑ session → cookie")),
        (_("Router"), _("↓ method and path → route · ↑ 404, 405")),
    ]
    for number, (name, note) in enumerate(layers):
        drawing.box(60, 16 + 54 * number, 320, 42, name, note)
    view = 16 + 54 * len(layers)
    drawing.box(60, view, 320, 42, _("view"), "views/notes.py: detail(request, id=7)", kind="yours")
    below = view + 64
    drawing.box(60, below, 152, 42, _("model"), "db.get(Note, 7)", kind="yours")
    drawing.box(228, below, 152, 42, _("template"), "notes/detail.html", kind="yours")
    for center in (136, 304):
        drawing.arrow((center - 12, view + 42), (center - 12, below))
        drawing.arrow((center + 12, below), (center + 12, view + 42), flow="back")
    drawing.arrow((30, 16), (30, view + 21), (60, view + 21))
    drawing.arrow((380, view + 21), (410, view + 21), (410, 16), flow="back")
    drawing.upright(20, 230, _("request"), -90)
    drawing.upright(424, 230, _("response"), 90)
    return drawing


def mvc_mtv(_: Translate) -> Drawing:
    """The same three kinds of code under MVC's names and under MTV's."""
    drawing = Drawing(
        _("MVC and MTV side by side"),
        _(
            "MVC calls the function that answers a request a controller, the HTML a view and the"
            " data a model. MTV calls the function a view, the HTML a template and the data a"
            " model."
        ),
        330,
    )
    for left, title in ((16, "MVC"), (228, "MTV")):
        drawing.words(left + 98, 26, title, "title")
    rows: list[tuple[str, tuple[str, str], tuple[str, str], Kind]] = [
        (_("answers the request"), ("controller", "controllers/"), ("view", "views/"), "yours"),
        (_("the data and its rules"), ("model", "models/"), ("model", "models/"), "good"),
        (_("what the reader sees"), ("view", "views/"), ("template", "templates/"), "room"),
    ]
    for number, (role, mvc, mtv, kind) in enumerate(rows):
        top = 62 + 90 * number
        drawing.words(MIDDLE, top - 10, role, "note")
        drawing.box(16, top, 196, 52, _(mvc[0]), mvc[1], kind=kind, style="title")
        drawing.box(228, top, 196, 52, _(mtv[0]), mtv[1], kind=kind, style="title")
    drawing.words(MIDDLE, 314, _("Each row is the same code: only the names differ."), "note")
    return drawing


def save(_: Translate) -> Drawing:
    """What runserver does when a file is saved."""
    drawing = Drawing(
        _("What happens at a save"),
        _(
            "A saved Python file starts a new process, which takes over when it has imported the"
            " project; a template or a static file keeps the process; both reload the page. A"
            " stylesheet is swapped in the open page. The checks run next to the site each time."
        ),
        404,
    )
    drawing.box(120, 16, 200, 40, _("You save a file"), kind="yours", style="title")
    lanes = [
        (16, ("*.py, .env",), [(_("A new process"), _("imports the project")),
                               (_("It takes over;"), _("the old one finishes"))]),
        (156, ("templates/", "static/"), [(_("Same process"), _("nothing is imported"))]),
        (296, ("*.css",), [(_("Same process"), _("nothing is imported"))]),
    ]  # fmt: skip
    for left, names, steps in lanes:
        center = left + 64
        drawing.arrow((MIDDLE, 56), (MIDDLE, 76), (center, 76), (center, 92), flow="link")
        drawing.box(left, 92, 128, 46, *names, style="code")
        top = 138
        for lines in steps:
            drawing.arrow((center, top), (center, top + 24))
            drawing.box(left, top + 24, 128, 46, *lines)
            top += 70
        drawing.arrow((center, top), (center, 302))
    drawing.box(16, 302, 268, 40, _("The page reloads"), kind="good")
    drawing.box(296, 302, 128, 40, _("The style is"), _("swapped in place"), kind="good")
    drawing.words(MIDDLE, 364, _("mtvgen check also runs at each save, next to the site:"), "note")
    drawing.words(MIDDLE, 382, _("it reports problems in the terminal and on the page."), "note")
    return drawing


def routes(_: Translate) -> Drawing:
    """Which of several fitting routes wins."""
    drawing = Drawing(
        _("Which route wins"),
        _(
            "Patterns are tried from the most specific to the least: text, text with a parameter,"
            " int and uuid, slug, any segment, any path. The first that fits wins, here"
            " /notes/<int:id> for /notes/7."
        ),
        372,
    )
    drawing.box(120, 16, 200, 40, "GET /notes/7", kind="yours", style="code")
    patterns: list[tuple[str, str, Kind]] = [
        ("/notes/new", _("text: does not fit"), "room"),
        ("/notes/draft-<x>", _("text and a parameter: does not fit"), "room"),
        ("/notes/<int:id>", _("fits, and wins: id=7"), "good"),
        ("/notes/<slug:title>", _("would fit"), "room"),
        ("/notes/<title>", _("would fit"), "room"),
        ("/<path:rest>", _("would fit"), "room"),
    ]
    for number, (pattern, verdict, kind) in enumerate(patterns):
        top = 76 + 48 * number
        drawing.box(48, top, 376, 40, pattern, verdict, kind=kind, style="code")
        drawing.words(66, top + 20, str(number + 1), "note")
    winner = 76 + 48 * 2 + 20
    drawing.arrow((120, 36), (20, 36), (20, winner), (48, winner))
    return drawing


def session(_: Translate) -> Drawing:
    """Where a session is, and what protects it."""
    drawing = Drawing(
        _("A session is a signed cookie"),
        _(
            "The site puts the session's data, the time and a signature into a cookie. The browser"
            " sends it back with each request, and the site checks the signature with its secret"
            " key: a visitor can read the data, and not change it."
        ),
        392,
    )
    drawing.box(16, 16, 120, 40, _("browser"), style="title")
    drawing.box(304, 16, 120, 40, _("your site"), kind="yours", style="title")
    drawing.arrow((76, 56), (76, 262), flow="link", head=False)
    drawing.arrow((364, 56), (364, 262), flow="link", head=False)
    messages = [
        (92, "there", "POST /login", ""),
        (136, "back", "Set-Cookie: session=…", _("the view wrote request.session")),
        (188, "there", "GET /, Cookie: session=…", ""),
        (232, "back", "200", _("valid signature: request.session is filled")),
    ]
    for height, flow, line, note in messages:
        ends = ((76.0, float(height)), (364.0, float(height)))
        if flow == "there":
            drawing.arrow(*ends)
        else:
            drawing.arrow(ends[1], ends[0], flow="back")
        drawing.words(MIDDLE, height - 11, line, "code")
        if note:
            drawing.words(MIDDLE, height + 12, note, "note")
    drawing.words(16, 282, _("What is in the cookie"), "title", "start")
    drawing.box(16, 298, 150, 46, '{"user": "k3…"}', _("JSON: readable"), style="code")
    drawing.box(166, 298, 102, 46, _("times"), _("begun, last used"))
    drawing.box(268, 298, 156, 46, _("signature"), _("made with SECRET_KEY"), kind="good")
    drawing.words(
        MIDDLE, 366, _("A changed, expired or forged cookie is an empty session."), "note"
    )
    return drawing


def production(_: Translate) -> Drawing:
    """The same wsgi.py on your machine and in production."""
    drawing = Drawing(
        _("Development and production"),
        _(
            "During development the browser talks to mtvgen runserver, which runs wsgi.py and uses"
            " an SQLite file. In production it talks to a proxy, which serves static files and"
            " hands requests to several worker processes; each runs the same wsgi.py, and all use"
            " one PostgreSQL."
        ),
        492,
    )
    drawing.words(16, 26, _("On your machine"), "title", "start")
    drawing.box(16, 44, 100, 46, _("browser"))
    drawing.box(158, 44, 124, 46, "mtvgen", "runserver")
    drawing.box(324, 44, 100, 46, "SQLite", "db.sqlite3")
    drawing.arrow((116, 67), (158, 67))
    drawing.arrow((282, 67), (324, 67))
    drawing.box(158, 106, 124, 40, "wsgi.py", kind="yours", style="code")
    drawing.arrow((MIDDLE, 90), (MIDDLE, 106), flow="link", head=False)

    drawing.words(16, 186, _("In production"), "title", "start")
    drawing.box(140, 204, 160, 40, _("browsers"))
    drawing.arrow((MIDDLE, 244), (MIDDLE, 268))
    drawing.words(MIDDLE + 12, 256, "https", "note", "start")
    drawing.box(100, 268, 240, 46, "nginx", _("TLS, limits, static files"))
    for left in (16, 158, 300):
        center = left + 62
        drawing.arrow((MIDDLE, 314), (MIDDLE, 328), (center, 328), (center, 344))
        drawing.box(left, 344, 124, 24, _("a worker"))
        drawing.box(left, 368, 124, 34, "wsgi.py", kind="yours", style="code")
        drawing.arrow((center, 402), (center, 420), (MIDDLE, 420), (MIDDLE, 436))
    drawing.box(100, 436, 240, 42, "PostgreSQL", _("one database for all workers"))
    return drawing


def check(_: Translate) -> Drawing:
    """What `mtvgen check` ties together."""
    drawing = Drawing(
        _("What mtvgen check ties together"),
        _(
            "Between urls.py and views: parameters and methods. Between views and templates: names"
            " and template files. Between templates and urls.py: links and forms. Between views"
            " or templates and models: columns. Between models and migrations: tables."
        ),
        420,
    )
    drawing.box(148, 16, 144, 48, "urls.py", _("addresses"), kind="yours", style="code")
    drawing.box(16, 150, 144, 48, "views/", _("functions"), kind="yours", style="code")
    drawing.box(280, 150, 144, 48, "templates/", "HTML", kind="yours", style="code")
    drawing.box(148, 284, 144, 48, "models/", _("tables"), kind="yours", style="code")
    drawing.box(148, 364, 144, 40, "migrations/", style="code")
    drawing.box(324, 364, 100, 40, "static/", style="code")
    _tie(drawing, (160, 64), (100, 150), ((56, 96), (56, 112)), _("parameters,"), _("methods"))
    _tie(drawing, (280, 64), (340, 150), ((388, 96), (388, 112)), _("links,"), _("forms"))
    _tie(drawing, (160, 174), (280, 174), ((220, 160), (220, 190)), _("names"), _("template files"))
    _tie(drawing, (100, 198), (160, 284), ((62, 236), (62, 252)), _("columns,"), _("arguments"))
    _tie(drawing, (340, 198), (280, 284), ((352, 256), (352, 256)), _("attributes"), "")
    _tie(drawing, (220, 332), (220, 364), ((228, 348), (228, 348)), "", "")
    _tie(drawing, (396, 198), (396, 364), ((404, 290), (404, 290)), "", "")
    drawing.words(212, 348, _("columns, types"), "note", "end")
    drawing.words(388, 340, _("files"), "note", "end")
    return drawing


def _tie(
    drawing: Drawing,
    start: tuple[float, float],
    end: tuple[float, float],
    places: tuple[tuple[float, float], tuple[float, float]],
    *notes: str,
) -> None:
    """A line between two files, and what has to agree along it."""
    drawing.arrow(start, end, flow="back", head=False)
    for place, note in zip(places, notes, strict=True):
        if note:
            drawing.words(*place, note, "note")


ALL = {
    "request": request,
    "mvc-mtv": mvc_mtv,
    "save": save,
    "routes": routes,
    "session": session,
    "production": production,
    "check": check,
}
