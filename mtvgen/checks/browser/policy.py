"""The Content-Security-Policy of a project, as its wsgi.py writes it, and what it lets pass."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from mtvgen.checks.deployment.middleware import applications, factory_of
from mtvgen.checks.python.module import Module
from mtvgen.records import record
from mtvgen.runtime import security_headers
from mtvgen.runtime.security.content_policy import directives_of

_ARGUMENT = "content_security_policy"
COMPUTED = "computed"  # stands for sources that only the running project knows

# CSP Level 3, 6.8.3: which directives are asked, in order, where one is not there.
_FALLBACKS = {
    "script-src-elem": ("script-src", "default-src"),
    "script-src-attr": ("script-src", "default-src"),
    "style-src-elem": ("style-src", "default-src"),
    "style-src-attr": ("style-src", "default-src"),
    "frame-src": ("child-src", "default-src"),
    "form-action": (),
    "base-uri": (),
}
# Which one a person would write.
_PLAIN = {name: name.rpartition("-")[0] for name in _FALLBACKS if name.endswith(("elem", "attr"))}


@record(frozen=True)
class Refusal:
    """A directive that lets something not pass.

    Attributes:
        directive: The one that decides: `default-src`.
        wanted: The one to write: `style-src`.
        sources: What the deciding one allows: `'self'`.
    """

    directive: str
    wanted: str
    sources: str


@record(frozen=True)
class ContentPolicy:
    """A policy: what each directive allows."""

    directives: Mapping[str, str]

    def refuses(self, url: str, directive: str) -> Refusal | None:
        """Return what keeps a browser from loading an address from elsewhere; None if nothing."""
        refusal = self._deciding(directive)
        if refusal is None or "'strict-dynamic'" in refusal.sources:
            return None
        is_allowed = any(_allows(source, url) for source in refusal.sources.split())
        return None if is_allowed else refusal

    def refuses_inline(self, directive: str) -> Refusal | None:
        """Return what keeps a script or a style inside a page from being used."""
        refusal = self._deciding(directive)
        allows = ("'unsafe-inline'", "'unsafe-hashes'", "'sha256-", "'sha384-", "'sha512-")
        if refusal is None or any(word in refusal.sources for word in allows):
            return None
        return refusal

    def _deciding(self, directive: str) -> Refusal | None:
        for name in (directive, *_FALLBACKS.get(directive, ("default-src",))):
            sources = self.directives.get(name)
            if sources == COMPUTED:
                return None
            if sources is not None:
                return Refusal(name, _PLAIN.get(directive, directive), sources)
        return None


def policy_of(wsgi: Module | None, resolve: Callable[[str], str]) -> ContentPolicy | None:
    """Return the policy that security_headers() sends; None if there is none, or it is computed."""
    if wsgi is None or wsgi.tree is None:
        return None
    call = next(applications(wsgi, resolve), None)
    keyword = next((k for k in call.keywords if k.arg == "middleware"), None) if call else None
    layers = getattr(_value_of(keyword.value, wsgi.tree), "elts", []) if keyword else []
    for layer in layers:
        layer = _value_of(layer, wsgi.tree)
        if factory_of(layer, wsgi, resolve) == security_headers.__name__:
            return _written(layer, wsgi.tree)
    return None


def _written(call: ast.expr, tree: ast.Module) -> ContentPolicy | None:
    """Return the policy of a call of security_headers()."""
    if not isinstance(call, ast.Call) or call.args or any(k.arg is None for k in call.keywords):
        return None
    given = next((keyword.value for keyword in call.keywords if keyword.arg == _ARGUMENT), None)
    if given is None:
        return ContentPolicy(directives_of({}))
    given = _value_of(given, tree)
    if isinstance(given, ast.Constant) and isinstance(given.value, str):
        return ContentPolicy(directives_of(given.value))
    if not isinstance(given, ast.Dict):
        return None
    directives: dict[str, str | None] = {}
    for key, value in zip(given.keys, given.values, strict=True):
        if not isinstance(key, ast.Constant):
            return None
        value = _value_of(value, tree)
        sources = value.value if isinstance(value, ast.Constant) else COMPUTED
        directives[str(key.value)] = sources if isinstance(sources, str) else None
    return ContentPolicy(directives_of(directives))


def _value_of(node: ast.expr, tree: ast.Module) -> ast.expr:
    """Return what a name of the module stands for, if it is bound once."""
    if not isinstance(node, ast.Name):
        return node
    values = [
        statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
        for target in getattr(statement, "targets", [getattr(statement, "target", None)])
        if isinstance(target, ast.Name) and target.id == node.id
    ]
    return values[0] if len(values) == 1 else node


def _allows(source: str, url: str) -> bool:
    """Return whether a source expression allows an address (CSP Level 3, 6.7.2.8)."""
    scheme, rest = _split(url)
    if source.startswith("'"):
        return False
    if source == "*":
        return scheme in ("", "http", "https", "ws", "wss")
    if source.endswith(":"):
        return scheme == source[:-1].lower() or (not scheme and source in ("http:", "https:"))
    own_scheme, own_rest = _split(source) if "//" in source else ("", source)
    if own_scheme and scheme and own_scheme not in (scheme, {"https": "http"}.get(scheme)):
        return False
    own_host, _, own_path = own_rest.partition("/")
    host, _, path = rest.partition("/")
    is_host = host.lower() == own_host.lower() or (
        own_host.startswith("*.") and host.lower().endswith(own_host[1:].lower())
    )
    is_path = not own_path or (
        path.startswith(own_path) if own_path.endswith("/") else path == own_path
    )
    return is_host and is_path


def _split(url: str) -> tuple[str, str]:
    """Return the scheme, empty if there is none, and what follows `//`."""
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc + parts.path
