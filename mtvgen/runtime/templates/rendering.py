"""Templates of a project, by their names, and render()."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from jinja2 import Template, TemplateNotFound, TemplateSyntaxError, UndefinedError

from mtvgen.runtime.requests.request import Request
from mtvgen.runtime.responses.response import Response
from mtvgen.runtime.routing.errors import URLBuildError
from mtvgen.runtime.support import locations
from mtvgen.runtime.support.faults import reword
from mtvgen.runtime.support.other_frameworks import TEMPLATE_NAMES
from mtvgen.runtime.support.suggestions import did_you_mean, did_you_mean_path
from mtvgen.runtime.templates.environment import ProjectEnvironment
from mtvgen.runtime.templates.kinds import content_type_of
from mtvgen.runtime.templates.local_time import LocalTime
from mtvgen.runtime.templates.mixing import UnescapedTemplateError
from mtvgen.runtime.templates.request_names import names_for
from mtvgen.runtime.templates.syntax_errors import explain_syntax

if TYPE_CHECKING:  # with what it imports, 150 kB in each process
    from jinja2.ext import Extension

_FIRST_ERROR = 400  # of the status codes (RFC 9110, section 15)


class Templates:
    """The templates of a project.

    Args:
        directory: Where they are; subdirectories are part of a template's name.
        filters: More filters, by name.
        globals: More names for every template.
        extensions: More tags: classes of Jinja2 extensions, or their names, such as
            `jinja2.ext.i18n` for `{% trans %}`.

    Raises:
        NotADirectoryError: There is no such directory.
        ImportError: An extension's name leads nowhere.
    """

    def __init__(
        self,
        directory: Path | str,
        *,
        filters: Mapping[str, Callable[..., Any]] | None = None,
        globals: Mapping[str, Any] | None = None,
        extensions: Iterable[str | type[Extension]] = (),
    ) -> None:
        self.directory = Path(directory)
        if not self.directory.is_dir():
            raise NotADirectoryError(f"templates={str(directory)!r} is not a directory.")
        self.environment = ProjectEnvironment(self.directory, extensions)
        self.environment.filters["localtime"] = LocalTime(UTC)
        self.environment.filters.update(filters or {})
        self.environment.globals.update(globals or {})
        self.debug = False
        self._loaded: dict[str, Template] = {}
        self._known: dict[str, bool] = {}

    def prepare(self, *, debug: bool, time_zone: tzinfo = UTC, has_users: bool = False) -> None:
        """Make them the templates of an application.

        Args:
            debug: Whether they are read again for each request, or once.
            time_zone: The one that the filter `localtime` shows.
            has_users: Whether templates have `user`, as a site with accounts does.
        """
        self.debug = debug
        self.environment.use_users(has_users)
        self.environment.auto_reload = debug
        if isinstance(self.environment.filters["localtime"], LocalTime):  # not the project's own
            self.environment.filters["localtime"] = LocalTime(time_zone)

    def has(self, name: str) -> bool:
        """Return whether there is a template of this name."""
        if self.debug:
            return (self.directory / name).is_file()
        # What is not there is remembered too: a 404 asks for 404.html each time.
        if name not in self._known:
            self._known[name] = (self.directory / name).is_file()
        return self._known[name]

    def get(self, name: str) -> Template:
        """Return the compiled template.

        Raises:
            TemplateNotFound: With the name that was probably meant.
            TemplateSyntaxError: With its file and line.
        """
        # Jinja2's own cache takes a lock for each look-up.
        template = None if self.debug else self._loaded.get(name)
        if template is None:
            template = self.environment.get_template(name)
            if not self.debug:
                self._loaded[name] = template
        return template

    def names(self) -> list[str]:
        """Return the names of all templates, sorted; what editors leave next to them is not one."""
        # Imported on use: only a mistake asks for the list.
        from mtvgen.runtime.support.editors_files import is_editors_file

        try:
            names = self.environment.list_templates()
        except RecursionError:  # os.walk() in a thousand nested folders, up to Python 3.11
            return []
        return [name for name in names if not is_editors_file(name.rpartition("/")[2])]


def render(
    request: Request, template: str, /, *, status_code: int = 200, **context: Any
) -> Response:
    """Render a template as a response; its name's ending decides on content type and escaping.

    Args:
        request: The request that is answered; the template sees it as `request`.
        template: Its name in `templates/`, such as `notes/detail.html`.
        status_code: The status of the answer; from 400 up, the template may use it.
        context: The names that the template may use.

    Raises:
        RuntimeError: The application has no templates.
        TemplateNotFound: There is no such template; says which one was probably meant.
        TemplateSyntaxError: The template can't be parsed; says its file and line.
        RecursionError: Templates include each other without end; says which, and where.
        UndefinedError: The template uses a name that was not passed; says which were.
        TemplateRuntimeError: A template that is not escaped is brought into one that is.
        URLBuildError: A `url_for()` in the template names no route, or lacks a parameter.
        FileNotFoundError: A `static()` in the template names no file.
    """
    templates: Templates | None = request.app.templates
    if templates is None:
        raise RuntimeError(
            "render() needs templates. -> in wsgi.py: "
            'Application(urlpatterns, templates=settings.root / "templates")'
        )
    try:
        names = names_for(request)
        if status_code >= _FIRST_ERROR:  # one template may be for every error
            names["status_code"] = status_code
        text = templates.get(template).render(names, **context)
    except UndefinedError as error:
        error.args = (_undefined_message(error, context, templates),)
        raise
    except (URLBuildError, UnescapedTemplateError) as error:
        reword(error, message=error.message + _place(error, templates))
        raise
    except RecursionError as error:
        # Imported on use: nothing but this mistake needs it.
        from mtvgen.runtime.templates.circles import circle_message

        message = circle_message(error, templates.directory)
        error.args = (message,) if message else error.args
        raise
    except FileNotFoundError as error:
        if error.errno is None:  # static()'s own words, which know no line
            error.args = (f"{error}{_place(error, templates)}",)
        raise
    except TemplateNotFound as error:
        error.message = _not_found_message(error, templates)
        raise
    except TemplateSyntaxError as error:
        if error.source is not None:
            line, sentence = explain_syntax(error, error.source, templates.environment)
            error.lineno, error.args = line, (sentence,)
        raise
    response = Response(text, status_code, content_type=content_type_of(template))
    if request.csp_nonce is not None:
        response.make_personal("its page holds that request's csp_nonce")
    return response


def _undefined_message(
    error: UndefinedError, context: Mapping[str, Any], templates: Templates
) -> str:
    """`'nmae' is undefined (templates/home.html:7). Did you mean 'name'? The view passed: ...`."""
    message = error.message or ""
    place = _place(error, templates)
    if not message.endswith(" is undefined"):  # a key or an attribute of something that is there
        what, _, more = message.partition(". ")
        return f"{what.rstrip('.')}{place}. {more}".rstrip()
    passed = sorted(context)
    name = message.removesuffix(" is undefined").strip("'")
    if name in TEMPLATE_NAMES:
        return f"{message}{place}. -> {TEMPLATE_NAMES[name]}"
    meant = did_you_mean(name, passed)
    return f"{message}{place}.{meant} The view passed: {', '.join(passed) or 'nothing'}."


def _not_found_message(error: TemplateNotFound, templates: Templates) -> str:
    """`'notes/detial.html' (views/notes.py:26). Did you mean 'notes/detail.html'? ...`."""
    name = str(error.name)
    where = f"{templates.directory.name}/{name}"
    names = templates.names()
    if name in names:  # a named pipe, or a link to a device
        return f"{name!r}{_place(error, templates)}. {where} is not a file: remove it and write one"
    meant = did_you_mean_path(name, names)
    create = "Otherwise create" if meant else "Create"
    return f"{name!r}{_place(error, templates)}.{meant} {create} {where}"


def _place(error: Exception, templates: Templates) -> str:
    """` (templates/home.html:7)`: the template's line, or the line that called render()."""
    traceback = error.__traceback__
    assert traceback is not None  # noqa: S101  # it was caught, so it was raised
    inside = None
    for frame, line in walk_tb(traceback):
        if Path(frame.f_code.co_filename).is_relative_to(templates.directory):
            inside = locations.Location(frame.f_code.co_filename, line)
    if inside is None and (view := traceback.tb_frame.f_back) is not None:
        inside = locations.Location(view.f_code.co_filename, view.f_lineno)
    return f" ({inside})" if inside else ""
