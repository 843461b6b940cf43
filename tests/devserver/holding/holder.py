"""A process that holds the modules of a project, and starts the project from them.

Each line that it reads is an order, which it answers with a line; see `Holder`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mtvgen.runtime  # noqa: F401
from mtvgen.devserver.holding.modules import HeldModules
from mtvgen.project.imported_modules import modules_since, newest_module, project_modules
from mtvgen.project.source_imports import forget_directories, import_from_sources
from tests.devserver.holding.descriptions import described, without_addresses


def begin(root: Path) -> None:
    sys.dont_write_bytecode = True
    import_from_sources(root)
    in_child(lambda: obey(root, HeldModules()))


def obey(root: Path, held: HeldModules) -> None:
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        match order.pop("do"):
            case "begin":  # a new process, which holds nothing
                print("{}", flush=True)
                os._exit(2)
            case "renew":
                forget_directories()
                held.renew(**order)
                answer = {"held": sorted(name for name in order["files"] if name in sys.modules)}
                print(json.dumps(answer), flush=True)
            case "start":
                in_child(lambda changed=order["changed"]: start(root, held, changed))


def in_child(act: Callable[[], None]) -> None:
    """Do something in a forked process; once more, if that says so."""
    while True:
        if not os.fork():
            act()
            os._exit(0)
        if os.waitstatus_to_exitcode(os.wait()[1]) != 2:
            return


def start(root: Path, held: HeldModules, changed: list[str]) -> None:
    """Import the project; say what came of it."""
    forget_directories()
    held.forget(changed)
    newest, outcome, sentence = newest_module(), "loaded", ""
    try:
        import wsgi  # noqa: F401  # the project's
    except BaseException as error:
        outcome, sentence = type(error).__name__, without_addresses(str(error))
    if not held.fit() or (outcome == "loaded" and not held.are_needed()):
        outcome = "misfit"
    imported = project_modules(root, modules_since(newest))
    answer = {
        "outcome": outcome,
        "sentence": sentence,
        "imported": imported,
        "state": described(root),
    }
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    begin(Path(sys.argv[1]))
