"""The scripts of pages: one reloads them, and one reports what the browser refuses of them."""

from __future__ import annotations

import re
from pathlib import Path

from mtvgen.devserver.urls import LIVE_SCRIPT, REFUSAL_SCRIPT

SCRIPT_FILES = {
    LIVE_SCRIPT: Path(__file__).with_name("live.js"),
    REFUSAL_SCRIPT: Path(__file__).with_name("refused.js"),
}

_HEAD = re.compile(rb"<head(?:\s[^>]*)?>", re.IGNORECASE)
_BODY_END = re.compile(rb"</body\s*>", re.IGNORECASE)


def with_script(page: bytes, generation: int, *, has_policy: bool = False) -> bytes:
    """Return a whole HTML page with the scripts in it.

    Anything less, such as a fragment, as it is.

    Args:
        page: The page.
        generation: The one that it shows.
        has_policy: Whether a Content-Security-Policy comes with it, under which something may be
            refused.
    """
    ends = list(_BODY_END.finditer(page))
    if not ends:
        return page
    place = ends[-1].start()
    tag = b'<script src="%b?%d"></script>\n' % (LIVE_SCRIPT.encode(), generation)
    page = page[:place] + tag + page[place:]
    head = _HEAD.search(page, 0, place) if has_policy else None
    if head is None:
        return page
    # First of all: what is refused before the script is there, nobody hears.
    tag = b'<script src="%b"></script>' % REFUSAL_SCRIPT.encode()
    return page[: head.end()] + tag + page[head.end() :]
