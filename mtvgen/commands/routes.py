"""`mtvgen routes`: every address of a project, or where one URL leads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout
from typing import Any
from urllib.parse import unquote, urlsplit

import click

from mtvgen.checks.routes.nearest import FAR, Candidate, closest_routes
from mtvgen.errors import UsageError, cut, padded, printable, width
from mtvgen.project.loading import current_project, load_routed_application
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import Route
from mtvgen.runtime.support.locations import of_function, shown
from mtvgen.styled_text import columns_of

_MOST_CANDIDATES = 5  # lines; more help nobody


@click.command()
@click.argument("url", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the routes as JSON.")
@click.option("--method", default="GET", metavar="NAME", help="The request's method: GET.")
def routes(url: str | None, as_json: bool, method: str) -> int:
    """List the routes, or show where URL leads.

    URL is a path such as /notes/7, or a whole address.
    """
    project = current_project()
    with redirect_stdout(sys.stderr):  # what a project prints is not the answer
        router = load_routed_application(project).router
    if url is None:
        listed = sorted(router.routes, key=lambda route: route.is_built_in)
        click.echo(_as_json(listed) if as_json else "\n".join(_table(listed)))
        return 0
    path = _path_of(url)
    match = router.match(method.upper(), path)
    target = None if match else router.other_slash(method.upper(), path)
    if target is not None:  # the application sends a browser there, so this one leads somewhere
        if not as_json:
            click.echo(printable(f"{method.upper()} {path}  redirects to  {target}"))
        path, match = target, router.match(method.upper(), target)
    if match is None:
        return _explain_miss(router, method.upper(), path, as_json=as_json)
    route, params = match
    if as_json:
        redirect = {"redirect": target} if target is not None else {}
        described = {**_described(route), "params": _plain(params), **redirect}
        click.echo(json.dumps(described, indent=2))
    else:
        click.echo(_found_line(route, method.upper(), path, params))
    return 0


def _path_of(url: str) -> str:
    """Return the decoded path of a URL or a path.

    Raises:
        UsageError: It has none that begins with "/".
    """
    try:
        path = unquote(urlsplit(url).path, errors="strict")
    except ValueError as error:
        raise UsageError(f"{url!r} is not a URL.", cure="mtvgen routes /") from error
    if not path and "//" in url:
        path = "/"
    if not path.startswith("/"):
        raise UsageError(f"{url!r} does not begin with '/'.", cure=f"mtvgen routes /{path}")
    return path


def _explain_miss(router: Router, method: str, path: str, *, as_json: bool) -> int:
    near = [
        candidate for candidate in closest_routes(router, method, path) if candidate.distance < FAR
    ]
    near = near[:_MOST_CANDIDATES]
    if as_json:
        candidates = [
            {**_described(candidate.route), "reason": candidate.reason} for candidate in near
        ]
        click.echo(json.dumps({"path": path, "candidates": candidates}, indent=2))
        return 1
    click.echo(f"No route for {_request(method, path)}")
    click.echo(
        "\n".join(_aligned(_candidate_cells(candidate) for candidate in near)), nl=bool(near)
    )
    return 1


def _candidate_cells(candidate: Candidate) -> list[str]:
    return [f"  {candidate.route.pattern}", candidate.reason, _written_at(candidate.route)]


def _written_at(route: Route) -> str:
    return "(built in)" if route.is_built_in else str(route.location)


def _request(method: str, path: str) -> str:
    return printable(path if method == "GET" else f"{method} {path}")


def _found_line(route: Route, method: str, path: str, params: Any) -> str:
    passed = ", ".join(["request", *(f"{name}={value!r}" for name, value in params.items())])
    view, place = _view(route), _place(route)
    called = f"{view}({passed})" if place else f"{view} {passed.removeprefix('request, ')}"
    cells = [route.name or "-", *([route.who] if route.who else []), called, place]
    return printable(f"{method} {path}  ->  {'   '.join(cells)}".rstrip())


def _table(routes: Sequence[Route]) -> Iterator[str]:
    has_who = any(route.who for route in routes)
    rows = [["METHOD", "PATH", *(["WHO"] if has_who else []), "NAME", "VIEW", "FILE"]]
    for route in routes:
        methods = ",".join(
            name for name in route.methods if name != "HEAD" or len(route.methods) == 1
        )
        who = [route.who] if has_who else []
        rows.append([methods, route.pattern, *who, route.name or "", _view(route), _place(route)])
    return _aligned(rows)


def _aligned(rows: Iterable[list[str]]) -> Iterator[str]:
    """Yield a line for each row; in a terminal as wide as that, with what is last cut off.

    A terminal would break what is longer inside a column. Piped output is whole.
    """
    cells = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    columns = columns_of(sys.stdout)
    gap = "   " if sum(widths) + 3 * len(widths[1:]) <= columns else "  "
    for row in cells:
        yield cut(gap.join(map(padded, row, widths)).rstrip(), columns)


def _view(route: Route) -> str:
    """`views.notes.detail`; the runtime's own are built in."""
    if route.is_built_in:
        return "(built in)"
    module = getattr(route.view, "__module__", None) or ""
    name = getattr(route.view, "__qualname__", type(route.view).__name__)
    return f"{module}.{name}" if module else str(name)


def _place(route: Route) -> str:
    place = of_function(route.view)
    if place is None or route.is_built_in:
        return ""
    return f"{shown(place.file)}:{place.line}"


def _described(route: Route) -> dict[str, Any]:
    return {
        "methods": list(route.methods),
        "path": route.pattern,
        **({"who": route.who} if route.who else {}),
        "name": route.name,
        "view": _view(route),
        "file": _place(route) or None,
        "route": str(route.location) if _place(route) else None,
    }


def _plain(params: Any) -> dict[str, Any]:
    return {name: value if isinstance(value, int) else str(value) for name, value in params.items()}


def _as_json(routes: Iterable[Route]) -> str:
    return json.dumps([_described(route) for route in routes], indent=2)
