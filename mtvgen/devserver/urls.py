"""Paths of requests: those that `runserver` keeps for itself on every site, and how one reads."""

from __future__ import annotations

# No project's path begins so by chance. Only who is near is answered here (pages/visitors.py);
# for all others the application answers, as if these did not exist.
LIVE_SCRIPT = "/__mtvgen__/live.js"
LIVE_EVENTS = "/__mtvgen__/live"
# The script that hears what the browser refuses, and where it reports that.
REFUSAL_SCRIPT = "/__mtvgen__/refused.js"
REFUSAL_REPORTS = "/__mtvgen__/refused"


def readable_path(path_info: str) -> str:
    """Return the characters of a path that is latin-1 text in WSGI (PEP 3333, "Unicode Issues")."""
    return path_info.encode("latin-1", "replace").decode("utf-8", "backslashreplace")
