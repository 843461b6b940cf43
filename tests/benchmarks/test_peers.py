"""The scripts of this directory run, and every framework gives the answers that they time.

In a process of its own: the frameworks are many, and Django's settings are for a whole process.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# What the table calls a framework -> the module that it comes with.
PEERS = {
    "wheezy.web": "wheezy.web",
    "falcon": "falcon",
    "bottle": "bottle",
    "flask": "flask",
    "pyramid": "pyramid",
    "django": "django",
    "startproject": "django",
}


def run(script: str, *arguments: str) -> str:
    finished = subprocess.run(
        [sys.executable, str(HERE / script), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("framework", ["bare", "mtvgen"])
def test_ours_and_the_floor_answer_every_workload_right(framework):
    output = run("peers.py", "--check", "--only", f"a,b,c,d10,d1000,e,f,g,h,i,k,{framework}")
    assert output == "1 framework answered 11 workloads.\n"


@pytest.mark.parametrize("framework", PEERS)
def test_a_peer_answers_every_workload_right(framework):
    if not is_installed(PEERS[framework]):
        pytest.skip(f'{framework} is not installed: pip install -e ".[bench]"')
    output = run("peers.py", "--check", "--only", f"b,c,d10,e,f,g,h,i,{framework}")
    assert output == "1 framework answered 8 workloads.\n"


def test_the_report_names_every_promise_that_was_measured(tmp_path):
    kept, chart = tmp_path / "out.json", tmp_path / "chart.svg"
    output = run("peers.py", "--only", "a,bare,mtvgen", "--rounds", "2", "--json", str(kept))
    assert "a. text on a static path" in output
    rounds = json.loads(kept.read_text())["workloads"]["a"]["microseconds"]
    assert {name: len(values) for name, values in rounds.items()} == {"bare": 2, "mtvgen": 2}
    run("peers.py", "--chart", str(kept), str(chart))
    assert chart.read_text().count("<circle") == 4


def test_an_unknown_name_is_answered_with_the_known_ones():
    finished = subprocess.run(
        [sys.executable, str(HERE / "peers.py"), "--only", "a,falkon"],
        capture_output=True,
        text=True,
    )
    assert finished.returncode != 0
    assert "--only: no falkon." in finished.stderr
    assert "Frameworks: bare, wheezy.web, falcon" in finished.stderr
