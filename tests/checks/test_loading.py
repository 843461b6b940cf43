"""A project is imported in a process apart, and again when an edit may change what that finds."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from mtvgen.checks.cache import Cache
from mtvgen.checks.run import check_project
from tests.checks.seed_project import write_project

FILES = {
    "wsgi.py": """
        from pathlib import Path

        from mtvgen.runtime import Application

        from helpers import title_of
        from urls import urlpatterns

        root = Path(__file__).parent
        with (root / "imports.txt").open("a") as file:
            file.write(title_of("site"))
        application = Application(urlpatterns, templates=root / "templates")
    """,
    "helpers.py": """
        from functools import wraps


        def title_of(text):
            return text.title()


        def public(view):
            @wraps(view)
            def wrapper(request):
                return view(request)

            return wrapper


        def announced(view):
            view.title = view(None)
            return view


        def remembered(view):
            def wrapper(request, answer=view(None)):
                return answer

            return wrapper
    """,
    "urls.py": """
        from mtvgen.runtime import path

        from views import about, home, terms

        urlpatterns = [
            path("/", home, name="home"),
            path("/about", view=about, name="about"),
            path("/terms", terms, name="terms"),
        ]
    """,
    "views.py": """
        from mtvgen.runtime import Request, Response, render

        from helpers import announced, public, title_of


        def home(request: Request) -> Response:
            title = "Home"
            return render(request, "page.html", title=title)


        @public
        def about(request: Request) -> Response:
            return render(request, "page.html", title="About")


        def terms(
            request: Request, edition: int = 1
        ) -> Response:
            return render(request, "page.html", title=f"Terms {edition}")


        def first(
            number=1): return number


        class Page:
            size = 10

            def __init_subclass__(cls) -> None:
                cls.size = 20


        class Wide(Page):
            pass
    """,
    "templates/page.html": "<h1>{{ title }}</h1>\n",
}


class Site:
    """A site that is checked again and again, and writes down how often it is imported."""

    def __init__(self, root: Path) -> None:
        self.root, self.cache = root.resolve(), Cache()
        for name, text in FILES.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(dedent(text).lstrip())
        assert self.problems() == []
        assert self.cache.loaded.facts.loaded

    def problems(self) -> list[str]:
        return [str(problem) for problem in check_project(self.root, self.cache).problems]

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.root / name).read_text()
        assert old in text
        (self.root / name).write_text(text.replace(old, new, 1))

    def imports(self) -> int:
        """Return how often the site was imported since this was asked for the last time."""
        log = self.root / "imports.txt"
        count = len(log.read_text()) // len("Site") if log.exists() else 0
        log.unlink(missing_ok=True)
        return count


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    assert made.imports() == 1
    return made


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param("views.py", '"Home"', '"Start"', id="the body of a view"),
        pytest.param("views.py", '    title = "Home"', '    # One.\n    title = ""', id="lines"),
        pytest.param("views.py", 'title="About"', 'title="Us"', id="a view in a decorator"),
        pytest.param("views.py", "\n\nclass Page", "\n# A page.\n\n\nclass Page", id="a comment"),
        pytest.param("urls.py", "\n]\n", "\n]\n\n# No more.\n", id="behind the routes"),
        pytest.param("views.py", 'title=f"Terms', 'title=f"Our terms', id="a view with a default"),
        pytest.param("urls.py", "urlpatterns = [", "\nurlpatterns = [", id="above the routes"),
        pytest.param("urls.py", "urlpatterns = [\n", "urlpatterns = [\n\n    # One.\n", id="among"),
        pytest.param("wsgi.py", "application =", "# The site.\n\napplication =", id="in wsgi.py"),
    ],
)
def test_an_edit_that_no_import_can_see_imports_nothing(site, file, old, new):
    site.edit(file, old, new)
    assert site.problems() == []
    assert site.imports() == 0


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param("views.py", "@public\n", "", id="a decorator goes"),
        pytest.param("views.py", "@public\n", "@public\n@public\n", id="a decorator comes"),
        pytest.param("views.py", "edition: int = 1", "edition: int = 2", id="a default"),
        pytest.param("views.py", "number=1", "number=2", id="a default on the line of the body"),
        pytest.param("views.py", "def home(request: Request)", "def home(request)", id="signature"),
        pytest.param("views.py", "def terms", "def more():\n    pass\n\n\ndef terms", id="new"),
        pytest.param("views.py", "size = 10", "size = 11", id="the body of a class"),
        pytest.param("views.py", "cls.size = 20", "cls.size = 21", id="a method"),
        pytest.param("helpers.py", "text.title()", "text.upper()", id="called by an import"),
        pytest.param("helpers.py", "return view(request)", "return view(None)", id="a wrapper"),
    ],
)
def test_an_edit_that_an_import_may_see_imports_the_project_again(site, file, old, new):
    site.edit(file, old, new)
    site.problems()
    assert site.imports() == 1


@pytest.mark.parametrize(
    ("use", "file"),
    [
        ("home(None) if title_of('') else None", "views.py"),
        ("PAGES = [home]", "views.py"),
        ("from views import home as start", "extra.py"),
        ("import views\n\nviews.home.title = 'Home'", "extra.py"),
        ("import views\n\ngetattr(views, 'home')", "extra.py"),
        ("import views\n\nfor name in ['ho']:\n    getattr(views, f'{name}me')", "extra.py"),
    ],
)
def test_a_view_that_is_used_elsewhere_than_in_a_route_is_imported_again(site, use, file):
    with (site.root / file).open("a") as source:
        source.write(f"\n\n{use}\n")
    site.problems()
    assert site.imports() == 1

    site.edit("views.py", '"Home"', '"Start"')
    site.problems()
    assert site.imports() == 1


@pytest.mark.parametrize("decorator", ["announced", "remembered"])
def test_a_view_that_its_decorator_calls_is_imported_again(site, decorator):
    site.edit("views.py", "import announced, ", f"import {decorator}, ")
    site.edit("views.py", "def home", f"@{decorator}\ndef home")
    site.edit("views.py", '    title = "Home"\n', '    title = "Home"\n    return None\n')
    site.problems()
    assert site.imports() == 1

    site.edit("views.py", '"Home"', '"Start"')
    site.problems()
    assert site.imports() == 1


def test_routes_move_with_blank_lines_and_comments_above_them(site):
    site.edit("urls.py", "urlpatterns = [\n", "# The routes.\n\nurlpatterns = [\n\n")
    site.edit("views.py", "@public\n", "# For all.\n@public\n")
    site.problems()
    assert site.imports() == 0
    moved, fresh = site.cache.loaded.facts.routes, Cache()
    check_project(site.root, fresh)
    assert [(one.name, one.line) for one in moved] == [
        (one.name, one.line) for one in fresh.loaded.facts.routes
    ]

    site.edit("urls.py", "# The routes.\n\n", "")
    site.problems()
    assert site.imports() == 1  # that of the other cache
    assert [one.line + 2 for one in site.cache.loaded.facts.routes] == [one.line for one in moved]


def test_a_syntax_error_and_its_repair_import_the_project_again(site):
    site.edit("views.py", 'title = "Home"', "title = (")
    (problem,) = site.problems()
    assert problem.startswith("views.py:7:")

    site.edit("views.py", "title = (", 'title = "Home"')
    assert site.problems() == []
    assert site.imports() == 1


def test_an_import_that_failed_is_made_again_after_any_edit(site):
    site.edit("wsgi.py", "application =", "oops\napplication =")
    (problem,) = site.problems()
    assert "'oops'" in problem
    assert site.imports() == 1

    site.edit("views.py", '"Home"', '"Start"')
    site.problems()
    assert site.imports() == 1


def test_the_problem_of_a_views_signature_moves_with_it(site):
    site.edit("views.py", "edition: int = 1", "edition: int")
    assert [problem for problem in site.problems() if "views.py:17:" in problem]

    site.edit("views.py", '    title = "Home"\n', '    # One.\n    # Two.\n    title = ""\n')
    assert [problem for problem in site.problems() if "views.py:19:" in problem]


def test_the_problem_of_a_views_answer_moves_with_it_and_needs_no_import(site):
    site.edit("views.py", 'return render(request, "page.html", title=f"', 'render(request, f"')
    assert [problem for problem in site.problems() if "views.py:19:" in problem]
    assert site.imports() == 0

    site.edit("views.py", '    title = "Home"\n', '    # One.\n    # Two.\n    title = ""\n')
    assert [problem for problem in site.problems() if "views.py:21:" in problem]
    assert site.imports() == 0


def test_a_view_is_known_by_its_name_where_lines_were_added_above_it(tmp_path: Path):
    root, cache = tmp_path.resolve(), Cache()
    write_project(root)
    check_project(root, cache)
    view = root / "views/home.py"
    dropped = view.read_text().replace('return render(request, "about', 'render(request, "about')
    cache.files.put(view, f"# one\n# two\n\n{dropped}")
    found = [problem for problem in check_project(root, cache).problems if "views/" in problem.file]
    assert [problem.id for problem in found] == ["views.not-returned"]
