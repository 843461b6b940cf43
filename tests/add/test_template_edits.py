"""The edit of a layout, as people write them."""

from __future__ import annotations

import pytest

from mtvgen.add.source_text import NotPlacedError
from mtvgen.add.template_edits import with_include

INCLUDE = '{% include "accounts/nav.html" %}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '<nav aria-label="Site">\n  <a href="/">中文</a>\n</nav>\n<nav></nav>\n',
            f'<nav aria-label="Site">\n  <a href="/">中文</a>\n  {INCLUDE}\n</nav>\n<nav></nav>\n',
        ),
        ("<p>é</p><nav>{{ x }}</nav>", f"<p>é</p><nav>{{{{ x }}}}{INCLUDE}</nav>"),
        (
            "{# <nav></nav> #}\r\n<!-- <nav></nav> -->\r\n  <nav>\r\n  </nav>\r\n",
            (
                "{# <nav></nav> #}\r\n<!-- <nav></nav> -->\r\n  <nav>\r\n"
                f"    {INCLUDE}\r\n  </nav>\r\n"
            ),
        ),
    ],
    ids=["lines", "one line", "comments and CRLF"],
)
def test_a_template_is_included_at_the_end_of_the_navigation(before, after):
    assert with_include(before.encode(), "accounts/nav.html").decode() == after
    assert with_include(after.encode(), "accounts/nav.html").decode() == after


def test_a_layout_without_navigation_is_not_edited():
    with pytest.raises(NotPlacedError, match="it has no <nav>"):
        with_include(b"<main></main>", "accounts/nav.html")
