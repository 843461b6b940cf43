"""Tags of Jinja2's extensions: `{% trans %}` is understood, a project's own are left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.seed_project import write_project

WSGI = "wsgi.py"
I18N = """extensions=["jinja2.ext.i18n"],
        globals={"gettext": str, "ngettext": lambda one, more, n: one if n == 1 else more,
                 "pgettext": lambda context, text: text,"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with `{% trans %}`; each test writes its own templates/home.html."""
    root = tmp_path_factory.mktemp("translated").resolve()
    write_project(root)
    text = (root / WSGI).read_text("utf-8")
    assert "globals={" in text
    (root / WSGI).write_text(text.replace("globals={", I18N, 1), "utf-8")
    return root


def home(root: Path, shown: str) -> None:
    text = f"<p>{{{{ title }}}}{{{{ crumbs }}}}{shown}</p>\n"
    (root / "templates/home.html").write_text(text, "utf-8")


@pytest.mark.parametrize(
    "shown",
    [
        "{% trans %}Hello{% endtrans %}",
        "{% trans %}100 % for {{ title }}{% endtrans %}",
        "{% trans who=title %}Hello {{ who }}{% endtrans %}",
        "{% trans n=crumbs|length %}One{% pluralize %}{{ n }} crumbs{% endtrans %}",
        "{% trans n=1, who=nobody %}One{% pluralize %}{{ n }} by {{ who }}{% endtrans %}",
        "{% trans who=nobody %}Hello{% endtrans %}",
        "{% trans 'menu' who=title %}{{ who }}{% endtrans %}",
        "{{ _('Hello') }}{{ gettext('Hello %(who)s') % {'who': title, 'unused': nobody} }}",
    ],
)
def test_a_translation_that_works_gets_no_report(root, checker, shown):
    home(root, shown)

    assert problems_of(checker.check(root)) == []


@pytest.mark.parametrize(
    "shown",
    [
        "{% trans %}Hello {{ titel }}{% endtrans %}",
        "{% trans who=titel %}Hello {{ who }}{% endtrans %}",
        "{% trans 'menu' who=titel %}Hello {{ who }}{% endtrans %}",
        "{% trans n=1, a=titel %}One by {{ a }}{% pluralize %}{{ n }} by {{ a }}{% endtrans %}",
        "{% trans n=titel %}One{% pluralize %}{{ n }} crumbs{% endtrans %}",
        "{{ gettext('Hello %(who)s') % {'who': titel} }}",
        "{{ 'Hello %(who)s' % {'who': titel} }}",
    ],
)
def test_a_name_that_a_translation_lacks_is_found(root, checker, shown):
    home(root, shown)

    (told,) = problems_of(checker.check(root))
    assert told.startswith("templates/home.html:1:")


def test_templates_with_tags_of_the_projects_own_are_left_alone_and_counted(tmp_path, checker):
    root = tmp_path.resolve()
    write_project(root)
    text = (root / WSGI).read_text("utf-8")
    (root / "own_tags.py").write_text(OWN_TAGS, "utf-8")
    text = text.replace("globals={", "extensions=[own_tags.Hello],\n        globals={", 1)
    (root / WSGI).write_text(f"import own_tags\n{text}", "utf-8")
    (root / "templates/home.html").write_text("{% hello %}", "utf-8")

    report = checker.check(root)

    assert report.problems == ()
    (told,) = [one for one in report.unchecked if one.what == "directory of templates"]
    assert told.why == "the tags of own_tags.Hello are known to the project alone"


OWN_TAGS = """
from jinja2 import nodes
from jinja2.ext import Extension


class Hello(Extension):
    tags = {"hello"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        return nodes.Output([nodes.TemplateData("Hello")]).set_lineno(line)
"""


def problems_of(report):
    return [str(one) for one in report.errors]
