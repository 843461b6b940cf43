"""Scripts on pages, which may send a form in a way of their own, or put more into it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from pathlib import Path

from jinja2 import nodes

from mtvgen.checks.files import MAX_SIZE, is_file
from mtvgen.checks.templates.store import Store
from mtvgen.checks.templates.template import Template

_SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script", re.IGNORECASE | re.DOTALL)
# What a script does that sends a form, or puts more into it.
_SENDS = re.compile(
    r"FormData|formdata|preventDefault|XMLHttpRequest|\bfetch\s*\(|createElement|innerHTML|"
    r"insertAdjacent|cloneNode|[sS]ubmit\s*\(|appendChild|\.append\s*\(|axios|\$\.(?:post|ajax)|"
    r"\.name\s*=[^=]|\.action\s*="
)


class Scripts:
    """Knows on which pages there are scripts that send forms.

    Args:
        store: The templates.
        static: The directory of static files; None if there is none.
        entries: For each page all templates that it reaches.
    """

    def __init__(self, store: Store, static: Path | None, entries: Mapping[str, Set[str]]) -> None:
        self._store = store
        self._static = static
        self._entries = entries
        self._together: dict[str, set[str]] | None = None
        self._known: dict[str, bool] = {}
        self._files: dict[str, bool] = {}

    def may_send(self, template: Template) -> bool:
        """Return whether a script on a page that a template is in may send forms."""
        name = template.name
        if name not in self._known:
            found = (self._store.get(other) for other in self._on_pages_with(name))
            self._known[name] = any(self._has_script(other) for other in found if other)
        return self._known[name]

    def _on_pages_with(self, name: str) -> Iterable[str]:
        """Return the templates that are on a page together with one."""
        if self._together is None:
            self._together = {}
            for reached in self._entries.values():
                for one in reached:
                    self._together.setdefault(one, set()).update(reached)
        return self._together.get(name, {name})

    def _has_script(self, template: Template) -> bool:
        if template.once(_sends_inline):
            return True
        return self._static is not None and any(map(self._sends, template.once(_scripts)))

    def _sends(self, name: str) -> bool:
        if name not in self._files and self._static is not None:
            self._files[name] = _SENDS.search(_text_of(self._static / name)) is not None
        return self._files[name]


def _sends_inline(template: Template) -> bool:
    return any(_SENDS.search(script[1]) for script in _SCRIPT.finditer(template.source))


def _scripts(template: Template) -> tuple[str, ...]:
    """The names in `static("app.js")`."""
    calls = template.tree.all(nodes.Call) if template.tree is not None else ()
    return tuple(
        call.args[0].value
        for call in calls
        if getattr(call.node, "name", "") == "static"
        and call.args
        and isinstance(call.args[0], nodes.Const)
        and str(call.args[0].value).endswith((".js", ".mjs"))
    )


def _text_of(script: Path) -> str:
    try:
        is_small = is_file(script) and script.stat().st_size <= MAX_SIZE
        return script.read_text("utf-8", "replace") if is_small else ""
    except OSError:
        return ""
