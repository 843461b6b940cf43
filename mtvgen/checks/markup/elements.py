"""Elements of a template, their attributes, and what is between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from mtvgen.checks.markup.pieces import (
    Expression,
    Path,
    Written,
)
from mtvgen.checks.markup.values import Value
from mtvgen.checks.places import Place
from mtvgen.records import record


@record(frozen=True, eq=False, slots=True)
class Attribute:
    """An attribute of an element.

    Attributes:
        name: Its name, in lower case; empty if that is computed, as for `{{ attributes }}`, which
            may also be several.
        value: Its value; None if it has none.
        written: Where its name is written.
        path: The branches in the tag that it is in.
    """

    name: str
    value: Value | None
    written: Written | Expression
    path: Path

    @property
    def place(self) -> Place:
        """The place of its name."""
        return self.written.place()


@dataclass(eq=False, slots=True)
class Element:
    """An element, from its start tag on.

    Attributes:
        name: Its name, in lower case; empty if a part of it is computed.
        attributes: What its tag has, in order.
        path: The statements around the tag.
        inside: The elements that are open where it begins, without those that an `if` excludes.
        start: The number of characters before its tag in the text of the page.
        content: What is in it, for those of RAW, in which there are no tags; otherwise None.
        end: The end tag that closes it; None if there is none.
        self_closing: Whether its tag ends with `/>`.
    """

    name: str
    attributes: tuple[Attribute, ...]
    path: Path
    inside: tuple[Element, ...]
    start: int
    written: Written
    content: Value | None = None
    end: EndTag | None = None
    self_closing: bool = False

    @property
    def place(self) -> Place:
        """The place of `<` and the name."""
        return self.written.place()

    @property
    def is_known(self) -> bool:
        """Whether its tag has no attributes that are computed."""
        return all(attribute.name for attribute in self.attributes)

    def get(self, name: str) -> Attribute | None:
        """Return the first attribute of a name, which is the one that counts."""
        return next((each for each in self.attributes if each.name == name), None)

    def all(self, name: str) -> list[Attribute]:
        """Return the attributes of a name: several, where branches choose among them."""
        return [each for each in self.attributes if each.name == name]

    def text(self, name: str, default: str | None = None) -> str | None:
        """Return an attribute's value.

        None if it is computed or in a branch; the default if it is not there.
        """
        there = self.all(name)
        if not there:
            return default if self.is_known else None
        if len(there) > 1 or there[0].path:
            return None
        value = there[0].value
        return "" if value is None else value.literal


@record(frozen=True, eq=False, slots=True)
class EndTag:
    """An end tag.

    Attributes:
        name: Its name, in lower case; empty if a part of it is computed.
        path: The statements around it.
        start: The number of characters before it in the text of the page.
        opened: How many elements it closes: more than one where branches begin them.
    """

    name: str
    path: Path
    start: int
    opened: int
    written: Written

    @property
    def place(self) -> Place:
        """The place of `</` and the name."""
        return self.written.place()


@record(frozen=True, eq=False, slots=True)
class Output:
    """An expression that is written outside tags.

    Attributes:
        expression: The expression.
        path: The statements around it.
        inside: The elements that are open there.
        start: The number of characters before it in the text of the page.
    """

    expression: Expression
    path: Path
    inside: tuple[Element, ...]
    start: int


@record(frozen=True, eq=False)
class Markup:
    """The HTML of a template, or of a page.

    Attributes:
        elements: Its elements, in order.
        ends: Its end tags, in order.
        outputs: The expressions outside tags, in order.
        is_whole: Whether everything could be read: neither too large nor unknown.
    """

    elements: list[Element] = field(default_factory=list)
    ends: list[EndTag] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    is_whole: bool = True

    def named(self, *names: str) -> Iterator[Element]:
        """Yield the elements of some names."""
        return (element for element in self.elements if element.name in names)

    def within(self, outer: Element, *names: str) -> Iterator[Element]:
        """Yield the elements in another one, at any depth; of some names, or all."""
        for element in self.elements:
            if outer in element.inside and (not names or element.name in names):
                yield element
