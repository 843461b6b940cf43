"""Each name of a template leads to where it gets its value, and from there to all its uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.places import Text
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.run import check_project
from mtvgen.checks.uses.definitions import definitions, references, symbols
from mtvgen.checks.uses.index import Index
from tests.checks.seed_project import write_project


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> tuple[Path, Index]:
    root, cache = tmp_path_factory.mktemp("site").resolve(), Cache()
    write_project(root)
    check_project(root, cache)
    return root, Index(cache)


def at(site: tuple[Path, Index], file: str, written: str) -> tuple[Index, str, int, int]:
    """A place in a file: where the `|` is in an excerpt of it."""
    root, index = site
    before, _, after = written.partition("|")
    text = (root / file).read_text("utf-8")
    assert text.count(before + after) == 1, text
    place = Text(file, text).place(*[text.index(before + after) + len(before)] * 2)
    return index, file, place.line, place.column


@pytest.mark.parametrize(
    ("file", "written", "expected"),
    [
        # From a template to the view, and to what the template itself has bound.
        ("templates/notes/index.html", "in |notes", "views/notes.py:11:63"),
        ("templates/notes/index.html", "{{ |note.title", "templates/notes/index.html:9:8"),
        ("templates/authors/_notes.html", "in |author.notes", "views/authors.py:22:63 templates/"),
        ("templates/about.html", "{{ |words", "templates/about.html:6:8"),
        ("templates/notes/detail.html", "{{ |field", "templates/_macros.html:1:10"),
        ("templates/notes/detail.html", '|save("Save', "templates/_macros.html:13:10"),
        ("templates/notes/detail.html", "as |save", "templates/_macros.html:13:10"),
        ("templates/notes/new.html", "forms.|button", "templates/_macros.html:13:10"),
        ("templates/notes/new.html", "|value=", "templates/_macros.html:1:29"),
        # Attributes of what is passed, by their types.
        ("templates/home.html", "crumb.|label", "crumbs.py:8:5"),
        ("templates/home.html", "crumb.|is_home", "crumbs.py:11:9"),
        # Templates, their blocks, static files, routes, views.
        ("templates/about.html", 'extends "|base.html', "templates/base.html:1:1"),
        ("views/home.py", '"|about.html', "templates/about.html:1:1"),
        ("templates/about.html", "block |sidebar", "templates/base.html:16:12"),
        ("templates/base.html", 'static("|style.css', "static/style.css:1:1"),
        ("templates/base.html", 'url_for("|about', "urls.py:10:38"),
        ("templates/_nav.html", 'url_for("|home.index', "urls.py:9:20"),
        ("urls.py", "home.|about", "views/home.py:13:5"),
        ("templates/about.html", "|lower", ""),
        ("templates/base.html", "{{ |csp_nonce", ""),
        # What the project registers for all templates.
        ("templates/_nav.html", "sho|ut", "wsgi.py:18:5"),
        ("wsgi.py", '"|shout', "wsgi.py:18:5"),
        ("templates/base.html", "{{ |site_name", "wsgi.py:27:19"),
    ],
)
def test_a_name_leads_to_what_it_means(site, file, written, expected):
    found = [str(place) for place in definitions(*at(site, file, written))]
    for place in expected.split():
        assert any(one.startswith(place) for one in found), found
    assert bool(found) == bool(expected)


def test_what_is_used_is_known_from_every_place_of_it(site):
    _, index = site
    for occurrence in index.occurrences:
        same = references(index, *occurrence.place[:3])
        assert occurrence in same
    keyword = references(*at(site, "views/notes.py", 'notes/index.html", title="Notes", |notes'))
    assert {one.place.file for one in keyword} == {"templates/notes/index.html", "views/notes.py"}


def test_every_place_is_that_of_the_name(site):
    root, index = site
    for occurrence in index.occurrences:
        file = occurrence.place.file
        written = Text(file, (root / file).read_text("utf-8")).at(occurrence.place)
        is_part = occurrence.sort in ("route", "view") and occurrence.name.endswith(written)
        is_part = (
            is_part
            or written.endswith(occurrence.name)
            or occurrence.name
            in (
                written,
                written.replace("home.", "home."),
            )
        )
        assert is_part, occurrence


def test_a_file_has_symbols(site):
    _, index = site
    found = [
        f"{one.kind} {one.name} {one.place.line}" for one in symbols(index, "templates/about.html")
    ]
    assert "block content 3" in found
    assert "block sidebar 13" in found
    macros = [one.name for one in symbols(index, "templates/_macros.html") if one.kind == "macro"]
    assert macros == ["field", "card", "button"]
    assert ("route", "note", 14) in [
        (one.kind, one.name, one.place.line) for one in symbols(index, "urls.py")
    ]


def test_names_of_open_files_are_read_and_those_of_others_are_kept(tmp_path):
    root, cache = tmp_path.resolve(), Cache(files=ProjectFiles(watched=True))
    write_project(root)
    check_project(root, cache)
    before = dict(Index(cache).names)
    home = root / "templates/home.html"
    cache.files.put(home, home.read_text("utf-8").replace("{{ title }}", "中{{ title }}"))
    check_project(root, cache)
    after = Index(cache)
    kept = [name for name in after.names if after.names[name] is before[name]]
    assert set(after.names) - set(kept) == {"home.html"}
    (place,) = (one.place for one in after.in_file("templates/home.html") if one.name == "title")
    assert str(place) == "templates/home.html:5:9"


# A layout, a partial that is included in a loop, and macros by three names.
TEMPLATES = {
    "layout.html": "{% block main %}{{ heading }}{% endblock %}"
    "{% block rows scoped %}{% for row in [1] %}{% block row scoped %}{% endblock %}"
    "{% endfor %}{% endblock %}",
    "page.html": "{% extends 'layout.html' %}{% import 'm.html' as m %}"
    "{% from 'm.html' import field as box %}{% set ns = namespace(count=0) %}"
    "{% block main %}{% for one in [1] %}{% include 'part.html' %}{% endfor %}"
    "{{ m.field(label=1) }}{{ box(label=2) }}{{ ns.count }}{% endblock %}"
    "{% block row %}{{ row }}{% endblock %}",
    "part.html": "{{ one }}{{ given }}{{ heading }}",
    "m.html": "{% macro field(label) %}{{ label }}{% endmacro %}",
    "other.html": "{% extends 'layout.html' %}{% set heading = 1 %}",
}


@pytest.fixture(scope="module")
def small_site(tmp_path_factory) -> tuple[Path, Index]:
    root, cache = tmp_path_factory.mktemp("small").resolve(), Cache()
    write_project(root)
    for name, text in TEMPLATES.items():
        (root / "templates" / name).write_text(text)
    view = (
        "from mtvgen.runtime import render as show\n\n\ndef {0}(request):\n    return show({1})\n"
    )
    urls = (root / "urls.py").read_text()
    urls = urls.replace("import authors, home, notes", "import authors as writers, home, notes")
    urls = urls.replace(" authors.", " writers.").replace(
        "import include, path", "import include, path as at"
    )
    (root / "urls.py").write_text(urls.replace(" path(", " at("))
    calls = {
        "one": 'request, "page.html", given=1',
        "two": 'request, "page.html", **{"heading": 2}',
    }
    for name, call in calls.items():
        (root / f"views/{name}.py").write_text(view.format(name, call))
    check_project(root, cache)
    return root, Index(cache)


@pytest.mark.parametrize(
    ("file", "written", "expected"),
    [
        # Through the includes of a partial, and what children set or views pass for a layout.
        ("part.html", "{{ |one", "templates/page.html:1:149"),
        ("part.html", "{{ |given", "views/one.py:5:39"),
        ("part.html", "{{ |heading", "views/two.py:5:12"),
        ("layout.html", "{{ |heading", "templates/other.html:1:35 views/two.py:5:12"),
        # What a parent's block hands on.
        ("page.html", "{{ |row", "templates/layout.html:1:74"),
        # By way of what names hold.
        ("page.html", "m.|field", "templates/m.html:1:10"),
        ("page.html", "{{ |m.field", "templates/page.html:1:50"),
        ("page.html", "field(|label", "templates/m.html:1:16"),
        ("page.html", "box(|label", "templates/m.html:1:16"),
        ("page.html", "import |field", "templates/m.html:1:10"),
        ("page.html", "ns.|count", "templates/page.html:1:115"),
        # Python files may call what they import something else.
        ("urls.py", "writers.|detail", "views/authors.py:18:5"),
        ("templates/_nav.html", 'url_for("|notes', "urls.py:11:24"),
        ("layout.html", "block |main", "templates/layout.html:1:10"),
    ],
)
def test_a_name_is_looked_up_outwards(small_site, file, written, expected):
    path = file if "/" in file or file == "urls.py" else f"templates/{file}"
    found = definitions(*at(small_site, path, written))
    assert [str(place) for place in found] == expected.split()


def test_only_the_templates_that_lead_there_are_read(small_site):
    index = Index(small_site[1].cache)
    place = at(small_site, "templates/part.html", "{{ |given")[1:]
    assert definitions(index, *place)
    assert not {"names", "linking"} & vars(index).keys()


def test_the_definitions_are_among_all_places(site):
    """Each place that a name is looked up to is one that means the same, and gives it a value."""
    _, index = site
    for one in index.occurrences:
        found = definitions(index, *one.place[:3])
        if one.sort in ("name", "keyword", "block") and one.name not in index.known:
            made = [same.place for same in index.same_as(one) if same.is_definition]
            assert bool(found) == bool(made), one
            # A parent's block, and a macro that has another name here, are named elsewhere.
            is_elsewhere = one.sort == "block" or one.name == "save"
            assert is_elsewhere or set(found) <= set(made), one
