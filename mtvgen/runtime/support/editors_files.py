"""Files that programs leave next to those of the project's author, and that are nobody's page."""

from __future__ import annotations

# Emacs' locks (links that lead nowhere, while a buffer is unsaved), and macOS' second halves of
# files on foreign disks.
_BEGINNINGS = (".#", "._")
# Vim's swap files, Emacs' `#home.html#`, JetBrains' safe writes, backups.
_ENDINGS = ("~", "#", ".swp", ".swo", ".swx", ".tmp", ".bak", "___")
# Vim finds out by this name whether it may write.
_NAMES = frozenset({"4913"})
# The copies of unsaved text that checkers in Emacs leave for a moment.
_CHECKERS_BEGINNING, _CHECKERS_ENDING = "flycheck_", "_flymake.py"


def is_editors_file(name: str) -> bool:
    """Return whether an editor makes files of this name, next to the one that is edited."""
    is_checkers = name.startswith(_CHECKERS_BEGINNING) or name.endswith(_CHECKERS_ENDING)
    has_form = name.startswith(_BEGINNINGS) or name.endswith(_ENDINGS)
    return is_checkers or has_form or name in _NAMES
