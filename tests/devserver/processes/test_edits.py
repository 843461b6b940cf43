"""After any edits, a site is served as if Python had just been started."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.devserver.edited_sites import EditedSite, fresh_python
from tests.devserver.running import runserver, until

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork()")
STEPS, SEEDS = (60, range(12)) if os.environ.get("MTVGEN_FULL") else (12, [1])


@pytest.mark.parametrize("seed", SEEDS)
def test_edits_at_random_are_served_as_a_fresh_python_would(tmp_path: Path, seed: int) -> None:
    root = tmp_path / "site"
    site = EditedSite(root, seed)
    site.restore()
    with runserver(root, site={}) as server, fresh_python(root) as fresh:
        for step in range(STEPS):
            edits = site.edit() if step % 10 else site.restore()
            expected = fresh.state()

            def is_served(expected: str = expected) -> bool:
                page = server.get()
                is_state = expected.startswith("state:")
                return page.text == expected if is_state else expected in page.text

            def explain(expected: str = expected, step: int = step, edits: object = edits) -> str:
                served = server.get().text
                return f"step {step}, {edits}: expected\n{expected}\nserved\n{served[:3000]}"

            until(is_served, explain)
