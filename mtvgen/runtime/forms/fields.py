"""Field: one field of a form, as templates draw it.

Public: Field and Option, with all that has no underscore in front.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from mtvgen.runtime.forms.drawing import draw_attributes, draw_group, draw_help
from mtvgen.runtime.forms.errors import Refusal
from mtvgen.runtime.forms.kinds.choices import is_on

if TYPE_CHECKING:
    from mtvgen.runtime.forms.context import Context
    from mtvgen.runtime.forms.declarations import Declaration
    from mtvgen.runtime.forms.filled import Filled


class Field:
    """One field of a form.

    Attributes:
        name: The name that its element sends; also its id.
        value: The value, of the type of its annotation; None without one.
        message: What is wrong with it, as a sentence; empty where nothing is.
        rows: The forms of repeated fields; empty for any other field.
    """

    __slots__ = ("_context", "_declared", "_sent", "message", "name", "rows", "value")

    def __init__(
        self,
        name: str,
        declared: Declaration,
        context: Context,
        value: Any = None,
        sent: list[str] | None = None,
        message: str = "",
    ) -> None:
        self.name = name
        self.value = value
        self.message = message
        self.rows: list[Filled[Any, Any]] = []
        self._declared = declared
        self._context = context
        self._sent = sent

    @property
    def id(self) -> str:
        """The id of its element, for `<label for=...>`."""
        return self.name

    @property
    def control(self) -> str:
        """What to draw: `input`, `textarea`, `select`, `boxes`, `box`, `file`, `hidden`, `rows`."""
        return "hidden" if self._declared.is_version else self._declared.kind.control

    @property
    def is_required(self) -> bool:
        """Whether something has to be filled in."""
        kind = self._declared.kind
        return self._declared.is_required or getattr(kind, "must_be_ticked", False)

    @property
    def hint(self) -> str:
        """The sentence of `hint()`; empty without one."""
        return self._declared.hint

    @property
    def texts(self) -> list[str]:
        """The texts that were typed, letter by letter; or those of the value."""
        if self._sent is not None:
            return self._sent
        if self.value is None:
            return []
        return self._declared.kind.texts_of(self.value, self._context)

    @property
    def text(self) -> str:
        """What its element holds: `<textarea>{{ form.text.text }}</textarea>`."""
        texts = self.texts
        return texts[0] if texts and self._declared.kind.is_shown else ""

    @property
    def is_ticked(self) -> bool:
        """Whether a box is ticked."""
        return is_on(self.texts)

    @property
    def attributes(self) -> Markup:
        """All attributes of its element: `<input {{ form.name.attributes }}>`."""
        return draw_attributes(self, self._declared.kind, self.has_focus)

    @property
    def group(self) -> Markup:
        """The attributes of the `<fieldset>` around its radio buttons or boxes."""
        return draw_group(self)

    @property
    def has_focus(self) -> bool:
        """Whether it is the first field with a mistake, where the browser puts the cursor."""
        return self._context.whole.focus == self.name

    @property
    def error(self) -> Markup:
        """Its hint and what is wrong with it, each as an element that the field refers to."""
        return draw_help(self)

    @property
    def options(self) -> Options:
        """What there is to choose: drawn whole in a `<select>`, or one by one as `<input>`s."""
        kind = self._declared.kind
        chosen = set(self.texts)
        options = [
            Option(self, text, label, is_chosen=text in chosen, number=number)
            for number, (text, label) in enumerate(kind.options(self._context))
        ]
        prompt = Refusal("prompt" if self.is_required else "prompt_for_none")
        text = None if kind.many else self._context.sentence(prompt, self._declared.name)
        return Options(options, text)

    @property
    def add(self) -> Markup:
        """The attributes of the button that adds a row: `<button {{ form.lines.add }}>`."""
        return Markup('name="{}.add" value="1" formnovalidate').format(self.name)

    def refuse(self, refusal: Refusal | str) -> None:
        """Say what is wrong with it; the first sentence stays.

        Args:
            refusal: A sentence, or which of ours it is.
        """
        if not self.message:
            self.message = self._context.sentence(refusal, self._declared.name)

    def hold(self, text: str) -> None:
        """Have its element hold another text than was sent: the version that is there now."""
        self._sent = [text]

    def __repr__(self) -> str:
        return f"<Field {self.name!r}>"


class Option:
    """One of the choices of a field.

    Attributes:
        value: What is sent for it.
        label: What it says.
        is_chosen: Whether it is chosen.
        id: The id of its `<input>`.
    """

    __slots__ = ("_field", "id", "is_chosen", "label", "value")

    def __init__(
        self, field: Field, value: str, label: str, *, is_chosen: bool, number: int
    ) -> None:
        self._field = field
        self.value = value
        self.label = label
        self.is_chosen = is_chosen
        # The first has the field's own id: a label or a link to the field leads to it.
        self.id = f"{field.name}-{number}" if number else field.name

    @property
    def attributes(self) -> Markup:
        """The attributes of its radio button or box: `<input {{ option.attributes }}>`."""
        field = self._field
        is_box = field.control == "boxes"
        parts = [
            f'id="{escape(self.id)}" name="{escape(field.name)}" value="{escape(self.value)}"',
            'type="checkbox"' if is_box else 'type="radio"',
        ]
        parts += ["checked"] if self.is_chosen else []
        parts += ["required"] if field.is_required and not is_box else []
        parts += ['aria-invalid="true"'] if field.message and is_box else []
        parts += ["autofocus"] if field.has_focus and self.id == field.name else []
        return Markup(" ".join(parts))  # noqa: S704  # each value is escaped

    def __html__(self) -> str:
        chosen = " selected" if self.is_chosen else ""
        return f'<option value="{escape(self.value)}"{chosen}>{escape(self.label)}</option>'


class Options(list[Option]):
    """The choices of a field: `<select ...>{{ form.maker.options }}</select>`.

    Args:
        options: The choices.
        prompt: The text of an option for none of them; None: there is no such option.
    """

    def __init__(self, options: list[Option], prompt: str | None) -> None:
        super().__init__(options)
        self._prompt = prompt

    def __html__(self) -> str:
        prompt = self._prompt
        first = [] if prompt is None else [f'<option value="">{escape(prompt)}</option>']
        return "\n".join([*first, *(option.__html__() for option in self)])
