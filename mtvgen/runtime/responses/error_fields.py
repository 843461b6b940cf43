"""Header fields of the response to an error, where security_headers() does not set them.

A made-up Host is refused in front of that layer, for one. A page of the project's own may be the
answer, so there is nothing here about where its style sheets come from.
"""

from __future__ import annotations

from mtvgen.runtime.responses.response import Response

ERROR_FIELDS = [
    (
        "Content-Security-Policy",
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("X-Frame-Options", "DENY"),
]
_NAMES = frozenset({name.lower() for name, _ in ERROR_FIELDS})
# The pairs themselves: a view may set a field to the same value, and that one stays.
_OURS = frozenset(map(id, ERROR_FIELDS))


def guard(response: Response) -> None:
    """Give the answer to an error those of the fields that it has not."""
    response.add_missing(ERROR_FIELDS, _NAMES)


def unguard(response: Response) -> None:
    """Take the fields back, for a layer that knows better."""
    response.keep_fields(lambda field: id(field) not in _OURS)
