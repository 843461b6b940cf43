"""Numbers as people write them: `12.5`, `12,5`, `1,234.50`, full-width digits; on plain texts."""

from __future__ import annotations

import re

from mtvgen.runtime.forms.errors import Refused

# The full-width forms that an East Asian keyboard types, and the minus sign of typography. No
# NFKC: it would make a 2 of a superscript.
_PLAIN = {0xFEE0 + ord(plain): plain for plain in "0123456789+-.,:eE"}
_PLAIN |= {0x2212: "-", **dict.fromkeys(map(ord, "\u00a0\u2009\u202f\u3000"), " ")}

_MAX_LENGTH = 400  # characters; the exact digits of a float are fewer

# Compiled when a number is first written like that, and kept by re.
_NUMBER = r"""(?P<sign>[-+]?)\s*(?:
        (?P<plain>\d+\.?\d*|\.\d+)
      | (?P<comma>\d+,\d*|,\d+)                          # 12,5
      | (?P<english>\d{1,3}(?:,\d{3})+(?:\.\d*)?)        # 1,234.50
      | (?P<german>\d{1,3}(?:\.\d{3})+(?:,\d*)?)         # 1.234,50
      | (?P<french>\d{1,3}(?:[ ']\d{3})+(?:[.,]\d*)?)    # 1 234,50 and 1'234.50
    )(?P<exponent>[eE][-+]?\d{1,3})?"""


def plain_digits(text: str) -> str:
    """Return a text with ASCII digits and signs in place of their full-width forms."""
    return text if text.isascii() else text.translate(_PLAIN)


def plain_number(text: str, key: str) -> str:
    """Return a number as Python writes it: ASCII digits, one point at most.

    Args:
        text: What was typed, without blanks at its ends.
        key: The sentence for what is not a number.

    Raises:
        Refused: It is not one, or `1,234`, which is one number here and another there.
    """
    # What browsers send needs no expression to be understood.
    if text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= _MAX_LENGTH:
        return text
    if len(text) > _MAX_LENGTH:
        raise Refused(key)
    match = re.fullmatch(_NUMBER, plain_digits(text), re.VERBOSE | re.ASCII)
    if match is None:
        raise Refused(key)
    found = match.groupdict()
    digits: str = found["plain"] or _without_groups(found, text)
    return found["sign"] + digits + (found["exponent"] or "")


def _without_groups(found: dict[str, str | None], text: str) -> str:
    if comma := found["comma"]:
        whole, _, fraction = comma.partition(",")
        # "0,125" and "1234,567" are fractions: nobody groups digits like this.
        if len(fraction) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0"):
            raise Refused(
                "ambiguous", text=text, whole=whole + fraction, fraction=f"{whole}.{fraction}"
            )
        return f"{whole}.{fraction}"
    if english := found["english"]:
        return english.replace(",", "")
    if german := found["german"]:
        return german.replace(".", "").replace(",", ".")
    french = found["french"] or ""
    return french.replace(" ", "").replace("'", "").replace(",", ".")
