"""mypy on a file or a project, quick from the second run on."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

# The gate's own: what it knows of the libraries serves each project, and the other way round.
CACHE = Path(__file__).parents[2] / ".mypy_cache"


def mypy(place: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run mypy in a directory, one at a time: its cache is not made for two that write."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run(
            [sys.executable, "-m", "mypy", *arguments],
            cwd=place,
            env={**os.environ, "MYPY_CACHE_DIR": str(CACHE)},
            capture_output=True,
            text=True,
        )
