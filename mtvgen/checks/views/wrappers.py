"""Functions of the project around render() and url_for(): each call of one is followed through.

    def show(request, template, **names):
        return render(request, template, site="x", **names)

What such a function leaves open, its callers decide; so a call goes on its way out, from the
function that it is in to each place where that is called, until nothing is open any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import assert_never

from mtvgen.checks import python_types as types
from mtvgen.checks.python_types import Type
from mtvgen.checks.report import Unchecked
from mtvgen.checks.views.callees import Followed, ProjectFunction, ProjectMethod, Redirect, Render
from mtvgen.checks.views.calls import (
    UNKNOWN_NAMES,
    AnswerNames,
    Calls,
    Given,
    KeywordNames,
    Names,
    ParameterNames,
    PendingCall,
    RenderCall,
    Rest,
    ReturnedNames,
    Shape,
    Site,
    URLCall,
)

# Why a call is left alone that may render any template.
COMPUTED = ("its template is computed", "its arguments are computed")
MAX_DEPTH = 8  # wrappers around wrappers; nobody writes more, and each may have many callers

_NOT_GIVEN = Given(None, UNKNOWN_NAMES)


def pending_render(site: Site) -> PendingCall:
    """Return the call of a place that calls render() itself."""
    target = site.args[1] if len(site.args) > 1 else _NOT_GIVEN
    names = _keywords(site, frozenset({"status_code"}))
    return PendingCall(True, site.place, target, names, site.redirects)


def pending_url_for(site: Site, *, is_certain: bool) -> PendingCall:
    """Return the call of a place that calls url_for() itself."""
    target = site.args[0] if site.args else _NOT_GIVEN
    names = _keywords(site, frozenset())
    return PendingCall(False, site.place, target, names, site.redirects, is_certain=is_certain)


def _keywords(site: Site, taken: frozenset[str]) -> Names:
    """Return the names that a place passes, but for those that are parameters."""
    left = {name: given for name, given in site.keywords.items() if name not in taken}
    written = {
        name: (site.keys[name], given.place or site.place)
        for name, given in left.items()
        if name in site.keys  # others are those of a partial(), which other calls share
    }
    known = {name: given.kind for name, given in left.items()}
    return Names(known, written) | replace(site.rest, written={})


def finish(call: PendingCall, calls: Calls) -> None:
    """Add a call on which nothing more will be found out."""
    names, place = call.names, call.place
    is_open = names.is_open or bool(names.rests)
    texts = _texts(call.target.kind)
    if call.is_render and is_open:
        calls.unchecked.append(Unchecked(place, "call", "it passes **names"))
    if not texts:
        what, why = ("call", COMPUTED[0]) if call.is_render else ("url_for", "its name is computed")
        calls.unchecked.append(Unchecked(place, what, why))
    literals = {name: kind for name, kind in names.known.items() if isinstance(kind, types.Literal)}
    constants = {name: literal.value for name, literal in literals.items()}
    where = (call.target.place or place, call.target.is_literal)
    for text in texts:
        if call.is_render:
            keys = {name: places[0] for name, places in names.written.items()}
            passed = (_in_order(names), constants, is_open)
            calls.renders.append(RenderCall(place, text, *passed, *where, keys))
        else:
            params = {name: literals.get(name) for name in names.known}
            other = {name: kind for name, kind in names.known.items() if name not in literals}
            how = (is_open, call.redirects, False, names.written, call.is_certain, other)
            calls.urls.append(URLCall(where[0], text, where[1], params, *how))


def _in_order(names: Names) -> dict[str, Type]:
    """First those that the call spells out, which its author knows best."""
    return dict(sorted(names.known.items(), key=lambda name: name[0] not in names.written))


def _texts(target: Type) -> list[str]:
    """Return the texts that a type stands for; none if one of them is not known."""
    if isinstance(target, types.Choice):
        sides = [_texts(target.then), _texts(target.otherwise)]
        return [text for side in sides for text in side] if all(sides) else []
    value = target.value if isinstance(target, types.Literal) else None
    return [value] if isinstance(value, str) else []


def followed(files: Iterable[Calls], resolve: Callable[[Followed], str]) -> Calls:
    """Return the calls of all files that depend on callers, each at the place that decides.

    Args:
        files: What each file calls.
        resolve: Looks the callee of a Site up: the dotted name of a function.
    """
    files = list(files)
    if not any(calls.pending for calls in files):
        return Calls()
    return _Followed(files, resolve).calls


class _Followed:
    def __init__(self, files: list[Calls], resolve: Callable[[Followed], str]) -> None:
        self.calls = Calls()
        self._resolve = resolve
        self._shapes: dict[str, Shape] = {}
        self._returns: dict[str, Names] = {}
        self._partials: dict[str, Site] = {}
        for calls in files:
            self._shapes |= calls.shapes
            self._returns |= calls.returns
            self._partials |= calls.partials
        self._sites: dict[str, list[Site]] = {}
        pending = [call for calls in files for call in calls.pending]
        for site in (site for calls in files for site in calls.sites):
            pending += self._note(site)
        for call in pending:
            self._follow(call, ())

    def _note(self, site: Site) -> list[PendingCall]:
        """Keep a call by what it calls; one of a partial() calls what is in that."""
        for _ in range(MAX_DEPTH):
            match site.callee:
                case Render():
                    return [pending_render(site)]
                case types.UrlFor(is_certain):
                    return [pending_url_for(site, is_certain=is_certain)]
                case Redirect():
                    return []
                case ProjectFunction() | ProjectMethod():
                    name = self._resolve(site.callee)
                case _:
                    assert_never(site.callee)
            partial = self._partials.get(name)
            if partial is None:
                self._sites.setdefault(name, []).append(site)
                return []
            site = merged(partial, site)
        return []

    def _follow(self, call: PendingCall, way: tuple[Site, ...]) -> None:
        call = self._with_returns(call)
        function = call.depends_on
        sites = self._sites.get(function, []) if function is not None else []
        if not sites or len(way) >= MAX_DEPTH:
            finish(call, self.calls)
            return
        for site in sites:
            if site not in way:
                self._follow(_at(call, site, function or "", self._shapes), (*way, site))

    def _with_returns(self, call: PendingCall) -> PendingCall:
        """With the names of the dicts that functions return, `**common(request)`."""
        for _ in range(MAX_DEPTH):
            rests = call.names.rests
            returned = [rest for rest in rests if isinstance(rest, ReturnedNames)]
            if not returned:
                return call
            others = tuple(rest for rest in rests if not isinstance(rest, ReturnedNames))
            names = replace(call.names, rests=others)
            for rest in returned:
                function = self._resolve(ProjectFunction(rest.function))
                found = self._returns.get(function, UNKNOWN_NAMES)
                names |= replace(found, written={})
            call = replace(call, names=names)
        return call


def merged(partial: Site, site: Site) -> Site:
    """Return what calling the result of a functools.partial() calls."""
    return replace(
        site,
        callee=partial.callee,
        args=(*partial.args, *site.args),
        keywords={**partial.keywords, **site.keywords},
        rest=partial.rest | site.rest,
        is_starred=partial.is_starred or site.is_starred,
    )


def _at(call: PendingCall, site: Site, function: str, shapes: Mapping[str, Shape]) -> PendingCall:
    """Return a call inside a function, as a place that calls the function makes it."""
    shape = shapes[function]
    value = _values(site, shape)

    def kind_of(kind: Type) -> Type:
        if isinstance(kind, types.Parameter) and kind.function == function:
            return value(kind.name).kind
        return kind

    known = {name: kind_of(kind) for name, kind in call.names.known.items()}
    names = Names(known, {}, call.names.is_open or site.is_starred)
    for rest in call.names.rests:
        names |= _names_at(rest, site, function, shape)
    target, kind = call.target, call.target.kind
    if isinstance(kind, types.Parameter) and kind.function == function:
        target = value(kind.name)
    elif target.place is not None:
        target = replace(target, place=None, is_literal=False)
    redirects = call.redirects or site.redirects
    return replace(call, place=site.place, target=target, names=names, redirects=redirects)


def _names_at(rest: Rest, site: Site, function: str, shape: Shape) -> Names:
    """Return what a place that calls a function makes of names that its callers decide."""
    match rest:
        case AnswerNames(inside) if f"{inside}.".startswith(f"{function}."):
            return site.answer or UNKNOWN_NAMES
        case ParameterNames(inside, name) if inside == function:
            return replace(_values(site, shape)(name).names, written={})
        case KeywordNames(inside) if inside == function:
            return _keywords(site, shape.named)
        case ParameterNames() | KeywordNames() | AnswerNames() | ReturnedNames():
            return Names(rests=(rest,))
        case _:
            assert_never(rest)


def _values(site: Site, shape: Shape) -> Callable[[str], Given]:
    """Return what a place gives for each parameter."""
    by_place = dict(zip(shape.positional, site.args, strict=False))
    given = {**shape.defaults, **by_place, **site.keywords}
    # With a star or two the rest may be anything.
    missing = _NOT_GIVEN
    if site.is_starred or site.rest.is_open or site.rest.rests:
        given = {**by_place, **site.keywords}
    return lambda name: given.get(name, missing)
