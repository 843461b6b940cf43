"""The benchmark of the servers runs, and its three sites give the same pages."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.skipif(not os.environ.get("MTVGEN_FULL"), reason="runs with MTVGEN_FULL=1")
@pytest.mark.skipif(shutil.which("wrk") is None, reason="not installed: apt-get install wrk")
@pytest.mark.parametrize("server", ["waitress"])
def test_the_script_measures_every_page_of_every_site(server):
    for peer in ("flask_sqlalchemy", "django"):
        if importlib.util.find_spec(peer) is None:
            pytest.skip(f'{peer} is not installed: pip install "mtvgen[bench]"')
    script = [sys.executable, str(HERE / "servers.py"), "--only", server]

    done = subprocess.run(
        [*script, "--seconds", "1", "--rounds", "1"], capture_output=True, text=True, timeout=250
    )

    # 1: a peer was ahead in that one second, which is no failure of the script.
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    for page in ("home", "notes", "static"):
        assert f"{server}, SQLite, {page}" in done.stdout
    assert "first page, ms" in done.stdout
