"""Types whole files into the engine of `mtvgen lsp`, and asks for completion at each character.

    python tests/support/typing_session.py ROOT STEP FILE...

Each file is typed from nothing, checked at every STEP-th character, and deleted again from its end
to its beginning; then it is as it was. Prints one JSON object for each file: what is shown when it
is whole, half, and gone, and how long the slowest answers took, in milliseconds of the processor.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from mtvgen.checks.report import Problem
from mtvgen.lsp.completion.python_completion import complete_in_python
from mtvgen.lsp.completion.template_completion import complete_in_template
from mtvgen.lsp.features.hover import hover
from mtvgen.lsp.garbage import Garbage
from mtvgen.lsp.workspace.engine import Engine
from mtvgen.lsp.workspace.here import Here


def main(root: Path, step: int, files: list[str]) -> None:
    """Type them, one after another."""
    garbage = Garbage()
    engine = Engine(root)
    engine.begin()
    while engine.loading is not None:
        engine.hear()
    engine.check()
    for file in files:
        print(json.dumps(type_file(engine, root / file, step, garbage)), flush=True)


def type_file(engine: Engine, path: Path, step: int, garbage: Garbage) -> dict[str, Any]:
    """Type one file, and delete it."""
    text = path.read_text("utf-8")
    slowest = {"completion": 0.0, "check": 0.0}
    lengths = [*range(1, len(text) + 1), *range(len(text), -1, -1)]
    shown: dict[str, Any] = {"file": path.name}
    for number, length in enumerate(lengths):
        engine.texts.put(path, text[:length], typed=True)
        start = time.process_time()
        ask(Here(engine, path, text[:length], length))
        asked = time.process_time()
        if number % step == 0 or number in (len(text) - 1, len(lengths) - 1):
            engine.check()
            bugs = [str(one) for one in engine.problems if one.id == "check.bug"]
            assert not bugs, bugs
            slowest["check"] = max(slowest["check"], time.process_time() - asked)
        slowest["completion"] = max(slowest["completion"], asked - start)
        garbage.collect_new()
        if number == len(text) - 1:
            shown["whole"] = said(engine.problems)
    engine.check(at_rest=True)
    shown["gone"] = said(engine.problems)
    engine.texts.forget(path)
    engine.check()
    shown["closed"] = said(engine.problems)
    return {**shown, **{name: round(1000 * seconds) for name, seconds in slowest.items()}}


def ask(here: Here) -> None:
    """Ask what an editor asks while somebody types."""
    is_python = here.path.suffix == ".py"
    completion = complete_in_python(here) if is_python else complete_in_template(here)
    if completion is not None:
        list(completion.suggestions)
    hover(here)


def said(problems: tuple[Problem, ...]) -> list[str]:
    """The problems as lines."""
    return sorted(f"{problem.place} {problem.id}" for problem in problems)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]), sys.argv[3:])
