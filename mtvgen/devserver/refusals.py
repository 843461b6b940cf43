"""What a browser refused of a page, as its script reports it, in the words of the terminal.

Content Security Policy Level 3, section 5: a page hears of each violation by an event. The header
`report-to` would be for nothing here: browsers send its reports over https alone.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

_log = logging.getLogger("mtvgen.devserver.refusals")

MOST_BYTES = 64 * 1024  # of one report; a page sends no more than a handful of violations in it
MOST_VIOLATIONS = 20  # of one report
MOST_LINES = 30  # that are printed within WINDOW, whoever sends them
WINDOW = 60.0  # seconds; within it, the same violation of the same page is printed once
_LONGEST = 300  # characters of one value

_INLINE = {
    "script-src-attr": (
        "an attribute such as onclick",
        "Use addEventListener() in a file in static/.",
    ),
    "style-src-attr": ("a style attribute", "Use a class, and a rule for it in a file in static/."),
    "script-src-elem": (
        "a script inside the page, or a javascript: address",
        '-> <script nonce="{{ csp_nonce }}">, or a file in static/',
    ),
    "style-src-elem": (
        "a style element",
        '-> <style nonce="{{ csp_nonce }}">, or a file in static/',
    ),
}


class Refusals:
    """Takes the reports of pages, and prints a line for each violation.

    Args:
        clock: Seconds from any beginning.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._printed: deque[tuple[float, str]] = deque()
        self._lock = threading.Lock()

    def take(self, environ: Mapping[str, Any]) -> int:
        """Read the report of a request, and print what is new in it; returns the status.

        Args:
            environ: The request's (PEP 3333).
        """
        if environ["REQUEST_METHOD"] != "POST":
            return 405
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return 413
        try:
            violations = json.loads(environ["wsgi.input"].read(int(length)))
        except (ValueError, RecursionError):
            return 400
        if not isinstance(violations, list):
            return 400
        for violation in violations[:MOST_VIOLATIONS]:
            if isinstance(violation, dict):
                self._print(line_of(violation))
        return 204

    def _print(self, line: str) -> None:
        now = self._clock()
        with self._lock:
            while self._printed and self._printed[0][0] <= now - WINDOW:
                self._printed.popleft()
            known = {printed for _, printed in self._printed}
            if not line or line in known or len(known) >= MOST_LINES:
                return
            self._printed.append((now, line))
        _log.warning("%s", line)


def line_of(violation: Mapping[str, Any]) -> str:
    """Return what a violation means, and what to do; empty if it does not say enough.

    Args:
        violation: The event's values: `directive`, `blocked`, `file`, `line`, `page`, `policy`.
    """
    directive, blocked = _text(violation, "directive"), _text(violation, "blocked")
    if not directive or not blocked:
        return ""
    place = _place(violation)
    if blocked in ("inline", "eval", "wasm-eval"):
        what, cure = _INLINE.get(directive, (blocked, ""))
        if blocked != "inline":
            what, cure = "eval()", "Use code that needs no eval()."
        return f"the browser refused {what} ({directive}) {place}. {cure}".rstrip()
    return f"the browser refused {blocked} ({directive}) {place}. {_cure(violation)}".rstrip()


def _cure(violation: Mapping[str, Any]) -> str:
    """Return what to write so that an address from elsewhere is allowed."""
    # Imported on use: most pages have nothing that is refused.
    from mtvgen.checks.browser.policy import ContentPolicy
    from mtvgen.checks.browser.refused import allowing, origin_of
    from mtvgen.runtime.security.content_policy import directives_of

    directives = {
        name: " ".join(word for word in sources.split() if not word.startswith("'nonce-"))
        for name, sources in directives_of(str(violation.get("policy", ""))[:4000]).items()
    }
    blocked = _text(violation, "blocked")
    address = blocked if "/" in blocked or blocked.endswith(":") else f"{blocked}:"
    refusal = ContentPolicy(directives).refuses(address, _text(violation, "directive"))
    if refusal is None:
        return ""
    return f"Put the file into static/, or write {allowing(refusal, origin_of(address))}"


def _place(violation: Mapping[str, Any]) -> str:
    page, file, line = (_text(violation, name) for name in ("page", "file", "line"))
    path = urlsplit(file).path
    where = f"on {page}" if path in ("", page) else f"on {page}, from {path}"
    return f"{where}, line {line}" if line not in ("", "0") else where


def _text(violation: Mapping[str, Any], name: str) -> str:
    """Return a value as text of one line, cut where it is too long."""
    value = violation.get(name)
    text = str(value) if isinstance(value, str | int) else ""
    return " ".join(text[:_LONGEST].split())
