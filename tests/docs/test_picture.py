"""The README's picture shows what a new user sees today."""

from __future__ import annotations

import re
import struct

from tests.support.live_site import get
from tests.tools.picture import PICTURES, first_minute, free_port

REMAKE = "the picture is old: python tests/tools/picture.py"


def test_the_terminal_of_the_picture_says_what_it_says_today(tmp_path):
    port = free_port()

    def look(address: str) -> None:
        assert get(address)[0] == 200

    said = first_minute(tmp_path, port, look)
    kept = (PICTURES / "start.txt").read_text(encoding="utf-8")
    assert without_the_moment(said.replace(str(port), "8000")) == without_the_moment(kept), REMAKE


def test_the_picture_is_small_and_sharp():
    data = (PICTURES / "start.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) < 200_000  # bytes; who reads the README on a phone waits for it
    width, _ = struct.unpack(">II", data[16:24])
    assert width >= 1200


def without_the_moment(said: str) -> str:
    """The clock, and how long things took, blotted out; colours left out."""
    plain = re.sub(r"\x1b\[\d*m", "", said)
    return re.sub(r"\d\d:\d\d:\d\d| +\d+ ms|\d+\.\d\d s", "-", plain)
