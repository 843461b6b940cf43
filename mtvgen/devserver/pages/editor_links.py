"""Links that open a developer's editor at a line: `vscode://file/home/ada/mysite/urls.py:9`."""

from __future__ import annotations

import os
import re
from urllib.parse import quote

VARIABLE = "MTVGEN_EDITOR"
_USUAL = "vscode://file/{path}:{line}"
# A scheme that opens a program; what a browser itself would run or load is none.
_TEMPLATE = re.compile(r"(?!(?:javascript|data|vbscript|https?):)[a-z][a-z0-9+.-]*://?", re.I)


def editor_link(file: str, line: int) -> str:
    """Return the address that opens a file at a line; empty where `MTVGEN_EDITOR` wants none.

    Args:
        file: The file's absolute path; any other has no link.
        line: The line, from 1.
    """
    template = os.environ.get(VARIABLE, "") or _USUAL
    path = file.replace(os.sep, "/")
    is_absolute = path.startswith("/") or re.match(r"[A-Za-z]:/", path)
    if not is_absolute or "{path}" not in template or not _TEMPLATE.match(template):
        return ""
    # In `vscode://file/{path}` the slash is the path's own; in `file://{path}` it is not.
    path = path.removeprefix("/") if re.search(r"[^/]/\{path\}", template) else path
    return template.replace("{path}", quote(path, safe="/:")).replace("{line}", str(line))
