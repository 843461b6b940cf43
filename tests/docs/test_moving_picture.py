"""The moving picture of the README shows what a new user sees today."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from tests.support.live_site import get
from tests.tools.moving_picture import COLOURS, PICTURES, as_text, first_minute, free_port

REMAKE = "the picture is old: python tests/tools/moving_picture.py"


def test_the_terminal_of_the_picture_says_what_it_says_today(tmp_path):
    port = free_port()

    def look(address: str) -> None:
        assert get(address)[0] == 200

    said = as_text(first_minute(tmp_path, port, look)).replace(str(port), "8000")
    kept = (PICTURES / "tour.txt").read_text(encoding="utf-8")
    assert without_the_moment(said) == without_the_moment(kept), REMAKE


@pytest.mark.parametrize("colours", COLOURS)
def test_the_picture_says_so_too(colours):
    drawn = ElementTree.parse(PICTURES / f"tour-{colours}.svg").getroot()
    shown = "".join(text.text or "" for text in drawn.iter("{http://www.w3.org/2000/svg}text"))
    for line in (PICTURES / "tour.txt").read_text(encoding="utf-8").splitlines():
        assert line in shown, REMAKE


@pytest.mark.parametrize("colours", COLOURS)
def test_the_picture_is_small_and_loads_nothing(colours):
    text = (PICTURES / f"tour-{colours}.svg").read_text(encoding="utf-8")
    assert len(text) < 1_500_000  # bytes; who reads the README on a phone waits for it
    assert re.findall(r'(?:href|src)="(?!data:)|url\(|@import', text) == []


def without_the_moment(said: str) -> str:
    """The clock, and how long things took, blotted out."""
    return re.sub(r"\d\d:\d\d:\d\d| +\d+ ms", "-", said)
