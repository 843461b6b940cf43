"""A large project is checked by several processes, and says what one of them would say."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mtvgen import meanwhile
from mtvgen.checks.cache import Cache
from mtvgen.checks.run import check_project
from tests.checks.site_of_pages import write_site

# Nobody sees it who only reads the code, so that the templates seem to have wrong tags.
HIDDEN_TAGS = """
getattr(application.templates.environment, "add_" + "extension")("jinja2.ext.do")
"""


def test_several_processes_find_what_one_finds(tmp_path):
    write_site(tmp_path, 100)
    alone = check_project(tmp_path, Cache())
    ids = {problem.id for problem in alone.problems}
    assert {"project.undefined-name", "views.not-returned", "views.missing-name"} < ids
    assert any(id.startswith("forms.") for id in ids)
    assert "templates.unknown-filter" in ids
    assert check_project(tmp_path) == alone

    with (tmp_path / "wsgi.py").open("a") as wsgi:
        wsgi.write(HIDDEN_TAGS)
    for page in (tmp_path / "templates").iterdir():
        page.write_text("{% do title.upper() %}" + page.read_text())
    alone = check_project(tmp_path, Cache())
    assert {problem.id for problem in alone.problems} == ids
    assert check_project(tmp_path) == alone


def test_a_function_runs_in_another_process():
    assert meanwhile.meanwhile(os.getpid)() != os.getpid()
    assert meanwhile.meanwhile(lambda: os.nice(0))() == os.nice(0)
    assert meanwhile.meanwhile(lambda: os.nice(0), gives_way=True)() > os.nice(0)


def test_a_function_is_prepared_in_another_process_before_it_has_its_value():
    prepared: list[int] = []

    def find(value: str) -> tuple[str, list[int]]:
        return value, prepared

    hand = meanwhile.meanwhile_prepared(lambda: prepared.append(os.getpid()), find)
    large = "value" * 100_000  # more than a pipe holds by itself, so that nobody has to wait
    value, processes = hand(large)()
    assert value == large
    assert len(processes) == 1
    assert processes != [os.getpid()]
    assert prepared == []


@pytest.mark.parametrize("fails_in", ["prepare", "find"])
def test_a_process_that_fails_to_prepare_is_replaced_by_this_one(fails_in):
    parent = os.getpid()

    def fail() -> None:
        if os.getpid() != parent:
            os._exit(1)

    def find(value: str) -> str:
        fail()
        return value

    prepare = fail if fails_in == "prepare" else lambda: None
    assert meanwhile.meanwhile_prepared(prepare, find)("value" * 100_000)() == "value" * 100_000


def test_a_process_that_fails_is_replaced_by_this_one():
    parent = os.getpid()

    def fails() -> str:
        if os.getpid() != parent:
            os._exit(1)
        return "found"

    assert meanwhile.meanwhile(fails)() == "found"
    with pytest.raises(ZeroDivisionError):
        meanwhile.meanwhile(lambda: 1 / 0)()


def test_a_process_with_another_thread_does_not_fork():
    asking = "import threading; from mtvgen.meanwhile import can_fork; print(can_fork())\n"
    asking += "threading.Thread(target=lambda: print(can_fork())).start()"
    done = subprocess.run([sys.executable, "-c", asking], capture_output=True, text=True)
    assert done.stdout.split() == [str(len(os.sched_getaffinity(0)) > 1), "False"]
