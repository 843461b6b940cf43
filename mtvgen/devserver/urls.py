"""The addresses that `runserver` keeps for itself, on every site that it serves."""

from __future__ import annotations

# No project's path begins so by chance; what begins so is never the application's to answer.
LIVE_SCRIPT = "/__mtvgen__/live.js"
LIVE_EVENTS = "/__mtvgen__/live"
