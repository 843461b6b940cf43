"""The script that reloads pages, put into them; it listens to an event stream."""

from __future__ import annotations

import re
from pathlib import Path

from mtvgen.devserver.urls import LIVE_SCRIPT

SCRIPT_FILE = Path(__file__).with_name("live.js")

_BODY_END = re.compile(rb"</body\s*>", re.IGNORECASE)


def with_script(page: bytes, generation: int) -> bytes:
    """Return a whole HTML page with the script in it.

    Anything less, such as a fragment, as it is.
    """
    ends = list(_BODY_END.finditer(page))
    if not ends:
        return page
    place = ends[-1].start()
    tag = b'<script src="%b?%d"></script>\n' % (LIVE_SCRIPT.encode(), generation)
    return page[:place] + tag + page[place:]
