"""The routes closest to a path that none of them takes, each with what keeps it apart.

`mtvgen routes URL` prints this, and the 404 page shows it while developing.
"""

from __future__ import annotations

from difflib import SequenceMatcher

from mtvgen.records import record
from mtvgen.runtime.routing.patterns import Pattern
from mtvgen.runtime.routing.router import Router
from mtvgen.runtime.routing.routes import Route
from mtvgen.runtime.routing.segments import PATH, Segment

# Costs of what keeps a path from a route, so that they can be sorted. A segment that is another
# word altogether costs 1; beyond FAR nothing distinguishes the route from any other.
_OTHER_METHOD = 0.05
_OTHER_SLASH = 0.1
_OTHER_CASE = 0.1
_NOT_CONVERTED = 0.25
_TOO_SHORT = 0.6
_TOO_LONG = 0.7
FAR = 1.0


@record(frozen=True)
class Candidate:
    """A route that a path does not lead to.

    Attributes:
        route: The route.
        reason: What keeps them apart: `'abc' is not an int`, `exists for POST`,
            `differs only by the final /`, `'nots' is not 'notes'`, `has no 'edit'`.
        distance: How far apart they are, from 0; below FAR the route is worth naming.
        has_path: It takes the path itself, but for the method or the final /.
    """

    route: Route
    reason: str
    distance: float
    has_path: bool = False


def closest_routes(router: Router, method: str, path: str) -> list[Candidate]:
    """All routes that do not take a path, the nearest first, each with its reason.

    Args:
        router: The site's routes.
        method: As in the request line.
        path: Decoded, and below SCRIPT_NAME.
    """
    candidates = [_compare(route, method, path) for route in router.routes]
    return sorted(
        (candidate for candidate in candidates if candidate is not None),
        key=lambda candidate: candidate.distance,
    )


def _compare(route: Route, method: str, path: str) -> Candidate | None:
    pattern = route.parsed
    if pattern.match(path) is not None:
        if method in route.methods:
            return None
        return Candidate(route, f"exists for {route.methods[0]}", _OTHER_METHOD, has_path=True)
    other = path[:-1] if path.endswith("/") else f"{path}/"
    if other and pattern.match(other) is not None:
        if method in route.methods:
            return Candidate(route, "differs only by the final /", _OTHER_SLASH, has_path=True)
        reason = f"exists for {route.methods[0]}, and differs by the final /"
        return Candidate(route, reason, _OTHER_METHOD + _OTHER_SLASH, has_path=True)
    distance, reason = _differences(pattern, path)
    if method not in route.methods:
        distance += _OTHER_METHOD
    return Candidate(route, reason, distance)


def _differences(pattern: Pattern, path: str) -> tuple[float, str]:
    """Return how far a path is from a pattern, and the first thing that keeps them apart."""
    pieces = path.rstrip("/").split("/")[1:]
    segments = [segment for segment in pattern.segments if segment.text]
    total, reasons = 0.0, []
    for segment, piece in zip(segments, pieces, strict=False):
        cost, reason = _difference(segment, piece)
        total += cost
        reasons += [reason] if reason else []
        if segment.rank == PATH:
            pieces = pieces[: len(segments)]
            break
    missing, extra = segments[len(pieces) :], pieces[len(segments) :]
    total += _TOO_SHORT * len(missing) + _TOO_LONG * len(extra)
    reasons += [f"goes on with {segment.text!r}" for segment in missing[:1]]
    reasons += [f"has no {piece!r}" for piece in extra[:1]]
    return total, reasons[0] if reasons else "differs"


def _difference(segment: Segment, piece: str) -> tuple[float, str]:
    if not segment.parameters:
        if segment.text == piece:
            return 0.0, ""
        reason = f"{piece!r} is not {segment.text!r}"
        if segment.text.casefold() == piece.casefold():
            return _OTHER_CASE, f"{reason}: upper and lower case differ"
        return _unlike(segment.text, piece), reason
    if len(segment.parts) > 1:
        words = "".join(part for part in segment.parts if isinstance(part, str))
        cost = _NOT_CONVERTED if words in piece else _unlike(words, piece)
        return cost, f"{piece!r} is not {segment.text!r}"
    (parameter,) = segment.parameters
    try:
        parameter.converter.parse(piece)
    except ValueError:
        return _NOT_CONVERTED, f"{piece!r} is not {parameter.converter.label}"
    # That a parameter takes any word says less than a word that agrees.
    return 0.01, ""


def _unlike(word: str, other: str) -> float:
    """From 0 for the same word to 1 for one that has little in common with it."""
    likeness = SequenceMatcher(None, word, other, autojunk=False).ratio()
    return 1 - likeness if likeness > 0.5 else 1.0
