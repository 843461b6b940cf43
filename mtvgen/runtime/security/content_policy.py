"""The Content-Security-Policy of a page (CSP Level 3): its directives, and room for a nonce."""

from __future__ import annotations

from collections.abc import Mapping

Directives = Mapping[str, str | None]

NAME = "Content-Security-Policy"

# What the generated project needs and no more. Scripts and styles come from static/, or carry
# nonce="{{ csp_nonce }}".
DEFAULT: Mapping[str, str] = {
    "default-src": "'self'",
    "base-uri": "'none'",  # a <base> that was smuggled in would bend every relative address
    "form-action": "'self'",  # nor does a smuggled form send a password elsewhere
    "object-src": "'none'",
}


class Policy:
    """A policy, made once for all pages.

    Args:
        given: Directives that replace those of DEFAULT one by one, where None takes one out;
            or a text, which is the whole policy; or None for no policy.
        frame_ancestors: Who may show the page in a frame, unless `given` says so.

    Attributes:
        text: The field's value; None where there is nothing to say.
        frame_ancestors: What became of it.
    """

    def __init__(self, given: Directives | str | None, frame_ancestors: str | None) -> None:
        directives = directives_of(given)
        if frame_ancestors is not None:
            directives.setdefault("frame-ancestors", frame_ancestors)
        self.text = _text(directives) or None
        self.frame_ancestors = directives.get("frame-ancestors")
        self._directives = directives

    def field_with(self, nonce: str) -> list[tuple[str, str]]:
        """Return the header field that lets scripts and styles with this nonce run."""
        directives = self._directives.copy()
        for name in ("script-src", "style-src"):
            sources = directives.get(name, directives.get("default-src"))
            if sources is not None:  # without either, everything may run
                kept = "" if sources == "'none'" else f"{sources} "
                directives[name] = f"{kept}'nonce-{nonce}'"
        text = _text(directives)
        return [(NAME, text)] if text else []


def directives_of(given: Directives | str | None) -> dict[str, str]:
    """Return the directives of a policy by name; see Policy for what is given."""
    if given is None:
        return {}
    if isinstance(given, str):
        split = (part.strip().partition(" ") for part in given.split(";") if part.strip())
        return {name.lower(): sources.strip() for name, _, sources in split}
    merged = {**DEFAULT, **given}
    return {name: sources for name, sources in merged.items() if sources is not None}


def _text(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}".strip() for name, sources in directives.items())
