"""What an editor holds is checked in the place of the file, and nothing of it is run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.files import stamp_of
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.run import check_project
from tests.checks.seed_project import write_project


@pytest.fixture
def site(tmp_path: Path) -> tuple[Path, Cache]:
    root, cache = tmp_path.resolve(), Cache()
    write_project(root)
    assert said(root, cache) == []
    return root, cache


def said(root: Path, cache: Cache) -> list[str]:
    """What is found in templates and views; the process has the models of other tests."""
    problems = check_project(root, cache).problems
    return [
        f"{problem.id} {problem.place}"
        for problem in problems
        if problem.file.startswith(("templates/", "views/"))
    ]


def changed(path: Path, old: str, new: str) -> str:
    text = path.read_text("utf-8")
    assert old in text
    return text.replace(old, new, 1)


def test_an_unsaved_template_is_read_in_the_place_of_its_file(site):
    root, cache = site
    home = root / "templates/home.html"
    cache.files.put(home, changed(home, "{{ title }}", "{{ titel }}"))
    assert said(root, cache) == ["views.missing-name templates/home.html:5:8"]

    cache.files.put(home, changed(home, "{{ title }}", "中{{ titel }}"))
    assert said(root, cache) == ["views.missing-name templates/home.html:5:9"]

    cache.files.forget(home)
    assert said(root, cache) == []


def test_an_unsaved_view_is_read_and_the_project_is_not_imported_again(site):
    root, cache = site
    view, facts = root / "views/home.py", cache.loaded.facts
    cache.files.put(view, changed(view, '"home.html"', '"hom.html"'))

    assert "views.template-not-found views/home.py:10:29" in said(root, cache)
    cache.files.put(view, "raise SystemExit\n")
    check_project(root, cache)
    assert cache.loaded.facts is facts


def test_a_file_that_is_only_in_the_editor_exists(site):
    root, cache = site
    cache.files.put(root / "templates/new.html", "{{ titel }}")
    view = root / "views/extra.py"
    cache.files.put(
        view,
        "from mtvgen.runtime import render\n\n\ndef extra(request):\n"
        '    return render(request, "new.html", title=1)\n',
    )
    assert said(root, cache) == ["views.missing-name templates/new.html:1:4"]

    cache.files.forget(root / "templates/new.html")
    assert said(root, cache) == ["views.template-not-found views/extra.py:5:29"]

    cache.files.forget(view)
    assert said(root, cache) == []


def test_what_is_half_typed_is_one_problem_and_the_rest_is_checked(site):
    root, cache = site
    home, about = root / "templates/home.html", root / "templates/about.html"
    cache.files.put(home, "\ufeff{{ note.")
    cache.files.put(about, changed(about, "base.html", "bas.html"))
    cache.files.put(root / "views/notes.py", "def (")

    found = said(root, cache)
    assert "templates.not-found templates/about.html:1:13" in found
    assert "project.syntax views/notes.py:1:5" in found
    assert [one for one in found if "home.html" in one] == [
        "templates.syntax templates/home.html:1:8"
    ]


def test_a_macro_that_is_not_closed_is_one_problem_where_others_are_imported(site):
    root, cache = site
    macros = root / "templates/_macros.html"
    cache.files.put(macros, changed(macros, "endmacro", "endmacros"))
    assert said(root, cache) == ["templates.syntax templates/_macros.html:4:4"]


def test_a_static_file_that_is_only_in_the_editor_exists(site):
    root, cache = site
    home = root / "templates/home.html"
    cache.files.put(home, changed(home, "{{ title }}", "{{ title ~ static('new.css') }}"))
    assert [one.partition(" ")[0] for one in said(root, cache)] == ["templates.static-missing"]

    cache.files.put(root / "static/new.css", "")
    assert said(root, cache) == []


# What lists a directory raises one of these events; no hook can be taken away again.
LISTINGS = frozenset({"os.listdir", "os.scandir"})
_listed: list[str] = []
_is_counting = False


def _count(event: str, arguments: tuple[object, ...]) -> None:
    if _is_counting and event in LISTINGS:
        _listed.append(str(arguments[0]))


sys.addaudithook(_count)


def listed_by_a_check(root: Path, cache: Cache) -> list[str]:
    """The directories that a check has listed."""
    global _is_counting
    _listed.clear()
    _is_counting = True
    try:
        check_project(root, cache)
    finally:
        _is_counting = False
    return list(_listed)


@pytest.fixture
def watched_site(tmp_path: Path) -> tuple[Path, Cache]:
    root, cache = tmp_path.resolve(), Cache(files=ProjectFiles(watched=True))
    write_project(root)
    assert said(root, cache) == []
    return root, cache


def test_an_edit_walks_no_directory_where_somebody_says_what_changes(watched_site):
    root, cache = watched_site
    home = root / "templates/home.html"
    cache.files.put(home, changed(home, "{{ title }}", "{{ titel }}"))
    assert listed_by_a_check(root, cache) == []
    assert said(root, cache) == ["views.missing-name templates/home.html:5:8"]

    cache.files.forget(home)
    assert said(root, cache) == []
    home.write_text(changed(home, "{{ title }}", "{{ heading }}"), "utf-8")
    assert said(root, cache) == []  # nobody has said anything yet
    cache.files.changed([home])
    assert listed_by_a_check(root, cache) == []
    assert said(root, cache) == ["views.missing-name templates/home.html:5:8"]

    unwatched = Cache()
    check_project(root, unwatched)
    assert str(root / "templates") in listed_by_a_check(root, unwatched)


def test_what_was_made_moved_and_deleted_is_known_as_soon_as_it_is_said(watched_site):
    root, cache = watched_site
    about, moved = root / "templates/about.html", root / "templates/moved.html"
    about.rename(moved)
    cache.files.changed([about, moved])
    assert "views.template-not-found views/home.py:15:29" in said(root, cache)

    moved.rename(about)
    cache.files.changed([root / "templates"])  # a directory stands for all that is in it
    assert said(root, cache) == []

    extra = root / "views/extra.py"
    extra.write_text(
        "from mtvgen.runtime import render\n\n\ndef extra(request):\n"
        '    return render(request, "nowhere.html")\n'
    )
    assert said(root, cache) == []
    cache.files.changed([extra])
    assert said(root, cache) == ["views.template-not-found views/extra.py:5:29"]
    extra.unlink()
    cache.files.changed([extra])
    assert said(root, cache) == []


def test_files_are_those_of_the_disk_and_those_that_are_open(tmp_path):
    files = ProjectFiles(watched=True)
    saved, opened = tmp_path / "saved.html", tmp_path / "deep/opened.html"
    saved.write_text("on the disk")
    files.put(opened, "\ufeffopen")

    assert files.list(tmp_path) == (str(saved), str(opened))
    assert (files.read(saved), files.read(opened)) == (b"on the disk", b"open")
    assert files.stamp(saved) == files.stamp_on_disk(saved) == stamp_of(saved)
    assert files.stamp(opened) != files.stamp_on_disk(opened) is None
    before = files.stamp(opened)
    files.put(opened, "open")
    assert files.stamp(opened) != before

    files.forget(opened)
    assert files.list(tmp_path) == (str(saved),)
    with pytest.raises(FileNotFoundError):
        files.read(opened)
