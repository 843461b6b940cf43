"""What `from mtvgen.runtime import ...` offers, and that all of it is real and explained."""

from __future__ import annotations

import inspect

import pytest

import mtvgen
import mtvgen.runtime as runtime


def test_the_names_are_sorted_and_each_is_there_once():
    assert runtime.__all__ == sorted(set(runtime.__all__), key=sort_key)


def test_every_public_name_of_the_facade_is_listed():
    imported = {
        name
        for name, value in vars(runtime).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }
    assert imported == set(runtime.__all__)


@pytest.mark.parametrize("name", runtime.__all__)
def test_a_public_name_explains_itself(name):
    value = getattr(runtime, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert value.__doc__, f"{name} has no docstring"
        assert value.__module__.startswith("mtvgen.runtime.")


@pytest.mark.parametrize(
    "name", [n for n in runtime.__all__ if inspect.isclass(getattr(runtime, n))]
)
def test_a_public_class_explains_its_public_members(name):
    for member, value in vars(getattr(runtime, name)).items():
        if not member.startswith("_") and (
            inspect.isfunction(value) or isinstance(value, property)
        ):
            assert inspect.getdoc(value), f"{name}.{member} has no docstring"


def test_the_version_is_one_that_packaging_accepts():
    assert mtvgen.__version__.count(".") == 2


def sort_key(name: str) -> tuple[bool, bool, str]:
    """The order of ruff's RUF022: constants, classes, functions."""
    return (not name.isupper(), not name[0].isupper(), name)
