"""Which problems of a converted project does rendering confirm? Run in the project's directory.

    mtvgen check --json | python -m tests.checks.public.verify

Every template is rendered again and again, each time with other stand-ins for what its view passes
and for all that nobody passes. What is undefined is noted where it is used, and then stands in for
something, so that one mistake hides no other. Prints the problems that nothing showed, as JSON.
"""

from __future__ import annotations

import ast
import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from itertools import islice
from pathlib import Path
from traceback import walk_tb
from typing import Any, TypeVar

import jinja2
from jinja2 import meta

from mtvgen.runtime import Application
from tests.checks.public.stand_ins import StandIn, choices, use

ROUNDS = 150
MOST_ENTRIES = 60  # of one round
# A statement of several lines has the line of its beginning.
LINES_BEFORE = 6

T = TypeVar("T", bound=ast.AST)
Place = tuple[str, int]
Problem = dict[str, Any]


class Seen:
    """What renderings have shown.

    Attributes:
        undefined: Where names and attributes were undefined.
        raised: Where something else was raised, templates that can't be compiled included.
        urls: Where url_for() refused.
        forms: The methods and addresses of forms that no route takes.
        blocks: The blocks that were shown, each with its template.
    """

    def __init__(self) -> None:
        self.undefined: set[tuple[str, int, str]] = set()
        self.raised: set[Place] = set()
        self.urls: set[Place] = set()
        self.forms: set[tuple[str, str]] = set()
        self.blocks: set[tuple[str, str]] = set()


SEEN = Seen()


class Noted(jinja2.Undefined):
    """Undefined: noted by what StrictUndefined refuses."""

    __slots__ = ()

    def _note(self) -> StandIn:
        # A macro that it is handed to is not to blame: whoever is on the way counts, too.
        SEEN.undefined.update((*place, str(self._undefined_name)) for place in calling_places())
        return StandIn(str(self._undefined_name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._note()


def _noting(operation: str) -> Callable[..., Any]:
    return lambda self, *others, **names: getattr(self._note(), operation)(*others, **names)


_OPERATIONS = """__str__ __iter__ __len__ __bool__ __eq__ __hash__ __contains__ __getitem__ __call__
    __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__ __mod__ __rmod__
    __lt__ __le__ __gt__ __ge__ __int__ __float__ __neg__ __floordiv__ __html__"""
for _name in _OPERATIONS.split():
    setattr(Noted, _name, _noting(_name))


def calling_places() -> Iterator[Place]:
    """Yield the templates that are being run, each with its line, the innermost first."""
    frame = sys._getframe(1)
    while frame is not None:
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            yield str(template.name), template.get_corresponding_lineno(frame.f_lineno)
        frame = frame.f_back


class Site:
    """A converted project, ready to be rendered with stand-ins."""

    def __init__(self, application: Application) -> None:
        self.application = application
        environment = application.templates.environment
        environment.undefined = Noted
        environment.filters = {
            name: forgiving(function) for name, function in environment.filters.items()
        }
        environment.globals.update(
            gettext=str_of, ngettext=str_of, pgettext=str_of, npgettext=str_of
        )
        self._get_template = environment.get_template
        environment.get_template = self.get_template  # compiled templates ask for others so
        self.environment = environment
        self.names = environment.list_templates()
        self.sources = {
            name: environment.loader.get_source(environment, name)[0] for name in self.names
        }
        self.leads_to = {name: self._named_in(name) for name in self.names}
        self.undeclared = {name: self._undeclared(name) for name in self.names}
        self.calls = list(render_calls(Path("views")))
        self._compiled: set[str] = set()

    def get_template(self, name: Any, *others: Any, **options: Any) -> jinja2.Template:
        """Return a template; one that is not there is noted, and then is empty."""
        try:
            return self._get_template(name, *others, **options)
        except jinja2.TemplateNotFound:
            SEEN.raised.update(islice(calling_places(), 1))
            return self.environment.from_string("")

    def _named_in(self, name: str) -> set[str]:
        literals = re.findall(r"['\"]([^'\"\n]+)['\"]", self.sources[name])
        return {literal for literal in literals if literal in self.sources}

    def _undeclared(self, name: str) -> set[str]:
        try:
            tree = self.environment.parse(self.sources[name])
            return meta.find_undeclared_variables(tree)
        except jinja2.TemplateSyntaxError:  # a filter that nobody registered is one, too
            return set()

    def entries_of(self, files: set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield what has to be rendered to see some templates: their calls, or only themselves."""
        called = {template for template, _ in self.calls}
        for template, names in self.calls:
            if template in self.sources and files & self.reached(template):
                yield template, names
        for template in files - called:
            if template in self.sources:
                yield template, {}

    @functools.cache  # noqa: B019  # one site a process
    def reached(self, name: str) -> frozenset[str]:
        found, waiting = {name}, [name]
        while waiting:
            more = self.leads_to.get(waiting.pop(), set()) - found
            found |= more
            waiting += more
        return frozenset(found)

    def render(self, template: str, names: dict[str, Any], wanted: set[str], seed: int) -> None:
        """Render once; `wanted` are the names that nothing stands in for."""
        choices.seed(seed)
        reached = self.reached(template)
        free = {name for part in reached for name in self.undeclared[part]}
        globals_ = self.environment.globals
        context = {name: StandIn(name) for name in free - wanted if name not in globals_}
        context |= names
        context["url_for"] = self._url_for
        context["static"] = StandIn("static")
        try:
            compiled = self.environment.get_template(template)
            self._note_blocks(reached)
            page = compiled.render(context)
        except jinja2.TemplateSyntaxError as error:
            SEEN.raised.add((str(error.name), error.lineno))
        except Exception as error:
            for frame, line in walk_tb(error.__traceback__):
                if frame.f_globals.get("__jinja_template__") is not None or (
                    "templates/" in frame.f_code.co_filename
                ):
                    file = frame.f_code.co_filename.partition("templates/")[2]
                    SEEN.raised.add((file, line))
        else:
            SEEN.forms.update(_Forms(page, self.application).refused)

    def _note_blocks(self, names: Iterable[str]) -> None:
        for name in names:
            if name in self._compiled:
                continue
            self._compiled.add(name)
            try:
                template = self.environment.get_template(name)
            except jinja2.TemplateError as error:
                SEEN.raised.add((name, getattr(error, "lineno", 0) or 0))
                continue
            for block, function in list(template.blocks.items()):
                template.blocks[block] = _noted_block(function, name, block)

    def _url_for(self, name: str, /, **params: object) -> str:
        known = {word: _plain(value) for word, value in params.items()}
        try:
            return self.application.url_for(name, **known)
        except Exception:
            SEEN.urls.update(islice(calling_places(), 1))
            return "/"


def _plain(value: object) -> object:
    str(value)  # as every address is made of texts: notes what is undefined
    return 1 if isinstance(value, StandIn | jinja2.Undefined) else value


def str_of(*args: Any, **names: Any) -> str:
    """Stand in for a translation."""
    use(args, names)
    return "text"


def _noted_block(function: Any, template: str, block: str) -> Any:
    def run(context: Any) -> Any:
        SEEN.blocks.add((template, block))
        return function(context)

    return run


def forgiving(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that stands in for itself where a stand-in is not what it takes."""

    @functools.wraps(function)
    def run(*args: Any, **names: Any) -> Any:
        use(args[1:], names)
        try:
            return function(*args, **names)
        except Exception:
            return StandIn("filtered")

    return run


def render_calls(views: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each render() of a literal template, with what it passes."""
    for file in sorted(views.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if not is_call or node.func.id != "render" or len(node.args) != 2:
                continue
            for name in ast.walk(node.args[1]):
                if isinstance(name, ast.Constant) and isinstance(name.value, str):
                    yield name.value, dict(map(_passed, node.keywords))


def _passed(word: ast.keyword) -> tuple[str, Any]:
    is_constant = isinstance(word.value, ast.Constant)
    return word.arg or "rest", word.value.value if is_constant else StandIn(str(word.arg))


class _Forms(HTMLParser):
    """The forms of a page that no route takes."""

    def __init__(self, page: str, application: Application) -> None:
        super().__init__()
        self.refused: set[tuple[str, str]] = set()
        self._router = application.router
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form" and given.get("action"):
            method, path = (given.get("method") or "GET").upper(), given["action"].partition("?")[0]
            if self._router.match(None, path) and not self._router.match(method, path):
                self.refused.add((method, path))


@functools.cache
def _lines_of(file: str) -> list[str]:
    return Path(file).read_text().split("\n")


def written_at(problem: Problem) -> str:
    """Return what a problem points at, as its file has it."""
    line = _lines_of(problem["file"])[problem["line"] - 1]
    return line[problem["column"] - 1 : problem["end_column"] - 1]


def is_confirmed(problem: Problem, site: Site) -> bool:
    """Return whether what was seen so far shows a problem."""
    kind, line, file = problem["id"], problem["line"], problem["file"].removeprefix("templates/")
    lines = range(line - LINES_BEFORE, problem["end_line"] + 1)
    written = written_at(problem)
    if kind == "templates.unknown-block":
        return (file, written) not in SEEN.blocks
    if kind == "templates.form-method":
        return bool(SEEN.forms)
    if kind in ("templates.unknown-route", "templates.url-missing", "templates.url-type"):
        return any((file, one) in SEEN.urls for one in lines)
    if kind == "views.template-not-found":
        return written.strip("'\"") not in site.sources
    if kind in ("views.unknown-route", "views.url-missing"):
        return any(refuses(site.application, call) for call in url_calls(problem))
    if kind == "views.not-returned":  # the answer is made, and the statement ends there
        return any(node.lineno == line for node in _nodes(problem["file"], ast.Expr))
    if kind == "views.redirect-name":  # relative to the page: what a route takes is "/" and more
        return site.application.router.match(None, written.strip("'\"")) is None
    if any((file, one, written) in SEEN.undefined for one in lines):
        return True
    return any((file, one) in SEEN.raised for one in lines)


def _nodes(file: str, kind: type[T]) -> Iterator[T]:
    """Yield the nodes of a kind in a Python file."""
    tree = ast.parse(Path(file).read_text())
    return (node for node in ast.walk(tree) if isinstance(node, kind))


def url_calls(problem: Problem) -> Iterator[ast.Call]:
    """Yield the calls of url_for() in a line of Python."""
    for node in _nodes(problem["file"], ast.Call):
        is_method = isinstance(node.func, ast.Attribute)
        if is_method and node.func.attr == "url_for" and node.args[0].lineno == problem["line"]:
            yield node


def refuses(application: Application, call: ast.Call) -> bool:
    """Return whether the application has no address for a call; each value is taken for 1."""
    if not isinstance(call.args[0], ast.Constant):
        return False
    try:
        application.url_for(call.args[0].value, **{word.arg or "rest": 1 for word in call.keywords})
    except Exception:
        return True
    return False


def unconfirmed(problems: list[Problem], site: Site) -> list[Problem]:
    """Render until all problems are confirmed, or many times."""
    left = problems
    for seed in range(ROUNDS):
        files = {problem["file"].removeprefix("templates/") for problem in left}
        wanted = set(map(written_at, left))
        entries = list(site.entries_of(files))
        choices.seed(seed)
        entries = choices.sample(entries, min(len(entries), MOST_ENTRIES))
        for number, (template, names) in enumerate(entries):
            site.render(template, names, wanted, seed * 10_000 + number)
        blocks = [one for one in left if one["id"] == "templates.unknown-block"]
        left = [one for one in left if one in blocks or not is_confirmed(one, site)]
        if not left or (left == blocks and seed > 20):
            break
    return [problem for problem in left if not is_confirmed(problem, site)]


def main() -> None:
    sys.path.insert(0, "")
    from wsgi import application

    problems = [one for one in json.load(sys.stdin)["problems"] if one["severity"] == "error"]
    print(json.dumps(unconfirmed(problems, Site(application))))


if __name__ == "__main__":
    main()
