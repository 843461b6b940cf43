"""What an editor holds is checked in the place of the file, and nothing of it is run."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.run import Cache, check_project
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
    cache.buffers.put(home, changed(home, "{{ title }}", "{{ titel }}"))
    assert said(root, cache) == ["views.missing-name templates/home.html:5:8"]

    cache.buffers.put(home, changed(home, "{{ title }}", "中{{ titel }}"))
    assert said(root, cache) == ["views.missing-name templates/home.html:5:9"]

    cache.buffers.forget(home)
    assert said(root, cache) == []


def test_an_unsaved_view_is_read_and_the_project_is_not_imported_again(site):
    root, cache = site
    view, facts = root / "views/home.py", cache.facts
    cache.buffers.put(view, changed(view, '"home.html"', '"hom.html"'))

    assert "views.template-not-found views/home.py:10:29" in said(root, cache)
    cache.buffers.put(view, "raise SystemExit\n")
    check_project(root, cache)
    assert cache.facts is facts


def test_a_file_that_is_only_in_the_editor_exists(site):
    root, cache = site
    cache.buffers.put(root / "templates/new.html", "{{ titel }}")
    view = root / "views/extra.py"
    cache.buffers.put(
        view,
        "from mtvgen.runtime import render\n\n\ndef extra(request):\n"
        '    return render(request, "new.html", title=1)\n',
    )
    assert said(root, cache) == ["views.missing-name templates/new.html:1:4"]

    cache.buffers.forget(root / "templates/new.html")
    assert said(root, cache) == ["views.template-not-found views/extra.py:5:29"]

    cache.buffers.forget(view)
    assert said(root, cache) == []


def test_what_is_half_typed_is_one_problem_and_the_rest_is_checked(site):
    root, cache = site
    home, about = root / "templates/home.html", root / "templates/about.html"
    cache.buffers.put(home, "\ufeff{{ note.")
    cache.buffers.put(about, changed(about, "base.html", "bas.html"))
    cache.buffers.put(root / "views/notes.py", "def (")

    found = said(root, cache)
    assert "templates.not-found templates/about.html:1:13" in found
    assert "project.syntax views/notes.py:1:5" in found
    assert [one for one in found if "home.html" in one] == [
        "templates.syntax templates/home.html:1:8"
    ]
