"""The whole table of changes."""

from __future__ import annotations

from tests.runtime.migrations.cases.columns import COLUMNS
from tests.runtime.migrations.cases.combinations import COMBINATIONS
from tests.runtime.migrations.cases.constraints import CONSTRAINTS
from tests.runtime.migrations.cases.defaults import DEFAULTS
from tests.runtime.migrations.cases.enums import ENUMS
from tests.runtime.migrations.cases.indexes import INDEXES
from tests.runtime.migrations.cases.rebuilds import REBUILDS
from tests.runtime.migrations.cases.renames import RENAMES
from tests.runtime.migrations.cases.tables import TABLES
from tests.runtime.migrations.cases.types import TYPES
from tests.runtime.migrations.changing import Case

CASES: list[Case] = [
    *COLUMNS,
    *TYPES,
    *DEFAULTS,
    *CONSTRAINTS,
    *INDEXES,
    *ENUMS,
    *REBUILDS,
    *TABLES,
    *RENAMES,
    *COMBINATIONS,
]
