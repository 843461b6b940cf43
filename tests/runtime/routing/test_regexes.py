"""Text divides parameters in one way, and in linear time whatever the path."""

from __future__ import annotations

from time import process_time

import pytest

from mtvgen.runtime.routing.patterns import parse


@pytest.mark.parametrize(
    ("pattern", "path", "params"),
    [
        # The parameter before can't hold the text: it divides where it first occurs.
        ("/<int:id>-<title>", "/7-a-b", {"id": 7, "title": "a-b"}),
        ("/<slug:name>.<ending>", "/site.tar.gz", {"name": "site", "ending": "tar.gz"}),
        ("/<int:y>-<int:m>-<slug:t>", "/2026-4-a-b", {"y": 2026, "m": 4, "t": "a-b"}),
        # It can: the text divides where it last occurs.
        ("/<slug:title>-<int:id>", "/a-b-7", {"title": "a-b", "id": 7}),
        ("/<name>.<ending>", "/site.tar.gz", {"name": "site.tar", "ending": "gz"}),
        ("/<x>--<y>", "/a---b", {"x": "a-", "y": "b"}),
        ("/<x>-<y>-<z>", "/a-b-c-d", {"x": "a-b", "y": "c", "z": "d"}),
        ("/<x>.html", "/a.html.html", {"x": "a.html"}),
        # The last within its reach.
        ("/<slug:x>-<y>", "/a-b-é-c", {"x": "a-b", "y": "é-c"}),
        ("/<slug:x>-<y>", "/a-é-b", {"x": "a", "y": "é-b"}),
        ("/<slug:x>-<y>", "/a-é", {"x": "a", "y": "é"}),
        ("/<lang>-<path:p>", "/en-uk/my-page", {"lang": "en", "p": "uk/my-page"}),
        ("/<lang>-<path:p>", "/en-uk-2/my-page", {"lang": "en-uk", "p": "2/my-page"}),
        ("/<path:p>-<int:n>/x", "/a-1/b-2/x", {"p": "a-1/b", "n": 2}),
        ("/<path:p>/<x>-<y>", "/a/b-c/d-e-f", {"p": "a/b-c", "x": "d-e", "y": "f"}),
        # The last that leaves something on both sides.
        ("/<x>-<y>", "/a-b-", {"x": "a", "y": "b-"}),
        ("/<slug:x>-<y>", "/a-b-", {"x": "a", "y": "b-"}),
        ("/<int:a>0<int:b>", "/1200", {"a": 12, "b": 0}),
        ("/<x>-<y>", "/-b", None),
        ("/<x>-<y>", "/a-", None),
        # A uuid has a length and dashes of its own.
        (
            "/<x>-<uuid:u>-<y>",
            "/a-b-ec38df32-ceda-4cfa-9b4a-1aeb94ad551a-c",
            {"x": "a-b", "u": "ec38df32-ceda-4cfa-9b4a-1aeb94ad551a", "y": "c"},
        ),
        # Digits between digits.
        ("/<int:a>0<int:b>", "/1203", {"a": 12, "b": 3}),
        ("/<int:a>0<int:b>", "/10203", {"a": 102, "b": 3}),
        ("/<int:a>0<x>", "/10203-0", {"a": 102, "x": "3-0"}),
        # A line break is never part of a value, nor does the end of a line end a path.
        ("/<x>.html", "/a\n.html", None),
        ("/<x>.html", "/a.html\n", None),
        ("/<path:p>/edit", "/a\nb/edit", None),
        ("/a-<int:x>", "/a-7\n", None),
    ],
)
def test_text_divides_parameters_at_one_place(pattern, path, params):
    found = parse(pattern).match(path)
    assert (found and {name: type(params[name])(value) for name, value in found.items()}) == params


# Each path is made to be tried at every repetition, and to fail at its end.
@pytest.mark.parametrize(
    ("pattern", "unit", "end"),
    [
        ("/<x>-<y>-<z>.html", "-", ""),
        ("/<x>-<y>-<z>.html", "a-", "/"),
        ("/<w>-<x>-<y>-<z>!", "-", ""),
        ("/<x>--<y>--<z>!", "-", ""),
        ("/<x>-<int:n>-<z>.html", "-1", ""),
        ("/<slug:x>-<y>!", "-", "é"),
        ("/<slug:x>-<y>-<z>!", "a-é-", ""),
        ("/<w>-<slug:x>.<y>!", "-b.", ""),
        ("/<path:p>.<slug:a>5<b>!", ".-5-", ""),
        ("/<path:p>-<y>", "-", "/"),
        ("/<path:p>/<x>-<y>/edit", "/a-a", ""),
        ("/<path:p>/<x>/<y>/edit", "/", ""),
        ("/<x>-<path:p>/<y>.html", "-a/", ""),
        ("/<int:a>1<int:b>1<int:c>1<int:d>x", "1", ""),
        ("/<x>-<uuid:u>-<y>!", "ec38df32-ceda-4cfa-9b4a-1aeb94ad551a-", ""),
    ],
)
def test_no_pattern_needs_more_than_linear_time(pattern, unit, end):
    parsed = parse(pattern)

    def seconds(length: int) -> float:
        path = f"/{unit * (length // len(unit))}{end}"
        started = process_time()
        assert parsed.match(path) is None
        return process_time() - started

    short = min(seconds(1_000) for _ in range(5))
    long = min(seconds(16_000) for _ in range(3))
    # 16 times the length: 16 times the time, with room for a busy machine; tried pair by pair
    # it would be 256 times.
    assert long < 80 * short


def test_patterns_that_differ_before_a_path_share_one_expression():
    first, second = parse("/files1/<path:p>"), parse("/files2/<path:name>")
    assert first.regex is second.regex
    assert second.match("/files1/a") is None
    assert second.match("/files2/a") == {"name": "a"}


def test_a_pattern_of_whole_segments_needs_no_expression():
    assert parse("/<slug:lang>/notes/<int:id>/<x>").regex is None
