"""The browsers of a site's visitors: the policy that they get, and what they may be given."""

from __future__ import annotations

from pathlib import Path

from mtvgen.checks.browser.checks import Browser, text_columns
from mtvgen.checks.browser.policy import ContentPolicy, policy_of
from mtvgen.checks.facts import Facts
from mtvgen.checks.python.sources import Sources
from mtvgen.checks.routes.addresses import Addresses
from mtvgen.runtime.security import content_policy


def policy_for_visitors(sources: Sources) -> ContentPolicy | None:
    """Return the policy that pages are sent with; None without one, or where it is computed."""
    # What a view sets itself replaces the middleware's.
    is_replaced = sources.have_text(content_policy.NAME)
    return None if is_replaced else policy_of(sources.modules.get("wsgi"), sources.resolve)


def browser_of(
    sources: Sources, facts: Facts, policy: ContentPolicy | None, addresses: Addresses | None
) -> Browser:
    """Return what the browsers of a site's visitors go by.

    Args:
        sources: The project's Python files.
        facts: The project as it runs.
        policy: The policy of its pages.
        addresses: Its routes; None where they are not known.
    """
    # A project that looks at the scheme of an address does so where it is stored.
    looks = any(sources.have_text(scheme) for scheme in ("http://", "https://", "http"))
    texts = frozenset() if looks else text_columns(facts.classes.values())
    static = Path(facts.static) if facts.static else None
    return Browser(policy, addresses, static, texts)
