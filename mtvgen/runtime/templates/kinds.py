"""The ending of a template's name: whether it is escaped, and the content type of its page."""

from __future__ import annotations

HTML = "text/html; charset=utf-8"

# Markup, in which a visitor's `<` becomes `&lt;`.
_ESCAPED = {
    ".html": HTML,
    ".svg": "image/svg+xml; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
}
# Anything else in which `&lt;` would be read as it is. JSON has no charset (RFC 8259, section 11).
_UNESCAPED = {
    ".csv": "text/csv; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
CONTENT_TYPES = _ESCAPED | _UNESCAPED


def ending_of(name: str) -> str:
    """Return the last part of a name with its dot, in lower case: `.txt`.

    Empty if there is none.
    """
    dot = name.rfind(".")
    return name[dot:].lower() if dot > name.rfind("/") else ""


def is_escaped(name: str | None) -> bool:
    """Return whether what a template prints is escaped.

    Always, but where its ending says otherwise.

    Args:
        name: The template's name; None for one that has none.
    """
    return name is None or ending_of(name) not in _UNESCAPED


def content_type_of(name: str) -> str:
    """Return the content type of the page that a template makes.

    HTML where its ending says nothing.

    An unknown ending is the careful case of both: escaped, and HTML.
    """
    if name.endswith(".html"):  # nearly always
        return HTML
    return CONTENT_TYPES.get(ending_of(name), HTML)
