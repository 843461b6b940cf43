"""What a view reads of a form is read off its source, through helpers, loops and branches."""

from __future__ import annotations

from pathlib import Path

import pytest

from mtvgen.checks.python.sources import Sources
from mtvgen.checks.reading.reader import reads_of
from mtvgen.checks.reading.reads import Reads

HEAD = """\
from mtvgen.runtime import get_or_404, redirect, render
from mtvgen.runtime.forms import Form
from elsewhere import unknown
FIELDS = ("email", "text")
LABELS = {"a": "A", "b": "B"}
class Note:
    pass
class Filled(Form[Note]):
    text: str
    more: str | None = None
    tags: list[str]
def asked(request, name, default=""):
    return request.form.get(name, default)
def both(form, *, more):
    return form["one"] + form[more]
"""


def reads(tmp_path: Path, body: str, method: str = "POST") -> Reads:
    """What a view of these statements reads."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    (tmp_path / "page.py").write_text(f"{HEAD}\ndef view(request, id=None):\n{lines}\n")
    sources = Sources(tmp_path)
    sources.refresh()
    page = sources.modules["page"]
    return reads_of(page, page.functions["view"], method, sources, {"page.Note"})


def shown(reads: Reads) -> list[str]:
    """`form[text]`, `form.text` for what is not required, `~` for what is not always reached."""
    return [
        f"{read.source.value}{f'[{read.key}]' if read.is_required else f'.{read.key}'}"
        f"{'' if read.is_sure else '~'}{'<' + ','.join(sorted(read.after)) if read.after else ''}"
        for read in reads.keys
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('request.form["a"]', ["form[a]"]),
        ('request.form.get("a"); request.query.getlist("b")', ["form.a", "query.b"]),
        ('"a" in request.form or request.files["b"]', ["form.a", "files[b]~"]),
        ('form = request.form\nform["a"]', ["form[a]"]),
        ('for name in FIELDS:\n    request.form[name]', ["form[email]", "form[text]"]),
        ('{name: request.form[name] for name in FIELDS}', ["form[email]", "form[text]"]),
        ('[request.form[key] for key in LABELS]', ["form[a]", "form[b]"]),
        ('for key, label in LABELS.items():\n    request.form[key]', ["form[a]", "form[b]"]),
        ('for n in (1, 2):\n    request.form[f"line-{n}"]', ["form[line-1]", "form[line-2]"]),
        ('asked(request, "a")', ["form.a"]),
        ('both(request.form, more="b")', ["form[one]", "form[b]"]),
        ('a, b = request.form["a"], request.form["b"]', ["form[a]", "form[b]"]),
        ('if id:\n    request.form["a"]\nrequest.form["b"]', ["form[a]~", "form[b]"]),
        ('if id:\n    return ""\nrequest.form["b"]', ["form[b]"]),
        ('if "a" in request.form:\n    return ""\nrequest.form["b"]', ["form.a", "form[b]<a"]),
        (
            'do = request.form.get("do")\nif do == "x":\n    return ""\nrequest.form["b"]',
            ["form.do", "form[b]<do"],
        ),
        ('return request.form["a"] if id else request.form["b"]', ["form[a]~", "form[b]~"]),
        ('try:\n    request.form["a"]\nexcept KeyError:\n    pass', ["form.a"]),
        ('try:\n    request.form["a"]\nexcept ValueError:\n    pass', ["form[a]"]),
        ('if request.method == "POST":\n    request.form["a"]', ["form[a]"]),
        ('if request.method != "POST":\n    return request.query["q"]\nrequest.form["a"]',
         ["form[a]"]),
        ('post = request.method in ("POST", "PUT")\nif not post:\n    request.query["q"]', []),
        (('match request.method:\n    case "GET":\n        request.query["q"]\n'
         '    case "POST":\n        request.form["a"]'), ["form[a]"]),
        (('match request.form["do"]:\n    case "x":\n        return request.form["a"]\n'
         '    case _:\n        pass\nrequest.form["b"]'),
         ["form[do]", "form[a]~", "form[b]<do"]),
        ('return ""\nrequest.form["a"]', []),
        ('raise ValueError(request.form["a"])', ["form[a]"]),
        ('def inner():\n    return request.form["a"]\ninner()', ["form[a]~"]),
        ('while request.form["a"]:\n    request.form["b"]', ["form[a]", "form[b]~"]),
    ],
)  # fmt: skip
def test_keys_are_found_with_how_surely_they_are_read(tmp_path, body, expected):
    found = reads(tmp_path, body)
    assert shown(found) == expected
    assert found.open == set()


def test_each_method_has_its_own_branch(tmp_path):
    body = 'if request.method == "POST":\n    request.form["a"]\nelse:\n    request.query["b"]'
    assert shown(reads(tmp_path, body, "GET")) == ["query[b]"]


@pytest.mark.parametrize(
    ("body", "sources"),
    [
        ("unknown(request)", {"form", "query", "files"}),
        ("unknown(request.form)", {"form"}),
        ("dict(request.query)", {"query"}),
        ("request.form[id]", {"form"}),
        ("request.form.get(unknown())", {"form"}),
        ("return list(request.files.values())", {"files"}),
        ("for name in request.form:\n    pass", {"form"}),
        ("request.state.form = request.form", {"form"}),
        ("request.json()", {"form", "query", "files"}),
        ("return request.body", {"form", "query", "files"}),
        ('return render(request, "a.html", values=request.form)', {"form"}),
        ('return render(request, "a.html", text=request.form["a"])', set()),
        ("return redirect(request.url_for('a'))", set()),
        ("if request.form:\n    pass", set()),
        ("len(request.form)", set()),
    ],
)
def test_what_is_handed_on_may_be_read_as_a_whole(tmp_path, body, sources):
    assert {source.value for source in reads(tmp_path, body).open} == sources


def test_a_computed_key_is_known_by_its_ends(tmp_path):
    found = reads(tmp_path, 'request.form[f"line-{id}-text"]')
    assert [(start, end) for _, start, end in found.affixes] == [("line-", "-text")]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('Note(text=request.form["a"].strip())', [("a", "text", False)]),
        ('note = Note()\nnote.text = request.form["a"] or None', [("a", "text", True)]),
        ('note = get_or_404(request.db, Note, id)\nnote.text = request.form["a"]',
         [("a", "text", False)]),
        ('note = request.db.get(Note, id)\nnote.text = request.form["a"]', [("a", "text", False)]),
        ('values = {"text": request.form["a"]}\nNote(**values)', [("a", "text", False)]),
        ('Note(text=request.form["a"][:20])', []),
        ('Note(stock=int(request.form["a"]))', []),
        ('unknown().text = request.form["a"]', []),
    ],
)  # fmt: skip
def test_a_value_is_followed_as_far_as_it_stays_what_was_sent(tmp_path, body, expected):
    flows = reads(tmp_path, body).flows
    assert [(flow.key, flow.attribute, flow.has_null) for flow in flows] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("form = Filled.read(request)\nform.save(0)", ["form[text]", "form.more", "form.tags"]),
        ("form = Filled.read(request)\nform.errors", ["form.text", "form.more", "form.tags"]),
        ("Filled.read(request, id).save(request.db)", ["form.text", "form.more", "form.tags"]),
        ('Filled.read(request, prefix="a").value', ["form.a.text", "form.a.more", "form.a.tags"]),
        ("Filled.read_query(request).value", ["query.text", "query.more", "query.tags"]),
        ("Filled.of(id)", []),
    ],
)  # fmt: skip
def test_a_form_class_reads_its_fields(tmp_path, body, expected):
    found = reads(tmp_path, body)
    assert shown(found) == expected
    assert found.open == set()


def test_a_form_class_reads_nothing_of_a_get(tmp_path):
    assert shown(reads(tmp_path, "Filled.read(request).value", "GET")) == []
