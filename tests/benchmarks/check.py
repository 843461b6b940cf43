"""How long `mtvgen check` takes: a site of 50 and of 500 routes and templates, and a tenth models.

    python tests/benchmarks/check.py [--sizes 50 500] [--rounds 5]

Cold is the whole command, from starting Python to its last line, and below it the time that its
processes have had of a processor, which hardly depends on what else runs; and of that, the time of
the one that the others work for: how long the command takes at least. The edits are measured in
processor time, with the import where one is due, in one process that keeps its cache, as in `mtvgen
runserver`: a blank at the end of a page, of `base.html`, of a view, of a model, of `urls.py`; a
blank line above its routes; a tag at the top of `base.html`, and in a macro of all pages; a route
more; a template more, and one less.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import count
from pathlib import Path

from mtvgen.checks.cache import Cache
from mtvgen.checks.run import check_project

ENVIRONMENT = {**os.environ}
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)  # a checkout is compiled once
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
from mtvgen.runtime.models import database_session

from models import database
from urls import urlpatterns

root = Path(__file__).parent
application = Application(
    urlpatterns,
    templates=root / "templates",
    static=root / "static",
    middleware=[database_session(database)],
)
"""
MODELS = """from mtvgen.runtime.models import Database
from settings import settings

database = Database(settings.database_url)
"""
MODEL = """from datetime import datetime

from mtvgen.runtime.models import Model
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship


class Model{number}(Model):
    __tablename__ = "model{number}"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), index=True)
    note: Mapped[str | None]
    made: Mapped[datetime | None]
    other_id: Mapped[int | None] = mapped_column(ForeignKey("model{other}.id"))
    other: Mapped["Model{other}"] = relationship()
"""
SETTINGS = """from pathlib import Path

from mtvgen.runtime import Settings

settings = Settings.from_environment(Path(__file__).parent)
"""
# `mtvgen check`, which then says how long this process had a processor.
CHECK_ALONE = """import atexit, resource, sys
from mtvgen.cli import main
used = resource.RUSAGE_SELF
atexit.register(lambda: print(*resource.getrusage(used)[:2], file=sys.stderr))
main(["check"])
"""
ROUTE = '    path("/moreNUMBER", part0.page0, name="moreNUMBER", methods=METHODS),\n'
PER_FILE = 10  # views in one file; and routes for one model


def write_site(root: Path, size: int) -> None:
    """A site of so many routes, views and templates."""
    for directory in ("templates/pages", "static", "views", "models", "migrations"):
        (root / directory).mkdir(parents=True)
    (root / "static/style.css").write_text("")
    (root / "wsgi.py").write_text(WSGI)
    (root / "templates/base.html").write_text(BASE)
    (root / "templates/_macros.html").write_text(MACROS)
    (root / "views/__init__.py").write_text("")
    (root / "settings.py").write_text(SETTINGS)
    (root / ".env").write_text(f"SECRET_KEY={'benchmark' * 7}\nALLOWED_HOSTS=localhost\n")
    write_models(root, size // PER_FILE)
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


def write_models(root: Path, count: int) -> None:
    """So many models, each with a foreign key to the next one, and the migration of them all."""
    for number in range(count):
        text = MODEL.format(number=number, other=(number + 1) % count)
        (root / f"models/model{number}.py").write_text(text)
    names = [f"from models.model{number} import Model{number}\n" for number in range(count)]
    exported = ", ".join(f'"Model{number}"' for number in range(count))
    text = "".join([MODELS, *names, f'\n__all__ = ["database", {exported}]\n'])
    (root / "models/__init__.py").write_text(text)
    (root / "urls.py").write_text("urlpatterns = []\n")  # its views come afterwards
    command = [sys.executable, "-m", "mtvgen", "makemigrations", "-m", "models"]
    subprocess.run(command, cwd=root, env=ENVIRONMENT, check=True, capture_output=True)


def processor_milliseconds(action: Callable[[], object]) -> float:
    """The time that the processes of an action have had of a processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    action()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return (user + system) * 1000


def own_milliseconds(root: Path) -> float:
    """The same of the process of `mtvgen check` alone, without those that it starts."""
    command = [sys.executable, "-c", CHECK_ALONE]
    done = subprocess.run(
        command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    return sum(map(float, done.stderr.split())) * 1000


def seconds_of_processors() -> float:
    """The time that this process and those that it has waited for have had of a processor."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def milliseconds(
    action: Callable[[], object],
    prepare: Callable[[], None],
    rounds: int,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """The median of some rounds."""
    taken = []
    for _ in range(rounds):
        prepare()
        gc.collect()
        start = clock()
        action()
        taken.append((clock() - start) * 1000)
    return statistics.median(taken)


def edit_of(path: Path, behind: str = "", more: str = "") -> Callable[[], None]:
    """An edit: a text, with a number of its own, behind another one; or a blank at the end."""
    numbers = count()

    def edit() -> None:
        text = path.read_text()
        number = str(next(numbers))
        added = behind + more.replace("NUMBER", number)
        path.write_text(text.replace(behind, added, 1) if behind else text + " \n")

    return edit


def one_by_one(edits: Iterable[Callable[[], object]]) -> Callable[[], None]:
    """An edit that is another one each time."""
    waiting = iter(edits)

    def edit() -> None:
        next(waiting)()

    return edit


def measure(size: int, rounds: int) -> dict[str, float]:
    """All figures of one size."""
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory, "site").resolve()
        write_site(root, size)
        command = [sys.executable, "-m", "mtvgen", "check"]

        def run() -> None:
            done = subprocess.run(
                command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr

        cache = Cache()

        def check() -> None:
            assert not check_project(root, cache).problems

        figures = {"cold": milliseconds(run, lambda: None, rounds)}
        figures["processor"] = processor_milliseconds(run)
        figures["of its own"] = own_milliseconds(root)
        check()
        for name, file, *text in (
            ("no edit", None),
            ("a page", "templates/pages/page7.html"),
            ("base.html", "templates/base.html"),
            ("a view", "views/part0.py"),
            ("a model", "models/model0.py"),
            ("urls.py", "urls.py"),
            ("its top", "urls.py", "urlpatterns = [\n", "\n"),
            ("a tag", "templates/base.html", "<nav>", "{{ request.path }}"),
            ("a macro", "templates/_macros.html", "<label>", "{{ name }}"),
            ("a route", "urls.py", "urlpatterns = [\n", ROUTE),
        ):
            edit = edit_of(root / file, *text) if file else lambda: None
            figures[name] = milliseconds(check, edit, rounds, seconds_of_processors)
        pages = [root / f"templates/{status}.html" for status in range(400, 400 + rounds)]
        for name, edits in (
            ("a template", [partial(page.write_text, "<p>{{ error }}</p>") for page in pages]),
            ("one less", [page.unlink for page in pages]),
        ):
            figures[name] = milliseconds(check, one_by_one(edits), rounds, seconds_of_processors)
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
