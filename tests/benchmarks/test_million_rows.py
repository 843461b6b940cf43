"""Lists and searches of the page about pagination use their indexes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_what_an_index_finds_takes_the_same_work_in_ten_times_the_rows(postgresql_url):
    script = [sys.executable, HERE / "million_rows.py", "--rows", "20000"]
    command = [*script, "--postgresql", postgresql_url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "list, page 1,000" in done.stdout
