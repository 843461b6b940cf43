"""What a run finds with what the last one kept is what it finds from nothing, after any edits.

MTVGEN_FULL=1 pytest tests/checks/test_kept_results.py makes 2,400 edits at random.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.preview import Preview
from mtvgen.checks.run import check_project
from tests.checks.seed_project import FILES, write_project

# Of each round of edits at random.
ROUNDS, EDITS = (200, 12) if os.environ.get("MTVGEN_FULL") else (1, 5)
PAGES_AND_VIEWS = [file for file in FILES if FILES[file] and file.startswith(("temp", "views"))]
_WORD = re.compile(r"[A-Za-z_]\w+")

HELPERS = """from mtvgen.runtime import NotFound, Request, redirect


def leave(request: Request):
    return redirect(request.url_for("notes.index"))


def stop(request: Request):
    raise NotFound("No such note.")
"""
Found = tuple[list[str], list[str], object]
# File, and what is replaced by what: the text itself where it is new, None where it goes.
Step = tuple[str, tuple[str, str] | str | None]
STEPS: list[Step] = [
    ("helpers.py", HELPERS),
    ("views/notes.py", ("from models", "from helpers import leave, stop\nfrom models")),
    (
        "views/notes.py",
        ('    return redirect(request.url_for("notes.index"))', "    leave(request)"),
    ),
    # Its body says whether the view answers.
    ("helpers.py", ('    return redirect(request.url_for("notes.index"))', "    print(request)")),
    ("helpers.py", ("    print(request)", '    return redirect(request.url_for("notes.index"))')),
    ("helpers.py", ("def leave(request: Request):", "def leave(request: Request) -> str:")),
    ("helpers.py", ("-> str:", ":")),
    ("views/notes.py", ("    leave(request)", "    stop(request)")),
    ("helpers.py", ("    raise NotFound", "    print(NotFound")),
    ("helpers.py", ('print(NotFound("No such note.")', 'print(NotFound("No such note."))')),
    ("helpers.py", ("    print(NotFound", "    return (NotFound")),
    ("views/notes.py", ("    stop(request)", "    return leave(request)")),
    # One that nobody imports any more is removed.
    ("views/notes.py", ("from helpers import leave, stop\n", "")),
    ("helpers.py", None),
    ("helpers.py", HELPERS),
    # Of the layout: a text before a tag in its line, a line above all, a tag, a name.
    ("templates/base.html", ("  <title>{%", "  <title>Site: {%")),
    ("templates/base.html", ("<!doctype html>", "<!doctype html>\n\n")),
    ("templates/base.html", ("<!doctype html>", "{% set title = 1 %}<!doctype html>")),
    ("templates/base.html", ("{% set title = 1 %}<!doctype html>", "<!doctype html>")),
    ("templates/base.html", ("<!doctype html>", "{{ request.path }}<!doctype html>")),
    ("templates/base.html", ("<!doctype html>", "{{ nothing }}{{ note.titel }}<!doctype html>")),
    ("templates/base.html", ("{{ nothing }}", "{{ request.path }}{{ nothing }}")),
    ("templates/base.html", ("{{ nothing }}{{ note.titel }}", "{% block top %}{% endblock %}")),
    ("templates/base.html", ("{% block top %}", "{{ request.path }}{% block top %}{{ nothing }}")),
    ("templates/base.html", ("{{ nothing }}", '{% include "about.html" %}')),
    ("templates/base.html", ('{% include "about.html" %}', "")),
    ("templates/base.html", ("{{ site_name }}</a>", "{{ site_nam }}</a>")),
    ("templates/base.html", ("About {{ site_nam", "About this {{ site_nam")),
    ("templates/base.html", ("{{ site_nam }}</a>", "{{ heading }} {{ title.upper }}</a>")),
    ("templates/base.html", ("{{ heading }}", "{% if title %}{{ heading }}{% endif %}")),
    ("templates/base.html", ("{{ heading }}", '{{ url_for("notes.now") }}')),
    ("templates/base.html", ("notes.now", "notes.new")),
    ("templates/base.html", ("{% block content %}", "{% block contents %}")),
    ("templates/base.html", ("{% block contents %}", "{% block content %}")),
    ("templates/about.html", ("<h1>", "{% yes %}<h1>")),
    ("templates/about.html", ("{% yes %}<h1>", "{% yes %}<h1>Now: ")),
    ("templates/about.html", ("{% yes %}<h1>Now: ", "<h1>")),
    ("templates/_macros.html", ("label, kind=", "label, kinds=")),
    ("templates/_macros.html", ("label, kinds=", "label, kind=")),
    # Routes: another name, another parameter, gone, and in another place.
    ("urls.py", ('name="about"', 'name="the_about"')),
    ("urls.py", ('name="the_about"', 'name="about"')),
    ("urls.py", ("urlpatterns = [", "# The routes.\nurlpatterns = [")),
    ("urls.py", ('    path("/notes/new", notes.new),\n', "")),
    ("views/blog/urls.py", ('"/<int:year>/<slug:slug>"', '"/<int:year>/<slug:slug>/text"')),
    ("urls.py", ("urlpatterns = [\n", 'urlpatterns = [\n    path("/notes/new", notes.new),\n')),
    # What is wrong in a file moves with blank lines and comments.
    ("urls.py", ("urlpatterns = [", "print(nothing)\nurlpatterns = [")),
    ("urls.py", ("print(nothing)", "\n# Why?\n\nprint(nothing)")),
    ("urls.py", ("print(nothing)\n", "print(nothing)  # globals()\n# globals()\n")),
    ("urls.py", ("print(nothing)  # globals()\n# globals()\n", "print(nothing)\n\n")),
    ("urls.py", ("print(nothing)\n", "")),
    ("views/notes.py", ("from models", "# Models.\n\nfrom models")),
    ("views/notes.py", ("# Models.\n\nfrom models", "print(nothing)\n# Models.\nfrom models")),
    ("views/notes.py", ("# Models.", "# mtvgen: ignore\n\n")),
    ("views/notes.py", ("print(nothing)\n# mtvgen: ignore\n\n\n", "")),
    ("models/note.py", ("    title:", "    headline:")),
    ("models/note.py", ("    headline:", "    title:")),
    ("static/style.css", None),
    ("static/style.css", "body { margin: 0 }\n"),
    ("templates/about.html", None),
    # A file that others need, which goes and comes back.
    ("views/notes.py", ('request.form.get("text", "")', 'request.form.get("texts", "")')),
    ("templates/_macros.html", None),
    ("templates/_macros.html", FILES["templates/_macros.html"]),
]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path.resolve()


def found(root: Path, cache: Cache, *, previewed: str = "") -> Found:
    """What a run says, in an order of its own."""
    if previewed:
        check_project(root, cache, preview=Preview([previewed]))
    report = check_project(root, cache)
    problems = sorted(map(repr, report.problems))
    return problems, sorted(map(repr, report.unchecked)), report.counts


def assert_the_same(root: Path, kept: Cache, edited: str, number: int) -> None:
    # A layout is open where one of its pages is, or nothing is.
    with_cache = found(root, kept, previewed=("", edited, "templates/home.html")[number % 3])
    # No import sees an edit of a template: that of the kept run is as good as another.
    fresh = Cache() if edited.endswith(".py") else Cache(loaded=kept.loaded)
    without = found(root, fresh)
    if fresh.loaded.facts.loaded:  # else the other has those of the last good import
        assert differences(with_cache, without) == [], f"{number}: {edited}"


def differences(kept: Found, fresh: Found) -> list[str]:
    """What one of two runs alone has said."""
    if kept[2] != fresh[2]:
        return [f"{kept[2]}, and not {fresh[2]}"]
    return [
        *(f"kept: {one}" for one in {*kept[0], *kept[1]} - {*fresh[0], *fresh[1]}),
        *(f"lost: {one}" for one in {*fresh[0], *fresh[1]} - {*kept[0], *kept[1]}),
    ]


def test_what_is_found_after_an_edit_is_what_is_found_from_nothing(root: Path):
    kept = Cache()
    for number, (file, change) in enumerate(STEPS):
        path = root / file
        if isinstance(change, tuple):
            old, new = change
            assert old in path.read_text(), f"{number}: {old}"
            path.write_text(path.read_text().replace(old, new, 1))
        elif change is None:
            path.unlink()
        else:
            path.write_text(change)
        assert_the_same(root, kept, file, number)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_same_after_edits_at_random(root: Path, seed: int):
    kept, source = Cache(), random.Random(seed)  # the same edits each time
    assert_the_same(root, kept, "", 0)
    for number in range(EDITS):
        file = source.choice(PAGES_AND_VIEWS)
        if source.random() < 0.2:
            file = source.choice(["urls.py", "urls.py", "crumbs.py", "models/note.py", "wsgi.py"])
        edit_at_random(root / file, FILES[file], source)
        assert_the_same(root, kept, file, number)


def edit_at_random(path: Path, original: str, source: random.Random) -> None:
    """Make one edit of a file, or put it back: most make a mistake, few break the file."""
    if not path.exists() or source.random() < 0.3:
        path.write_text(original)
    elif source.random() < 0.04 and path.suffix != ".py":
        path.unlink()
    else:
        change = source.choice(CHANGES + (OF_PYTHON if path.suffix == ".py" else OF_TEMPLATES))
        path.write_text(change(path.read_text(), source))


def with_another_word(text: str, source: random.Random) -> str:
    words = list(_WORD.finditer(text))
    one, other = source.choice(words), source.choice(words)
    return text[: one.start()] + other[0] + text[one.end() :]


def without_a_line(text: str, source: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    lines.pop(source.randrange(len(lines)))
    return "".join(lines)


def with_a_line_elsewhere(text: str, source: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    lines.insert(source.randrange(len(lines)), lines.pop(source.randrange(len(lines))))
    return "".join(lines)


def with_a_blank_line(text: str, source: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    lines.insert(source.randrange(len(lines)), "\n")
    return "".join(lines)


def with_a_blank_before_a_tag(text: str, source: random.Random) -> str:
    tags = [tag.start() for tag in re.finditer(r"\{[{%]|request\.", text)]
    at = source.choice(tags) if tags else len(text)
    return f"{text[:at]} {text[at:]}"


def with_a_comment(text: str, source: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    for comment in source.choices(COMMENTS, k=source.randrange(1, 4)):
        lines.insert(source.randrange(len(lines)), comment)
    return "".join(lines)


def without_comments(text: str, source: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if line.strip() and not line.startswith("#")]
    return "".join(kept or lines)


def with_a_line_twice(text: str, source: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    lines.insert(source.randrange(len(lines)), source.choice(lines))
    return "".join(lines)


def with_a_tag(text: str, source: random.Random) -> str:
    tags = [0, *(tag.start() for tag in re.finditer(r"\{[{%]|<[a-z]", text))]
    # Mostly near the top, so that it moves what is below.
    at = source.choice(tags[: source.choice([2, 5, len(tags)])])
    return f"{text[:at]}{source.choice(TAGS)}{text[at:]}"


COMMENTS = ["\n", "   \n", "# Why?\n", "# globals()\n", "# mtvgen: ignore\n", "    # Here.\n"]
TAGS = [
    *("{{ request.path }}", "{{ title }}", "{{ note.title }}", "{{ nothing }}", "{# Why? #}"),
    *('{{ url_for("about") }}', '{{ url_for("notes.index", page=title) }}', "{{ note.titel }}"),
    *(
        "{% set title = 1 %}",
        "{% if note %}{{ note.title }}{% endif %}",
        '{% include "about.html" %}',
    ),
]
CHANGES: list[Callable[[str, random.Random], str]] = [
    with_another_word,
    with_another_word,
    without_a_line,
    with_a_line_elsewhere,
    with_a_blank_line,
    with_a_blank_before_a_tag,
    with_a_line_twice,
]
OF_PYTHON = [with_a_comment, with_a_comment, without_comments]
OF_TEMPLATES = [with_a_tag, with_a_tag, with_a_tag]
