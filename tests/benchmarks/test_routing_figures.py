"""The script that measures the router runs, and names every promise that it judged."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("routing.py")


def test_the_report_names_every_promise(tmp_path):
    if importlib.util.find_spec("flask") is None:
        pytest.skip('Flask is not installed: pip install -e ".[bench]"')
    kept = tmp_path / "out.json"
    finished = subprocess.run(
        [sys.executable, str(SCRIPT), "--sizes", "10,50", "--rounds", "2", "--json", str(kept)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.stderr == ""
    assert finished.stdout.count("a hit among 50 is ") == 3
    assert finished.stdout.count("a miss among 50 is ") == 3
    assert finished.stdout.count("building 50 is ") == 3
    shape = json.loads(kept.read_text())["/section<n>/<int:id>"]
    assert {size: len(rounds) for size, rounds in shape["match"]["hit"].items()} == {
        "10": 2,
        "50": 2,
    }
