"""digests(): HMACs under the site's secret keys, each for one purpose alone."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mtvgen.runtime.requests.request import Request


def digests(request: Request, purpose: str, *parts: str) -> list[str]:
    """Return the HMAC-SHA256 of some texts under each key of `signed_sessions()`, newest first.

    Raises:
        RuntimeError: `signed_sessions()` is not in the middleware list, or is below.
    """
    if request.session_store is None:
        raise RuntimeError(
            "accounts need signed_sessions(), whose key signs their links too. -> in wsgi.py, "
            "signed_sessions(settings.secret_key) goes into middleware=[...]"
        )
    # With the length of each part, no two lists of parts are one text.
    text = "".join(f"{len(part)}:{part}" for part in (f"mtvgen.accounts.{purpose}", *parts))
    message = text.encode("utf-8", "surrogatepass")
    keys = request.session_store.secret_keys
    return [hmac.digest(key.encode(), message, "sha256").hex() for key in keys]
