"""Faults of a project, as data: every text about them is made of this."""

from __future__ import annotations

from dataclasses import dataclass

from mtvgen.runtime.support.locations import Location, shown


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, with what to do about it.

    Attributes:
        kind: Which fault it is, a word that never changes: `missing`, `wrong`.
        message: The sentence, without place and cure.
        cure: What to type or change; printed behind `->`.
        about: The name of what is wrong: a variable, a module; "" for none.
        location: Where it is; line 0 stands for the whole file, None for no file.
    """

    kind: str
    message: str
    cure: str = ""
    about: str = ""
    location: Location | None = None

    def __str__(self) -> str:
        cure = f" -> {self.cure}" if self.cure else ""
        if self.location is None:
            return f"{self.message}{cure}"
        place = f"{self.location}:" if self.location.line else shown(self.location.file)
        return f"{place} {self.message}{cure}"
