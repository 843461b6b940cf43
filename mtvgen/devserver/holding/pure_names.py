"""Names of packages that do nothing but make an object: when called, or as a class's base."""

from __future__ import annotations

from collections.abc import Mapping

# What is missing here costs time at each edit. What should not be here could hide an effect, so
# nothing is that looks into a list or a dictionary of another module, which may change.
PURE_NAMES: Mapping[str, frozenset[str]] = {
    "abc": frozenset({"ABC", "abstractmethod"}),
    "builtins": frozenset(
        {
            *("Exception", "KeyError", "LookupError", "RuntimeError", "TypeError", "ValueError"),
            *("bytes", "classmethod", "dict", "float", "frozenset", "int", "list", "object"),
            *("property", "range", "set", "staticmethod", "str", "tuple"),
        }
    ),
    "collections": frozenset({"Counter", "OrderedDict", "defaultdict", "deque", "namedtuple"}),
    "contextlib": frozenset({"asynccontextmanager", "contextmanager"}),
    "contextvars": frozenset({"ContextVar"}),
    "dataclasses": frozenset({"dataclass", "field"}),
    "datetime": frozenset({"date", "datetime", "time", "timedelta", "timezone"}),
    "decimal": frozenset({"Decimal"}),
    "enum": frozenset({"Enum", "Flag", "IntEnum", "IntFlag", "StrEnum", "auto", "unique"}),
    "fractions": frozenset({"Fraction"}),
    "functools": frozenset({"cache", "cached_property", "lru_cache", "wraps"}),
    "logging": frozenset({"getLogger"}),
    "mtvgen.runtime": frozenset({"HTTPError", "Settings"}),
    "mtvgen.runtime.forms": frozenset(
        {
            *("Form", "accept", "column", "hint", "least", "most", "password"),
            *("pattern", "rows", "textarea"),
        }
    ),
    "operator": frozenset({"attrgetter", "itemgetter", "methodcaller"}),
    "pathlib": frozenset({"Path", "PurePath", "PurePosixPath"}),
    "re": frozenset({"compile"}),
    "types": frozenset({"SimpleNamespace"}),
    "typing": frozenset(
        {
            *("Generic", "NamedTuple", "NewType", "ParamSpec", "Protocol", "TypeVar", "TypedDict"),
            *("final", "overload", "override", "runtime_checkable"),
        }
    ),
    "uuid": frozenset({"UUID"}),
}
