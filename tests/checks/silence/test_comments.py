"""A comment silences one kind of problem in its statement or tag, and says so where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.report import Report
from tests.checks.seed_project import write_project

HOME, VIEW, URLS = "templates/home.html", "views/home.py", "urls.py"
NOT_FOUND = "# mtvgen: ignore[views.template-not-found]"
UNUSED = "# mtvgen: ignore[views.unused-name]"
MISSING = "{# mtvgen: ignore[views.missing-name] #}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_project(tmp_path)
    return tmp_path.resolve()


def edit(root: Path, file: str, old: str, new: str) -> None:
    text = (root / file).read_text("utf-8")
    assert old in text
    (root / file).write_text(text.replace(old, new, 1), "utf-8")


def said(report: Report) -> list[str]:
    return [f"{problem.id} {problem.file}:{problem.line}" for problem in report.problems]


@pytest.mark.parametrize(
    "tag",
    [
        "{{ titel }} {# mtvgen: ignore[views.missing-name] #}",
        "{#- mtvgen:ignore[ views.missing-name ] it comes from a middleware -#}{{ titel }}",
        (
            "{{ titel }}{{ url_for('x') }}"
            "{# mtvgen: ignore[templates.unknown-route,views.missing-name]#}"
        ),
        "{# mtvgen: ignore[views.missing-name] #}{{ 1 ~\n  2 ~\n  titel }}",
        "{{ titel ~\n 1 ~\n 2 }}{# mtvgen: ignore[views.missing-name] #}",
        "{% if\n titel %}{# mtvgen: ignore[views.missing-name] #}{% endif %}",
    ],
)
def test_a_comment_in_a_template_covers_the_tags_of_its_lines(root, checker, tag):
    edit(root, HOME, "<h1>", f"{tag}\n<h1>")

    assert said(checker.check(root, afresh=True)) == []


def test_the_form_of_another_line_is_not_covered(root, checker):
    edit(root, HOME, "<h1>", f"{MISSING}{{{{ titel }}}}\n{{{{ other }}}}\n<h1>")

    assert said(checker.check(root, afresh=True)) == ["views.missing-name templates/home.html:6"]


def test_a_form_over_several_lines_is_one_tag(root, checker):
    form = '<form method="post" {# mtvgen: ignore[templates.form-method] #}\n'
    edit(root, HOME, "<h1>", form + "  action=\"{{ url_for('about') }}\"></form><h1>")

    assert said(checker.check(root, afresh=True)) == []


@pytest.mark.parametrize(
    "call",
    [
        f'render(request, "x.html")  {NOT_FOUND}',
        f'render(  {NOT_FOUND}\n        request,\n        "x.html")',
        f'render(\n        request, "x.html"\n    )  # noqa: X  {NOT_FOUND}',
        f'render(\n        request,\n        {NOT_FOUND} a build makes it\n        "x.html")',
        f'render(request, "home.html", title=1, crumbs=[], mode=1, extra=1)  {UNUSED}',
    ],
)
def test_a_comment_in_python_covers_its_statement(root, checker, call):
    edit(root, VIEW, "return", f"if request.path:\n        return {call}\n    return")

    assert said(checker.check(root, afresh=True)) == []


def test_a_comment_at_the_head_of_a_function_covers_the_head_alone(root, checker):
    edit(
        root,
        VIEW,
        "def index(request: Request) -> Response:",
        "def index(  # mtvgen: ignore[views.parameter-extra, views.template-not-found]\n"
        "    request: Request, lang: str\n"
        ") -> Response:",
    )
    edit(root, VIEW, '"home.html"', '"hom.html"')

    found = checker.check(root, afresh=True)
    assert said(found) == [
        "check.unused-ignore views/home.py:8",
        "views.template-not-found views/home.py:12",
    ]


def test_an_entry_of_a_list_is_silenced_alone(root, checker):
    entry = "    path('/{0}', home.index, methods=['PSOT'], name='{0}'),"
    first, second = entry.format("a"), entry.format("b")
    lists = f"urlpatterns = [\n{first}  # mtvgen: ignore[urls.method]\n{second}\n"
    edit(root, URLS, "urlpatterns = [\n", lists)

    lines = (root / URLS).read_text().splitlines()
    (second,) = [number for number, line in enumerate(lines, 1) if "'/b'" in line]
    assert f"urls.method urls.py:{second}" in said(checker.check(root, afresh=True))
    assert f"urls.method urls.py:{second - 1}" not in said(checker.check(root, afresh=True))


def test_what_production_needs_can_be_silenced_where_it_is_missing(root, checker):
    edit(root, "wsgi.py", "        same_origin(),\n", "")
    edit(
        root,
        "wsgi.py",
        "middleware=[",
        "middleware=[  # mtvgen: ignore[project.middleware-missing]",
    )

    assert not [line for line in said(checker.check(root, deploy=True)) if "wsgi" in line]
    assert said(checker.check(root, afresh=True)) == []


@pytest.mark.parametrize(
    ("file", "broken", "id"),
    [
        (HOME, "{% endfi %}{# mtvgen: ignore[templates.syntax] #}", "templates.syntax"),
        (VIEW, "def (:  # mtvgen: ignore[project.syntax]\n", "project.syntax"),
    ],
)
def test_a_syntax_error_can_not_be_silenced(root, checker, file, broken, id):
    (root / file).write_text(broken)

    assert f"{id} {file}:1" in said(checker.check(root, afresh=True))


@pytest.mark.parametrize(
    ("comment", "id", "column", "words"),
    [
        ("ignore", "check.ignore", 4, "names no id"),
        ("ignore[]", "check.ignore", 4, "names no id"),
        ("ignore[views.missing-nam]", "check.ignore", 19, "Did you mean 'views.missing-name'?"),
        ("ignore[F401]", "check.ignore", 19, "no problem has the id 'F401'"),
        ("ignore[templates.syntax]", "check.ignore", 19, "can't be silenced. -> fix it"),
        ("ignore[urls.method]", "check.unused-ignore", 19, "no urls.method is found here"),
    ],
)
def test_a_comment_that_silences_nothing_is_a_note(root, checker, comment, id, column, words):
    (root / HOME).write_text(f"{{# mtvgen: {comment} #}}{(root / HOME).read_text()}")

    (note,) = checker.check(root, afresh=True).problems
    assert (note.severity, note.id) == ("note", id)
    assert (note.place.line, note.place.column) == (1, column)
    assert words in str(note)


def test_a_comment_is_not_called_useless_where_its_check_was_not_made(root, checker):
    edit(root, HOME, "<h1>", "<h1>{# mtvgen: ignore[templates.unknown-route] #}")
    edit(root, "wsgi.py", "middleware=[", "middleware=[  # mtvgen: ignore[project.https]")
    (root / VIEW).write_text("import nothing_of_that_name\n")

    found = [problem.id for problem in checker.check(root, afresh=True).problems]
    assert set(found) == {"project.import-error", "templates.unused"}


def test_text_that_is_no_comment_silences_nothing(root, checker):
    edit(root, HOME, "<h1>", "<h1>{{ titel }} mtvgen: ignore[views.missing-name]")
    edit(root, VIEW, '"home.html"', '"hom.html" if "# mtvgen: ignore[x]" else "home.html"')

    assert sorted(line.split()[0] for line in said(checker.check(root, afresh=True))) == [
        "views.missing-name",
        "views.template-not-found",
    ]
