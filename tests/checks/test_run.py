"""An edit has only its own consequences walked again, and all of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.interpreter.recording import Block, Entry, WalkResult
from mtvgen.checks.run import check_project
from tests.checks.seed_project import write_project


@pytest.fixture
def site(tmp_path: Path) -> tuple[Path, Cache]:
    write_project(tmp_path)
    root, cache = tmp_path.resolve(), Cache()
    # Forked from this process, which has models of other tests: only the templates are looked at.
    check_project(root, cache)
    return root, cache


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def templates_of(report) -> list[str]:
    return [str(one) for one in report.problems if one.file.startswith("templates/")]


def test_without_an_edit_nothing_is_parsed_or_walked(site):
    root, cache = site
    trees = {name: cache.store.get(name) for name in cache.store.names()}
    results = dict(cache.interpreter.results.by_piece)

    check_project(root, cache)

    assert all(cache.store.get(name) is tree for name, tree in trees.items())
    assert cache.interpreter.results.by_piece == results


def test_an_edit_of_the_layout_walks_no_page_again(site):
    root, cache = site
    pages = blocks_of_pages(cache)
    edit(root / "templates/base.html", "<body>", "<body class='x'>")

    check_project(root, cache)

    assert pages
    assert pages.items() <= blocks_of_pages(cache).items()


def test_a_tag_in_the_layout_has_each_page_asked_about_that_tag_alone(site):
    root, cache = site
    base = root / "templates/base.html"
    edit(base, "<!doctype html>", "{{ site_name }}<!doctype html>")
    check_project(root, cache)
    checks = {name: check for name, (_, check) in cache.pages.render_checks.items()}
    entries = entries_of(cache)
    edit(base, "<!doctype html>", "{{ request.path }}<!doctype html>")

    check_project(root, cache)

    again = entries_of(cache)
    renewed = [name for name in again if again[name].renews is entries[name]]
    # One of those that leave it the same names, none, has walked it.
    assert {"blog/index.html", "blog/post.html", "notes/index.html"} & {*renewed}
    assert len(renewed) > 3
    assert all(cache.pages.render_checks[name][1] is checks[name] for name in renewed)


def entries_of(cache: Cache) -> dict[str, WalkResult]:
    """What rendering each template may meet."""
    results = cache.interpreter.results.by_piece.items()
    return {piece.template: result for piece, result in results if isinstance(piece, Entry)}


def test_an_edit_of_the_layouts_text_walks_nothing_again(site):
    root, cache = site
    results, checks = dict(cache.interpreter.results.by_piece), dict(cache.pages.render_checks)
    edit(root / "templates/base.html", "<title>", "<title>Notes: ")

    check_project(root, cache)

    assert cache.interpreter.results.by_piece == results
    assert cache.pages.render_checks == checks


def test_an_edit_of_a_view_has_no_file_looked_at_again_that_only_imports_it(site):
    root, cache = site
    before = {file: kept[1] for file, kept in cache.python.by_file.items()}
    edit(root / "views/notes.py", "    note.text =", "    # Saved.\n    note.text =")

    check_project(root, cache)

    after = {file: kept[1] for file, kept in cache.python.by_file.items()}
    assert [file for file in after if after[file] is not before[file]] == ["views/notes.py"]


def test_one_check_leaves_what_the_project_imports_to_the_process_that_imports_it(tmp_path):
    write_project(tmp_path)
    code = (
        "import sys; from pathlib import Path; from mtvgen.checks.run import check_project;"
        "print(check_project(Path()).counts['models'], 'sqlalchemy' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    models, is_here = done.stdout.split()
    assert int(models) > 0
    assert is_here == "False"


def blocks_of_pages(cache: Cache) -> dict:
    """What walking the blocks of home.html and about.html yielded."""
    return {
        piece: result
        for piece, result in cache.interpreter.results.by_piece.items()
        if isinstance(piece, Block) and piece.templates[0] in ("home.html", "about.html")
        if "base.html" not in result.sources
    }


def test_an_edit_of_the_layout_reaches_every_page(site):
    root, cache = site
    edit(root / "templates/base.html", "<body>", "<body>{{ oops }}")

    (told,) = templates_of(check_project(root, cache))

    assert "'oops' is undefined" in told
    assert "more calls render this" in told


def test_an_edit_of_a_macro_reaches_its_callers(site):
    root, cache = site
    edit(root / "templates/_macros.html", 'label, value="")', "label, value)")

    (told,) = templates_of(check_project(root, cache))

    assert told.startswith("templates/notes/new.html:6:12: field(name, label, value) needs 'value'")


def test_a_template_that_was_not_found_and_is_made_is_found(site):
    root, cache = site
    edit(root / "templates/home.html", "<h1>", '{% include "new.html" %}<h1>')
    assert "'new.html' not found" in templates_of(check_project(root, cache))[0]

    (root / "templates/new.html").write_text("<p>new</p>")
    assert templates_of(check_project(root, cache)) == []

    (root / "templates/new.html").unlink()
    assert "'new.html' not found" in templates_of(check_project(root, cache))[0]


def test_a_static_file_that_comes_and_goes_is_noticed(site):
    root, cache = site
    edit(root / "templates/home.html", "<h1>", '{{ static("new.js") }}<h1>')
    assert "no such file" in templates_of(check_project(root, cache))[0]

    (root / "static/new.js").write_text("")
    assert templates_of(check_project(root, cache)) == []

    (root / "static/new.js").unlink()
    assert "no such file" in templates_of(check_project(root, cache))[0]
