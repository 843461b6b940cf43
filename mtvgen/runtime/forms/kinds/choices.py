"""Choices that the class itself knows: enums, literals, and boxes to tick."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

from mtvgen.runtime.forms.errors import Refused
from mtvgen.runtime.forms.kinds.base import Kind

if TYPE_CHECKING:
    from mtvgen.runtime.forms.context import Context

# What a box sends that is not ticked, where something is sent for it at all.
_OFF = frozenset({"", "0", "false", "off", "no"})


class Box(Kind):
    """Yes or no: a box is ticked if any of its values says so.

    Args:
        must_be_ticked: Whether no is a mistake.
    """

    control = "box"
    input_type = "checkbox"
    many = True
    missing = "tick"

    def __init__(self, *, must_be_ticked: bool = False) -> None:
        self.must_be_ticked = must_be_ticked

    def parse_many(self, texts: list[str], context: Context) -> Any:
        """Return whether it is ticked."""
        is_ticked = is_on(texts)
        if self.must_be_ticked and not is_ticked:
            raise Refused("tick")
        return is_ticked

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return what it sends."""
        return ["on"] if value else []

    def from_json(self, value: Any) -> list[str]:
        """Return what a box sends for true and for false."""
        if not isinstance(value, bool):
            raise Refused("json_bool")
        return ["on"] if value else []


def is_on(texts: Sequence[str]) -> bool:
    """Return whether one of a box's values says that it is ticked."""
    return any(text.strip().lower() not in _OFF for text in texts)


class Choice(Kind):
    """One of some values that the class names.

    Args:
        choices: Each with the text that is sent for it, and its label.
    """

    control = "select"
    missing = "choose"

    def __init__(self, choices: Sequence[tuple[str, str, Any]]) -> None:
        self._options = [(text, label) for text, label, _ in choices]
        self._values = {text: value for text, _, value in choices}
        self._texts = {value: text for text, _, value in choices}

    def parse(self, text: str, context: Context) -> Any:
        """Return the value that a text is sent for."""
        try:
            return self._values[text]
        except KeyError:
            raise Refused("choice") from None

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return what is sent for a value; nothing for one that is not offered anymore."""
        text = self._texts.get(value)
        return [] if text is None else [text]

    def options(self, context: Context) -> list[tuple[str, str]]:
        """Return all of them."""
        return self._options

    def from_json(self, value: Any) -> list[str]:
        """Return a string or a number as a text."""
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise Refused("json_text")
        return [str(value)]


class Choices(Choice):
    """Any number of some values, as boxes."""

    control = "boxes"
    many = True

    def parse_many(self, texts: list[str], context: Context) -> list[Any]:
        """Return the values, each once."""
        return list(dict.fromkeys(self.parse(text, context) for text in texts if text))

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return what is sent for each."""
        return [self._texts[part] for part in value if part in self._texts]

    def from_json(self, value: Any) -> list[str]:
        """Return a list as texts."""
        if not isinstance(value, list):
            raise Refused("json_list")
        return [text for part in value for text in super(Choices, self).from_json(part)]


def choices_of_enum(enum: type[Enum]) -> list[tuple[str, str, Any]]:
    """Return the members: their names are sent, and their values are shown where they are texts."""
    return [
        (
            member.name,
            member.value if isinstance(member.value, str) else _label(member.name),
            member,
        )
        for member in enum
    ]


def choices_of_literal(values: tuple[Any, ...]) -> list[tuple[str, str, Any]]:
    """Return the values of a `Literal[...]`, each as itself."""
    return [(str(value), str(value), value) for value in values]


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()
