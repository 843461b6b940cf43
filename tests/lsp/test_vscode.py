"""The extension of VS Code becomes a .vsix, and the client that it is built on knows the server.

    MTVGEN_FULL=1 pytest tests/lsp/test_vscode.py

installs the extension's packages with npm; no editor is started.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.checks.seed_project import write_project

EXTENSION = Path(__file__).parents[2] / "mtvgen/lsp/vscode"
pytestmark = pytest.mark.skipif(
    "MTVGEN_FULL" not in os.environ or shutil.which("npm") is None,
    reason="installs packages with npm: set MTVGEN_FULL=1",
)

# What vscode-languageclient does, with its own parts, up to the first diagnostics.
SESSION = """
const { spawn } = require("child_process");
const { pathToFileURL } = require("url");
const path = require("path");
const protocol = require("vscode-languageserver-protocol/node");
const [python, root] = process.argv.slice(2);
const server = spawn(python, ["-P", "-m", "mtvgen", "lsp"], { cwd: root });
const connection = protocol.createProtocolConnection(
  new protocol.StreamMessageReader(server.stdout),
  new protocol.StreamMessageWriter(server.stdin),
);
const uri = pathToFileURL(path.join(root, "templates/home.html")).href;
connection.onNotification(protocol.PublishDiagnosticsNotification.type, async (shown) => {
  if (shown.uri !== uri || shown.diagnostics.length === 0) return;
  await connection.sendRequest(protocol.ShutdownRequest.type);
  await connection.sendNotification(protocol.ExitNotification.type);
  server.on("exit", (code) => console.log(JSON.stringify([code, shown.diagnostics[0].code])));
});
connection.listen();
(async () => {
  const folder = { uri: pathToFileURL(root).href, name: "site" };
  const params = { processId: process.pid, rootUri: null, capabilities: {} };
  await connection.sendRequest(protocol.InitializeRequest.type, {
    ...params, workspaceFolders: [folder],
  });
  await connection.sendNotification(protocol.InitializedNotification.type, {});
  const text = "{% extends 'base.html' %}{% block content %}中{{ titel }}{% endblock %}";
  const textDocument = { uri, languageId: "html", version: 1, text };
  await connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, {
    textDocument,
  });
})();
"""


@pytest.fixture(scope="module")
def extension(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The extension with its packages, apart from the sources."""
    copy = tmp_path_factory.mktemp("vscode") / "extension"
    shutil.copytree(EXTENSION, copy)
    done = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund"], cwd=copy, capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"npm can't be asked: {done.stderr[-200:]}")
    return copy


def test_it_is_packed_with_all_that_it_needs(extension):
    options = ["--allow-missing-repository", "--skip-license"]
    command = ["npx", "--yes", "@vscode/vsce", "package", *options]
    done = subprocess.run(command, cwd=extension, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (packed,) = extension.glob("*.vsix")
    names = set(zipfile.ZipFile(packed).namelist())
    assert {"extension/extension.js", "extension/package.json"} <= names
    assert any("vscode-languageclient" in name for name in names)


def test_its_javascript_can_be_read(extension):
    subprocess.run(["node", "--check", extension / "extension.js"], check=True)


def test_its_client_shows_what_the_server_says(extension, tmp_path):
    write_project(tmp_path)
    script = extension / "session.js"
    script.write_text(SESSION)
    command = ["node", script, sys.executable, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert json.loads(done.stdout) == [0, "views.missing-name"], done.stderr
