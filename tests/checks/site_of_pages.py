"""A site of many pages, each tenth with mistakes."""

from __future__ import annotations

from pathlib import Path

PAGE = """<form method="post" action="{{{{ url_for("page{number}") }}}}">
<input name="{field}" required> {{{{ title|{filter} }}}} {{{{ {name} }}}}</form>
"""
VIEW = """from mtvgen.runtime import Request, Response, render


def page(request: Request) -> Response:
    if request.method == "POST":
        {mistake}
        render(request, "page{number}.html", title=request.form["name"])
    return render(request, "page{number}.html", title="")
"""
WSGI = """from pathlib import Path

from mtvgen.runtime import Application

from urls import urlpatterns

application = Application(urlpatterns, templates=Path(__file__).parent / "templates")
application.templates.environment.filters["shout"] = str.upper
"""


def write_site(root: Path, size: int) -> None:
    """So many pages, each tenth with a mistake of its view, its form and its template."""
    (root / "templates").mkdir(parents=True)
    (root / "views").mkdir()
    (root / "views/__init__.py").touch()
    (root / "wsgi.py").write_text(WSGI)
    lines = ["from mtvgen.runtime import path"]
    lines += [f"from views import part{number}" for number in range(size)]
    for number in range(size):
        wrong = number % 10 == 3
        page = PAGE.format(
            number=number,
            field="nmae" if wrong else "name",
            name="titel" if wrong else "title",
            filter="shuot" if wrong else "shout",
        )
        (root / f"templates/page{number}.html").write_text(page)
        view = VIEW.format(number=number, mistake="undefined" if wrong else "pass")
        (root / f"views/part{number}.py").write_text(view)
    lines.append("urlpatterns = [")
    lines += [
        f'    path("/{n}", part{n}.page, name="page{n}", methods=["GET", "POST"]),'
        for n in range(size)
    ]
    (root / "urls.py").write_text("\n".join([*lines, "]"]) + "\n")
