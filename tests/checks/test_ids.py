"""docs/checks.md names every problem that the checks can report, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import mtvgen.checks
from mtvgen.checks.ids import IDS
from tests.checks.seeds import SEEDS

SOURCES = sorted(Path(mtvgen.checks.__file__).parent.rglob("*.py"))
PAGE = Path(__file__).parent.parent.parent / "docs" / "checks.md"
_ID = r"(?:templates|views|forms|static|urls|models|project|check)\.[a-z-]+"


def documented() -> set[str]:
    return set(re.findall(rf"^\| `({_ID})` \|", PAGE.read_text("utf-8"), re.MULTILINE))


def test_every_id_in_the_source_is_documented():
    written = {
        one for file in SOURCES for one in re.findall(rf'"({_ID})"', file.read_text("utf-8"))
    } - {"urls.py"}

    assert len(written) > 20
    assert written - documented() == set()


def test_what_can_be_named_to_silence_it_is_what_is_documented():
    assert documented() == IDS


def test_every_kind_of_mistake_is_documented():
    assert {seed.kind for seed in SEEDS} - documented() == set()


def test_each_id_is_documented_once():
    listed = re.findall(rf"^\| `({_ID})` \|", PAGE.read_text("utf-8"), re.MULTILINE)

    assert len(listed) == len(set(listed))
