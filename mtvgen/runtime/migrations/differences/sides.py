"""Both sides of a difference, and the foreign keys that wait for others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mtvgen.runtime.migrations.differences.tables import Written
from mtvgen.runtime.migrations.schema.facts import Name, SchemaFacts


@dataclass(frozen=True)
class Sides:
    """Both sides of a difference.

    Attributes:
        held: The facts of the database.
        wanted: Those of the models.
        old: A table of the database as a migration writes it.
        new: The models' tables likewise.
    """

    held: SchemaFacts
    wanted: SchemaFacts
    old: Callable[[Name], Written]
    new: Mapping[Name, Written]


@dataclass
class Keys:
    """Foreign keys that go or come apart from their tables."""

    first: list[Any] = field(default_factory=list)
    last: list[Any] = field(default_factory=list)
