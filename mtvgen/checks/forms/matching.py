"""What a form sends, against what the views at its address read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from mtvgen.checks.facts import RouteFact
from mtvgen.checks.forms.controls import BUTTONS, Control, Form
from mtvgen.checks.forms.misspelling import misspelt_sides
from mtvgen.checks.reading.reads import Read, Reads, Source
from mtvgen.checks.report import Problem, Severity, meant_by
from mtvgen.records import record

# Controls that a visitor fills in, so that an empty one is sent all the same.
_ALWAYS_SENT = frozenset(
    {"text", "search", "tel", "url", "email", "password", "date", "month", "week", "time"}
    | {"datetime-local", "number", "range", "color", "select", "textarea"}
)


@record(frozen=True, eq=False)
class Sending:
    """A form that goes to views with one method.

    Attributes:
        form: The form.
        method: `GET` or `POST`.
        is_multipart: Whether it sends files; None where that depends on something.
        views: The views that may take it, each with what it reads; one of them does.
        is_certain: Whether each of them does, at some time.
        source: The text of the template, for the names in it.
    """

    form: Form
    method: str
    is_multipart: bool | None
    views: tuple[tuple[RouteFact, Reads], ...]
    is_certain: bool
    text: str

    @property
    def source(self) -> Source:
        """Where its texts arrive."""
        return Source.FORM if self.method == "POST" else Source.QUERY

    @property
    def is_for_nothing(self) -> bool:
        """Whether a GET goes to views that read no query at all, as a link's would."""
        keys = [read for _, reads in self.views for read in reads.of(Source.QUERY)]
        return self.method == "GET" and not keys

    @cached_property
    def asked(self) -> tuple[Read, ...]:
        """The keys that are asked for, and that are not reported as required."""
        return tuple(read for _, reads in self.views for read in self._asked_of(reads))

    def _asked_of(self, reads: Reads) -> Iterator[Read]:
        required = {read.key for read in reads.keys if read.is_required and read.is_sure}
        sources = {self.source, Source.FILES} if self._counts(reads) else set()
        for read in reads.keys:
            # What a form class has, and no page draws, has its default.
            if read.source in sources and read.key not in required and not read.form:
                yield read

    def _counts(self, reads: Reads) -> bool:
        """Return whether a key counts that is asked for: one of a query may come from a link.

        It does only where a field of a form is for nothing.
        """
        if self.source is Source.FORM:
            return True
        names = [name for control in self.form.controls for name in control.names or ()]
        return not all(reads.may_read(self.source, name) for name in names)

    def source_of(self, control: Control) -> Source | None:
        """Return where a control's value arrives; None where that is not known."""
        if control.kind == "?" or (control.kind == "file" and self.is_multipart is None):
            return None
        if control.kind == "file" and self.is_multipart and self.method == "POST":
            return Source.FILES
        return self.source


class Match:
    """The problems of one form.

    Args:
        sending: The form, and the views.
        attributes: The names of all attributes of models, which are spelt right.
        ambient: What code outside the views reads of any form; None where that may be everything.
    """

    def __init__(
        self, sending: Sending, attributes: frozenset[str], ambient: frozenset[str] | None
    ) -> None:
        self._sending = sending
        self._form = sending.form
        self._attributes = attributes
        self._ambient = ambient

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong: keys that are not sent, and controls that nothing reads."""
        missing = self._missing_keys()
        asked = missing | self._asked_keys()
        unread = {control.names[0]: control for control in self._unread_controls() if control.names}
        nameless = self._nameless_controls()
        for name, control in unread.items():
            key = meant_by(name, asked)
            if not key and len(unread) == len(missing) == 1 and not nameless:
                (key,) = missing
            if not key:
                yield self._unread(name, control, asked)
                continue
            yield from self._pair(control, asked.pop(key))
            missing.pop(key, None)
        for control in nameless:
            key = self._key_for(control, missing)
            yield self._nameless(control, missing.pop(key) if key else [])
        for reads in missing.values():
            yield from map(self._missing, reads)

    # Keys that views require

    def _missing_keys(self) -> dict[str, list[Read]]:
        """Return the keys that are not sent and fail whichever view takes the form.

        Each comes with the reads that fail, one for each view.
        """
        if self._form.is_open or not self._sending.views:
            return {}
        required = [self._required(reads) for _, reads in self._sending.views]
        return {
            key: [of_view[key] for of_view in required]
            for key in required[0]
            if all(key in of_view for of_view in required)
        }

    def _required(self, reads: Reads) -> dict[str, Read]:
        found: dict[str, Read] = {}
        for read in reads.keys:
            if read.is_required and self._is_sure(read) and not self._is_sent(read):
                found.setdefault(read.key, read)
        return found

    def _asked_keys(self) -> dict[str, list[Read]]:
        """Return the other keys that are asked for and not sent."""
        asked: dict[str, list[Read]] = {}
        for _, reads in self._sending.views:
            for read in reads.keys:
                sources = (self._sending.source, Source.FILES)
                if read.source in sources and not self._is_sent(read):
                    asked.setdefault(read.key, []).append(read)
        return asked

    def _is_sure(self, read: Read) -> bool:
        """Return whether a read is reached by whatever this form sends."""
        if not read.is_sure or read.key in read.after:
            return False
        if read.source is Source.QUERY and self._sending.method == "POST":
            return False  # its address has that
        controls = [control for control in self._form.controls if control.names != ()]
        return all(
            control.kind in _ALWAYS_SENT
            for key in read.after
            for control in controls
            if control.may_send(key)
        )

    def _is_sent(self, read: Read) -> bool:
        return any(
            control.may_send(read.key) and self._sending.source_of(control) in (None, read.source)
            for control in self._form.controls
        ) or any(
            # The wrong kind of control, which is said at the control.
            control.names == (read.key,) and read.source is not Source.QUERY
            for control in self._form.controls
        )

    def _missing(self, read: Read) -> Problem:
        place = self._form.element.place
        message = f"the form in {place.file}:{place.line} does not send {read.key!r}."
        advice = f'Write a field there with name="{read.key}", or read it with .get().'
        if read.form:
            advice = f"Draw it there, {{{{ form.{read.key}.attributes }}}}, or give it a default."
        return Problem("forms.missing-key", read.spot.place, message, advice)

    def _pair(self, control: Control, reads: list[Read]) -> Iterator[Problem]:
        """Yield what is wrong with a name that one side spells otherwise than the other."""
        name = control.names[0] if control.names else ""
        sure = [read for read in reads if self._is_sure(read) and read.is_required]
        read, is_error = (sure or reads)[0], bool(sure)
        is_close = bool(meant_by(name, [read.key]))
        kind = "forms.missing-key" if is_error else "forms.unread-input"
        severity: Severity = "error" if is_error else "note"
        sides = misspelt_sides(read, name, self._sending.text, self._attributes)
        if sides.in_form:
            message = f"{read.spot.shown} reads {read.key!r}, and nothing reads {name!r}."
            place = control.place if is_close else control.whole_place
            meant = read.key if is_close else ""
            yield Problem(kind, place, message, "", severity, meant)
        if sides.in_view:
            place = control.place
            message = f"the form in {place.file}:{place.line} sends {name!r}, and not {read.key!r}."
            kind = "forms.missing-key" if is_error else "forms.unknown-key"
            meant = name if is_close else ""
            severity = "note" if sides.in_form else severity
            yield from (
                Problem(kind, one.spot.place, message, "", severity, meant) for one in reads
            )

    def _nameless_controls(self) -> list[Control]:
        return [control for control in self._form.controls if control.names == ()]

    def _key_for(self, control: Control, missing: dict[str, list[Read]]) -> str:
        """Return the key that a control without a name was to send."""
        known = control.element.text("id") or ""
        if known in missing:
            return known
        return next(iter(missing)) if len(missing) == len(self._nameless_controls()) else ""

    def _nameless(self, control: Control, reads: list[Read]) -> Problem:
        tag = control.element.name
        if not reads:
            message = f"this {tag} has no name, so it is not sent."
            return Problem("forms.nameless-input", control.element.place, message, "", "note")
        read = reads[0]
        message = f"this {tag} has no name, and {read.spot.shown} requires {read.shown}."
        advice = f'-> name="{read.key}"'
        return Problem("forms.nameless-input", control.element.place, message, advice)

    # Controls that no view reads

    def _unread_controls(self) -> Iterator[Control]:
        if self._ambient is None:
            return
        for control in self._form.controls:
            if control.kind in BUTTONS or control.names is None or len(control.names) != 1:
                continue
            name = control.names[0]
            if not name or name.startswith("_") or name in self._ambient:
                continue
            if not self._may_be_read(control, name):
                yield control

    def _may_be_read(self, control: Control, name: str) -> bool:
        source = self._sending.source_of(control)
        sources = tuple(Source) if source is None else (source, self._other(source))
        return any(reads.may_read(one, name) for _, reads in self._sending.views for one in sources)

    def _other(self, source: Source) -> Source:
        """Return where a view may look for it by mistake, which is another problem."""
        return Source.FILES if source is Source.FORM else Source.FORM

    def _unread(self, name: str, control: Control, asked: Iterable[str]) -> Problem:
        route = self._sending.views[0][0]
        message = f"nothing reads {name!r} of a {self._sending.method} to {route.pattern}."
        wanted = ", ".join(map(repr, asked))
        advice = f"It reads {wanted}, which this form does not send." if wanted else ""
        return Problem("forms.unread-input", control.whole_place, message, advice, "note")
