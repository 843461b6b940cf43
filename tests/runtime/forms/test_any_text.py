"""Whatever is typed, a form has a value or a sentence; it is drawn, and nothing typed is lost."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mtvgen.runtime import Application, MultiDict, Request
from tests.runtime.forms.test_reading import Everything

NUMBERS = st.text(alphabet="0123456789+-.,eE \u2212\uff11\uff0c\u00a0'", max_size=40)
MOMENTS = st.text(alphabet="0123456789-:.T \uff11", max_size=30)
ANYTHING = st.text(max_size=60)
SITE = Application([])


@settings(max_examples=300)
@given(st.sampled_from(sorted(Everything.__annotations__)), NUMBERS | MOMENTS | ANYTHING)
@example("decimal", "1e-999")
@example("decimal", "0e999")
@example("whole", "0e999")
@example("number", "-1e308")
@example("moment", "9999-12-31T23:59:59.999999")
def test_any_text_is_a_value_or_a_sentence(field, typed):
    request = Request({"REQUEST_METHOD": "POST", "QUERY_STRING": ""}, SITE)
    request._form, request._files = MultiDict([(field, typed)]), MultiDict()

    form = Everything.read(request)

    assert (form.value is None) == bool(form.errors)
    assert form.errors.keys() <= {field}
    assert form[field].texts == [typed]
    for each in form.values():
        assert each.attributes.count("<") == each.attributes.count(">") == 0
        _ = each.error, each.options.__html__()


def test_wtforms_reads_a_form_as_it_is():
    wtforms = pytest.importorskip("wtforms")

    class ContactForm(wtforms.Form):
        name = wtforms.StringField(validators=[wtforms.validators.InputRequired()])
        colours = wtforms.SelectMultipleField(choices=["red", "blue"])

    form = ContactForm(MultiDict([("name", "Ada"), ("colours", "red"), ("colours", "blue")]))

    assert form.validate()
    assert form.data == {"name": "Ada", "colours": ["red", "blue"]}
    assert not ContactForm(MultiDict()).validate()
