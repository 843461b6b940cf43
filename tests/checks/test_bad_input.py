"""Broken files and projects: each is one problem, and everything else is checked all the same."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem
from mtvgen.checks.run import check_project
from tests.checks.seed_project import write_project
from tests.support.forked_commands import mtvgen
from tests.support.trees import deep_directory


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path.resolve()


def told(report) -> list[str]:
    return [f"{problem.id} {problem.file}:{problem.line}" for problem in report.errors]


@pytest.mark.parametrize(
    ("file", "content", "expected"),
    [
        ("views/home.py", b"def index(:\n", "project.syntax views/home.py:1"),
        ("views/home.py", b"\xff\xfe\n", "project.syntax views/home.py:1"),
        ("views/home.py", b"x = 1\0\n", "project.syntax views/home.py:1"),
        ("views/home.py", b"", "project.import-error urls.py:9"),
        ("views/home.py", b"raise SystemExit(3)\n", "project.import-error views/home.py:1"),
        ("views/home.py", b"\n1 / 0\n", "project.import-error views/home.py:2"),
        ("settings.py", b"import nothing_of_that_name\n", "project.import-error settings.py:1"),
        ("templates/about.html", b"\xff", "templates.encoding templates/about.html:1"),
        ("templates/about.html", b"a\n{% if", "templates.syntax templates/about.html:2"),
    ],
)
def test_a_broken_file_is_one_problem_at_its_line(root, checker, file, content, expected):
    (root / file).write_bytes(content)

    assert told(checker.check(root, afresh=True)) == [expected]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '    __tablename__ = "note"\n',
            "",
            "InvalidRequestError: Class <class 'models.note.Note'>",
        ),
        ('= "note"', '= "author"', "InvalidRequestError: Table 'author' is already defined"),
    ],
)
def test_a_model_that_sqlalchemy_refuses_is_told_in_its_words(root, checker, old, new, said):
    model = root / "models/note.py"
    model.write_text(model.read_text().replace(old, new, 1))
    line = model.read_text().splitlines().index("class Note(Model):") + 1

    (problem,) = checker.check(root, afresh=True).errors
    assert (problem.id, problem.file, problem.line) == (
        "project.import-error",
        "models/note.py",
        line,
    )
    assert problem.message.startswith(said)


@pytest.mark.parametrize("wrong", ["text: Mapped[dict]", "text: str"])
def test_an_attribute_that_sqlalchemy_refuses_is_told_at_its_line(root, checker, wrong):
    model = root / "models/note.py"
    model.write_text(model.read_text().replace("text: Mapped[str]", wrong, 1))
    line = next(n for n, text in enumerate(model.read_text().splitlines(), 1) if wrong in text)

    (problem,) = checker.check(root, afresh=True).errors
    assert (problem.id, problem.file, problem.line) == ("models.mapping", "models/note.py", line)


@pytest.mark.parametrize(
    ("base", "body", "said"),
    [
        ("Exception", "def __init__(self, one, two): super().__init__(lambda: one)", "Own: <func"),
        ("Exception", "def __str__(self): return 1 / 0", "Own: its message can't be shown"),
        ("BaseException", "x = 1", "Own: (1, 2)"),
    ],
    ids=["it can't be copied", "it can't be shown", "it is no Exception"],
)
def test_any_exception_is_told_with_its_line(root, checker, base, body, said):
    (root / "views/home.py").write_text(f"class Own({base}):\n    {body}\n\nraise Own(1, 2)\n")

    (problem,) = checker.check(root, afresh=True).errors
    assert (problem.id, problem.file, problem.line) == ("project.import-error", "views/home.py", 4)
    assert problem.message.startswith(said)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def about(", "def about("),
        ("def about(", "def about(:"),
        ('render(request, "about.html"', 'render(*[request, "about" + ".html"]'),
        ('"about.html"', '"about" + ".html"'),
        ('"about.html"', '"home.html"'),
    ],
)
def test_what_nothing_renders_is_noted_only_where_all_views_are_known(root, checker, old, new):
    view = root / "views/home.py"
    view.write_text(view.read_text().replace(old, new))

    notes = [
        one.file for one in checker.check(root, afresh=True).problems if one.severity == "note"
    ]
    assert ("templates/about.html" in notes) == ("home.html" in new)


def test_what_can_be_checked_without_the_project_still_is(root, checker):
    (root / "views/home.py").write_text("import nothing_of_that_name\n")
    notes = root / "templates/notes/detail.html"
    notes.write_text(notes.read_text().replace("base.html", "bas.html"))

    assert told(checker.check(root, afresh=True)) == [
        "templates.not-found templates/notes/detail.html:1",
        "project.import-error views/home.py:1",
    ]


def test_the_filters_of_the_runtime_are_known_where_the_project_can_not_be_loaded(
    tmp_path, checker
):
    (tmp_path / "urls.py").write_text("1 / 0\n")
    (tmp_path / "wsgi.py").write_text("import urls\n")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/a.html").write_text("{{ made|localtime }}")

    assert told(checker.check(tmp_path.resolve(), afresh=True)) == [
        "project.import-error urls.py:1"
    ]


def test_a_middleware_without_its_brackets_is_told_with_its_line(root, checker):
    wsgi = root / "wsgi.py"
    wsgi.write_text(wsgi.read_text().replace("same_origin(),", "same_origin,"))
    lines = wsgi.read_text().splitlines()

    (problem,) = checker.check(root, afresh=True).errors
    assert (problem.id, problem.file) == ("project.import-error", "wsgi.py")
    assert problem.line == lines.index("application = Application(") + 1
    assert "Are its brackets missing: same_origin()?" in problem.message


def test_a_link_to_nowhere_can_not_be_read(root, checker):
    (root / "templates/about.html").unlink()
    (root / "templates/about.html").symlink_to(root / "nowhere.html")

    (problem,) = checker.check(root, afresh=True).errors
    assert (problem.id, problem.file) == ("templates.unreadable", "templates/about.html")
    assert "No such file" in problem.message


EDITORS_NAMES = [".#{}", "._{}", "{}~", "#{}#", ".{}.swp", "flycheck_{}"]


@pytest.mark.parametrize("form", EDITORS_NAMES)
@pytest.mark.parametrize("file", ["templates/about.html", "views/home.py", "models/note.py"])
def test_what_an_editor_leaves_is_none_of_the_project_s_files(root, checker, file, form):
    path = root / file
    path.with_name(form.format(path.name)).write_bytes(b"\0{% if \xff def (")

    report = checker.check(root, afresh=True)
    assert report.problems == ()
    assert report.unchecked == ()


def test_emacs_lock_leads_nowhere_and_is_none_either(root, checker):
    for file in ("templates/about.html", "views/home.py", "models/note.py"):
        path = root / file
        path.with_name(f".#{path.name}").symlink_to("somebody@machine.1234:1700000000")

    assert checker.check(root, afresh=True).problems == ()


def test_a_huge_file_is_left_alone(root, checker):
    (root / "templates/huge.html").write_bytes(b"{{ x }}" * 1_000_000)

    assert checker.check(root, afresh=True).errors == ()


def test_deep_nesting_is_a_problem_and_no_crash(root, checker):
    (root / "templates/deep.html").write_text("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}")

    assert told(checker.check(root, afresh=True)) == ["templates.syntax templates/deep.html:1"]


def test_python_that_is_nested_too_deep_is_a_problem_and_no_crash(root, checker):
    (root / "views/deep.py").write_text("x = " + "-" * 50_000 + "1\n")

    assert told(checker.check(root, afresh=True)) == ["project.syntax views/deep.py:1"]


@pytest.mark.parametrize("place", ["", "views", "templates", "static"])
def test_directories_that_are_nested_a_thousand_deep_are_no_crash(root, checker, place):
    with deep_directory(root / place) as innermost:
        # What is in there is checked like anything else.
        (innermost / "deep.py").write_text("def (")

        errors = checker.check(root, afresh=True).errors

    assert [problem.id for problem in errors] == ["project.syntax"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("views/home.py", "a named pipe"),
        ("models/note.py", "a named pipe"),
        ("other.py", "a named pipe"),
        ("views/home.py", "a device"),
        ("other.py", "a device"),
    ],
)
def test_a_python_file_that_never_ends_holds_up_no_check(root, file, kind):
    (root / file).unlink(missing_ok=True)
    if kind == "a named pipe":
        os.mkfifo(root / file)
    else:
        (root / file).symlink_to("/dev/zero")

    done = mtvgen("check", cwd=root, env=os.environ)
    assert f"can't be read: it is {kind}, and not a file." in done.stdout
    assert file in done.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
@pytest.mark.parametrize("kind", ["a named pipe", "a device"])
def test_a_template_that_never_ends_holds_up_no_check(root, kind):
    template = root / "templates/about.html"
    template.unlink()
    if kind == "a named pipe":
        os.mkfifo(template)
    else:
        template.symlink_to("/dev/zero")

    done = mtvgen("check", cwd=root, env=os.environ)
    message = f"can't be read: it is {kind}, and not a file. [templates.unreadable]"
    assert f"templates/about.html:1:1: {message}" in done.stdout


def test_without_templates_and_static_files_there_is_nothing_wrong(tmp_path, checker):
    (tmp_path / "urls.py").write_text(
        "from mtvgen.runtime import path\n\n\ndef home(request):\n    return 'home'\n\n\n"
        "urlpatterns = [path('/', home)]\n"
    )
    (tmp_path / "wsgi.py").write_text(
        "from mtvgen.runtime import Application\n\nfrom urls import urlpatterns\n\n"
        "application = Application(urlpatterns)\n"
    )

    assert checker.check(tmp_path.resolve()).problems == ()


def test_what_a_project_prints_does_not_mix_with_the_report(root, checker):
    view = root / "views/home.py"
    view.write_text(f"print('hello')\n{view.read_text()}")

    assert checker.check(root, afresh=True).errors == ()


def test_a_project_that_lacks_its_settings_is_checked_all_the_same(root, checker):
    assert not (root / ".env").exists()

    assert checker.check(root, afresh=True).problems == ()


def test_a_check_that_fails_says_so_and_the_others_go_on(root):
    cache = Cache()
    check_project(root, cache)
    cache.calls = _Broken(cache.calls)
    (root / "templates/_nav.html").write_text("{{ oops }}")

    found = check_project(root, cache).errors

    assert [problem.id for problem in found if problem.id == "check.bug"] == ["check.bug"]
    (bug,) = [problem for problem in found if problem.id == "check.bug"]
    assert bug == Problem(
        "check.bug",
        Place.at("views/home.py"),
        "mtvgen check failed here: ZeroDivisionError: broken.",
        "This is a bug of mtvgen.",
    )
    assert "views.missing-name" in {problem.id for problem in found}


class _Broken(dict):
    """Kept calls of which one file's can't be had."""

    def get(self, file, default=None):
        if file == "views/home.py":
            raise ZeroDivisionError("broken")
        return super().get(file, default)
