"""axe-core, which finds what people with other eyes and hands can't use on a page."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page


def fetch_axe(directory: Path) -> str:
    """The source of axe-core from npm; the test is skipped where that can't be had."""
    if shutil.which("npm") is None:
        pytest.skip("axe-core comes from npm, which is not here")
    done = subprocess.run(
        ["npm", "pack", "axe-core"], cwd=directory, capture_output=True, text=True, timeout=120
    )
    archive = next(directory.glob("axe-core-*.tgz"), None)
    if done.returncode or archive is None:
        pytest.skip(f"npm can't get axe-core: {done.stderr.strip()[-200:]}")
    shutil.unpack_archive(archive, directory, filter="data")
    return (directory / "package" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    """What axe finds on a page that is open: each rule with the element that breaks it."""
    page.evaluate(axe)
    found = page.evaluate("axe.run().then(result => result.violations)")
    return [
        f"{violation['id']}: {node['target']}" for violation in found for node in violation["nodes"]
    ]
