"""How long `mtvgen check` takes: a site of 50 and of 500 routes and templates.

    python tests/benchmarks/check.py [--sizes 50 500] [--rounds 5]

Cold is the whole command, from starting Python to its last line. The edits are made within one
process that keeps its cache, as in `mtvgen runserver`: a page, `base.html`, a view, a route.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mtvgen.checks.cache import Cache
from mtvgen.checks.run import check_project

BASE = """<!doctype html>
<title>{% block title %}{{ title|default("Site") }}{% endblock %}</title>
<link rel="stylesheet" href="{{ static("style.css") }}">
<nav>{% for name in ["a", "b"] %}<a href="{{ url_for("page0") }}">{{ name }}</a>{% endfor %}</nav>
{% for message in get_flashed_messages() %}<p>{{ message }}</p>{% endfor %}
<main>{% block content %}{% endblock %}</main>
{% block footer %}<p>{{ request.path }}</p>{% endblock %}
"""
MACROS = """{% macro field(name, label, value="") %}
<label>{{ label }}</label><input name="{{ name }}" value="{{ value }}">
{% endmacro %}
{% macro card(heading) %}<h2>{{ heading }}</h2>{{ caller() }}{% endmacro %}
"""
PAGE = """{{% extends "base.html" %}}
{{% from "_macros.html" import field, card %}}
{{% block title %}}{{{{ title }}}} {number}{{% endblock %}}
{{% block content %}}
<h1>{{{{ title|upper }}}}</h1>
<ul>
{{% for item in items %}}
  <li class="{{{{ loop.cycle("odd", "even") }}}}">{{{{ item.name }}}}: {{{{ item.price }}}}
  {{% if item.is_new %}}<b>{{{{ item.name|upper }}}}</b>{{% endif %}}</li>
{{% else %}}
  <li>nothing</li>
{{% endfor %}}
</ul>
{{% if detail %}}{{% call card(title) %}}<p>{{{{ detail }}}}</p>{{% endcall %}}{{% endif %}}
<form method="post" action="{{{{ url_for("page{number}", id=1) }}}}">
{{{{ field("name", "Name", detail|default("")) }}}}
{{{{ field("price", "Price") }}}}
</form>
<a href="{{{{ url_for("page{other}", id=number) }}}}">next</a>
{{% endblock %}}
"""
VIEW = """
def page{number}(request: Request, id: int = 0) -> Response:
    items = [Item("a", id), Item("b", 2)]
    if request.method == "POST":
        items.append(Item(request.form["name"], int(request.form["price"])))
    number = {number}
    return render(
        request, "pages/page{number}.html", title="Page", items=items, detail="", number=number
    )
"""
VIEWS = """from dataclasses import dataclass

from mtvgen.runtime import Request, Response, render


@dataclass
class Item:
    name: str
    price: int
    is_new: bool = False

"""
WSGI = """from pathlib import Path

from mtvgen.runtime import Application

from urls import urlpatterns

root = Path(__file__).parent
application = Application(urlpatterns, templates=root / "templates", static=root / "static")
"""
PER_FILE = 10  # views in one file


def write_site(root: Path, size: int) -> None:
    """A site of so many routes, views and templates."""
    for directory in ("templates/pages", "static", "views"):
        (root / directory).mkdir(parents=True)
    (root / "static/style.css").write_text("")
    (root / "wsgi.py").write_text(WSGI)
    (root / "templates/base.html").write_text(BASE)
    (root / "templates/_macros.html").write_text(MACROS)
    (root / "views/__init__.py").write_text("")
    routes = []
    for first in range(0, size, PER_FILE):
        numbers = range(first, first + PER_FILE)
        source = VIEWS + "".join(VIEW.format(number=number) for number in numbers)
        (root / f"views/part{first}.py").write_text(source)
        for number in numbers:
            page = PAGE.format(number=number, other=(number + 1) % size)
            (root / f"templates/pages/page{number}.html").write_text(page)
            address = f'"/page{number}/<int:id>"' if number else '"/page0"'
            view = f"part{first}.page{number}"
            routes.append(f'    path({address}, {view}, name="page{number}", methods=METHODS),')
    imports = ", ".join(f"part{first}" for first in range(0, size, PER_FILE))
    head = f"from mtvgen.runtime import path\n\nfrom views import {imports}\n\n"
    body = "\n".join(routes)
    lines = f'METHODS = ["GET", "POST"]\nurlpatterns = [\n{body}\n]\n'
    (root / "urls.py").write_text(head + lines)


def milliseconds(action: Callable[[], object], prepare: Callable[[], None], rounds: int) -> float:
    """The median of some rounds."""
    taken = []
    for _ in range(rounds):
        prepare()
        gc.collect()
        start = time.perf_counter()
        action()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def touch(path: Path) -> Callable[[], None]:
    """An edit: another space at the end."""

    def edit() -> None:
        path.write_text(path.read_text() + " \n")

    return edit


def measure(size: int, rounds: int) -> dict[str, float]:
    """All figures of one size."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory, "site").resolve()
        write_site(root, size)
        command = [sys.executable, "-m", "mtvgen", "check"]

        def run() -> None:
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
            assert "no problems" in done.stdout, done.stdout + done.stderr

        cache = Cache()

        def check() -> None:
            assert not check_project(root, cache).problems

        figures = {"cold": milliseconds(run, lambda: None, rounds)}
        check()
        for name, file in (
            ("no edit", None),
            ("a page", "templates/pages/page7.html"),
            ("base.html", "templates/base.html"),
            ("a view", "views/part0.py"),
            ("urls.py", "urls.py"),
        ):
            edit = touch(root / file) if file else lambda: None
            figures[name] = milliseconds(check, edit, rounds)
        return figures


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 500])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    columns = {size: measure(size, given.rounds) for size in given.sizes}
    print("mtvgen check, milliseconds, median of", given.rounds)
    print(f"{'':12}" + "".join(f"{size:>9}" for size in columns) + f"{'growth':>9}")
    for name in next(iter(columns.values())):
        row = [figures[name] for figures in columns.values()]
        growth = f"{row[-1] / row[0]:8.1f}x"
        print(f"{name:12}" + "".join(f"{figure:9.0f}" for figure in row) + growth)


if __name__ == "__main__":
    main()
