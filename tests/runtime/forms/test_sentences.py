"""Sentences in English and in Chinese, and those of a site."""

from __future__ import annotations

import string
from typing import Annotated

from mtvgen.runtime.forms import Form, most
from mtvgen.runtime.forms.sentences import CHINESE, ENGLISH


class Word(Form, messages={"required": "Say something.", "other.required": "And this."}):
    text: str
    other: str
    short: Annotated[str, most(2)] = ""


class Own(Word, messages={"too_long": "{count}, not {limit}!"}):
    pass


class Plain(Form):
    text: str
    number: int


def test_a_class_has_sentences_of_its_own_which_its_children_inherit(sent):
    form = sent(Own.read, data={"short": "abc"})

    assert form.errors == {
        "text": "Say something.",
        "other": "And this.",
        "short": "3, not 2!",
    }
    assert "at most" in sent(Word.read, data={"short": "abc"}).errors["short"]


def test_a_site_speaks_one_language_and_a_request_may_have_another(sent):
    chinese = {"text": "请填写此项。", "number": "请填写整数，例如 12。"}
    data = {"number": "x"}

    assert sent(Plain.read, data=data, options={"language": "zh"}).errors == chinese
    assert sent(Plain.read, data=data, options={"language": "zh-Hant-TW"}).errors == chinese
    assert sent(Plain.read, data=data).errors["text"] == "Fill this in."
    assert sent(Plain.read, data=data, options={"language": "de"}).errors["text"] == "Fill this in."

    def read(request):
        request.state.language = "zh"
        return Plain.read(request).errors

    assert sent(read, data=data) == chinese


def test_every_sentence_is_there_in_both_languages_with_the_same_gaps():
    def gaps(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert ENGLISH.keys() == CHINESE.keys()
    for key, english in ENGLISH.items():
        assert gaps(english) == gaps(CHINESE[key]), key


def test_a_sentence_that_waits_for_its_language_is_made_when_it_is_used(sent):
    class Lazy:
        def __str__(self):
            return "Later."

    class Waiting(Form, messages={"required": Lazy()}):
        text: str

    assert sent(Waiting.read, data={}).errors == {"text": "Later."}
