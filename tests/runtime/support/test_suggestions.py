from __future__ import annotations

import pytest

from mtvgen.runtime.support.suggestions import closest, closest_path, did_you_mean


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("itn", ["str", "int", "path"], "int"),
        ("notes.idnex", ["notes.index", "notes.create"], "notes.index"),
        # By one part of a dotted name.
        ("nots", ["home.index", "notes.create", "notes.index"], "notes.index"),
        ("detail", ["notes.detail", "home.index"], "notes.detail"),
        # An ending that all names share says nothing.
        ("x.html", ["notes/detail.html", "notes/index.html"], None),
        ("notes/detial.html", ["notes/detail.html", "notes/index.html"], "notes/detail.html"),
        ("xyzzy", ["int", "str"], None),
        ("", ["int"], None),
        ("int", [], None),
        ("首頁", ["首页", "笔记"], None),
        ("首页x", ["首页", "笔记"], "首页"),
    ],
)
def test_the_name_that_was_meant_is_the_nearest(word, known, meant):
    assert closest(word, known) == meant
    assert closest(word, reversed(known)) == meant


@pytest.mark.parametrize(
    ("path", "known", "meant"),
    [
        ("stile.css", ["style.css", "print.css"], "style.css"),
        ("logo.svg", ["icon.svg"], None),
        ("x9.html", ["500.html", "404.html"], None),
        ("notes/broken.html", ["notes/index.html", "notes/detail.html"], None),
        ("notes/detial.html", ["notes/index.html", "notes/detail.html"], "notes/detail.html"),
        ("detail.html", ["notes/index.html", "notes/detail.html"], "notes/detail.html"),
        ("note/detail.html", ["notes/index.html", "notes/detail.html"], "notes/detail.html"),
        ("note/detial.html", ["notes/index.html", "notes/detail.html"], "notes/detail.html"),
        ("home.htm", ["home.html"], "home.html"),
        (".htacess", [".htaccess"], ".htaccess"),
    ],
)
def test_the_file_that_was_meant_is_near_by_its_own_name(path, known, meant):
    assert closest_path(path, known) == meant


def test_a_sentence_goes_behind_a_message():
    assert did_you_mean("itn", {"int": 1}) == " Did you mean 'int'?"
    assert did_you_mean("xyzzy", {"int": 1}) == ""
