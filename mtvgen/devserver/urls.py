"""The addresses that `runserver` keeps for itself, on every site that it serves."""

from __future__ import annotations

# No project's path begins so by chance. Only who is near is answered here (pages/visitors.py);
# for all others the application answers, as if these did not exist.
LIVE_SCRIPT = "/__mtvgen__/live.js"
LIVE_EVENTS = "/__mtvgen__/live"
