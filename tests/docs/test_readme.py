"""The README's first command, to the letter: from a fresh checkout to a page in the browser."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.support.live_site import address_of, get

ROOT = Path(__file__).parents[2]


def test_the_first_command_brings_a_new_project_up(tmp_path):
    checkout = tmp_path / "checkout"
    copy_checkout(checkout)
    home = tmp_path / "home"
    home.mkdir()
    # Nothing but what a fresh machine has: a Python, the system's tools, and an empty HOME.
    environ = {"PATH": f"{sys.base_prefix}/bin:/usr/bin:/bin", "HOME": str(home)}
    environ |= {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    process = subprocess.Popen(
        ["bash", "-c", first_command()],
        cwd=checkout,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        address = address_of(process)
        status, page = get(f"{address}/")
        assert (status, "mysite" in page) == (200, True)
        (tmp_path / "mysite" / "templates" / "home.html").write_text("Edited by hand.")
        assert get(f"{address}/") == (200, "Edited by hand.")
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=20)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkout", "home", "mysite"]


def first_command() -> str:
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    return blocks[0]


def copy_checkout(target: Path) -> None:
    """What git has of this checkout, as it stands in the work tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
