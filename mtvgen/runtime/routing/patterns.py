"""A route's pattern, parsed: what it finds in a path, and the path that it makes of values.

    parse("/notes/<int:id>.html").segments

        Segment(text="notes",         parts=("notes",),                      rank=0)
        Segment(text="<int:id>.html", parts=(Parameter("id", int), ".html"), rank=0.5)

Everything else about a pattern is derived from its segments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from mtvgen.runtime.routing.converters import CONVERTERS, Converter, shown
from mtvgen.runtime.routing.errors import RouteSyntaxError, URLBuildError
from mtvgen.runtime.routing.regexes import path_regex
from mtvgen.runtime.routing.segments import (
    END,
    LITERAL,
    MIXED,
    MIXED_PATH,
    PATH,
    Parameter,
    Segment,
    parse_segment,
)

# Besides letters, digits and "-._~", what a path may hold unencoded: RFC 3986, section 3.3, pchar.
SAFE_IN_A_PATH = "/!$&'()*+,;=:@"
_TO_BE_ENCODED = re.compile(f"[^-a-zA-Z0-9._~{SAFE_IN_A_PATH}]")

_DOT_SEGMENT = re.compile(r"/\.\.?(?:/|\Z)")
_SUSPECT = re.compile(rf"[\x00-\x1f\x7f\ud800-\udfff?#%{{]|//|{_DOT_SEGMENT.pattern}")

# A parameter's name; where its text is, as an index of the split path or of the regular
# expression's groups; and the function that turns that text into the value.
Field = tuple[str, int, Callable[[str], Any]]


class Pattern(NamedTuple):
    """A parsed pattern; `parse()` makes it.

    Attributes:
        text: As it was written, behind the prefixes of its includes.
        segments: The parts between its slashes; the last is empty if the pattern ends in "/".
        parameters: Its parameters, from left to right.
        signature: The text without the parameters' names; patterns that take exactly the same
            paths share it.
        template: The text with a `%s` for each parameter.
        shape: The ranks of its segments, and END. Where two patterns take a path, the one with
            the lower shape wins.
        regex: Divides a path where splitting it at "/" is not enough: where text and parameters
            share a segment, or a `<path:...>` spans several. It leaves the literal segments
            before that place unread.
        fields: For each parameter its name, its place in the divided path, and its parser.
    """

    text: str
    segments: tuple[Segment, ...]
    parameters: tuple[Parameter, ...]
    signature: str
    template: str
    shape: tuple[float, ...]
    regex: re.Pattern[str] | None
    fields: tuple[Field, ...]

    @property
    def specificity(self) -> tuple[object, ...]:
        """The order of patterns with one shape and the same literal segments.

        In each segment of text and parameters, from left to right: more text first, then the
        converter that takes less. The text itself makes the order total.
        """
        mixed = [segment for segment in self.segments if segment.rank in (MIXED, MIXED_PATH)]
        order = [
            (
                -sum([len(part) for part in segment.parts if isinstance(part, str)]),
                [converter.rank for _, converter in segment.parameters],
            )
            for segment in mixed
        ]
        return order, self.text

    def match(self, path: str) -> dict[str, Any] | None:
        """Return the values that this pattern finds in a decoded path; None if it does not fit."""
        pieces = path.split("/")
        if self.regex is None and len(pieces) != len(self.segments) + 1:
            return None
        divided: Any = pieces if self.regex is None else self.regex.fullmatch(path)
        if divided is None or not self._literals_agree(pieces):
            return None
        try:
            return {name: parse_value(divided[place]) for name, place, parse_value in self.fields}
        except ValueError:
            return None

    def _literals_agree(self, pieces: list[str]) -> bool:
        for segment, piece in zip(self.segments, pieces[1:], strict=False):
            if segment.rank in (PATH, MIXED_PATH):
                break  # the regular expression has read what comes behind
            if segment.rank == LITERAL and segment.text != piece:
                return False
        return pieces[0] == ""

    def build(self, values: Mapping[str, object]) -> str:
        """Return the percent-encoded path (RFC 3986, UTF-8) in which this pattern finds the values.

        Raises:
            URLBuildError: A parameter is missing, or no path can carry its value. The message
                goes on behind the route's name: `needs id: /notes/<int:id>`.
        """
        texts = []
        for name, converter in self.parameters:
            try:
                texts.append(converter.format(values[name]))
            except (KeyError, ValueError) as error:
                raise self._refusal(values, name, converter) from error
        path = self.template % tuple(texts)
        if "/." in path and _DOT_SEGMENT.search(path):
            raise URLBuildError(
                f"gives {shown(path)}, and browsers take the segments '.' and '..' out: {self.text}"
            )
        if self.regex is not None and len(texts) > 1:
            # "/<x>-<y>" with x="a" and y="b-c" gives "/a-b-c", which is x="a-b" and y="c".
            found = self.regex.fullmatch(path)
            if found is None or list(found.groups()) != texts:
                raise URLBuildError(f"can't tell the values apart in {shown(path)}: {self.text}")
        return self._encoded(path)

    def _refusal(
        self, values: Mapping[str, object], name: str, converter: Converter
    ) -> URLBuildError:
        missing = [parameter for parameter, _ in self.parameters if values.get(parameter) is None]
        if missing:
            known = {parameter for parameter, _ in self.parameters}
            given = ", ".join(name for name in values if name not in known)
            instead = f" (and got {given})" if given else ""
            return URLBuildError(f"needs {', '.join(missing)}{instead}: {self.text}")
        return URLBuildError(
            f"takes {converter.label} as {name} ({converter.takes}), "
            f"not {shown(values[name])}: {self.text}"
        )

    def _encoded(self, path: str) -> str:
        if _TO_BE_ENCODED.search(path) is None:  # mostly; and quote() takes four times as long
            return path
        try:
            return quote(path, safe=SAFE_IN_A_PATH)
        except UnicodeEncodeError as error:
            raise URLBuildError(
                f"gives {shown(path)}, which is not Unicode: {self.text}"
            ) from error


def parse(text: str) -> Pattern:
    """Read a pattern.

    Raises:
        RouteSyntaxError: It begins with no "/", names a converter that does not exist, and the
            like; the message says what, and what to write instead.
    """
    try:
        if not isinstance(text, str):
            raise RouteSyntaxError(f"a pattern is text, not {type(text).__name__}")
        if not text.startswith("/"):
            raise RouteSyntaxError("must start with '/'")
        segments = tuple(map(parse_segment, text.split("/")[1:]))
        if _SUSPECT.search(text):
            _refuse_what_no_path_holds(text)
        if "<" not in text:
            return Pattern(text, segments, (), text, text.replace("%", "%%"), (), None, ())
        parameters = tuple([parameter for segment in segments for parameter in segment.parameters])
        if len(parameters) > 1:
            _refuse_doubled(parameters)
    except RouteSyntaxError as error:
        message = f"{text!r}: {error.message}"
        raise RouteSyntaxError(message, advice=error.fault.advice, kind=error.kind) from None
    signature = "/" + "/".join([segment.signature for segment in segments])
    template = "/" + "/".join([segment.template for segment in segments])
    shape = (*[segment.rank for segment in segments], END)
    regex = path_regex(segments, shape)
    places = range(1, len(parameters) + 1) if regex else _places(shape)
    fields = [(name, place, c.parse) for (name, c), place in zip(parameters, places, strict=True)]
    return Pattern(text, segments, parameters, signature, template, shape, regex, tuple(fields))


def _places(shape: tuple[float, ...]) -> list[int]:
    """Return where the parameters are in a path that is split at "/"."""
    return [place for place, rank in enumerate(shape, 1) if LITERAL < rank < END]


def _refuse_what_no_path_holds(text: str) -> None:
    if "//" in text:
        raise RouteSyntaxError("'//' leaves a segment empty")
    if _DOT_SEGMENT.search(text):
        raise RouteSyntaxError("no path arrives with a segment '.' or '..': browsers resolve them")
    if "?" in text or "#" in text:
        raise RouteSyntaxError("a pattern ends before '?' and '#': read request.query in the view")
    if re.search("%[0-9a-fA-F]{2}", text):
        raise RouteSyntaxError(f"paths are matched decoded: write {unquote(text)!r}")
    if braces := re.search(r"{(?:(\w+):)?(\w+)}", text):
        converter = braces[2] if braces[2] in CONVERTERS else braces[1]
        name = braces[1] if converter == braces[2] else braces[2]
        raise RouteSyntaxError(
            f"a parameter is written <{f'{converter}:' if converter else ''}{name}>"
        )
    if re.search(r"[\x00-\x1f\x7f\ud800-\udfff]", text):
        raise RouteSyntaxError("no path holds a control character or half a surrogate pair")


def _refuse_doubled(parameters: tuple[Parameter, ...]) -> None:
    names = [name for name, _ in parameters]
    for name in names:
        if names.count(name) > 1:
            message = f"parameter {name!r} appears twice"
            raise RouteSyntaxError(message, kind="parameter-twice")
    if [converter.name for _, converter in parameters].count("path") > 1:
        raise RouteSyntaxError("one <path:...> a pattern, or where would the first end?")
