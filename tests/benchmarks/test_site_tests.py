"""site_tests.py runs, and every site passes the same tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not os.environ.get("MTVGEN_FULL"), reason="runs with MTVGEN_FULL=1")
def test_every_site_passes_its_tests():
    for library in ("flask_sqlalchemy", "django", "pytest_django", "whitenoise"):
        pytest.importorskip(library)
    script = Path(__file__).with_name("site_tests.py")
    done = subprocess.run(
        [sys.executable, script, "--rounds", "1"], capture_output=True, text=True, timeout=200
    )
    assert done.stderr == ""
    assert "\na test: " in done.stdout
