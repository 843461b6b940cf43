"""Faults of a project, as data: every text, id and exit code about them is made of this."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        advice: What was probably meant, as a sentence of its own, instead of a cure.
    """

    kind: str
    message: str
    cure: str = ""
    about: str = ""
    location: Location | None = None
    advice: str = ""

    @property
    def sentence(self) -> str:
        """Where, and what is wrong, without the cure."""
        if self.location is None:
            return self.message
        place = f"{self.location}:" if self.location.line else shown(self.location.file)
        return f"{place} {self.message}"

    @property
    def hint(self) -> str:
        """What to do, as it follows the sentence; empty where the message says it."""
        return self.advice or (f"-> {self.cure}" if self.cure else "")

    def __str__(self) -> str:
        return f"{self.sentence} {self.hint}".rstrip()


class FaultError(Exception):
    """An exception that is one fault, and holds it as data.

    Attributes:
        fault: What is wrong, where, and what to do.
    """

    fault: Fault

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault

    @property
    def message(self) -> str:
        """The sentence of the fault, without place and cure."""
        return self.fault.message

    @property
    def cure(self) -> str:
        """The cure of the fault; empty where the message says it."""
        return self.fault.cure

    @property
    def location(self) -> Location | None:
        """Where it is; None where that is not known, or not in a file."""
        return self.fault.location

    def __str__(self) -> str:
        return str(self.fault)


def reword(error: FaultError, *, message: str | None = None, cure: str | None = None) -> None:
    """Say an error better, where a caller knows more than the raiser."""
    fault = error.fault
    message = fault.message if message is None else message
    error.fault = replace(fault, message=message, cure=fault.cure if cure is None else cure)
