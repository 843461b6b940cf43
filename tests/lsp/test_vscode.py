"""The extension of VS Code becomes a .vsix, and starts the server that its editor then talks to.

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

# Runs extension.js as VS Code does. The editor itself is not there: `vscode` is a folder and the
# settings, and the client is one of the parts that vscode-languageclient makes its own of.
SESSION = """
const { spawn } = require("child_process");
const { once } = require("events");
const Module = require("module");
const path = require("path");
const { pathToFileURL } = require("url");
const protocol = require("vscode-languageserver-protocol/node");
const root = process.argv[2];
const uri = pathToFileURL(path.join(root, "templates/home.html")).href;

class LanguageClient {
  constructor(id, name, server, options) {
    Object.assign(this, { server, selector: options.documentSelector });
    LanguageClient.made = this;
  }
  async start() {
    const { command, args, options } = this.server;
    this.process = spawn(command, args, options);
    this.exited = once(this.process, "exit");
    this.connection = protocol.createProtocolConnection(
      new protocol.StreamMessageReader(this.process.stdout),
      new protocol.StreamMessageWriter(this.process.stdin),
    );
    this.shown = new Promise((resolve) => {
      this.connection.onNotification(protocol.PublishDiagnosticsNotification.type, (shown) => {
        if (shown.uri === uri && shown.diagnostics.length) resolve(shown.diagnostics);
      });
    });
    this.connection.listen();
    const workspaceFolders = [{ uri: pathToFileURL(root).href, name: "site" }];
    const answer = await this.connection.sendRequest(protocol.InitializeRequest.type, {
      processId: process.pid, rootUri: null, capabilities: {}, workspaceFolders,
    });
    this.capabilities = answer.capabilities;
    await this.connection.sendNotification(protocol.InitializedNotification.type, {});
  }
  async stop() {
    await this.connection.sendRequest(protocol.ShutdownRequest.type);
    await this.connection.sendNotification(protocol.ExitNotification.type);
    [this.exitCode] = await this.exited;
  }
}

const vscode = {
  workspace: {
    workspaceFolders: [{ uri: { fsPath: root } }],
    getConfiguration: () => ({ get: () => "" }),
  },
};
const load = Module._load;
Module._load = (name, ...rest) => {
  if (name === "vscode") return vscode;
  return name === "vscode-languageclient/node" ? { LanguageClient } : load(name, ...rest);
};

(async () => {
  const extension = require("./extension.js");
  await extension.activate();
  const client = LanguageClient.made;
  const open = { uri, languageId: "html", version: 1 };
  const text = "{% extends 'base.html' %}{% block content %}\\n中{{ titel }}{% endblock %}";
  const { connection } = client;
  await connection.sendNotification(protocol.DidOpenTextDocumentNotification.type, {
    textDocument: { ...open, text },
  });
  const [problem] = await client.shown;
  const at = { textDocument: { uri }, position: problem.range.start };
  const completion = await connection.sendRequest(protocol.CompletionRequest.type, at);
  const actions = await connection.sendRequest(protocol.CodeActionRequest.type, {
    ...at,
    range: problem.range,
    context: { diagnostics: [problem] },
  });
  const definition = await connection.sendRequest(protocol.DefinitionRequest.type, {
    ...at,
    position: { line: 0, character: 12 },
  });
  await extension.deactivate();
  console.log(
    JSON.stringify({
      exit: client.exitCode,
      languages: client.selector.map((one) => one.language),
      encoding: client.capabilities.positionEncoding,
      code: problem.code,
      range: problem.range,
      completion: completion.items.map((one) => one.label),
      actions: actions.map((one) => one.title),
      definition: definition.map((one) => path.basename(one.uri)),
    }),
  );
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


def test_it_starts_the_server_of_the_folder_and_shows_what_it_says(extension, tmp_path):
    write_project(tmp_path)
    own = tmp_path / ".venv/bin/mtvgen"
    own.parent.mkdir(parents=True)
    own.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m mtvgen "$@"\n')
    own.chmod(0o755)
    (extension / "session.js").write_text(SESSION)
    command = ["node", extension / "session.js", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["exit"] == 0
    assert {"python", "html"} <= set(said["languages"])
    # The client has not offered any other encoding: the 中 is one unit.
    assert said["encoding"] == "utf-16"
    assert said["code"] == "views.missing-name"
    assert said["range"]["start"] == {"line": 1, "character": 4}
    assert "title" in said["completion"]
    assert any("title" in title for title in said["actions"])
    assert said["definition"] == ["base.html"]
