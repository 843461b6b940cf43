"""What a person sees in a real Neovim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.checks.seed_project import write_project
from tests.support.neovim import run_in_neovim

SCRIPT = """
vim.cmd("edit templates/home.html")
wait("the server", function() return #vim.lsp.get_clients({bufnr = 0}) == 1 end)
replace("{{ title }}", "中文 {{ titel }}")
wait("the mistake", function() return #problems() == 1 end)
found.mistake = problems()
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one Neovim has found, in the order of the script."""
    directory = tmp_path_factory.mktemp("neovim")
    root: Path = directory / "site"
    root.mkdir()
    write_project(root)
    return run_in_neovim(SCRIPT, root, directory)


def test_a_mistake_is_shown_while_it_is_typed(found):
    assert found["mistake"] == ["4:14-4:19 views.missing-name"]
