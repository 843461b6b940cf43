"""Files in forms: how they are encoded, and where a view finds them.

A form is encoded as `application/x-www-form-urlencoded` unless it says otherwise, and in that a
file is its name (HTML, section 4.10.21.3, "Selecting a form submission algorithm").
"""

from __future__ import annotations

from collections.abc import Iterator

from mtvgen.checks.forms.controls import Control, Form, up_to
from mtvgen.checks.forms.matching import Sending
from mtvgen.checks.reading.reads import Read, Source
from mtvgen.checks.report import Problem, meant_by

_MULTIPART = "multipart/form-data"
_ENCODINGS = ("application/x-www-form-urlencoded", _MULTIPART, "text/plain")
CURE = f'Write in its tag: enctype="{_MULTIPART}"'


def is_multipart(form: Form) -> bool | None:
    """Return whether a form sends its files; None where that depends on something."""
    encodings = form.texts("enctype", "")
    own = [button for button in form.buttons if button.get("formenctype") is not None]
    if encodings is None or own:
        return None
    kinds = {encoding.strip().lower() == _MULTIPART for encoding in encodings}
    return kinds.pop() if len(kinds) == 1 else None


def encoding_problems(form: Form) -> Iterator[Problem]:
    """Yield what is wrong with the encoding of a form that is sent by POST."""
    encoding = (form.element.text("enctype") or "").strip().lower()
    written = form.element.get("enctype")
    if encoding == "text/plain" and form.controls and not form.buttons:
        message = "this form is sent as text/plain, in which a view finds no fields."
        yield Problem("templates.form-enctype", up_to(form.element, "enctype"), message, CURE)
        return
    files = [control for control in form.controls if control.kind == "file" and control.names]
    if not files or is_multipart(form) is not False:
        return
    if written is not None and encoding and encoding not in _ENCODINGS and written.value:
        message = f"{encoding!r} is not an encoding, so this form sends only the file's name."
        place, advice = written.value.place or written.place, f"-> {_MULTIPART}"
        meant = meant_by(encoding, _ENCODINGS)
        yield Problem("templates.form-enctype", place, message, advice, meant=meant)
        return
    yield _without_files(form)


def drawn_file_problems(sending: Sending) -> Iterator[Problem]:
    """Yield the problem of a file of a form class in a form that does not send files."""
    drawn = {control.drawn for control in sending.form.controls if control.drawn}
    keys = (read.key for _, reads in sending.views for read in reads.of(Source.FILES))
    if sending.method == "POST" and sending.is_multipart is False and not drawn.isdisjoint(keys):
        yield _without_files(sending.form)


def _without_files(form: Form) -> Problem:
    message = "this form has a field for a file, and sends only the file's name."
    return Problem("templates.form-enctype", form.element.place, message, CURE)


def file_problems(sending: Sending) -> Iterator[Problem]:
    """Yield the texts that a view takes for files, and the files that it takes for texts."""
    for control in sending.form.controls:
        if control.names is None or len(control.names) != 1:
            continue
        (name,) = control.names
        source = sending.source_of(control)
        reads = [
            next((read for read in reads.keys if read.key == name and _fits(read)), None)
            for _, reads in sending.views
        ]
        others = [reads.may_read(source, name) for _, reads in sending.views if source]
        if source is None or any(others) or None in reads or not reads or reads[0] is None:
            continue
        problem = _wrong_source(control, name, source, reads[0])
        if problem is not None:
            yield problem


def _fits(read: Read) -> bool:
    return read.source is not Source.QUERY


def _wrong_source(control: Control, name: str, source: Source, read: Read) -> Problem | None:
    if read.source is Source.FILES and control.kind != "file":
        kind = control.element.get("type")
        place = kind.value.place if kind is not None and kind.value is not None else None
        message = f"{read.spot.shown} takes {name!r} from request.files, and this is not a file."
        advice = '-> type="file"'
        return Problem("forms.file-input", place or control.place, message, advice)
    if source is Source.FILES and read.source is Source.FORM:
        place = control.place
        message = f"{name!r} is a file, at {place.file}:{place.line}, so it is in request.files."
        advice = f"-> request.files.get({name!r})"
        return Problem("forms.file-input", read.spot.place, message, advice)
    return None
