"""The blocks of a layout of one's own are found; where none is for the page, that is said."""

from __future__ import annotations

import pytest

from mtvgen.add.pages.project.layout import Layout, layout_of
from mtvgen.errors import MtvgenError


@pytest.mark.parametrize(
    ("source", "layout"),
    [
        ("{% block title %}{% endblock %}{% block content %}{% endblock %}", Layout()),
        ("{%- block main -%}{% endblock %}{% block side %}{% endblock %}", Layout("main", "")),
        ("{% block title %}{% endblock %}{% block middle %}{% endblock %}", Layout("middle")),
        ('{% extends "site.html" %}{% block head %}{% endblock %}', Layout("body", "title")),
    ],
)
def test_the_pages_fill_the_blocks_that_there_are(tmp_path, source, layout):
    (tmp_path / "base.html").write_text(source)
    blocks = "{% block title %}{% endblock %}{% block body %}{% endblock %}"
    (tmp_path / "site.html").write_text(blocks)
    assert layout_of(tmp_path) == layout


def test_a_layout_without_a_block_is_refused_with_what_to_add(tmp_path):
    with pytest.raises(MtvgenError, match=r"base.html is not there, .* -> a layout there with"):
        layout_of(tmp_path)
    (tmp_path / "base.html").write_text("{% block a %}{% endblock %}{% block b %}{% endblock %}")
    with pytest.raises(MtvgenError, match=r"no block 'content' .* -> {% block content %}"):
        layout_of(tmp_path)
    (tmp_path / "base.html").write_text('{% extends "base.html" %}')
    with pytest.raises(MtvgenError, match="no block 'content'"):
        layout_of(tmp_path)
