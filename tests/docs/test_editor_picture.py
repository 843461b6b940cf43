"""The picture of docs/editor.md shows what Neovim shows today.

MTVGEN_FULL=1 pytest tests/docs/test_editor_picture.py

runs Neovim again; without it, only the picture and its text are compared.
"""

from __future__ import annotations

import os
import re
from xml.etree import ElementTree

import pytest

from tests.support.neovim import neovim

PICTURES_OLD = "the picture is old: python -m tests.tools.pictures.editor"


@pytest.fixture(scope="module")
def editor():
    pytest.importorskip("msgpack")
    from tests.tools.pictures import editor

    return editor


def test_the_picture_says_in_light_and_dark_what_its_text_says(editor):
    namespace = {"svg": "http://www.w3.org/2000/svg"}
    root = ElementTree.parse(editor.PICTURES / "editor.svg").getroot()
    text = (editor.PICTURES / "editor.txt").read_text("utf-8")
    for background in ("light", "dark"):
        group = root.find(f"svg:g[@class='{background}']", namespace)
        assert group is not None
        runs = [one.text or "" for one in group.findall("svg:text", namespace)]
        drawn = "".join(run for run in runs if run not in {scene[0] for scene in editor.SCENES})
        assert re.sub(r"\s", "", drawn) == re.sub(r"\s", "", text), PICTURES_OLD


@pytest.mark.skipif("MTVGEN_FULL" not in os.environ, reason="runs Neovim: set MTVGEN_FULL=1")
def test_neovim_shows_it_today(editor):
    neovim()
    texts = [screen.text.rstrip() for screen in editor.screens("light")]
    kept = (editor.PICTURES / "editor.txt").read_text("utf-8")
    assert "\n\n".join(texts) + "\n" == kept, PICTURES_OLD
