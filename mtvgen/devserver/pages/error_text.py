"""The error page as text: what curl gets, and what "Copy as text" copies."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from mtvgen import __version__
from mtvgen.devserver.pages.error_frames import Frame
from mtvgen.devserver.pages.error_report import ErrorReport
from mtvgen.devserver.pages.source_lines import lines_as_text

_PACKAGES = ("Jinja2", "SQLAlchemy")  # whose version may be to blame

Pairs = Sequence[tuple[str, str]]


def as_text(
    report: ErrorReport, sections: Iterable[tuple[str, Pairs]] = (), problems: Sequence[str] = ()
) -> str:
    """Everything that the page says, for a terminal, a mail or a search box.

    Args:
        report: The exception.
        sections: Titles, and names with values: the request, the fields of its form.
        problems: What the checks have found near the places.
    """
    lines = [f"{report.kind}: {report.message}" if report.message else report.kind]
    lines += [report.stage] if report.stage else []
    lines += [f"Hint: {report.cure}"] if report.cure else []
    if report.main:
        lines += ["", *_frame(report.main)]
    for cause in report.causes:
        place = f" ({cause.frame.place})" if cause.frame else ""
        lines += ["", f"{cause.part} {cause.sentence}{place}"]
        lines += _frame(cause.frame) if cause.frame else []
    lines += ["", "What mtvgen check finds here", *problems] if problems else []
    if report.users_others:
        lines += ["", report.users_others_title]
    for frame in report.users_others:
        lines += ["", *_frame(frame)]
    if report.folded:
        lines += ["", "Frames of mtvgen and other packages"]
        lines += [f"  {frame.where}" for frame in report.folded]
    for title, pairs in sections:
        lines += ["", title, *(f"  {name}: {value}" for name, value in pairs)]
    return "\n".join([*lines, "", versions()]) + "\n"


@cache
def versions() -> str:
    """`Python 3.13.1 on Linux, mtvgen 0.1.0, Jinja2 3.1.6, SQLAlchemy 2.0.44`."""
    found = [f"Python {platform.python_version()} on {platform.system()}", f"mtvgen {__version__}"]
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:  # its metadata was left out of an image
            continue
    return ", ".join(found)


def _frame(frame: Frame) -> Iterator[str]:
    yield frame.where
    yield from lines_as_text(frame.source)
    for name, value in frame.values:
        yield f"    {name} = {value}"
