"""Fixtures that tests of several directories share."""

from __future__ import annotations

from postgresql import postgresql_server, postgresql_url

__all__ = ["postgresql_server", "postgresql_url"]
