"""Mistakes: of a form's author, as an exception; of a visitor, as data that become a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class FormError(TypeError):
    """A form class that can't be used as it is written, or a call that does not fit it.

    Its message names the class and the field, and what to write.
    """


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a value is not taken.

    Attributes:
        key: Which sentence it is, in sentences.py.
        facts: What the sentence has gaps for.
    """

    key: str
    facts: dict[str, Any] = field(default_factory=dict)


class Refused(Exception):
    """A text that is not a value of its kind.

    Attributes:
        refusal: Why.
    """

    def __init__(self, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.refusal = Refusal(key, facts)
