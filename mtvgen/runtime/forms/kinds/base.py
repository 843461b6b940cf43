"""Kind: what every kind of value has in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtvgen.runtime.forms.context import Context

# Attributes of an element that depend on the field's declaration alone: `("min", "0")`.
Attributes = tuple[tuple[str, str], ...]


class Kind:
    """One kind of value.

    Attributes:
        control: What a template draws: `input`, `textarea`, `select`, `boxes` (several choices),
            `box` (yes or no), `file`, `hidden` or `rows` (repeated fields).
        input_type: The type of an `<input>`.
        many: Whether several texts under one name are one value.
        keeps_blanks: Whether blanks at the ends are part of the value.
        is_shown: Whether what was typed comes back with the page.
        missing: The sentence where nothing was filled in.
        attributes: More attributes of its element.
    """

    control = "input"
    input_type = "text"
    many = False
    keeps_blanks = False
    is_shown = True
    missing = "required"
    attributes: Attributes = ()

    def parse(self, text: str, context: Context) -> Any:
        """Return the value of a text that is not empty.

        Raises:
            Refused: It is not one of this kind.
        """
        raise NotImplementedError

    def parse_many(self, texts: list[str], context: Context) -> list[Any]:
        """Return the value of all texts under one name, where they are `many`."""
        raise NotImplementedError

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return a value as an element holds it."""
        return [str(value)]

    def fits(self, text: str) -> bool:
        """Return whether a browser keeps a text in this type of `<input>`, and does not empty it.

        HTML's "value sanitization algorithm" empties what is not a number, or not a date.
        """
        return True

    def attributes_with(self, text: str) -> Attributes:
        """Return the further attributes of its element while it holds a text."""
        return self.attributes

    def options(self, context: Context) -> list[tuple[str, str]]:
        """Return what there is to choose from, as values and labels."""
        return []

    def from_json(self, value: Any) -> list[str]:
        """Return a JSON value, which is not null, as the texts that a page would send.

        Raises:
            Refused: It is of another type.
        """
        raise NotImplementedError
