"""The limits of a body, each in one place."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict

import pytest

from mtvgen.runtime import Limits


def test_the_limits_are_those_that_the_project_promises():
    assert asdict(Limits()) == {
        "max_body_size": 32 * 1024 * 1024,
        "max_memory_size": 2_621_440,
        "max_form_size": 1024 * 1024,
        "max_fields": 1_000,
        "max_files": 100,
        "max_part_header_size": 16 * 1024,
    }


def test_a_limit_is_changed_by_name():
    assert Limits(max_files=3).max_files == 3


def test_limits_do_not_change_while_the_application_runs():
    with pytest.raises(FrozenInstanceError):
        Limits().max_files = 3  # type: ignore[misc]


@pytest.mark.parametrize("value", [-1, 1.5, "32 MB", None, True])
def test_a_limit_that_is_no_number_is_refused_when_it_is_made(value):
    with pytest.raises(ValueError, match=r"max_body_size=.*: a limit is a whole number from 0 up"):
        Limits(max_body_size=value)
