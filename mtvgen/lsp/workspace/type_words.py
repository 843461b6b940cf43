"""Types in words, as people would annotate them."""

from __future__ import annotations

from collections.abc import Iterable

from mtvgen.checks import python_types as types
from mtvgen.checks.python_types import Type


def words_of(kinds: Iterable[Type]) -> str:
    """Return types as one annotation: `Note | str`; "" where nothing is known."""
    return " | ".join(dict.fromkeys(word for kind in kinds if (word := _word(kind))))


def _word(kind: Type) -> str:
    match kind:
        case types.Instance(dotted) | types.Generic(dotted) | types.Builtin(dotted):
            return dotted.rpartition(".")[2]
        case types.Literal(value):
            return type(value).__name__
        case types.ListOf(element):
            return f"list[{_word(element) or '...'}]"
        case types.IterableOf(element):
            return f"Iterable[{_word(element) or '...'}]"
        case types.Parameter():
            return _word(kind.annotated)
    return ""
