"""forms.py runs: every library reads the same five fields, and ours does the least work."""

from __future__ import annotations

import sys
from functools import partial

import pytest

from tests.benchmarks import forms
from tests.benchmarks.schema_changes.sides import in_a_process


@pytest.mark.parametrize("typed", ["GOOD", "WRONG"])
@pytest.mark.parametrize("name", list(forms.IMPORTS))
def test_every_library_reads_the_same_form(name, typed):
    if name != "mtvgen":
        pytest.importorskip(name.lower())
    in_a_process(partial(reads_alike, name, typed))  # Django can be set up once in a process


def reads_alike(name, typed):
    from importlib import import_module

    adapter = import_module(f"tests.benchmarks.adapters.forms_{name.lower()}")
    forms.agree(name, "right" if typed == "GOOD" else "wrong", adapter.reader(vars(forms)[typed])())


def test_a_form_makes_few_calls():
    """Work done, and not time."""
    calls = calls_of(forms_reader("mtvgen"))

    assert calls < 120
    pytest.importorskip("wtforms")
    assert calls < 0.5 * calls_of(forms_reader("wtforms"))


def forms_reader(name):
    from importlib import import_module

    return import_module(f"tests.benchmarks.adapters.forms_{name}").reader(forms.GOOD)


def calls_of(function):
    """How many functions a call calls, those in C included."""
    function()
    count = 0

    def trace(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(trace)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count
