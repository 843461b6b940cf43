"""A form that has a field for a file has to say how a file is sent."""

from __future__ import annotations

import pytest

from mtvgen.checks.forms.controls import forms_of
from mtvgen.checks.forms.methods import method_of
from mtvgen.checks.forms.uploads import encoding_problems
from mtvgen.checks.markup.parser import markup_of_file
from mtvgen.checks.templates.parsing.environment import MarkingEnvironment
from mtvgen.checks.templates.template import Template
from mtvgen.checks.templates.tree import Tree

ENCODED = 'enctype="multipart/form-data"'
FIELD = '<input type="file" name="picture">'
IN_TWO_BRANCHES = f"""\
{{% if x %}}<form method="post">{{% else %}}<form method="post" {ENCODED}>{{% endif %}}
{{% if not x %}}{FIELD}{{% endif %}}</form>"""
AROUND_A_BRANCH = f"""\
{{% if x %}}<form method="post">{{% endif %}}
{{% if not x %}}<form method="post" {ENCODED}>{{% endif %}}{FIELD}</form>"""


def places(source: str) -> list[tuple[int, str]]:
    """The line of each problem, and what it points at."""
    environment = MarkingEnvironment()
    tree = Tree(environment.parse(source))
    made_from = {"source": source, "environment": environment}
    template = Template("a.html", "templates/a.html", (0, 0), tree, **made_from)
    forms = forms_of(markup_of_file(template), may_be_markup=False)
    posted = [form for form in forms if not form.is_driven and method_of(form) == "POST"]
    found = [problem.place for form in posted for problem in encoding_problems(form)]
    lines = source.split("\n")
    return [
        (place.line, lines[place.line - 1][place.column - 1 : place.end_column - 1])
        for place in found
    ]


@pytest.mark.parametrize(
    "source",
    [
        f'<form method="post">{FIELD}</form>',
        f'<form method="post" action="{{{{ url_for("a") }}}}">{FIELD}</form>',
        "<FORM METHOD=POST>\n<INPUT NAME=a TYPE=FILE></FORM>",
        f'<form method="post">{{% if x %}}{FIELD}{{% endif %}}</form>',
        f'<form method="post">{{% for x in xs %}}{FIELD}{{% endfor %}}</form>',
        f'<form method="post">{{{{ x }}}}<input name="b">{FIELD}</form>',
        f'{{% block b %}}<form method="post">{FIELD}</form>{{% endblock %}}',
        f'{{% if x %}}<form method="post">{FIELD}{{% endif %}}</form>',
        f'<form method="post" {{% if x %}}class="a"{{% endif %}}>{FIELD}</form>',
        f'<form method="post" {{{{ "novalidate" if x }}}}>{FIELD}</form>',
        f"<form method='post' title='{{{{ a }}}}'>{FIELD}</form>",
    ],
)
def test_a_form_that_sends_the_name_alone_is_told(source):
    ((line, tag),) = places(f"<!--\n<form>-->\n{source}")
    assert (line, tag.lower()) == (3, "<form")


@pytest.mark.parametrize(
    "source",
    [
        f'<form method="post" {ENCODED}>{FIELD}</form>',
        f'<form method="post" enctype="{{{{ x }}}}">{FIELD}</form>',
        f'<form method="post" {{{{ attributes }}}}>{FIELD}</form>',
        f'<form method="post" {{% if x %}}{ENCODED}{{% endif %}}>{FIELD}</form>',
        f'<form method="post" title="a>b" enctype="multipart/form-data">{FIELD}</form>',
        f'<form>{FIELD}</form><form method="post"></form>',
        f'<form method="post"></form>{FIELD}',
        f'<form method="{{{{ x }}}}">{FIELD}</form>',
        f'<form method="post" hx-encoding="multipart/form-data">{FIELD}</form>',
        f'<form method="post">{FIELD}<button formenctype="multipart/form-data"></form>',
        f'<form method="post"><!-- {FIELD} --></form>',
        f'<form method="post"><script>a("{FIELD}")</script></form>',
        '<form method="post"><input type="file"></form>',
        '<form method="post"><input type="file" name="a" form="other"></form>',
        '<form method="post"><input data-type="file" type="text" name="a"></form>',
        '<form method="post" enctype="multipart/formdata"><input name="a"></form>',
        IN_TWO_BRANCHES,
        AROUND_A_BRANCH,
    ],
)
def test_a_form_that_sends_its_file_or_may_do_so_is_left_alone(source):
    assert places(source) == []
