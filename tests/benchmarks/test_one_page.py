"""The benchmark of the comparison's page runs."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.skipif(not os.environ.get("MTVGEN_FULL"), reason="runs with MTVGEN_FULL=1")
@pytest.mark.skipif(shutil.which("wrk") is None, reason="not installed: apt-get install wrk")
def test_the_script_asks_all_four(tmp_path):
    for peer in ("flask", "django", "tornado", "gunicorn"):
        if importlib.util.find_spec(peer) is None:
            pytest.skip(f'{peer} is not installed: pip install -e ".[bench]"')
    kept = tmp_path / "out.json"
    script = [sys.executable, HERE / "one_page.py", "--rounds", "1", "--seconds", "1"]
    done = subprocess.run([*script, "--json", kept], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    measured = json.loads(kept.read_text())["measured"]
    assert [name.partition(",")[0] for name in measured] == ["mtvgen", "Flask", "Django", "Tornado"]
    assert all(taken["rate"][0] > 0 for taken in measured.values())
