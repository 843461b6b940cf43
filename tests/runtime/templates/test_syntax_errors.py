"""The sentence for a template that can't be parsed."""

from __future__ import annotations

import pytest
from jinja2 import Environment, TemplateSyntaxError

from mtvgen.runtime.templates.syntax_errors import explain_syntax


def explained(source: str, **options: str) -> tuple[int, str]:
    environment = Environment(**options)
    with pytest.raises(TemplateSyntaxError) as caught:
        environment.parse(source)
    return explain_syntax(caught.value, source, environment)


@pytest.mark.parametrize(
    ("source", "cure"),
    [
        ("{% csrf_token %}", "no tag 'csrf_token' here. -> remove it: same_origin() refuses "),
        ("{% if x %}{% csrf_token %}{% endif %}", "no tag 'csrf_token' here. -> remove it"),
        ("{% load static %}", "no tag 'load' here. -> remove it: nothing needs to be loaded"),
        ('{% url "notes" %}', """no tag 'url' here. -> {{ url_for("notes") }}"""),
        ("{%- url 'notes' -%}", """no tag 'url' here. -> {{ url_for("notes") }}"""),
        ('{% url "note" note.id %}', """-> {{ url_for("note", ...) }}"""),
        ('{% url "note" id=note.id %}', """-> {{ url_for("note", id=note.id) }}"""),
        ("{% url name %}", "no tag 'url' here. -> {{ url_for(...) }}"),
        ('{% static "a.css" %}', """no tag 'static' here. -> {{ static("a.css") }}"""),
        ("{% for x in y %}{% empty %}{% endfor %}", "no tag 'empty' here. -> {% else %}"),
        ("{% if x %}{% elseif y %}{% endif %}", "no tag 'elseif' here. -> {% elif ... %}"),
        ("{% comment %}x{% endcomment %}", "no tag 'comment' here. -> {# ... #}"),
        ('{{ day|date:"Y-m-d" }}', """arguments in parentheses: date("Y-m-d")."""),
        ("{{ text|truncate: 7 }}", "arguments in parentheses: truncate(7)."),
        ("{% if day|date:'Y' %}{% endif %}", "arguments in parentheses: date('Y')."),
        ("{% with x = a|add:b %}{% endwith %}", "arguments in parentheses: add(b)."),
    ],
)
def test_what_another_template_language_has_is_told_with_what_it_is_here(source, cure):
    line, sentence = explained(f"<p>a|b:1</p>\n{source}")

    assert line == 2
    assert cure in sentence


def test_delimiters_may_be_others():
    sentence = explained('<< day|date:"Y" >>', variable_start_string="<<", variable_end_string=">>")

    assert sentence[1].startswith('a filter takes its arguments in parentheses: date("Y").')


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("{% autoreload %}", "Encountered unknown tag 'autoreload'."),
        ("{{ a b }} x|y:1", "expected token 'end of print statement', got 'b'."),
        ("{{ a 'b' }} x|y:1", "expected token 'end of print statement', got 'string'."),
        (
            "{% if x %}\n{% endfi %}",
            "unknown tag 'endfi'; the open block is 'if' (line 1), so endif",
        ),
        ("{% if x %}", "'if' is never closed: endif is missing."),
    ],
)
def test_any_other_mistake_is_told_as_before(source, sentence):
    assert explained(source)[1].startswith(sentence)
