"""What a person sees and does in a real Neovim."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.checks.seed_project import write_project
from tests.support.neovim import run_in_neovim

SCRIPT = """
local function act(title)
  local line, column = unpack(vim.api.nvim_win_get_cursor(0))
  local client = vim.lsp.get_clients({bufnr = 0})[1]
  local params = vim.lsp.util.make_range_params(0, client.offset_encoding)
  params.context = {diagnostics = {}}
  local titles = {}
  for _, action in ipairs(ask("textDocument/codeAction", params)) do
    table.insert(titles, action.title)
    if action.title == title then
      vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
      vim.wait(500)
      return
    end
  end
  error("no action " .. title .. ", but " .. vim.inspect(titles) .. vim.inspect(params.range))
end

vim.cmd("edit templates/home.html")
wait("the server", function() return #vim.lsp.get_clients({bufnr = 0}) == 1 end)
replace("{{ title }}", "中文 {{ titel }}")
wait("the mistake", function() return #problems() == 1 end)
found.mistake = problems()
found.shown = {}
local home_buffer = vim.api.nvim_get_current_buf()
local watch = vim.api.nvim_create_autocmd("DiagnosticChanged", {callback = function(event)
  if event.buf == home_buffer then table.insert(found.shown, problems()) end
end})
local line, column = line_of("</h1>")
for character in ("{% for c in crumbs %}{{ c.label|upper }}{% endfor %}"):gmatch(".") do
  vim.api.nvim_buf_set_text(0, line - 1, column, line - 1, column, {character})
  column = column + 1
  vim.wait(40)
end
vim.wait(700)
found.typed = problems()
vim.api.nvim_del_autocmd(watch)
replace("{% for c in crumbs %}{{ c.label|upper }}{% endfor %}", "")
replace("{{ titel }}", "{{ title }}")
wait("no mistake", function() return #problems() == 0 end)

put_cursor("{{ title", 5)
local items = ask("textDocument/completion").items
found.completion = vim.tbl_map(function(item) return item.label end, items)

put_cursor("base.html")
local place = ask("textDocument/definition")[1]
found.definition = place.uri:match("templates/.*")

put_cursor("<h1>")
replace("<h1>", '<a href="{{ url_for("tags.index") }}">Tags</a><h1>')
vim.wait(800)
local home = vim.api.nvim_get_current_buf()
for _, title in ipairs({
  'Add path("/tags", tags.index) to urls.py',
  "Create the view tags.index in views/tags.py",
  "Create templates/tags/index.html",
}) do
  vim.api.nvim_set_current_buf(home)
  put_cursor("tags.index")
  act(title)
end
vim.api.nvim_set_current_buf(home)
found.unsaved = #vim.fn.getbufinfo({bufmodified = 1})
vim.cmd("silent wall")
wait("a page without a mistake", function() return #problems() == 0 end)

vim.cmd("edit urls.py")
wait("the server", function() return #vim.lsp.get_clients({bufnr = 0}) == 1 end)
replace("tags.index)", 'tags.index), path("/shelves", shelves.index)')
vim.wait(200)
local urls = vim.api.nvim_get_current_buf()
for _, title in ipairs({
  "Create the view shelves.index in views/shelves.py",
  "Create templates/shelves/index.html",
}) do
  vim.api.nvim_set_current_buf(urls)
  put_cursor("shelves.index")
  act(title)
end
vim.cmd("silent wall")

vim.cmd("edit templates/notes/index.html")
wait("the server", function() return #vim.lsp.get_clients({bufnr = 0}) == 1 end)
put_cursor("notes|sort")
local client = vim.lsp.get_clients({bufnr = 0})[1]
local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
params.newName = "entries"
vim.lsp.util.apply_workspace_edit(ask("textDocument/rename", params), client.offset_encoding)
vim.cmd("silent wall")
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("neovim") / "site"


@pytest.fixture(scope="module")
def found(root: Path) -> dict[str, Any]:
    """What one Neovim has found, in the order of the script."""
    root.mkdir()
    write_project(root)
    return run_in_neovim(SCRIPT, root, root.parent)


def test_a_mistake_is_shown_while_it_is_typed(found):
    assert found["mistake"] == ["4:14-4:19 views.missing-name"]


def test_nothing_flickers_while_a_line_is_typed(found):
    assert found["typed"] == found["mistake"]
    lost = [shown for shown in found["shown"] if found["mistake"][0] not in shown]
    assert lost == []


def test_names_are_completed(found):
    assert {"title", "crumbs", "request"} <= set(found["completion"])


def test_a_template_leads_to_its_parent(found):
    assert found["definition"] == "templates/base.html"


def test_a_new_page_is_made_by_three_actions_on_one_line(found, root, checker):
    assert found["unsaved"] >= 2  # all three were offered without a save between them
    assert 'path("/tags", tags.index)' in (root / "urls.py").read_text()
    assert "def index(request: Request) -> Response:" in (root / "views/tags.py").read_text()
    assert "{% block content %}" in (root / "templates/tags/index.html").read_text()
    assert [str(problem) for problem in checker.check(root).problems] == []


def test_a_path_to_a_module_that_is_not_there_leads_to_the_page(found, root):
    urls = (root / "urls.py").read_text()
    assert "from views import authors, home, notes, shelves, tags\n" in urls
    assert "def index(request: Request) -> Response:" in (root / "views/shelves.py").read_text()
    assert (root / "templates/shelves/index.html").is_file()


def test_a_name_is_renamed_in_the_view_and_the_template(found, root):
    assert "entries=notes" in (root / "views/notes.py").read_text()
    assert "in entries|sort" in (root / "templates/notes/index.html").read_text()
