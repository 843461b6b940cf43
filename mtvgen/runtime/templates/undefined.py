"""Undefined values in templates: a name, a key or an attribute that does not exist."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import StrictUndefined
from jinja2.runtime import LoopContext
from jinja2.utils import missing

from mtvgen.runtime.requests.life import NO_ACCOUNTS
from mtvgen.runtime.requests.request import Request, RequestState
from mtvgen.runtime.support.other_frameworks import LOOP_ATTRIBUTES, REQUEST_ATTRIBUTES
from mtvgen.runtime.support.suggestions import did_you_mean

# What other frameworks have, and what it is here.
_OLD_ATTRIBUTES = {Request: REQUEST_ATTRIBUTES, LoopContext: LOOP_ATTRIBUTES}
_MOST_KEYS = 10  # that a message lists; more help nobody


class Undefined(StrictUndefined):
    """Strict: whatever is done with it raises, but for asking whether it `is defined`."""

    @property
    def _undefined_message(self) -> str:
        name, owner = self._undefined_name, self._undefined_obj
        if self._undefined_hint or owner is missing or not isinstance(name, str):
            return super()._undefined_message
        if isinstance(owner, Mapping):
            keys = sorted(str(key) for key in owner)
            held = ", ".join(keys[:_MOST_KEYS]) or "nothing"
            cure = f'Where it may be missing: {{% if "{name}" in ... %}}, or | default("").'
            return f"the dict has no {name!r}.{did_you_mean(name, keys)} It has: {held}. {cure}"
        if isinstance(owner, RequestState):
            return owner.without(name)
        if isinstance(owner, Request) and name == "user":
            return NO_ACCOUNTS
        for kind, attributes in _OLD_ATTRIBUTES.items():
            if isinstance(owner, kind) and name in attributes:
                return f"{kind.__name__} has no {name!r}. -> {attributes[name]}"
        public = [each for each in dir(owner) if not each.startswith("_")]
        return f"{type(owner).__name__} has no {name!r}.{did_you_mean(name, public)}"
