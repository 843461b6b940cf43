"""Requests that may take long show their progress, and end when they are taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.uses.edits import Renaming
from mtvgen.checks.uses.rename import rename
from mtvgen.lsp.protocol.rpc import Cancelled
from mtvgen.lsp.workspace.engine import Engine
from tests.checks.seed_project import write_project


@pytest.mark.parametrize("method", ["references", "rename"])
def test_progress_is_shown_where_the_client_has_a_token_for_it(client, method):
    home = client.open(client.directory / "templates/home.html")
    params = {
        "textDocument": {"uri": home},
        "position": client.position(home, "title }}"),
        "newName": "headline",
        "workDoneToken": "t",
    }
    seen = len(client.messages)
    assert client.request(f"textDocument/{method}", params)
    values = [
        message["params"]["value"]["kind"]
        for message in client.messages[seen:]
        if message.get("method") == "$/progress" and message["params"]["token"] == "t"
    ]
    assert values == ["begin", "end"]
    assert "id" in client.messages[-1]  # the answer comes last
    client.close_document(home)
    client.wait_for_problems()


def test_a_renaming_that_is_taken_back_leaves_everything_as_it_was(tmp_path: Path):
    root = tmp_path.resolve()
    write_project(root)
    engine = Engine(root)
    engine.begin()
    while engine.loading is not None:
        engine.hear()
    engine.check()
    text = (root / "templates/home.html").read_text()
    before = text[: text.index("title }}")]
    place = ("templates/home.html", before.count("\n") + 1, len(before) - before.rfind("\n"))
    renders, errors = engine.cache.renders, engine.cache.report.errors
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    rename(engine.index, *place, "headline")  # so that what is kept is kept
    with engine.pausing(count):
        whole = rename(engine.index, *place, "headline")
    assert isinstance(whole, Renaming)
    assert steps > 10

    for last in (1, steps // 2, steps - 1):
        left = iter(range(last))

        def pause(left=left) -> None:
            if next(left, None) is None:
                raise Cancelled

        with pytest.raises(Cancelled), engine.pausing(pause):
            rename(engine.index, *place, "headline")
        assert not engine.cache.files.is_open(root / "templates/home.html")
        assert engine.cache.renders == renders
        assert engine.cache.report.errors == errors
        assert rename(engine.index, *place, "headline") == whole
