"""Keys that a view asks for and that nothing in the project sends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mtvgen.checks.forms.matching import Sending
from mtvgen.checks.forms.pages import Part
from mtvgen.checks.report import Problem, meant_by


def unknown_keys(sendings: Iterable[Sending], parts: Iterable[Part]) -> Iterator[Problem]:
    """Yield notes on keys of forms that are asked for, and are the name of no control at all.

    Args:
        sendings: The forms whose views are known.
        parts: All that templates add to pages.
    """
    sendings = list(sendings)
    may_get_more = {
        route.function
        for sending in sendings
        if sending.form.is_open or sending.form.buttons
        for route, _ in sending.views
    }
    names = frozenset().union(*(part.names for part in parts))
    starts = tuple({start for part in parts for start in part.starts})
    noted: set[tuple[str, int, str]] = set()
    for sending in sendings:
        if any(route.function in may_get_more for route, _ in sending.views):
            continue
        for read in sending.asked:
            if read.key in names or read.key.startswith(starts):
                continue
            place = read.spot.place
            if (place.file, place.line, read.key) in noted:
                continue
            noted.add((place.file, place.line, read.key))
            own = [name for one in sending.form.controls for name in one.names or ()]
            message = f"no form sends {read.key!r}."
            meant = meant_by(read.key, own)
            yield Problem("forms.unknown-key", place, message, "", "note", meant)
