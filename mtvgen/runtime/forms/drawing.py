"""Attributes and elements of a field, in HTML; every value is escaped here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from mtvgen.runtime.forms.fields import Field
    from mtvgen.runtime.forms.kinds.base import Kind


def draw_attributes(field: Field, kind: Kind, has_focus: bool) -> Markup:
    """Return the attributes of a field's element, the label's target first.

    Args:
        field: The field.
        kind: Its kind.
        has_focus: Whether the browser puts the cursor there.
    """
    control = field.control
    if control in ("boxes", "rows"):  # each box has attributes of its own
        return draw_group(field)
    name = escape(field.name)
    parts = [f'id="{name}" name="{name}"']
    if control in ("input", "file", "hidden", "box"):
        parts += _input_parts(field, kind)
    if field.is_required:
        parts.append("required")
    if field.message:
        parts.append('aria-invalid="true"')
    parts += _described(field)
    if has_focus and control != "hidden":
        parts.append("autofocus")
    return Markup(" ".join(parts))  # noqa: S704  # each value is escaped


def draw_group(field: Field) -> Markup:
    """Return the attributes of a `<fieldset>`, which tie hint and mistake to what is in it."""
    return Markup(" ".join(_described(field)))  # noqa: S704  # each value is escaped


def draw_help(field: Field) -> Markup:
    """Return the elements that `aria-describedby` names."""
    name = escape(field.name)
    parts = []
    if field.hint:
        parts.append(f'<span id="{name}-hint" class="hint">{escape(field.hint)}</span>')
    if field.message:
        parts.append(f'<span id="{name}-error" class="error">{escape(field.message)}</span>')
    return Markup(" ".join(parts))  # noqa: S704  # each value is escaped


def draw_form_error(prefix: str, message: str) -> Markup:
    """Return the element about the whole form; empty where nothing is wrong with it."""
    if not message:
        return Markup("")
    return Markup('<p id="{}form-error" class="error" role="alert">{}</p>').format(prefix, message)


def _input_parts(field: Field, kind: Kind) -> list[str]:
    control, text = field.control, field.text
    if control == "hidden":
        return [f'type="hidden" value="{escape(text)}"']
    if control == "box":
        return [f'type="checkbox"{" checked" if field.is_ticked else ""}']
    if control == "file":
        return ['type="file"', *_pairs(kind.attributes)]
    # A browser empties an <input type="number"> whose value is no number, and with it what
    # somebody typed.
    if text and not kind.fits(text):
        return [f'type="text" value="{escape(text)}"']
    value = f' value="{escape(text)}"' if kind.is_shown else ""
    return [f'type="{kind.input_type}"{value}', *_pairs(kind.attributes_with(text))]


def _pairs(attributes: tuple[tuple[str, str], ...]) -> list[str]:
    return [f'{name}="{escape(value)}"' for name, value in attributes]


def _described(field: Field) -> list[str]:
    ids = [f"{field.name}-hint"] if field.hint else []
    ids += [f"{field.name}-error"] if field.message else []
    return [f'aria-describedby="{escape(" ".join(ids))}"'] if ids else []
