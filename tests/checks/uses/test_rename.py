"""A name is another one in all places at once, and means in each what it meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.places import Text
from mtvgen.checks.project_files import ProjectFiles
from mtvgen.checks.report import Edit
from mtvgen.checks.run import check_project
from mtvgen.checks.uses.edits import Refusal, Renaming, edited
from mtvgen.checks.uses.index import Index, Occurrence
from mtvgen.checks.uses.names.noting import NewName
from mtvgen.checks.uses.names.reading import names_of
from mtvgen.checks.uses.names.template_names import TemplateNames
from mtvgen.checks.uses.rename import rename, renamed_at
from tests.checks.seed_project import write_project


class Site:
    """A project with open files, as an editor has it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.cache = Cache(files=ProjectFiles(watched=True))
        write_project(self.root)
        assert self.problems() == []
        self.index = Index(self.cache)

    def problems(self) -> list[str]:
        """What is said of templates and views; the process has the models of other tests."""
        found = check_project(self.root, self.cache).problems
        return [str(one) for one in found if one.file.startswith(("templates/", "views/"))]

    def text(self, file: str) -> str:
        return self.cache.files.read(self.root / file).decode()

    def write(self, file: str, text: str) -> None:
        self.cache.files.put(self.root / file, text)

    def apply(self, edits: tuple[Edit, ...]) -> None:
        for file in {edit.place.file for edit in edits}:
            here = [edit for edit in edits if edit.place.file == file]
            self.write(file, edited(Text(file, self.text(file)), here))
        assert self.problems() == []
        self.index = Index(self.cache)

    def rename(self, file: str, written: str, new: str) -> Renaming | Refusal:
        """Rename what is written in a file behind a `|` in an excerpt of it."""
        before, _, after = written.partition("|")
        text = self.text(file)
        assert text.count(before + after) == 1, text
        place = Text(file, text).place(*[text.index(before + after) + len(before)] * 2)
        return rename(self.index, file, place.line, place.column, new)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Site:
    return Site(tmp_path_factory.mktemp("site"))


@pytest.fixture
def changed_site(site):
    """The same, whose open files are closed again."""
    yield site
    for path in list(site.cache.files.open_below(site.root)):
        site.cache.files.forget(Path(path))
    assert site.problems() == []
    site.index = Index(site.cache)


def renamable(index: Index) -> list[Occurrence]:
    """One occurrence of everything that can be renamed in the files themselves."""
    firsts = {one.node: one for one in reversed(index.occurrences)}.values()
    return [
        one
        for one in firsts
        if one.sort != "template" and isinstance(renamed_at(index, *one.place[:3]), Occurrence)
    ]


def test_everything_renamed_and_renamed_back_is_as_it_was(changed_site):
    site = changed_site
    files = sorted({one.place.file for one in site.index.occurrences})
    before = {file: site.text(file) for file in files}
    names = renamable(site.index)
    assert len(names) > 40
    for one in names if "MTVGEN_FULL" in os.environ else names[::6]:
        there = rename(site.index, *one.place[:3], f"{one.name}_2")
        assert isinstance(there, Renaming), (one, there)
        if one.sort in ("route", "attribute"):
            continue  # its path(), and its model, are imported from the disk
        site.apply(there.edits)
        first = there.edits[0].place
        back = rename(site.index, *first[:3], one.name)
        assert isinstance(back, Renaming), (one, back)
        site.apply(back.edits)
        assert {file: site.text(file) for file in files} == before, one


@pytest.mark.parametrize(
    ("file", "written", "new", "places"),
    [
        # A name that a view passes, in the view and in the templates.
        (
            "views/authors.py",
            "|author=",
            "writer",
            (
                "templates/authors/detail.html:3:21 templates/authors/detail.html:7:16"
                " views/authors.py:22:63"
            ),
        ),
        # A macro, its imports and its calls; a parameter, and the arguments of calls.
        (
            "templates/_macros.html",
            "|button(label",
            "knob",
            (
                "templates/_macros.html:13:10 templates/notes/detail.html:2:38"
                " templates/notes/new.html:11:12"
            ),
        ),
        (
            "templates/_macros.html",
            "|kind=",
            "sort",
            (
                "templates/_macros.html:13:24 templates/_macros.html:14:19"
                " templates/notes/detail.html:13:19"
            ),
        ),
        # What an import calls it, and only there.
        (
            "templates/notes/new.html",
            "as |forms",
            "parts",
            "templates/notes/new.html:2:29 templates/notes/new.html:11:6",
        ),
        (
            "templates/notes/detail.html",
            "as |save",
            "put",
            "templates/notes/detail.html:2:48 templates/notes/detail.html:13:6",
        ),
        # An attribute of a class that is not a model.
        (
            "templates/home.html",
            "crumb.|label",
            "text",
            "crumbs.py:8:5 templates/about.html:4:14 templates/home.html:7:36",
        ),
        (
            "templates/base.html",
            "block |sidebar",
            "aside",
            "templates/about.html:13:10 templates/base.html:16:12",
        ),
        (
            "templates/base.html",
            'url_for("|about',
            "info",
            "templates/base.html:17:24 urls.py:10:38",
        ),
        (
            "templates/blog/index.html",
            'url_for("|blog.post',
            "blog.entry",
            "templates/blog/index.html:7:22 views/blog/posts.py:9:30 views/blog/urls.py:9:57",
        ),
    ],
)
def test_all_places_of_a_name_change(site, file, written, new, places):
    found = site.rename(file, written, new)
    assert isinstance(found, Renaming), found
    known = [str(edit.place) for edit in found.edits]
    assert [place for place in places.split() if place not in known] == []
    in_urls = {edit.text for edit in found.edits if edit.place.file == "views/blog/urls.py"}
    assert in_urls <= {new.removeprefix("blog.")}


def test_a_template_is_renamed_with_all_that_names_it(site):
    found = site.rename("templates/about.html", 'extends "|base.html', "layouts/base.html")
    assert isinstance(found, Renaming)
    assert found.moves == (("templates/base.html", "templates/layouts/base.html"),)
    assert {edit.text for edit in found.edits} == {"layouts/base.html"}
    assert len(found.edits) == 9


@pytest.mark.parametrize(
    ("file", "written", "new", "reason"),
    [
        ("templates/notes/index.html", "in |notes", "title", "passes 'title' already"),
        ("templates/about.html", "set |words", "title", "means something else already"),
        ("templates/about.html", "set |words", "crumb", "means something else already"),
        ("templates/_macros.html", "field(|name", "label", "means something else already"),
        ("templates/_macros.html", "macro |field", "card", "means something else already"),
        ("templates/base.html", "block |sidebar", "content", "means something else already"),
        ("templates/home.html", "for |crumb in", "request", "is what every template has"),
        ("templates/home.html", "for |crumb in", "loop", "is a word of"),
        ("templates/home.html", "for |crumb in", "class", "is a word of"),
        ("templates/home.html", "for |crumb in", "a b", "is not a name"),
        ("templates/base.html", 'url_for("|about', "note", "is a route of the name 'note'"),
        ("templates/base.html", 'include "|_nav', "about.html", "is a template of the name"),
        ("templates/base.html", 'include "|_nav', "../nav.html", "is not the name of a template"),
        ("templates/base.html", 'include "|_nav', "na'v.html", "is not the name of a template"),
        ("templates/base.html", 'url_for("|about', 'ab"out', "is not the name of a route"),
        ("templates/base.html", 'url_for("|about', "", "is not the name of a route"),
        ("templates/blog/index.html", 'url_for("|blog.post', "entry", "include() puts in front"),
        ("templates/_nav.html", 'url_for("|home.index', "home", "it is called after its view"),
        ("templates/base.html", "{{ |site_name", "name", "is what every template has"),
        ("templates/404.html", "{{ |error", "mistake", "is what every template has"),
        ("templates/about.html", "|lower", "small", "where it is registered"),
        ("templates/base.html", "<|title", "a", "no name here"),
    ],
)
def test_what_would_mean_something_else_is_not_renamed(site, file, written, new, reason):
    found = site.rename(file, written, new)
    assert isinstance(found, Refusal), found
    assert reason in found.reason
    assert site.problems() == []


def test_a_name_that_is_tried_out_is_read_as_if_it_were_written(site):
    for one in renamable(site.index):
        places = {other.place for other in site.index.same_as(one)}
        for template in site.index.templates():
            edits = [Edit(place, "tried") for place in places if place.file == template.file]
            if edits and one.sort != "route":
                written = site.cache.store.read_as(
                    template, edited(Text(template.file, template.source), edits)
                )
                tried = names_of(template, NewName("tried", places))
                assert shape_of(tried) == shape_of(names_of(written)), one


def shape_of(names: TemplateNames) -> list[object]:
    """All that is known of a template's names, but for their columns."""
    mentions = [
        (type(one.means), one.means.name, one.place.line, one.is_definition, type(one.also))
        for one in names.mentions
    ]
    scopes = [(scope.block, scope.bound) for scope in names.scopes]
    calls = [(one.names, one.callee.name if one.callee else "") for one in names.calls]
    return [mentions, scopes, calls, sorted(names.scoped_blocks), names.parents]


def test_a_name_that_could_not_be_parsed_is_refused(changed_site):
    site = changed_site
    site.write(
        "templates/extra.html",
        "{% macro a() %}{% endmacro %}{% from 'extra.html' import a %}{{ a() }}",
    )
    check_project(site.root, site.cache)
    site.index = Index(site.cache)
    found = site.rename("templates/extra.html", "macro |a", "_a")
    assert isinstance(found, Refusal), found
    assert "underline" in found.reason


VIEW = """from mtvgen.runtime import render


def extra(request, **names):
    return render(request, "extra.html", {passed})
"""


@pytest.mark.parametrize(
    ("passed", "template", "unsure", "refused"),
    [
        ("a=1", "{{ a }}", "", ""),
        ("**names", "{% set a = 1 %}{% if a %}{{ a }}{% endif %}", "", ""),
        ("**names", "{% if names %}{% set a = 1 %}{% endif %}{{ a }}", "passes **names", ""),
        ("**{'a': 1}", "{{ a }}", "", "passes 'a' in a dict"),
        ("a=1", "{% include names %}{{ a }}{% include 'part.html' %}", "", ""),
        (
            "a=1",
            "{{ a }}{% macro m(a) %}{{ a }}{% endmacro %}{{ request.x(a=2) }}",
            "",
            "not known",
        ),
        ("a=1", "{% macro m(a) %}{{ a }}{% endmacro %}{{ b(a=2) }}", "is not known", "not known"),
        ("a=1", "{% set ns = namespace(a=1) %}{% set ns.a = 2 %}{{ ns.a }}", "", ""),
        ("a=1", "{% set f = m %}{% macro m(a) %}{{ a }}{% endmacro %}{{ f(a=2) }}", "", ""),
        ("a=1", "{% for a in a %}{{ a }}{% else %}{{ a }}{% endfor %}", "", ""),
        ("a=1", "{% with a = a %}{{ a }}{% endwith %}{{ a }}", "", ""),
        ("a=1", "{% if b %}{% set a = 2 %}{% endif %}{{ a }}", "", ""),
        ("a=1", "{% call(a) m() %}{{ a }}{% endcall %}{% macro m() %}{% endmacro %}", "", ""),
        ("a=1", "{% block x %}{{ a }}{% endblock %}{{ self.x() }}", "", ""),
    ],
)
def test_each_name_of_a_template_goes_by_itself(changed_site, passed, template, unsure, refused):
    """Every group of a template's names is renamed and renamed back, whatever is around it."""
    site = changed_site
    site.write("views/extra.py", VIEW.format(passed=passed))
    site.write("templates/extra.html", template)
    site.write("templates/part.html", "{{ a }}{{ names }}")
    check_project(site.root, site.cache)
    site.index = Index(site.cache)
    own = [one for one in site.index.in_file("templates/extra.html") if one.name == "a"]
    outcomes = [rename(site.index, *one.place[:3], "z") for one in own]
    refusals = [one.reason for one in outcomes if isinstance(one, Refusal)]
    reasons = [why for one in outcomes if isinstance(one, Renaming) for why in one.unsure]
    assert bool(refusals) == bool(refused), refusals
    assert all(refused in one for one in refusals)
    assert bool(reasons) == bool(unsure), reasons
    assert all(unsure in why for why in reasons)
    for one, outcome in zip(own, outcomes, strict=True):
        if isinstance(outcome, Renaming):
            assert one.place in {edit.place for edit in outcome.edits}
            assert {edit.place for edit in outcome.edits} == {
                other.place for other in site.index.same_as(one)
            }
