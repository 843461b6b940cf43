"""Numbers: whole ones, decimals and floats."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mtvgen.runtime.forms.errors import Refused
from mtvgen.runtime.forms.kinds.base import Attributes, Kind
from mtvgen.runtime.forms.kinds.number_text import plain_number

if TYPE_CHECKING:
    from mtvgen.runtime.forms.context import Context

# HTML, "valid floating-point number": a browser empties an <input type="number"> of anything else.
_FOR_BROWSERS = r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
_MAX_DIGITS = 40  # of a whole number, before int() makes one of it


class Number(Kind):
    """What the kinds of numbers share."""

    input_type = "number"
    key = "number"

    def fits(self, text: str) -> bool:
        """Return whether a browser takes it for a number."""
        return re.fullmatch(_FOR_BROWSERS, text, re.ASCII) is not None

    def from_json(self, value: Any) -> list[str]:
        """Return the digits of a number as they were sent; a string of digits is one too."""
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
            raise Refused("json_number")
        return [value if isinstance(value, str) else str(value)]


class Whole(Number):
    """A whole number; `1.0` and `1e2` are.

    Args:
        bits: The size of the column, without the sign.
    """

    key = "whole"

    def __init__(self, bits: int = 63, attributes: Attributes = ()) -> None:
        self._least, self._most = -(2**bits), 2**bits - 1
        self.attributes = attributes

    def parse(self, text: str, context: Context) -> int:
        """Return the number."""
        digits = plain_number(text, "whole")
        if digits.isdigit() and len(digits) <= _MAX_DIGITS:
            number = int(digits)
        else:
            number = _whole(Decimal(digits), self._most)
        if number > self._most:
            raise Refused("most", limit=self._most)
        if number < self._least:
            raise Refused("least", limit=self._least)
        return number


class DecimalNumber(Number):
    """A decimal, digit by digit.

    Args:
        precision: How many digits the column has; None: any number.
        scale: How many of them are behind the point.
    """

    def __init__(
        self, precision: int | None = None, scale: int | None = None, attributes: Attributes = ()
    ) -> None:
        self._scale = scale
        whole = None if precision is None else precision - (scale or 0)
        self._limit = None if whole is None else Decimal(10) ** whole
        step = "any" if scale is None else format(Decimal(1).scaleb(-scale), "f")
        self.attributes = (*attributes, ("step", step))

    def parse(self, text: str, context: Context) -> Decimal:
        """Return the number, without an exponent."""
        digits = plain_number(text, "number")
        number = Decimal(digits)
        if "e" in digits or "E" in digits:
            if not -_MAX_DIGITS * 10 < number.adjusted() < _MAX_DIGITS * 10:
                raise Refused("number")
            number = Decimal(format(number, "f"))
        if self._scale is not None and len(_fraction(number)) > self._scale:
            # Both databases would round it without a word.
            raise Refused("places", limit=self._scale)
        if self._limit is not None and abs(number) >= self._limit:
            below = self._limit - Decimal(1).scaleb(-(self._scale or 0))
            raise Refused("most" if number > 0 else "least", limit=below.copy_sign(number))
        return number

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return its digits, without an exponent.

        Without a scale, SQLite gives a number back with ten digits behind its point.
        """
        text = format(value, "f")
        return [text.rstrip("0").rstrip(".") if self._scale is None and "." in text else text]


class Float(Number):
    """A float."""

    def __init__(self, attributes: Attributes = ()) -> None:
        self.attributes = (*attributes, ("step", "any"))

    def parse(self, text: str, context: Context) -> float:
        """Return the nearest float."""
        number = float(plain_number(text, "number"))
        if math.isinf(number):
            raise Refused("number")
        return number

    def texts_of(self, value: Any, context: Context) -> list[str]:
        """Return the shortest text that is this float again."""
        return [repr(value).removesuffix(".0")]


def _fraction(number: Decimal) -> str:
    return format(number, "f").partition(".")[2].rstrip("0")


def _whole(number: Decimal, most: int) -> int:
    """Return a decimal that is a whole number, before it grows to a thousand digits."""
    if number.adjusted() > _MAX_DIGITS:
        key = "most" if number > 0 else "least"
        raise Refused(key, limit=most if number > 0 else -most - 1)
    if number.adjusted() < -_MAX_DIGITS or number != number.to_integral_value():
        raise Refused("whole")
    return int(number)
