// Starts `mtvgen lsp` for the folder that is open, and hands it what the editor says.
"use strict";

const fs = require("fs");
const path = require("path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function command(folder) {
  const chosen = vscode.workspace.getConfiguration("mtvgen").get("command");
  if (chosen) return chosen;
  const own = path.join(folder, ".venv", "bin", "mtvgen");
  return fs.existsSync(own) ? own : "mtvgen";
}

exports.activate = async () => {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) return;
  const cwd = folder.uri.fsPath;
  client = new LanguageClient(
    "mtvgen",
    "mtvgen",
    { command: command(cwd), args: ["lsp"], options: { cwd } },
    {
      documentSelector: ["python", "html", "jinja", "jinja-html", "css", "javascript"].map(
        (language) => ({ scheme: "file", language }),
      ),
    },
  );
  await client.start();
};

exports.deactivate = () => client?.stop();
