"""The drawings of the manual are what their scripts draw, and a phone shows all their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from tests.tools.pictures import chinese, drawings
from tests.tools.pictures.make import DOCS, pictures

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DRAWN = sorted([*pictures(), DOCS / "pictures" / "speed.svg"])
SHOWN = re.compile(r"!\[([^\]]+)\]\(([\w./-]+\.svg)\)")
PHONE = {"width": 390, "height": 844}
# Where each line of text and each box is, in units of the screen.
PLACES = """() => {
    const place = (element) => {
        const { left, top, right, bottom } = element.getBoundingClientRect()
        return { left, top, right, bottom, words: element.textContent }
    }
    const all = (name) => [...document.querySelectorAll(name)].map(place)
    return { words: all("text"), boxes: all("rect"), picture: all("svg")[0] }
}"""


@pytest.mark.parametrize("file", sorted(pictures()), ids=lambda file: str(file.relative_to(DOCS)))
def test_a_picture_is_as_the_script_draws_it(file):
    assert file.read_text("utf-8") == pictures()[file], "python -m tests.tools.pictures.make"


def test_each_picture_is_shown_by_a_page_and_described():
    shown = {
        (page.parent / source).resolve()
        for page in DOCS.rglob("*.md")
        for _, source in SHOWN.findall(page.read_text("utf-8"))
    }
    in_english = {file for file in DRAWN if "zh" not in file.parts}

    assert in_english <= shown


def test_the_chinese_words_are_all_used():
    used: set[str] = set()

    def note(words: str) -> str:
        used.add(words)
        return words

    for draw in drawings.ALL.values():
        draw(note)

    assert used == set(chinese.WORDS)


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport=PHONE)
    yield page
    page.close()


def test_on_a_phone_no_word_leaves_its_box_and_none_is_on_another(phone):
    outside, across, over = [], [], []
    for file in DRAWN:
        phone.set_content(f"<body style='margin: 16px'>{file.read_text('utf-8')}")
        places = phone.evaluate(PLACES)
        assert places["words"]
        for word in places["words"]:
            if not within(word, places["picture"]):
                outside.append((file, word["words"]))
            if leaves_a_box(word, places["boxes"]):
                across.append((file, word["words"]))
        over += [
            (file, one["words"], other["words"])
            for one, other in combinations(places["words"], 2)
            if overlap(one, other)
        ]
    assert (outside, across, over) == ([], [], [])


def within(inner: dict[str, Any], outer: dict[str, Any]) -> bool:
    return inner["left"] >= outer["left"] and inner["right"] <= outer["right"]


def leaves_a_box(word: dict[str, Any], boxes: list[dict[str, Any]]) -> bool:
    return any(overlap(word, box) and not within(word, box) for box in boxes)


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two places share more than the room between two lines."""
    across = min(one["right"], other["right"]) - max(one["left"], other["left"])
    down = min(one["bottom"], other["bottom"]) - max(one["top"], other["top"])
    return across > 0 and down > 4
