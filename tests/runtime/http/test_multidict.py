"""MultiDict: a name may come more than once, and the first value wins."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtvgen.runtime.http.errors import BadRequest, MissingField
from mtvgen.runtime.http.multidict import MultiDict

PAIRS = [("tag", "a"), ("text", "hello"), ("tag", "b")]


def test_a_multidict_gives_the_first_value_and_all_of_them():
    form = MultiDict(PAIRS)
    assert form["tag"] == "a"
    assert form.get("tag") == "a"
    assert form.getlist("tag") == ["a", "b"]
    assert form.pairs == tuple(PAIRS)


def test_a_multidict_is_a_mapping_of_distinct_names_in_the_order_of_arrival():
    form = MultiDict(PAIRS)
    assert isinstance(form, Mapping)
    assert list(form) == ["tag", "text"]
    assert len(form) == 2
    assert dict(form) == {"tag": "a", "text": "hello"}
    assert list(form.values()) == ["a", "hello"]
    assert "tag" in form
    assert "other" not in form
    assert bool(MultiDict()) is False


@pytest.mark.parametrize("place", ["the form", "the query"])
def test_a_missing_name_is_a_bad_request_that_names_the_field(place):
    with pytest.raises(MissingField, match=f"^{place} has no field 'title'$") as caught:
        MultiDict(PAIRS, place)["title"]
    assert isinstance(caught.value, BadRequest)
    assert isinstance(caught.value, KeyError)


def test_a_missing_name_has_a_default():
    form = MultiDict(PAIRS)
    assert form.get("title") is None
    assert form.get("title", "") == ""
    assert form.get("page", 3) == 3
    assert form.getlist("title") == []


def test_the_list_of_a_multidict_is_the_callers_own():
    form = MultiDict(PAIRS)
    form.getlist("tag").append("c")
    assert form.getlist("tag") == ["a", "b"]


def test_multidicts_are_equal_when_their_pairs_are():
    assert MultiDict(PAIRS) == MultiDict(PAIRS, "the query")
    assert MultiDict(PAIRS) != MultiDict(PAIRS[::-1])
    assert MultiDict([("a", "1")]) == {"a": "1"}
    assert MultiDict(PAIRS) != {"tag": "a", "text": "hello"}  # a second tag is in none of these
    assert MultiDict() != []


def test_a_multidict_shows_its_pairs():
    assert repr(MultiDict([("a", "1")])) == "MultiDict([('a', '1')])"


def test_a_multidict_does_not_change():
    with pytest.raises(TypeError):
        MultiDict(PAIRS)["tag"] = "c"  # type: ignore[index]
    with pytest.raises(TypeError, match="unhashable"):
        hash(MultiDict(PAIRS))


@given(st.lists(st.tuples(st.text(max_size=2), st.integers())))
def test_a_multidict_loses_nothing(pairs):
    form = MultiDict(iter(pairs))
    assert sorted(p for name in form for p in [(name, v) for v in form.getlist(name)]) == sorted(
        pairs
    )
    assert all(form[name] == form.getlist(name)[0] for name in form)
    assert list(form) == list(dict(pairs))
