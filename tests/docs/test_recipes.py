"""What the how-to pages owe a site on the open network; their own tests say the rest."""

from __future__ import annotations

import re

import pytest

from tests.support.pages import DOCS, examples

RECIPES = sorted((DOCS / "howto").glob("*.md"))
# Two pages compare, and a page about templates has no form.
COMPARISONS = {"from-django.md", "from-flask.md", "own-template.md"}
NEW_PROJECT = 'path("/notes", notes.create, methods=["POST"]),'


def takes_what_visitors_send(page):
    """Whether a recipe gives a site an address for POST that a new project has not."""
    urls = "".join(one.text for one in examples(page) if one.title == "urls.py")
    return re.search(r"methods=\[[^]]*POST", urls.replace(NEW_PROJECT, "")) is not None


@pytest.mark.parametrize(
    "page",
    [
        page
        for page in RECIPES
        if page.name not in COMPARISONS
        and (takes_what_visitors_send(page) or page.name == "mail.md")
    ],
    ids=lambda page: page.stem,
)
def test_floods_a_recipe_that_takes_what_visitors_send_says_how_often_they_may(page):
    assert "](../security.md#how-often)" in page.read_text(encoding="utf-8")


def test_a_recipe_tells_no_text_of_a_visitor_in_a_flash():
    """It would be a cookie of any size: past 4,096 bytes the answer is a 500."""
    told = {
        f"{page.name}: {call}"
        for page in RECIPES
        for one in examples(page)
        for call in re.findall(r"flash\(request, (?!_?\(?\")[^)]*\)", one.text)
    }
    # The name of a file has 200 bytes at most, which UploadedFile sees to.
    assert told == {'upload.md: flash(request, f"Kept {name}.")'}
