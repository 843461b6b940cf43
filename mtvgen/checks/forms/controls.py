"""The forms of a page: their controls, and what makes it unsure what they send.

HTML, section 4.10: which elements are controls of which form, and which of them are sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mtvgen.checks.forms.drawn import drawn_field
from mtvgen.checks.forms.outputs import may_write_controls
from mtvgen.checks.markup.elements import Attribute, Element, Markup
from mtvgen.checks.places import Place
from mtvgen.records import record

_CONTROLS = ("input", "select", "textarea", "button")
# Types of an input that a visitor types or chooses something in, and what those are that press.
BUTTONS = frozenset({"submit", "image", "reset", "button"})
CHOSEN = frozenset({"checkbox", "radio"})
# What a script or a library drives is sent in another way than its tag says.
_DRIVEN = re.compile(
    r"(?:data-)?hx-|x-|v-|ng-|up-|[@:*(\[]|on[a-z]+$|data-(?:action|controller|remote|method|turbo-method)"
)
_HARMLESS_HANDLER = re.compile(
    r"\s*(?:return\s+)?(?:window\.)?(?:confirm\(.*\)|this\.form\.(?:submit|requestSubmit)\(\));?\s*",
    re.DOTALL,
)


@record(frozen=True, eq=False)
class Control:
    """Something in a form that sends a value.

    Attributes:
        element: Its element.
        kind: The type of an input; `select`, `textarea`.
        names: What its name can be; None where that is computed.
        start: How a computed name begins.
        drawn: The field of a form class that draws it.
    """

    element: Element
    kind: str
    names: tuple[str, ...] | None
    start: str
    drawn: str = ""

    @property
    def place(self) -> Place:
        """The place of its name, or of its tag."""
        name = self.element.get("name")
        place = name.value.place if name is not None and name.value is not None else None
        return place or self.element.place

    @property
    def whole_place(self) -> Place:
        """The place of its tag, up to its name."""
        return up_to(self.element, "name")

    def may_send(self, key: str) -> bool:
        """Return whether it may send a value under a key."""
        if self.drawn:  # the form may have a prefix
            return f".{key}".endswith(f".{self.drawn}")
        if self.names is None:
            return key.startswith(self.start)
        return key in self.names or (self.kind == "image" and f"{key[:-2]}" in self.names)

    def has(self, name: str) -> bool | None:
        """Return whether its tag has an attribute; None where that depends on something."""
        attribute = self.element.get(name)
        if attribute is None:
            return None if may_add(self.element, name) else False
        return None if attribute.path else True


@dataclass(eq=False)
class Form:
    """A form.

    Attributes:
        element: Its element.
        controls: What is in it, those that are elsewhere and name it included.
        buttons: What submits it in another way than its tag says.
        is_open: Whether more may be sent than what is known.
        is_driven: Whether a script or a library may send it in a way of its own.
    """

    element: Element
    controls: list[Control] = field(default_factory=list)
    buttons: list[Element] = field(default_factory=list)
    is_open: bool = False
    is_driven: bool = False

    @property
    def has_unknown_action(self) -> bool:
        """Whether what is computed in its tag may be its action."""
        return self.element.get("action") is None and may_add(self.element, "action")

    @property
    def has_ways_of_its_own(self) -> bool:
        """Whether a button sends it by another method, or to another address."""
        names = ("formmethod", "formaction")
        return any(button.get(name) is not None for button in self.buttons for name in names)

    def may_send(self, key: str) -> bool:
        """Return whether a value may be sent under a key."""
        return any(control.may_send(key) for control in self.controls)

    def of_key(self, key: str) -> list[Control]:
        """Return the controls that certainly have a key as their name."""
        return [control for control in self.controls if control.names == (key,)]

    def texts(self, name: str, default: str) -> tuple[str, ...] | None:
        """Return what an attribute of its tag can be; None where that is computed."""
        return texts_of(self.element, name, default)


def up_to(element: Element, name: str) -> Place:
    """Return the place of a tag, from its beginning up to an attribute's end."""
    place, attribute = element.place, element.get(name)
    if attribute is None:
        return place
    end = attribute.value.place if attribute.value is not None else None
    end = end or attribute.place
    if end.file != place.file:
        return end  # it was handed to a macro, which is not to blame
    if end[1:3] < place[1:3]:
        return place
    return Place(place.file, place.line, place.column, end.end_line, end.end_column)


def texts_of(element: Element, name: str, default: str) -> tuple[str, ...] | None:
    """Return what an attribute can be, in whatever branch; None where one is computed."""
    texts: set[str] = set()
    attributes = element.all(name)
    if may_add(element, name) and (not attributes or attributes[0].path):
        return None
    for attribute in attributes:
        ways = ("",) if attribute.value is None else attribute.value.ways()
        if ways is None:
            return None
        texts.update(ways)
    if not attributes or all(attribute.path for attribute in attributes):
        texts.add(default)
    return tuple(sorted(texts))


def may_add(element: Element, name: str) -> bool:
    """Return whether what is computed in a tag may add an attribute: `{{ attributes }}`."""
    for attribute in element.attributes:
        if not attribute.name:
            ways = attribute.value.ways() if attribute.value is not None else None
            if ways is None or any(name in way for way in ways):
                return True
    return False


def forms_of(markup: Markup, *, may_be_markup: bool) -> list[Form]:
    """Return the forms of a page.

    Args:
        markup: The page.
        may_be_markup: Whether a value of the project may be markup, in which there are controls.
    """
    forms = {id(element): Form(element) for element in markup.named("form")}
    if not forms:
        return []
    by_id: dict[str, Form] = {}
    for form in forms.values():
        for name in texts_of(form.element, "id", "") or ():
            by_id.setdefault(name, form)
    for element in markup.named(*_CONTROLS):
        for form in _forms_around(element, forms, by_id):
            _add(form, element)
    for element in markup.elements:
        if "-" in element.name:  # a custom element, which may be a control
            for form in _forms_around(element, forms, by_id):
                form.is_open = True
    for output in markup.outputs:
        for element in output.inside:
            if id(element) in forms and may_write_controls(output, may_be_markup):
                forms[id(element)].is_open = True
    for form in forms.values():
        form.is_open |= not markup.is_whole or _is_vague(form.element)
        form.is_driven = any(map(is_driven, (form.element, *form.element.inside, *form.buttons)))
        form.is_driven |= any(is_driven(control.element) for control in form.controls)
        form.is_driven |= _is_vague(form.element)
    return list(forms.values())


def strays_of(markup: Markup) -> Iterator[tuple[str, Control]]:
    """Yield the controls that name a form by its id, which may be in another part of the page."""
    for element in markup.named(*_CONTROLS):
        for name in texts_of(element, "form", "") or ():
            if name:
                yield name, _control(element)


def with_strays(form: Form, strays: Iterable[tuple[str, Control]]) -> Form:
    """Return a form with the controls of other parts of its page that name it."""
    own = {id(control.element) for control in form.controls}
    names = form.texts("id", "")
    more = [
        control
        for name, control in strays
        if (names is None or name in names) and id(control.element) not in own
    ]
    return replace(form, controls=[*form.controls, *more]) if more else form


def _forms_around(
    element: Element, forms: dict[int, Form], by_id: dict[str, Form]
) -> Iterable[Form]:
    if element.get("form") is not None:
        named = texts_of(element, "form", "") or tuple(by_id)
        return [by_id[name] for name in named if name in by_id]
    around = [forms[id(outer)] for outer in element.inside if id(outer) in forms]
    if around and any(outer.name == "template" for outer in element.inside):
        around[-1].is_open = True  # a script makes copies of it
        return []
    return around


def _add(form: Form, element: Element) -> None:
    kind = _kind(element)
    if any(element.get(name) for name in ("formaction", "formmethod", "formenctype")):
        form.buttons.append(element)
    if _is_disabled(element) is True:
        return
    if element.get("name") is None and not may_add(element, "name"):
        if kind not in BUTTONS:
            form.controls.append(Control(element, kind, (), ""))
        return
    control = _control(element)
    form.is_open |= element.get("name") is None and not control.drawn and kind not in BUTTONS
    form.controls.append(control)


def _control(element: Element) -> Control:
    attributes = element.all("name")
    names: list[str] | None = []
    start = ""
    for attribute in attributes:
        ways = ("",) if attribute.value is None else attribute.value.ways()
        if ways is None or names is None:
            names, start = None, _shared(attribute, start)
        else:
            names += ways
    if not attributes:
        names = None
    known = tuple(names) if names is not None else None
    drawn = drawn_field(element) if not attributes else ""
    return Control(element, _kind(element), known, start, drawn)


def _shared(attribute: Attribute, start: str) -> str:
    """Return how a computed name begins; empty where branches choose among several."""
    return attribute.value.beginning if attribute.value is not None and not start else ""


def _kind(element: Element) -> str:
    if element.name == "input":
        kinds = texts_of(element, "type", "text")
        return kinds[0].lower().strip() if kinds is not None and len(kinds) == 1 else "?"
    if element.name == "button":
        kinds = texts_of(element, "type", "submit") or ("submit",)
        return kinds[0].lower() if kinds[0].lower() in ("reset", "button") else "submit"
    return element.name


def _is_disabled(element: Element) -> bool | None:
    """Return whether a control is never sent; None where that depends on something."""
    own = element.get("disabled")
    if own is not None:
        return None if own.path else True
    fieldsets = [
        outer.get("disabled") for outer in element.inside if outer.name in ("fieldset", "")
    ]
    around = [attribute for attribute in fieldsets if attribute is not None]
    if around:
        return None if any(attribute.path for attribute in around) else True
    return False


def _is_vague(form: Element) -> bool:
    """Return whether a form begins in one branch, or file, and ends in another."""
    if form.end is None or form.end.opened > 1:
        return True
    begins = [step.node for step in form.path if step.may_be_left_out]
    ends = [step.node for step in form.end.path if step.may_be_left_out]
    is_nested = any(outer.name == "form" for outer in form.inside)
    return is_nested or begins[: len(ends)] != ends


def is_driven(element: Element) -> bool:
    """Return whether a library or a script of the page may do something of its own with it."""
    for attribute in element.attributes:
        if attribute.name.startswith("on"):
            value = attribute.value.beginning if attribute.value is not None else ""
            if not _HARMLESS_HANDLER.fullmatch(value):
                return True
        elif _DRIVEN.match(attribute.name):
            return True
    return False
