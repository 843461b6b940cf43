"""A project is imported in a process apart, and an open file's views are found by their names."""

from __future__ import annotations

from pathlib import Path

from mtvgen.checks.run import Cache, check_project
from tests.checks.seed_project import write_project


def test_a_view_is_known_by_its_name_where_lines_were_added_above_it(tmp_path: Path):
    root, cache = tmp_path.resolve(), Cache()
    write_project(root)
    check_project(root, cache)
    view = root / "views/home.py"
    dropped = view.read_text().replace('return render(request, "about', 'render(request, "about')
    cache.files.put(view, f"# one\n# two\n\n{dropped}")
    found = [problem for problem in check_project(root, cache).problems if "views/" in problem.file]
    assert [problem.id for problem in found] == ["views.not-returned"]
