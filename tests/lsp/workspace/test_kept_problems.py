"""What is wrong inside a block stays there while the beginning of the block is typed again."""

from __future__ import annotations

from pathlib import Path

from mtvgen.lsp.workspace.engine import Engine
from tests.checks.seed_project import write_project

TEMPLATE = """{% extends "base.html" %}
{% block content %}
{% for crumb in crumbs %}
<p>{{ crumb.titel }}</p>
{% else %}
<p>{{ titel }}</p>
{% endfor %}
{% endblock %}
"""
FIRST, SECOND = "4 templates.unknown-attribute", "6 views.missing-name"


def test_what_is_wrong_in_a_loop_stays_while_its_beginning_is_typed(tmp_path: Path):
    root = tmp_path.resolve()
    write_project(root)
    path = root / "templates/home.html"
    engine = Engine(root)
    engine.begin()
    while engine.loading is not None:
        engine.hear()

    def shown(text: str) -> list[str]:
        engine.texts.put(path, text, typed=True)
        engine.check()
        here = (one for one in engine.problems if one.file.endswith("home.html"))
        return sorted(f"{one.line} {one.id}" for one in here)

    assert shown(TEMPLATE) == [FIRST, SECOND]
    for typed in ("{%", "{% for", "{% for crumb", "{% for crumb in", "{% for crumb in cru"):
        text = TEMPLATE.replace("{% for crumb in crumbs %}", typed)
        assert {FIRST, SECOND} <= set(shown(text)), typed
    # What the lines were that are written anew is not known any more.
    text = text.replace("crumb.titel", "crumb.label")
    assert FIRST not in shown(text)
    assert SECOND in shown(text)
    assert shown(TEMPLATE.replace("crumb.titel", "crumb.label")) == [SECOND]
    assert shown(text) == [SECOND]
    # Another line above moves them.
    assert shown("\n" + text) == ["7 views.missing-name"]
