"""`[tool.mtvgen]` of pyproject.toml silences ids in files by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem
from mtvgen.checks.silence.configuration import read_configuration
from tests.checks.seed_project import write_project


def configured(root: Path, text: str):
    (root / "pyproject.toml").write_text(text, "utf-8")
    return read_configuration(root)


@pytest.mark.parametrize(
    ("pattern", "matches", "leaves"),
    [
        ("templates/vendor/**", "templates/vendor/a.html templates/vendor/b/c.html", "templates/a"),
        ("templates/vendor", "templates/vendor/a.html templates/vendor/b/c.html", "templates/ven"),
        ("templates/vendor/", "templates/vendor/a.html", "other/templates/vendor/a.html"),
        ("./templates/*.html", "templates/a.html", "templates/b/a.html"),
        ("templates/*", "templates/a.html templates/b/a.html", "static/a"),
        ("**/old.html", "old.html templates/old.html templates/a/old.html", "templates/bold.html"),
        ("templates/**/a.html", "templates/a.html templates/b/c/a.html", "a.html"),
        ("settings.py", "settings.py views/settings.py", "views/settings.pyi"),
        ("*.py", "urls.py views/a.py", "a.pyi"),
        ("views/pag?.py", "views/page.py", "views/pages.py views/pag/.py"),
        ("a+(b).py", "a+(b).py", "aab.py"),
    ],
)
def test_a_pattern_names_files_as_in_gitignore(tmp_path, pattern, matches, leaves):
    text = f'[tool.mtvgen.check.ignore]\n"{pattern}" = ["templates.unused"]\n'
    configuration = configured(tmp_path, text)

    def ignored(file: str, id: str = "templates.unused") -> bool:
        return configuration.ignores(Problem(id, Place.at(file), "m"))

    assert configuration.problems == ()
    assert [file for file in matches.split() if not ignored(file)] == []
    assert [file for file in leaves.split() if ignored(file)] == []
    assert not any(ignored(file, "templates.not-found") for file in matches.split())


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('[tool.mtvgen.check.ignore]\n"a" = ["templates.unusd"]', "2:9", "'templates.unused'?"),
        ('[tool.mtvgen.check.ignore]\n"a" = [\n  "F401",\n]', "3:4", "has the id 'F401'."),
        ('[tool.mtvgen.check.ignore]\n"a" = ["templates.syntax"]', "2:9", "can't be silenced."),
        ('[tool.mtvgen.check.ignore]\n"a.py" = "views.async"', "2:2", "'a.py' needs a list of ids"),
        ('[tool.mtvgen.check]\nignored = {"a" = []}', "2:1", "Did you mean 'ignore'?"),
        ("[tool.mtvgen]\nstrict = true", "2:1", "no key 'strict' here. -> [tool.mtvgen.check.ig"),
        ('[tool]\nmtvgen = "x"', "2:1", "is a table of patterns"),
        ("[tool.mtvgen]\ncheck = [", "1:1", "is not TOML: "),
    ],
)
def test_what_is_wrong_with_it_is_reported_at_its_line(tmp_path, text, place, words):
    (problem,) = configured(tmp_path, f"{text}\n").problems

    assert str(problem).startswith(f"pyproject.toml:{place}: ")
    assert words in str(problem)
    assert problem.id == "check.configuration"


def test_a_project_is_silent_where_its_patterns_say_so(tmp_path, checker):
    root = tmp_path.resolve()
    write_project(root)
    (root / "templates/old.html").write_text("{{ url_for('nowhere') }}")
    before = {problem.id for problem in checker.check(root, afresh=True).problems}
    (root / "pyproject.toml").write_text(
        "[tool.mtvgen.check.ignore]\n"
        '"templates/old.html" = ["templates.unused", "templates.unknown-route"]\n'
        '"settings.py" = ["project.secret-key", "project.allowed-hosts"]\n'
    )
    deployed = {problem.id for problem in checker.check(root, deploy=True).problems}

    assert before == {"templates.unused", "templates.unknown-route"}
    assert deployed == {"project.not-migrated"}
