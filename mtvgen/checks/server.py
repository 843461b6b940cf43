"""Checks for another process, one after another, with what was learned kept in between.

    python -m mtvgen.checks.server

Each line on stdin asks for one run, `{"root": "/home/me/site"}`, and is answered by one line on
stdout, which holds what `mtvgen check --json` prints. `"deploy": true` asks for what production
needs too, `"afresh": true` forgets what was kept. It ends when its stdin does. `mtvgen runserver`
keeps one such process, so that an edit costs what it changed, and not the start of Python.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TextIO

from mtvgen.checks.cache import Cache
from mtvgen.checks.report import to_json
from mtvgen.checks.run import check_project


def serve(requests: TextIO, answers: TextIO) -> None:
    """Answer requests until there are no more."""
    caches: dict[str, Cache] = {}
    for line in requests:
        request = json.loads(line)
        root = request["root"]
        if request.get("afresh"):
            caches.pop(root, None)
        cache = caches.setdefault(root, Cache())
        report = check_project(Path(root), cache, deploy=bool(request.get("deploy")))
        answers.write(f"{to_json(report, indent=None)}\n")
        answers.flush()


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
