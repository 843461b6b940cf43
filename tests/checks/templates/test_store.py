"""Which version of a template the checks have, while it is opened, typed in and closed."""

from __future__ import annotations

from pathlib import Path

import jinja2

from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.templates.store import Store


def test_a_question_between_two_runs_leaves_no_open_text_behind(tmp_path: Path) -> None:
    """It reads what is typed; when that is closed, the disk counts again."""
    page = tmp_path / "page.html"
    page.write_text("on the disk")
    files = ProjectFiles(watched=True)
    store = Store(jinja2.Environment(autoescape=True), [tmp_path], tmp_path, files=files)

    def source() -> str:
        template = store.get("page.html")
        assert template is not None
        return template.source

    files.put(page, "typed")
    store.refresh()
    assert source() == "typed"
    files.forget(page)
    store.refresh()  # the run that begins here is ended by the next key, before it reads
    files.put(page, "typed {% if")
    assert source() == "typed {% if"  # as completion asks
    files.forget(page)
    store.refresh()
    assert source() == "on the disk"
