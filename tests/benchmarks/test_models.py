"""models.py runs, and every framework reads and writes the same rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def test_every_framework_reads_and_writes_on_sqlite():
    for library in ("flask_sqlalchemy", "django"):
        pytest.importorskip(library)
    command = [sys.executable, HERE / "models.py", "--only", "sqlite", "--rounds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.stderr == ""
    kept = "Django, CONN_MAX_AGE"
    frameworks = ["mtvgen", "Flask-SQLAlchemy", "Django", kept, f"{kept} and ATOMIC_REQUESTS"]
    for framework in frameworks:
        for work in ("read 20 rows", "write one row"):
            assert f"\n{work}: {framework} " in done.stdout
