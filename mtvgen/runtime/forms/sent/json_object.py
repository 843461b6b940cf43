"""JSON as the fields of a form: each value becomes the texts that a page would have sent."""

from __future__ import annotations

from typing import Any

from mtvgen.runtime.forms.declarations import Declaration, Plan, plan_of
from mtvgen.runtime.forms.errors import Refusal, Refused
from mtvgen.runtime.forms.sent.texts import Sent
from mtvgen.runtime.http.multidict import MultiDict

Pairs = list[tuple[str, str]]
Refusals = dict[str, Refusal]

_MAX_UNKNOWN = 10  # names that an answer lists; its sender knows the others
_MAX_NAME = 50  # characters of one


class SentJSON(Sent):
    """The fields of a JSON object.

    Args:
        plan: The plan of the form class.
        value: What was sent.

    Attributes:
        unknown: Names that are not fields.
        is_object: Whether what was sent is an object.
    """

    __slots__ = ("_named", "is_object", "unknown")

    def __init__(self, plan: Plan, value: Any) -> None:
        self._named: set[str] = set()
        refusals: Refusals = {}
        self.unknown: list[str] = []
        self.is_object = isinstance(value, dict)
        pairs: Pairs = []
        if isinstance(value, dict):
            self._read(plan, "", value, pairs, refusals)
        super().__init__(MultiDict(pairs))
        self.refusals = refusals

    def leaves_out(self, name: str) -> bool:
        """Return whether a name is missing: what a row has there stays as it is."""
        return name not in self._named

    def drops_empty_rows(self) -> bool:
        """Return whether a row that nobody has filled in does not count."""
        return False

    def _read(
        self, plan: Plan, prefix: str, value: dict[str, Any], pairs: Pairs, refusals: Refusals
    ) -> None:
        """Add the texts of an object, and of the objects in it, to the pairs."""
        for name, part in value.items():
            declared = plan.fields.get(name)
            whole = prefix + name
            if declared is None:
                if prefix and name == "id":  # which row of the table it is
                    pairs.append((whole, str(part)))
                else:
                    self.unknown.append(whole)
                continue
            self._named.add(whole)
            try:
                if declared.rows is not None:
                    self._read_rows(declared, whole, part, pairs, refusals)
                else:
                    pairs += [(whole, text) for text in _texts(declared, part)]
            except Refused as error:
                refusals[whole] = error.refusal

    def _read_rows(
        self, declared: Declaration, name: str, value: Any, pairs: Pairs, refusals: Refusals
    ) -> None:
        if not isinstance(value, list):
            raise Refused("json_list")
        plan = plan_of(declared.rows)
        for number, row in enumerate(value):
            if not isinstance(row, dict):
                raise Refused("json_object")
            # A row is there, whatever it has.
            pairs.append((f"{name}.{number}.", ""))
            self._read(plan, f"{name}.{number}.", row, pairs, refusals)

    def shown_unknown(self) -> list[str]:
        """Return the names that are not fields, as far as an answer lists them."""
        return [name[:_MAX_NAME] for name in self.unknown[:_MAX_UNKNOWN]]


def _texts(declared: Declaration, value: Any) -> list[str]:
    if value is None:
        return [] if declared.kind.many and declared.kind.control == "boxes" else [""]
    return declared.kind.from_json(value)
