"""Runs checks in a process of its own, which keeps its cache, as `mtvgen runserver` does.

The process that runs the tests has models and middleware of many other tests in it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, Report, Unchecked


def problem_of(data: dict[str, Any]) -> Problem:
    """What the JSON says of one problem."""
    meant = data["fix"][0]["text"] if data["fix"] else ""
    words = (data["message"], data["hint"], data["severity"])
    return Problem(data["id"], place_of(data), *words, meant=meant)


def place_of(data: dict[str, Any]) -> Place:
    """The place of one problem."""
    return Place(**{name: data[name] for name in Place._fields})


class Checker:
    """A process that checks projects, one request at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "mtvgen.checks.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def check(self, root: Path, *, deploy: bool = False, afresh: bool = False) -> Report:
        """What is found; `afresh` without anything kept from the last time."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"root": str(root), "deploy": deploy, "afresh": afresh}
        print(json.dumps(request), file=self._process.stdin, flush=True)
        answer = json.loads(self._process.stdout.readline())
        return Report(
            tuple(problem_of(data) for data in answer["problems"]),
            answer["checked"],
            tuple(
                Unchecked(place_of(data), data["what"], data["why"]) for data in answer["unchecked"]
            ),
        )

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()
