"""One database with the same settings for every contestant of models.py."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class EngineSettings:
    """The same database for every contestant.

    Attributes:
        url: `sqlite:////...` or `postgresql://...`.
    """

    url: str

    @property
    def sqlalchemy_url(self) -> str:
        """The URL with the driver that all use."""
        return self.url.replace("postgresql://", "postgresql+psycopg://")

    def prepare(self, engine: Any) -> None:
        """The settings of a SQLite file, on every connection of a SQLAlchemy engine."""
        from sqlalchemy import event  # Django does without it

        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _pragmas)

    @property
    def django(self) -> dict[str, Any]:
        """An entry of Django's DATABASES."""
        if self.url.startswith("sqlite"):
            pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"
            options = {"init_command": pragmas, "transaction_mode": "IMMEDIATE", "timeout": 5}
            name = self.url.removeprefix("sqlite:///")
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": name,
                "OPTIONS": options,
            }
        parts = urlsplit(self.url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": parts.username,
            "HOST": parts.hostname,
            "PORT": parts.port,
        }


def _pragmas(connection: Any, _: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
