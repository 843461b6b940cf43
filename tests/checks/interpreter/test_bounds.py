"""Templates whose ways double at each level are walked all the same, and what is left is told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest

from mtvgen.checks.interpreter.findings import LeftAlone
from mtvgen.checks.interpreter.interpreter import Interpreter
from mtvgen.checks.interpreter.recording import MAX_WAYS, Piece, WalkResult
from mtvgen.checks.interpreter.values import Passed
from mtvgen.checks.templates.store import Store

MOST_WALKS = 14  # of what is on one level
DEPTH = 40  # both arms of each lead on: 2 to the power of 40 ways


def macros(depth: int) -> dict[str, str]:
    """A page of macros, of which each calls the next one twice, with other arguments."""
    inner = "{{ a }}{{ oops }}"
    lines = [f"{{% macro m{depth}(a) %}}{inner}{{% endmacro %}}"]
    for level in range(depth - 1, -1, -1):
        one, two = (f"{{{{ m{level + 1}(a ~ {end!r}) }}}}" for end in "12")
        body = f"{{% if flags.f{level} %}}{one}{{% else %}}{two}{{% endif %}}"
        lines.append(f"{{% macro m{level}(a) %}}{body}{{% endmacro %}}")
    return {"page.html": "\n".join([*lines, "{{ m0('x') }}"])}


def includes(depth: int) -> dict[str, str]:
    """A page that includes another in both arms of an if, each behind another set, and so on."""
    files = {f"p{depth}.html": "{{ a0 }}{{ oops }}"}
    for level in range(depth - 1, -1, -1):
        name = f"p{level}.html" if level else "page.html"
        then, otherwise = (
            f"{{% set a{level} = {n} %}}{{% include 'p{level + 1}.html' %}}" for n in (1, 2)
        )
        files[name] = f"{{% if flags.f{level} %}}{then}{{% else %}}{otherwise}{{% endif %}}"
    return files


@pytest.mark.parametrize("templates", [macros, includes])
def test_what_doubles_at_each_level_comes_to_an_end(tmp_path: Path, templates) -> None:
    for name, source in templates(DEPTH).items():
        (tmp_path / name).write_text(source)
    store = Store(jinja2.Environment(), [tmp_path], tmp_path)
    store.refresh()

    interpreter = Interpreter(store, frozenset())
    walks, record = [], interpreter.recorder.record

    def counted(piece: Piece, walk: Callable[[], object]) -> WalkResult:
        walks.append(piece)
        return record(piece, walk)

    interpreter.recorder.record = counted
    result = interpreter.entry("page.html")

    used = {use.what for use in result.uses if isinstance(use.what, Passed)}
    assert Passed("oops") in used
    assert any(isinstance(use.what, LeftAlone) for use in result.uses)
    assert len(walks) <= MOST_WALKS * DEPTH
    places = {(use.what, use.position) for use in result.uses}
    assert len(result.uses) <= (MAX_WAYS + 1) * len(places)
