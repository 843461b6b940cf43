"""What a browser refuses of a page under the project's Content-Security-Policy (CSP Level 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from mtvgen.checks.browser.html_names import EVENT_HANDLERS, runs_as_script
from mtvgen.checks.browser.policy import ContentPolicy, Refusal
from mtvgen.checks.markup.elements import Attribute, Element, Markup
from mtvgen.checks.places import Place
from mtvgen.checks.report import Problem, arrow

ID = "templates.content-policy"
_ELSEWHERE = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//|data:|blob:", re.IGNORECASE)
_SCRIPT_ADDRESS = re.compile(r"\s*javascript:", re.IGNORECASE)
# Which directive decides about an element's addresses: element, attribute.
_LOADS = {
    ("script", "src"): "script-src-elem",
    ("img", "src"): "img-src",
    ("img", "srcset"): "img-src",
    ("input", "src"): "img-src",
    ("image", "href"): "img-src",
    ("video", "poster"): "img-src",
    ("video", "src"): "media-src",
    ("audio", "src"): "media-src",
    ("track", "src"): "media-src",
    ("iframe", "src"): "frame-src",
    ("frame", "src"): "frame-src",
    ("object", "data"): "object-src",
    ("embed", "src"): "object-src",
    ("form", "action"): "form-action",
    ("button", "formaction"): "form-action",
    ("input", "formaction"): "form-action",
    ("base", "href"): "base-uri",
}
# What a link's `rel` loads, and what a preload is for.
_LINKS = {
    "stylesheet": "style-src-elem",
    "icon": "img-src",
    "apple-touch-icon": "img-src",
    "manifest": "manifest-src",
    "modulepreload": "script-src-elem",
}
_PRELOADS = {"style": "style-src-elem", "script": "script-src-elem", "font": "font-src"}


def refused(markup: Markup, policy: ContentPolicy) -> Iterator[Problem]:
    """Yield what a browser does not run, show or load of a page."""
    for element in markup.elements:
        yield from _inline(element, policy)
        for attribute in element.attributes:
            yield from _attribute(element, attribute, policy)


def _inline(element: Element, policy: ContentPolicy) -> Iterator[Problem]:
    """Yield a script or a style inside the page that has no nonce."""
    if element.name not in ("script", "style") or _has_nonce(element) or not element.is_known:
        return
    if element.name == "script" and (element.get("src") or not runs_as_script(element)):
        return
    if element.content is None or not element.content.pieces:
        return
    refusal = policy.refuses_inline(f"{element.name}-src-elem")
    if refusal is not None:
        does = "run" if element.name == "script" else "use"
        message = f"the browser does not {does} this <{element.name}>: {_allows_none(refusal)}."
        cure = f'<{element.name} nonce="{{{{ csp_nonce }}}}">, or a file in static/'
        yield _note(element.place, message, arrow(cure))


def _attribute(element: Element, attribute: Attribute, policy: ContentPolicy) -> Iterator[Problem]:
    value = attribute.value
    if value is None or not value.pieces:
        return
    if attribute.name in EVENT_HANDLERS:
        refusal = policy.refuses_inline("script-src-attr")
        cure = "Use addEventListener() in a file in static/."
    elif attribute.name == "style":
        refusal = policy.refuses_inline("style-src-attr")
        cure = "Use a class, and a rule for it in a file in static/."
    else:
        yield from _address(element, attribute, policy)
        return
    if refusal is not None:
        does = "ignores" if attribute.name == "style" else "does not run"
        message = f"the browser {does} this {attribute.name}: {_allows_none(refusal)}."
        yield _note(attribute.place, message, cure)


def _address(element: Element, attribute: Attribute, policy: ContentPolicy) -> Iterator[Problem]:
    value = attribute.value
    assert value is not None  # noqa: S101  # the caller has looked
    address = value.beginning.strip()
    names_address = attribute.name in ("href", "src", "action", "formaction", "xlink:href")
    if names_address and _SCRIPT_ADDRESS.match(address):
        refusal = policy.refuses_inline("script-src-elem")
        if refusal is not None:
            message = f"the browser does not run this javascript: address: {_allows_none(refusal)}."
            cure = "Use a button, and addEventListener() in a file in static/."
            yield _note(value.place or attribute.place, message, cure)
        return
    directive = _directive(element, attribute.name)
    if not directive or not _ELSEWHERE.match(address):
        return
    if directive in ("script-src-elem", "style-src-elem") and _has_nonce(element):
        return
    refusal = policy.refuses(address, directive)
    if refusal is not None:
        place = value.place or attribute.place
        yield _from_elsewhere(place, address, refusal, sends=directive == "form-action")


def _from_elsewhere(place: Place, address: str, refusal: Refusal, *, sends: bool) -> Problem:
    origin = origin_of(address)
    does = "send this form to" if sends else "load"
    message = f"the browser does not {does} {origin}: {forbids(refusal)}."
    own = "" if sends or origin.endswith(":") else "Put the file into static/, or allow it"
    return _note(place, message, f"{own or 'Allow it'} in wsgi.py: {allowing(refusal, origin)}")


def forbids(refusal: Refusal) -> str:
    """Return why a browser does not load an address, as the end of a sentence."""
    return f"{refusal.directive} in security_headers() does not allow it"


def allowing(refusal: Refusal, origin: str) -> str:
    """Return what to write in wsgi.py so that an origin is allowed."""
    kept = "" if refusal.sources == "'none'" else f"{refusal.sources} "
    return f'security_headers(content_security_policy={{"{refusal.wanted}": "{kept}{origin}"}})'


def origin_of(address: str) -> str:
    """Return the part of an address that a policy names: `https://cdn.example.com`, `data:`."""
    parts = urlsplit(address)
    return f"{parts.scheme or 'https'}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"


def _directive(element: Element, attribute: str) -> str:
    if element.name == "link" and attribute == "href":
        rel = (element.text("rel") or "").lower().split()
        if "preload" in rel:
            return _PRELOADS.get((element.text("as") or "").lower(), "")
        return next((_LINKS[word] for word in rel if word in _LINKS), "")
    if element.name == "source":
        is_picture = any(outer.name == "picture" for outer in element.inside)
        return "img-src" if is_picture else "media-src"
    return _LOADS.get((element.name, attribute), "")


def _has_nonce(element: Element) -> bool:
    return element.get("nonce") is not None


def _allows_none(refusal: Refusal) -> str:
    kind = "styles" if "style" in refusal.wanted else "scripts"
    return f"{refusal.directive} in security_headers() allows no {kind} inside a page"


def _note(place: Place, message: str, cure: str) -> Problem:
    return Problem(ID, place, message, cure, severity="note")
