"""What `from mtvgen.runtime import ...` offers, and that all of it is real and explained."""

from __future__ import annotations

import inspect

import pytest

import mtvgen
import mtvgen.runtime as runtime
import mtvgen.runtime.accounts
import mtvgen.runtime.forms
import mtvgen.runtime.lists
import mtvgen.runtime.mail

# What a project imports from, each with its `__all__`.
FACADES = [
    runtime,
    mtvgen.runtime.accounts,
    mtvgen.runtime.forms,
    mtvgen.runtime.lists,
    mtvgen.runtime.mail,
]
NAMES = [
    pytest.param(getattr(facade, name), id=f"{facade.__name__}.{name}")
    for facade in FACADES
    for name in facade.__all__
]


@pytest.mark.parametrize("facade", FACADES, ids=lambda facade: facade.__name__)
def test_the_names_are_sorted_and_each_is_there_once(facade):
    assert facade.__all__ == sorted(set(facade.__all__), key=sort_key)


@pytest.mark.parametrize("facade", FACADES, ids=lambda facade: facade.__name__)
def test_every_public_name_of_a_facade_is_listed(facade):
    imported = {
        name
        for name, value in vars(facade).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert imported == set(facade.__all__)


@pytest.mark.parametrize("value", NAMES)
def test_a_public_name_explains_itself(value):
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__, f"{value.__qualname__} has no docstring"
        assert value.__module__.startswith("mtvgen.runtime.")


@pytest.mark.parametrize("value", [name for name in NAMES if inspect.isclass(name.values[0])])
def test_a_public_class_explains_its_public_members(value):
    for member, function in vars(value).items():
        if not member.startswith("_") and (
            inspect.isfunction(function) or isinstance(function, property)
        ):
            assert inspect.getdoc(function), f"{value.__name__}.{member} has no docstring"


def test_the_version_is_one_that_packaging_accepts():
    assert mtvgen.__version__.count(".") == 2


def sort_key(name: str) -> tuple[bool, bool, str]:
    """The order of ruff's RUF022: constants, classes, functions."""
    return (not name.isupper(), not name[0].isupper(), name)
